"""Every list ends at a number of items and at a megabyte; its cursor leads to all of it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest
from flask import Flask

from chat.controllers.commands.reminders import LONGEST
from chat.models import pins, push_subscription, reminder
from chat.models import report as report_pages
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.image import Image
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.bounds import FEW_BYTES, MOST_BYTES
from chat.models.room import MOST_PEOPLE_IN_A_DIRECT_ROOM
from chat.models.session import Session
from chat.models.user import User
from chat.models.webhook_delivery import LONGEST_SAID
from chat.routes import streaming
from chat.routes.api.examples import VALUES
from chat.schemas import addresses, bans, invites, outgoing_webhooks, reports, rooms
from chat.schemas.invites import LONGEST_NOTE, MOST_ROOMS
from chat.utils.clock import now
from chat.utils.errors import ValidationFailed
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import Person, World

ENVELOPE = 2_000  # bytes beside the items
COUNT = 60  # messages of 48 kB as they are answered: three answers at least


@dataclass
class Worst:
    """A room with the largest messages that the chat accepts.

    All mention bob and are pinned; the first was edited many times.
    """

    world: World
    room_id: str
    ids: list[str]
    edited: str
    image_ids: list[str]

    @property
    def bob(self) -> Person:
        return self.world.bob


def user_of(person: Person) -> User:
    user = User.find(id_from(person.id))  # type: ignore[arg-type]
    assert user
    return user


@pytest.fixture(scope="module")
def worst(app: Flask, server: Server) -> Iterator[Worst]:
    """Make the room once, because it takes seconds: nobody changes what is in it."""
    with app.app_context():
        world = World(server)
    yield filled(world)
    world.hang_up()


def filled(world: World) -> Worst:
    room_id = world.room()
    room, carol = id_from(room_id), user_of(world.carol)
    assert room
    said = [
        Message.post(room, carol, f"c{number}", f"@{world.bob.username} {number} " + '"<' * 3_950)[
            0
        ]
        for number in range(COUNT)
    ]
    for message in said:
        message.pin(carol, on=True)
    for number in range(COUNT):
        said[0].edit(carol, f"@{world.bob.username} again {number} " + '"\\' * 3_950)
    return Worst(
        world,
        room_id,
        [str(message.id) for message in said],
        str(said[0].id),
        _images(room, said[-1]),
    )


def _images(room_id: Id, message: Message) -> list[str]:
    """Create as many pictures as a page lists, with the longest texts and placeholders."""
    small = {"width": 800, "height": 800, "bytes": 100_000}
    records = [
        {
            "_id": Id(),
            "room_id": room_id,
            "uploader_id": message.author.id,
            "ready": True,
            "stored": 1,
            "claim": None,
            "thumbnail": small,
            "message_id": message.id,
            "seq": message.seq,
            "posted_at": now(),
            "created_at": now(),
            "content_type": "image/jpeg",
            "width": 4_000,
            "height": 4_000,
            "bytes": 9_000_000,
        }
        for _ in range(250)
    ]
    for record in records:
        record["alt"] = Image.seal_alt(room_id, record["_id"], '"' * 500)
        record["placeholder"] = Image.seal_placeholder(room_id, record["_id"], "data:" + "x" * 900)
    database["images"].insert_many(records)
    return [str(record["_id"]) for record in records]


def pages(
    person: Person, path: str, going_on: Callable[[Any], dict[str, Any] | None], **query: Any
) -> Iterator[Any]:
    """Yield every answer of a list, each within the bound; the list must need more than one."""
    following: dict[str, Any] | None = {}
    while following is not None:
        answer = person.get(path, params=query | following)
        assert answer.status_code == 200, answer.text
        assert len(answer.content) <= MOST_BYTES + ENVELOPE, path
        yield answer.json()
        following = going_on(answer.json())


def by_next(name: str) -> Callable[[Any], dict[str, Any] | None]:
    return lambda answer: {name: answer["next"]} if answer["next"] is not None else None


def check_messages(worst: Worst) -> None:
    path = f"/rooms/{worst.room_id}/messages"

    def walk(going_on: Callable[[Any], dict[str, Any] | None], **query: Any) -> list[list[str]]:
        return [
            [message["id"] for message in page["messages"]]
            for page in pages(worst.bob, path, going_on, limit=200, **query)
        ]

    earlier = walk(
        lambda page: {"before": page["messages"][0]["seq"]} if page["has_before"] else None
    )
    assert [each for page in reversed(earlier) for each in page] == worst.ids
    later = walk(
        lambda page: {"after": page["messages"][-1]["seq"]} if page["has_after"] else None, after=0
    )
    assert [each for page in later for each in page] == worst.ids
    assert len(earlier) > 2 < len(later)
    around = worst.bob.reads(worst.room_id, around=30, limit=200)
    shown = [message["id"] for message in around["messages"]]
    first = worst.ids.index(shown[0])
    assert shown == worst.ids[first : first + len(shown)]
    assert worst.ids[29] in shown
    assert (around["has_before"], around["has_after"]) == (True, True)
    assert 5 < len(shown) < 30


def check_log(worst: Worst) -> None:
    def going_on(page: Any) -> dict[str, Any] | None:
        assert page["has_more"] == (page["entries"][-1]["seq"] < page["head_seq"])
        return {"after": page["entries"][-1]["seq"]} if page["has_more"] else None

    found = list(pages(worst.bob, f"/rooms/{worst.room_id}/log", going_on, limit=500))
    assert [entry["seq"] for page in found for entry in page["entries"]] == list(
        range(1, 3 * COUNT + 1)
    )
    assert len(found) > 6


def check_mentions(worst: Worst) -> None:
    found = list(pages(worst.bob, "/mentions", by_next("before"), limit=200))
    assert [message["id"] for page in found for message in page["messages"]] == worst.ids[::-1]
    assert len(found) > 2


def check_pins(worst: Worst) -> None:
    found = list(pages(worst.bob, f"/rooms/{worst.room_id}/pins", by_next("before")))
    assert [message["id"] for page in found for message in page["messages"]] == worst.ids[::-1]
    assert len(found) > 2


def check_chosen(worst: Worst) -> None:
    path = "/messages"
    found = list(pages(worst.bob, path, by_next("ids"), ids=",".join(worst.ids)))
    assert [message["id"] for page in found for message in page["messages"]] == worst.ids
    assert len(found) > 2


def check_versions(worst: Worst) -> None:
    found = list(pages(worst.world.carol, f"/messages/{worst.edited}/versions", by_next("after")))
    bodies = [version["body"] for page in found for version in page["versions"]]
    assert [re.match(r"@\S+ (again )?(\d+) ", body)[2] for body in bodies] == [
        "0",
        *map(str, range(COUNT)),
    ]  # type: ignore[index]
    assert len(found) > 1 or sum(map(len, bodies)) < MOST_BYTES


def check_search(worst: Worst) -> None:
    found = list(pages(worst.bob, "/search", by_next("before"), q=worst.bob.username, limit=50))
    assert [result["message"]["id"] for page in found for result in page["results"]] == worst.ids[
        ::-1
    ]
    assert len(found) > 2


def check_images(worst: Worst) -> None:
    found = list(pages(worst.bob, f"/rooms/{worst.room_id}/images", by_next("before"), limit=200))
    assert sorted(image["id"] for page in found for image in page["images"]) == worst.image_ids
    assert len(found) > 1


def check_sessions(worst: Worst) -> None:
    for _ in range(110):
        Session.begin(user_of(worst.bob).id, '"' * 300)
    (found,) = pages(worst.bob, "/me/sessions", by_next("before"))
    assert len(found["sessions"]) == 100


def check_people(worst: Worst) -> None:
    for path in ("/users", f"/rooms/{worst.room_id}/members"):
        found = next(pages(worst.bob, path, by_next("after"), q=worst.bob.username[:2]))
        (name,) = (key for key in found if key != "next")
        largest = (
            max(len(str(item)) for item in found[name]) + 2 * 80 + 2 * 32
        )  # names as long as they may be, all of it escaped
        assert 200 * largest < MOST_BYTES


def check_accounts(worst: Worst) -> None:
    found = worst.world.alice.get("/admin/users", params={"state": "all"}).json()["users"]
    assert len(found) <= 50
    assert 50 * (max(len(str(user)) for user in found) + 2 * 80 + 2 * 32) < MOST_BYTES


def check_audit(worst: Worst) -> None:
    of_room = f"/rooms/{worst.room_id}/audit"
    for path in ("/admin/audit", of_room):
        found = worst.world.alice.get(path).json()["entries"]
        assert 0 < len(found) <= 50
        # Each entry may name two people, and twice twenty rooms.
        largest = max(len(str(entry)) for entry in found) + 4 * 80 + 2 * 20 * 4 * 80
        assert 50 * largest < MOST_BYTES


def check_seen_rooms(worst: Worst) -> None:
    found = worst.world.alice.get("/admin/rooms").json()["rooms"]
    assert 0 < len(found) <= 50
    one_owner = max(len(str(owner)) for room in found for owner in room["owners"]) + 2 * 80 + 2 * 32
    assert 50 * (10 * one_owner + 2 * 80 + 500) < MOST_BYTES


def check_rooms(worst: Worst) -> None:
    found = worst.bob.get("/rooms/browse", params={"q": "Har"}).json()["rooms"]
    assert len(found) <= 100
    assert 100 * (max(len(str(room)) for room in found) + 2 * 80 + 2 * 250) < MOST_BYTES


def check_receipts(worst: Worst) -> None:
    assert len(worst.bob.get(f"/rooms/{worst.room_id}/receipts").json()["receipts"]) <= 50


def check_lines(worst: Worst) -> None:
    found = worst.bob.get(f"/rooms/{worst.room_id}/lines").json()["lines"]
    assert len(found) <= 100
    # Each line may have two people, and an old and a new topic, all of it escaped.
    assert 100 * (max(len(str(line)) for line in found) + 4 * 80 + 4 * 250) < MOST_BYTES


def check_preview(worst: Worst) -> None:
    answer = worst.world.mallory.get(f"/rooms/{worst.room_id}/preview")
    assert answer.status_code == 200
    assert len(answer.content) <= MOST_BYTES + ENVELOPE
    assert answer.json()["has_before"]


def check_blocks(worst: Worst) -> None:
    stranger = worst.world.mallory
    assert worst.bob.put(f"/users/{stranger.id}/block").status_code == 204
    blocked = worst.bob.get("/me/blocks").json()["users"]
    assert worst.bob.delete(f"/users/{stranger.id}/block").status_code == 204
    assert 500 * (max(len(str(user)) for user in blocked) + 2 * 80 + 2 * 32) < MOST_BYTES


def check_invites(worst: Worst) -> None:
    worst.world.alice.post("/invites", {"note": "n" * LONGEST_NOTE})
    (invite, *_) = worst.world.alice.get("/invites?limit=1").json()["invites"]
    room = {"id": "0" * 24, "name": 4 * "n" * rooms.LONGEST_NAME, "kind": "private"}
    largest = len(str(invite)) + 3 * LONGEST_NOTE + MOST_ROOMS * len(str(room))
    assert invites.USUAL_PAGE * largest < MOST_BYTES


def check_invitations(worst: Worst) -> None:
    mallory = worst.world.mallory
    answer = mallory.post(
        f"/rooms/{mallory.make_room(kind='private')}/members", {"user_id": worst.bob.id}
    )
    assert answer.status_code == 202, answer.text
    found = worst.bob.get("/me/room-invitations").json()["invitations"]
    assert 100 * (max(len(str(item)) for item in found) + 4 * 80 + 2 * 250) < MOST_BYTES


def check_reports(worst: Worst) -> None:
    reason = "r" * reports.LONGEST_REASON
    assert worst.bob.post(f"/messages/{worst.ids[1]}/report", {"reason": reason}).ok
    found = worst.world.alice.get("/admin/reports").json()["reports"]
    report = next(each for each in found if each["reason"] == reason)
    largest = len(json.dumps(report, ensure_ascii=False).encode()) + 3 * reports.LONGEST_REPORT_NOTE
    assert report_pages.USUAL_PAGE * (largest + 3 * len(reason) + 6 * 80) < MOST_BYTES


def check_bans(worst: Worst) -> None:
    carol, path = worst.world.carol, f"/rooms/{worst.world.carol.make_room()}/bans"
    ban = {"user_id": worst.world.mallory.id, "reason": "r" * bans.LONGEST_BAN_REASON}
    assert carol.post(path, ban).status_code == 201
    (shown,) = carol.get(path).json()["bans"]
    assert bans.MOST_BANS * (len(str(shown)) + 3 * bans.LONGEST_BAN_REASON + 4 * 80) < MOST_BYTES


def check_push_subscriptions(worst: Worst) -> None:
    target = {"endpoint": "https://push.example.org/" + "e" * 900, "keys": VALUES["keys"]}
    worst.bob.post("/me/push-subscriptions", target)
    found = worst.bob.get("/me/push-subscriptions").json()["subscriptions"]
    assert push_subscription.MOST * (len(str(found)) + 2 * 80) < MOST_BYTES


def check_reminders(worst: Worst) -> None:
    longest = {"text": f"/remind here in 1 hour {'y' * LONGEST}", "client_id": "longest"}
    assert worst.bob.post(f"/rooms/{worst.room_id}/commands", longest).status_code == 200
    (shown,) = worst.bob.get("/me/reminders").json()["reminders"]
    name = MOST_PEOPLE_IN_A_DIRECT_ROOM * 2 * 64  # of a direct room
    assert reminder.MOST * (len(str(shown)) + 3 * LONGEST + 4 * name) < MOST_BYTES


def check_outgoing_webhooks(worst: Worst) -> None:
    carol = worst.world.carol
    path = f"/rooms/{carol.make_room()}/outgoing-webhooks"
    hook = {"name": "n" * 80, "events": ["message:posted"], "url": VALUES["url"]}
    made = carol.post(path, hook).json()
    (shown,) = carol.get(path).json()["outgoing_webhooks"]
    longest = addresses.LONGEST_ADDRESS + 5 * 20 + 3 * 4 * 80
    assert outgoing_webhooks.MOST_HOOKS * (len(str(shown)) + longest) < MOST_BYTES
    # The answer of a receiver has at most 500 bytes, each of which may be escaped.
    assert carol.get(f"/outgoing-webhooks/{made['id']}/deliveries").json()["deliveries"] == []
    assert outgoing_webhooks.MOST_DELIVERIES * (6 * LONGEST_SAID + 1000) < MOST_BYTES


# Every list of the API, with its items. Pages of one's own rooms are bounded where they are made.
LISTS: dict[str, Callable[[Worst], None] | None] = {
    "/rooms/{room_id}/messages": check_messages,
    "/rooms/{room_id}/log": check_log,
    "/mentions": check_mentions,
    "/rooms/{room_id}/pins": check_pins,
    "/messages": check_chosen,
    "/messages/{message_id}/versions": check_versions,
    "/search": check_search,
    "/rooms/{room_id}/images": check_images,
    "/me/sessions": check_sessions,
    "/users": check_people,
    "/admin/users": check_accounts,
    "/admin/rooms": check_seen_rooms,
    "/admin/audit": check_audit,
    "/rooms/{room_id}/audit": check_audit,
    "/rooms/{room_id}/members": check_people,
    "/rooms/browse": check_rooms,
    "/rooms/{room_id}/receipts": check_receipts,
    "/rooms/{room_id}/lines": check_lines,
    "/rooms/{room_id}/preview": check_preview,
    "/admin/settings": None,  # the names of settings that the environment fixes
    "/admin/reports": check_reports,
    "/rooms/{room_id}/bans": check_bans,
    "/rooms/{room_id}/outgoing-webhooks": check_outgoing_webhooks,
    "/outgoing-webhooks/{hook_id}/deliveries": check_outgoing_webhooks,
    "/rooms/{room_id}/readers": None,  # of programs, of which a room has twenty
    "/me/push-subscriptions": check_push_subscriptions,
    "/me/passkeys": None,  # twenty of them
    "/rooms/{room_id}/incoming-webhooks": None,  # twenty of them
    "/rooms/{room_id}/commands": None,  # those of the chat, and fifty of programs
    "/commands": None,  # fifty of them
    "/me/tokens": None,  # fifty of them
    "/me/reminders": check_reminders,
    "/exports": None,  # five of them
    "/bots": None,  # twenty of them
    "/auth/providers": None,  # MOST_PROVIDERS of them, from the configuration
    "/me/identities": None,
    "/rooms": None,
    "/me/preferences": None,  # keywords: few, and short
    "/me/blocks": check_blocks,
    "/me/room-invitations": check_invitations,
    "/invites": check_invites,
}


def test_the_table_has_every_list_of_the_api(app: Flask) -> None:
    described = app.test_client().get("/api/v1/openapi.json").json
    assert described
    lists = set()
    for path, methods in described["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        view = described["components"]["schemas"].get(reference.rpartition("/")[2], {})
        if any(field.get("type") == "array" for field in view.get("properties", {}).values()):
            lists.add(path.removeprefix("/api/v1"))
    assert lists - {"/messages/{message_id}", "/rooms/{room_id}", "/images/{image_id}"} == set(
        LISTS
    )


@pytest.mark.parametrize(
    "check",
    [*dict.fromkeys(check for check in LISTS.values() if check)],
    ids=lambda check: check.__name__,
)
def test_it_ends_at_a_megabyte_and_nothing_is_lost(
    worst: Worst, check: Callable[[Worst], None]
) -> None:
    check(worst)


def test_an_event_answers_less_and_nothing_is_lost(worst: Worst) -> None:
    bob, after, seqs = worst.bob.listen(), 0, list[int]()
    while True:
        answer = bob.call("room:catch_up", {"room_id": worst.room_id, "after": after, "limit": 500})
        assert sum(len(str(entry)) for entry in answer["entries"]) < 1.2 * FEW_BYTES
        seqs += [entry["seq"] for entry in answer["entries"]]
        if not answer["has_more"]:
            break
        after = seqs[-1]
    assert seqs == list(range(1, 3 * COUNT + 1))
    found = bob.call("search", {"q": worst.bob.username})
    assert 1 <= len(found["results"]) <= 6
    assert found["next"]


def test_pages_for_people_end_too_and_lead_on(worst: Worst) -> None:
    browser = Browser(worst.world.server).sign_in(worst.world.carol)
    room = f"/rooms/{worst.room_id}"
    for path in (
        room,
        f"{room}?around=30",
        f"{room}/pins",
        f"{room}/messages/{worst.edited}",
        "/mentions",
    ):
        page = browser.get(path)
        assert (page.status_code, len(page.content) < 6 * FEW_BYTES) == (200, True), path
    assert ">Earlier messages</a>" in browser.get(room).text
    assert ">Older pins</a>" in browser.get(f"{room}/pins").text
    later = re.search(
        r'href="([^"]+)"\s*>Later versions<', browser.get(f"{room}/messages/{worst.edited}").text
    )
    assert later
    assert re.search(r"again 1[0-9] ", browser.get(later[1]).text), "and not only the first ones"
    assert "again 0 " not in browser.get(later[1]).text


def test_what_does_not_fit_is_not_opened(worst: Worst, monkeypatch: pytest.MonkeyPatch) -> None:
    room_id, opened = id_from(worst.room_id), list[Any]()
    real = Message.open_text
    monkeypatch.setattr(
        Message, "open_text", lambda *arguments: opened.append(1) or real(*arguments)
    )
    page = Message.page(room_id, limit=200, size=lambda _: 100_000)  # type: ignore[arg-type]
    assert (len(page.messages), len(opened)) == (10, 11)
    opened.clear()
    entries = list(islice(Message.entries_after(room_id, 0, 180), 10))  # type: ignore[arg-type]
    assert (len(entries), len(opened)) == (10, 10)


def test_a_message_that_is_larger_than_an_answer_is_answered_alone(worst: Worst) -> None:
    page = Message.page(id_from(worst.room_id), limit=200, size=lambda _: 5_000_000)  # type: ignore[arg-type]
    assert [str(message.id) for message in page.messages] == worst.ids[-1:]
    assert page.has_before


def test_a_large_answer_is_sent_in_pieces_and_whole(app: Flask, worst: Worst) -> None:
    headers = {"Authorization": f"Bearer {worst.bob.access_token}"}
    answer = app.test_client().get(
        f"/api/v1/rooms/{worst.room_id}/messages", headers=headers, buffered=False
    )
    pieces = list(answer.response)
    assert max(map(len, pieces)) == streaming.PIECE_BYTES
    assert sum(map(len, pieces)) == answer.content_length > 900_000
    small = app.test_client().get("/api/v1/me", headers=headers, buffered=False)
    assert len(list(small.response)) == 1


def test_what_was_sent_is_left_behind_piece_by_piece() -> None:
    pieces = streaming._in_pieces(b"x" * 200_000)
    assert [len(piece) for piece in pieces] == [65_536, 65_536, 65_536, 3_392]


def test_a_room_holds_two_hundred_pins_and_those_that_were_taken_off_count_for_nothing(
    app: Flask, world: World
) -> None:
    room_id = world.room()
    room, carol = id_from(room_id), user_of(world.carol)
    said = [Message.post(room, carol, f"c{number}", "tea")[0] for number in range(5)]  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pins, "MOST_PINS", 3)
        for message in said[:3]:
            message.pin(carol, on=True)
        headers = {"Authorization": f"Bearer {world.carol.access_token}"}
        answer = app.test_client().put(f"/api/v1/messages/{said[3].id}/pin", headers=headers)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
        said[0].pin(carol, on=False)
        patch.setattr(pins, "UNDER_WAY", now() - now())
        said[3].pin(carol, on=True)
        said[1].pin(carol, on=True)
    assert [
        message["id"] for message in world.bob.get(f"/rooms/{room_id}/pins").json()["messages"]
    ] == [str(message.id) for message in (said[3], said[2], said[1])]


def test_what_was_pinned_before_there_was_a_list_of_it_is_listed(world: World) -> None:
    room_id = world.room()
    said = [world.carol.say(room_id, text)["id"] for text in ("one", "two", "three")]
    for message_id in said:
        world.carol.put(f"/messages/{message_id}/pin")
    world.carol.delete(f"/messages/{said[1]}/pin")
    database["pins"].delete_one({"_id": id_from(room_id)})
    for _ in range(2):
        assert [
            message["id"] for message in world.bob.get(f"/rooms/{room_id}/pins").json()["messages"]
        ] == [said[2], said[0]]
    assert Membership.find(id_from(room_id), user_of(world.bob).id)  # type: ignore[arg-type]


def test_a_message_holds_so_many_reactions(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.models.message.reactable.MOST_REACTIONS", 2)
    message, _ = Message.post(
        id_from(world.room()), user_of(world.bob), secrets.token_hex(4), "tea"
    )  # type: ignore[arg-type]
    message.react(user_of(world.bob), "👍", on=True)
    message.react(user_of(world.carol), "👍", on=True)
    with pytest.raises(ValidationFailed) as refused:
        message.react(user_of(world.alice), "👍", on=True)
    assert "2 reactions" in refused.value.fields["emoji"]
    message.react(user_of(world.carol), "👍", on=True)
    message.react(user_of(world.carol), "👍", on=False)
    assert message.react(user_of(world.alice), "👍", on=True).message.reactions
