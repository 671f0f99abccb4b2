"""An export of Slack comes over: who said what, when, in which order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from chat.controllers import erasing
from chat.models.database import database
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.reading import Reading
from chat.models.room import Room
from chat.models.user import User
from tests.helpers.command_line import bin_chat
from tests.helpers.rooms import search
from tests.helpers.slack_export import ALICE, BEGAN, BOB, CAROL, ROBBY, SlackZip, picture
from tests.helpers.verified import problems_in
from tests.helpers.world import World


@pytest.fixture
def team() -> str:
    return f"T{token_hex(6).upper()}"


@pytest.fixture
def export(team: str) -> SlackZip:
    return SlackZip(team)


@pytest.fixture
def chat(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def imported(app: Flask, file: Path, *options: str, code: int = 0) -> Any:
    result = bin_chat(app, "import", "slack", str(file), "--json", *options)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout.splitlines()[-1])


def room_named(name: str) -> Room:
    (room,) = Room.named(name)
    return room


def messages_of(room: Room) -> list[Message]:
    return Message.page(room.id, limit=200).messages


def person(team: str, name: str) -> User:
    """Return who has the display name of the export in the import of a team."""
    found = [
        User.from_record(record)
        for record in database["users"].find({})
        if record["display_name"] == f"{name} of Slack"
    ]
    return max(found, key=lambda user: user.created_at)


def test_messages_keep_their_order_authors_and_times(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    export.channel("C1", f"harbour-{team}", ALICE, BOB, topic={"value": "Ships :ship: &amp; tides"})
    root = export.say(f"harbour-{team}", 10, ALICE, "The *tide* turns at <https://tide.example|6>")
    export.say(f"harbour-{team}", 90_000, BOB, "I’ll be there", thread_ts=root)
    export.say(f"harbour-{team}", 20, BOB, f"<@{ALICE}> and <@{CAROL}|carol>: look at <#C1>")
    imported(chat, export.write(tmp_path / "slack.zip"))
    room = room_named(f"harbour-{team}")
    first, second, third = messages_of(room)
    assert (first.text.body, first.author.display_name) == (
        "The **tide** turns at [6](https://tide.example)",
        "Alice of Slack",
    )
    assert first.created_at == datetime.fromtimestamp(BEGAN + 10, UTC)
    alice, carol = person(team, "Alice"), person(team, "Carol")
    assert second.text.body == (f"@{alice.username} and @{carol.username}: look at #harbour-{team}")
    assert set(second.mentions) == {alice.id, carol.id}
    assert third.reply_to
    assert (third.reply_to.id, third.author.display_name) == (first.id, "Bob of Slack")
    assert room.topic == "Ships 🚢 & tides"
    assert room.kind == "public"


def test_reactions_edits_pins_and_pictures_come_over(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    name = f"quay-{team}"
    export.channel("C2", name, ALICE, BOB)
    export.files["__uploads/F1/ship.png"] = picture()
    ship = {"id": "F1", "name": "ship.png", "mimetype": "image/png", "alt_txt": "A ship"}
    chart = {"id": "F2", "name": "chart.pdf", "mimetype": "application/pdf"}
    reactions = [
        {"name": "+1::skin-tone-2", "users": [ALICE, BOB], "count": 2},
        {"name": "our-own", "users": [BOB], "count": 1},
    ]
    export.say(name, 1, ALICE, "Look", files=[ship, chart], reactions=reactions, pinned_to=["C2"])
    export.say(name, 2, BOB, "Late", edited={"user": BOB, "ts": f"{BEGAN + 60}.000000"})
    report = imported(chat, export.write(tmp_path / "slack.zip"))
    shown, edited = messages_of(room_named(name))
    assert shown.text.body == "Look\n📎 chart.pdf"
    assert [image["alt"] for image in shown.images] == ["A ship"]
    alice, bob = person(team, "Alice"), person(team, "Bob")
    assert shown.reactions == [("👍🏻", [alice.id, bob.id])]
    assert shown.pinned_at == shown.created_at
    assert [each.id for each in Message.pinned_in(shown.room_id)[0]] == [shown.id]
    assert edited.edited_at == datetime.fromtimestamp(BEGAN + 60, UTC)
    assert report["lost"]["reactions with an emoji of Slack's own"]["examples"] == [":our-own:"]
    assert report["made"]["pictures"] == 1
    assert problems_in(shown.room_id) == []


def test_nobody_has_anything_unread_and_the_past_is_found(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    name = f"pier-{team}"
    export.channel("C3", name, ALICE, BOB)
    for number in range(30):
        export.say(name, number, ALICE, f"<@{BOB}> the lighthouse{number} blinks")
    imported(chat, export.write(tmp_path / "slack.zip"))
    room = room_named(name)
    bob = Membership.find(room.id, person(team, "Bob").id)
    assert bob
    assert Reading.of(bob).unread == Reading.of(bob).mentions == 0
    (hit,) = search([room], "lighthouse17").hits
    assert hit.message.text.body.endswith("the lighthouse17 blinks")


def test_a_repeat_changes_nothing(chat: Flask, export: SlackZip, team: str, tmp_path: Path) -> None:
    name = f"dock-{team}"
    export.channel("C4", name, ALICE, BOB)
    export.dm("D1", ALICE, BOB)
    export.say(name, 1, ALICE, "Only once", reactions=[{"name": "tada", "users": [BOB]}])
    export.say("D1", 2, BOB, "Between us")
    file = export.write(tmp_path / "slack.zip")
    assert imported(chat, file)["made"]["rooms"] == 2
    before = {each: database[each].count_documents({}) for each in everything()}
    again = imported(chat, file)
    assert again["made"] == {}
    assert again["there"] == {"people": 3, "rooms": 2}
    assert {each: database[each].count_documents({}) for each in everything()} == before


def everything() -> list[str]:
    names = database["meta"].database.list_collection_names()
    return sorted(set(names) - {"active_rooms", "presences", "notices", "meta"})


def test_a_dry_run_says_the_same_and_writes_nothing(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    name = f"mole-{team}"
    export.channel("C5", name, ALICE)
    export.channel("C6", f"mole_{team}"[:2], BOB)
    export.files["__uploads/F1/no.png"] = b"no picture"
    file = {"id": "F1", "name": "no.png", "mimetype": "image/png"}
    export.say(name, 1, ALICE, "x" * 20_000, files=[file])
    export.say(name, 2, "U0NOBODY", "Who is this?")
    export.say(name, 3, BOB, "", subtype="channel_join")
    path = export.write(tmp_path / "slack.zip")
    before = contents()
    rehearsed = imported(chat, path, "--dry-run")
    assert contents() == before
    done = imported(chat, path)
    same = ("made", "adapted", "lost")
    assert {each: done[each] for each in same} == {each: rehearsed[each] for each in same}
    assert len(messages_of(room_named(name))) == 4
    assert "lines that tell what happened, like who joined" in done["lost"]
    assert "pictures that cannot be shown" in done["lost"]


def contents() -> dict[str, list[Any]]:
    """Return all records but those that a running chat changes by itself."""
    return {each: list(database[each].find().sort("_id")) for each in everything()}


def test_who_is_here_already_keeps_the_account(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    here = User.register(f"here-{team.lower()}", "Already Here", "")
    export.channel("C7", f"pond-{team}", ALICE, BOB)
    export.say(f"pond-{team}", 1, ALICE, "It is me")
    mapping = tmp_path / "people.csv"
    mapping.write_text(f"alice@{team.lower()}.example, {here.username}\n")
    imported(chat, export.write(tmp_path / "slack.zip"), "--people", str(mapping))
    (message,) = messages_of(room_named(f"pond-{team}"))
    assert message.author.id == here.id
    assert Membership.find_now(message.room_id, here.id)


def test_nobody_signs_in_to_an_account_that_was_made_and_carol_stays_out(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    export.channel("C8", f"lock-{team}", ALICE, CAROL)
    export.say(f"lock-{team}", 1, CAROL, "I was here")
    imported(chat, export.write(tmp_path / "slack.zip"))
    assert not person(team, "Alice").has_password
    assert person(team, "Alice").is_active
    assert not person(team, "Carol").is_active
    assert person(team, "Alice").about.title == "Harbour pilot"


def test_what_a_bot_wrote_is_shown_as_an_app(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    name = f"mast-{team}"
    export.channel("C9", name, ALICE)
    export.say(
        name,
        1,
        ROBBY,
        "Built",
        subtype="bot_message",
        bot_id="B1",
        username="Builder",
        attachments=[{"title": "Passed", "text": "*all* of it"}],
    )
    imported(chat, export.write(tmp_path / "slack.zip"))
    (message,) = messages_of(room_named(name))
    assert message.author.display_name == "Builder"
    assert message.text.body.startswith("Built")
    assert "**all** of it" in message.text.body


def test_bob_gets_the_room_while_he_is_online_and_is_not_notified(
    world: World, app: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    name = f"berth-{team}"
    export.channel("C10", name, ALICE, BOB)
    for number in range(3):
        export.say(name, number, ALICE, f"<@{BOB}>, the past number{number}")
    mapping = tmp_path / "people.csv"
    mapping.write_text(f"bob@{team.lower()}.example,{world.bob.username}\n")
    heard = world.bob.listen()
    imported(app, export.write(tmp_path / "slack.zip"), "--people", str(mapping))
    added = heard.next("room:added")["room"]
    assert added["name"] == name
    assert world.bob.standing(added["id"])["unread"] == 0
    assert [each["body"] for each in world.bob.reads(added["id"])["messages"]] == [
        f"@{world.bob.username}, the past number{number}" for number in range(3)
    ]
    answered = world.bob.say(added["id"], "and on")
    assert answered["seq"] == 4
    assert not heard.all("notification")
    assert world.mallory.get(f"/rooms/{added['id']}/messages").status_code in {200, 404}
    (entry, *_) = world.alice.get("/admin/audit").json()["entries"]
    assert (entry["action"], entry["name"]) == ("chat.imported", "Slack")


def test_what_carol_wrote_is_erased_with_her_account_and_stays_so(
    chat: Flask, export: SlackZip, team: str, tmp_path: Path
) -> None:
    name = f"buoy-{team}"
    export.channel("C11", name, ALICE)
    export.say(name, 1, CAROL, "I left, and my words stayed")
    reaction = {"name": "tada", "users": [CAROL]}
    export.say(name, 2, ALICE, "They did", reactions=[reaction])
    file = export.write(tmp_path / "slack.zip")
    imported(chat, file)
    carol = person(team, "Carol")
    room = room_named(name)
    assert Membership.find_now(room.id, carol.id) is None
    assert Room.member_count(room.id) == 1
    erasing.erase_for_operator(carol, "erase")
    erasing.finish_erasures()
    first, second = messages_of(room)
    assert first.deleted_at
    assert second.reactions == []
    imported(chat, file)
    found = User.find_now(carol.id)
    assert found
    assert (found.is_erased, found.about.title) == (True, "")
    assert problems_in(room.id) == []
