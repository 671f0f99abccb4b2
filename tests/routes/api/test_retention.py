"""Messages that are older than a room keeps them are gone for everybody, at once and for good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest

from chat.controllers import retention, retention_preview, verification
from chat.models import expired_messages
from chat.models.database import database
from chat.models.document import Id
from chat.models.halves import halves
from chat.models.lease import RETENTION
from chat.models.message import Message, forget_opened
from chat.models.room import Room
from chat.models.search import indexer
from chat.models.user import User
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.uploads import show, uploaded
from tests.helpers.world import Person, World

OLD = 40  # days
MANY_ROOMS = 90  # seconds: the database has the rooms of many tests


@pytest.fixture(autouse=True)
def usual_settings(world: World) -> Iterator[None]:
    yield
    world.alice.patch("/admin/settings", {"retention_days": 0, "keeps_pinned": True})


@pytest.fixture
def nobody_erases() -> Iterator[None]:
    """Let another process seem to do the job, for less than a minute."""
    taken = {"number": 1_000, "until": now() + timedelta(seconds=50), "followed_to": now()}
    database["meta"].update_one({"_id": RETENTION}, {"$set": taken}, upsert=True)
    yield
    database["meta"].update_one({"_id": RETENTION}, {"$set": {"until": now()}})


def erase(room_id: str) -> None:
    """Do the job for a room, as soon as nobody writes its search index."""

    def is_done() -> bool:
        with suppress(indexer.IndexBusy):
            return expired_messages.erase_some(Id(room_id), lambda _: None) is None
        return False

    wait_until(is_done, "the room's old messages are erased")


def age(messages: list[Any], days: int = OLD) -> None:
    """Let some messages, and all changes of them, be so old."""
    ids = [Id(message["id"]) for message in messages]
    moment = now() - timedelta(days=days)
    for query in ({"_id": {"$in": ids}}, {"message_id": {"$in": ids}}):
        database["log"].update_many(query, {"$set": {"created_at": moment}})
    forget_opened()


def erased(room_id: str) -> bool:
    record = database["rooms"].find_one({"_id": Id(room_id)}) or {}
    return int(record.get("erased_to", 0)) == record.get("kept_from", 1) - 1


def keep(person: Person, room_id: str, days: int | None) -> Any:
    """Choose a room's retention, and wait until what is too old is erased."""
    answer = person.put(f"/rooms/{room_id}/retention", {"days": days})
    assert answer.status_code == 200, answer.text
    wait_until(lambda: erased(room_id), "the old messages are erased")
    return answer.json()


def say_with(person: Person, room_id: str, body: str, **more: Any) -> Any:
    message = {"client_id": token_hex(8), "body": body, **more}
    answer = person.post(f"/rooms/{room_id}/messages", message)
    assert answer.status_code == 201, answer.text
    return answer.json()


def bodies(person: Person, room_id: str, query: str = "") -> list[str]:
    page = person.get(f"/rooms/{room_id}/messages{query}").json()
    return [message["body"] for message in page["messages"]]


def test_a_room_loses_its_old_messages_and_keeps_the_new_ones(world: World) -> None:
    room_id = world.room()
    old = [world.bob.say(room_id, f"old {number}") for number in range(3)]
    world.carol.say(room_id, "new")
    age(old)
    asked = world.alice.get(f"/rooms/{room_id}/retention?days=30").json()
    assert asked["would_delete"] == {"rooms": 1, "messages": 3, "is_whole": True}
    assert bodies(world.bob, room_id) == ["old 0", "old 1", "old 2", "new"], (
        "asking deletes nothing"
    )
    assert keep(world.alice, room_id, 30)["days"] == 30
    page = world.bob.get(f"/rooms/{room_id}/messages").json()
    assert [message["body"] for message in page["messages"]] == ["new"]
    assert not page["has_before"]
    assert world.bob.get(f"/rooms/{room_id}").json()["kept_from"] == old[-1]["seq"] + 1
    assert bodies(world.bob, room_id, "?after=0") == ["new"]
    assert bodies(world.bob, room_id, f"?before={old[-1]['seq']}") == []
    assert bodies(world.bob, room_id, f"?around={old[0]['seq']}") == ["new"]
    gone = world.bob.get(f"/messages/{old[0]['id']}").json()
    assert gone["body"] == ""
    assert gone["deleted_at"]


def test_the_log_stays_dense_and_every_client_catches_up(world: World) -> None:
    room_id = world.room()
    old = [world.bob.say(room_id, f"heliotrope {number}") for number in range(3)]
    world.carol.say(room_id, "new")
    age(old)
    before = world.bob.get(f"/rooms/{room_id}/log?after=0").json()
    keep(world.alice, room_id, 30)
    after = world.bob.get(f"/rooms/{room_id}/log?after=0").json()
    assert after["head_seq"] == before["head_seq"], "it takes no entries"
    assert [entry["seq"] for entry in after["entries"]] == [1, 2, 3, 4]
    assert [entry["message"]["body"] for entry in after["entries"]] == ["", "", "", "new"]
    *_, findings = verification.verify()
    assert [problem for problem in findings.problems if room_id in problem] == []


@pytest.mark.usefixtures("nobody_erases")
def test_what_is_too_old_is_gone_before_it_is_erased(world: World) -> None:
    room_id = world.room()
    image = uploaded(world.bob, room_id)
    picture = say_with(world.bob, room_id, "heliotrope", image_ids=[image["id"]])
    named = world.bob.say(room_id, f"heliotrope @{world.carol.username}")
    answer = say_with(world.carol, room_id, "yes", reply_to_id=named["id"])
    world.bob.put(f"/messages/{named['id']}/reactions/👍")
    age([picture, named])
    world.alice.put(f"/rooms/{room_id}/retention", {"days": 30})
    assert not erased(room_id)
    assert bodies(world.carol, room_id) == ["yes"]
    shown = world.carol.get(f"/messages/{answer['id']}").json()
    assert (shown["reply_to"]["excerpt"], bool(shown["reply_to"]["deleted_at"])) == ("", True)
    assert show(world.carol, image).status_code == 404
    assert world.carol.get(f"/rooms/{room_id}/images").json()["images"] == []
    mentions = world.carol.get("/mentions").json()["messages"]
    assert named["id"] not in [each["id"] for each in mentions]
    assert world.carol.get(f"/search?q=heliotrope&room_id={room_id}").json()["results"] == []
    assert world.bob.get(f"/messages/{named['id']}/versions").json()["versions"] == []
    assert world.bob.patch(f"/messages/{named['id']}", {"body": "again"}).status_code == 409
    assert world.bob.put(f"/messages/{named['id']}/reactions/🦉").status_code == 409


def test_what_is_erased_is_in_no_collection_and_opens_with_no_key(world: World) -> None:
    room_id = world.room()
    image = uploaded(world.bob, room_id)
    old = say_with(
        world.bob, room_id, f"heliotrope @{world.carol.username}", image_ids=[image["id"]]
    )
    world.bob.patch(f"/messages/{old['id']}", {"body": f"mauve @{world.carol.username}"})
    world.carol.say(room_id, "new")
    list(indexer.index_wholly(Id(room_id)))
    before = database["log"].find_one({"_id": Id(old["id"])}) or {}
    half = Message.half_of(before)
    tokens = [bytes(each["sealed"]) for each in database["postings"].find({"room_id": Id(room_id)})]
    age([old])
    keep(world.alice, room_id, 30)
    record = database["log"].find_one({"_id": Id(old["id"])}) or {}
    assert not {"text", "original", "images", "mentions", "reactions"} & record.keys()
    edits = list(database["log"].find({"message_id": Id(old["id"])}))
    assert [change["event"] for change in edits] == ["message:edited"]
    assert not {"text", "mentions"} & edits[0].keys()
    assert half is not None
    assert halves.is_destroyed(half)
    assert database["images"].find_one({"_id": Id(image["id"])}) is None
    assert list(database["pictures.files"].find({"_id": f"{image['id']}/original"})) == []
    assert list(database["mentions"].find({"message_id": Id(old["id"])})) == []
    now_there = [bytes(x["sealed"]) for x in database["postings"].find({"room_id": Id(room_id)})]
    assert not set(tokens) & set(now_there), "the block of the index is sealed anew"
    found = world.carol.get(f"/search?q=new&room_id={room_id}").json()["results"]
    assert [each["message"]["body"] for each in found] == ["new"]


def test_nothing_gone_counts_as_unread(world: World) -> None:
    room_id = world.room()
    old = [world.bob.say(room_id, f"@{world.carol.username} {number}") for number in range(3)]
    world.bob.say(room_id, "new")

    def counts() -> tuple[int, int]:
        (item,) = world.carol.get(f"/rooms?ids={room_id}").json()["rooms"]
        return item["unread"], item["mentions"]

    assert counts() == (4, 3)
    age(old)
    keep(world.alice, room_id, 30)
    assert counts() == (1, 0)
    marked = world.carol.put(f"/rooms/{room_id}/read", {"seq": 0}).json()
    assert (marked["unread"], marked["read_seq"]) == (1, old[-1]["seq"])


def test_pinned_messages_stay_until_somebody_unpins_them(world: World) -> None:
    room_id = world.room()
    old, pinned = world.bob.say(room_id, "old"), world.bob.say(room_id, "pinned")
    new = world.bob.say(room_id, "new")
    world.alice.put(f"/messages/{pinned['id']}/pin")
    age([old, pinned])
    keep(world.alice, room_id, 30)
    assert bodies(world.bob, room_id) == ["new"]
    (shown,) = world.bob.get(f"/rooms/{room_id}/pins").json()["messages"]
    assert shown["body"] == "pinned"
    assert bodies(world.bob, room_id, f"?around={pinned['seq']}") == ["pinned", "new"]
    gone = world.alice.delete(f"/messages/{pinned['id']}/pin").json()
    assert (gone["body"], bool(gone["deleted_at"])) == ("", True)
    assert world.bob.get(f"/rooms/{room_id}/pins").json()["messages"] == []
    assert world.bob.get(f"/messages/{new['id']}").json()["body"] == "new"
    erase(room_id)
    assert "text" not in (database["log"].find_one({"_id": Id(pinned["id"])}) or {})


def test_pinned_messages_go_where_the_chat_does_not_keep_them(world: World) -> None:
    room_id = world.room()
    pinned = world.bob.say(room_id, "pinned")
    world.bob.say(room_id, "new")
    world.alice.put(f"/messages/{pinned['id']}/pin")
    age([pinned])
    keep(world.alice, room_id, 30)
    assert world.bob.get(f"/messages/{pinned['id']}").json()["body"] == "pinned"
    world.alice.patch("/admin/settings", {"keeps_pinned": False})
    wait_until(
        lambda: not world.bob.get(f"/messages/{pinned['id']}").json()["body"], "the pin is gone"
    )


def test_the_chat_deletes_in_every_room_and_says_before_how_much(world: World) -> None:
    rooms = [world.room(), world.room("private")]
    for room_id in rooms:
        age([world.bob.say(room_id, "old")])
        world.bob.say(room_id, "new")
    asked = world.alice.get("/admin/settings/retention?retention_days=30&keeps_pinned=true").json()
    assert asked["messages"] >= 2 or not asked["is_whole"]
    assert world.alice.patch("/admin/settings", {"retention_days": 30}).ok
    for room_id in rooms:
        wait_until(
            lambda room=room_id: bodies(world.bob, room) == ["new"], "it is gone", MANY_ROOMS
        )
    found = world.bob.get(f"/rooms/{rooms[0]}/readers").json()["retention"]
    assert found == {"days": 30, "pinned_stay": True}


def test_a_longer_time_brings_nothing_back_and_deletes_nothing(world: World) -> None:
    room_id = world.room()
    old, middle = world.bob.say(room_id, "old"), world.bob.say(room_id, "middle")
    world.bob.say(room_id, "new")
    age([old], 40)
    age([middle], 20)
    keep(world.alice, room_id, 30)
    assert bodies(world.bob, room_id) == ["middle", "new"]
    asked = world.alice.get(f"/rooms/{room_id}/retention?days=300").json()
    assert asked["would_delete"] == {"rooms": 0, "messages": 0, "is_whole": True}
    keep(world.alice, room_id, 0)
    assert bodies(world.bob, room_id) == ["middle", "new"]


def test_a_clock_that_is_set_back_deletes_nothing_and_brings_nothing_back(
    world: World, monkeypatch: Any
) -> None:
    room_id = world.room()
    age([world.bob.say(room_id, "old")])
    world.bob.say(room_id, "new")
    keep(world.alice, room_id, 30)
    earlier = now() - timedelta(days=100)
    monkeypatch.setattr(retention, "now", lambda: earlier)
    room = Room.find_now(Id(room_id))
    assert room
    before = retention.terms_of(room).cutoff()
    assert before
    assert not expired_messages.raise_floor(room, before, keeps_pinned=True)
    assert bodies(world.bob, room_id) == ["new"]


def test_following_the_chat_again_is_asked_about_too(world: World) -> None:
    room_id = world.room()
    age([world.bob.say(room_id, "old")])
    world.bob.say(room_id, "new")
    keep(world.alice, room_id, 365)
    world.alice.patch("/admin/settings", {"retention_days": 100})
    keep(world.alice, room_id, 365)
    world.alice.patch("/admin/settings", {"retention_days": 30})
    page = Browser(world.server).sign_in(world.alice)
    assert "Delete up to one message?" in page.submit(f"/rooms/{room_id}/retention", days="").text
    assert bodies(world.bob, room_id) == ["old", "new"]


def test_who_may_choose(world: World) -> None:
    room_id = world.room()
    assert world.bob.put(f"/rooms/{room_id}/retention", {"days": 9}).status_code == 403
    assert world.mallory.put(f"/rooms/{room_id}/retention", {"days": 9}).status_code == 404
    assert world.mallory.get(f"/rooms/{room_id}/retention").status_code == 404
    assert world.bob.get("/admin/settings/retention").status_code == 403
    assert world.bob.get(f"/rooms/{room_id}/retention").json()["chosen_days"] is None


def test_only_administrators_keep_a_room_for_longer_than_the_chat(world: World) -> None:
    mine = world.bob.post("/rooms", {"name": f"bobs {world.bob.username}"}).json()["id"]
    world.alice.patch("/admin/settings", {"retention_days": 90})
    for days in (0, 91):
        refused = world.bob.put(f"/rooms/{mine}/retention", {"days": days})
        assert refused.status_code == 422
        assert "90 days" in refused.json()["error"]["fields"]["days"]
    assert keep(world.bob, mine, 30)["days"] == 30
    world.alice.post(f"/rooms/{mine}/join")
    assert keep(world.alice, mine, 365)["days"] == 365
    assert keep(world.alice, mine, None)["days"] == 90
    assert keep(world.bob, mine, 30)["days"] == 30
    world.alice.patch("/admin/settings", {"retention_days": 7})
    assert world.bob.get(f"/rooms/{mine}/retention").json()["days"] == 7


def test_a_choice_is_in_the_audit_and_among_the_lines(world: World) -> None:
    room_id = world.room()
    keep(world.alice, room_id, 30)
    entries = world.alice.get(f"/rooms/{room_id}/audit").json()["entries"]
    (entry,) = [each for each in entries if each["action"] == "room.retention"]
    assert (entry["before"], entry["after"]) == ("", "30")
    lines = world.bob.get(f"/rooms/{room_id}/lines?after=0").json()["lines"]
    assert ("retention", "30") in [(line["kind"], line["text"]) for line in lines]


def test_open_pages_learn_where_a_room_begins(world: World) -> None:
    room_id = world.room()
    old = world.bob.say(room_id, "old")
    world.bob.say(room_id, "new")
    age([old])
    bob = world.bob.listen()
    keep(world.alice, room_id, 30)
    assert bob.next("room:updated")["room"]["kept_from"] == old["seq"] + 1
    assert world.bob.standing(room_id)["room"]["kept_from"] == old["seq"] + 1


@pytest.mark.usefixtures("nobody_erases")
def test_an_interrupted_step_is_done_again(world: World, monkeypatch: Any) -> None:
    room_id = world.room()
    old = [world.bob.say(room_id, f"old {number}") for number in range(5)]
    world.bob.say(room_id, "new")
    list(indexer.index_wholly(Id(room_id)))
    age(old)
    world.alice.put(f"/rooms/{room_id}/retention", {"days": 30})

    def sealed() -> set[bytes]:
        found = database["postings"].find({"room_id": Id(room_id)})
        return {bytes(each["sealed"]) for each in found}

    before = sealed()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(indexer, "forget_messages", crash)
        with pytest.raises(KeyboardInterrupt):
            expired_messages.erase_some(Id(room_id), lambda _: None)
    assert before == sealed(), "the texts are gone, and the index still knows their words"
    erase(room_id)
    assert not before & sealed()


def test_the_page_asks_before_it_deletes(world: World) -> None:
    room_id = world.room()
    age([world.bob.say(room_id, "old")])
    world.bob.say(room_id, "new")
    page = Browser(world.server).sign_in(world.alice)
    settings = page.get(f"/rooms/{room_id}/settings").text
    assert f'action="/rooms/{room_id}/retention"' in settings
    asked = page.submit(f"/rooms/{room_id}/retention", days="30")
    assert "Delete up to one message?" in asked.text
    assert bodies(world.bob, room_id) == ["old", "new"]
    page.submit(f"/rooms/{room_id}/retention", days="30", confirmed="true")
    assert bodies(world.bob, room_id) == ["new"]
    assert "Messages are deleted after 30 days." in page.get(f"/rooms/{room_id}/readers").text
    assert "older than this room keeps them" in page.get(f"/rooms/{room_id}").text
    bob = Browser(world.server).sign_in(world.bob)
    assert f'action="/rooms/{room_id}/retention"' not in bob.get(f"/rooms/{room_id}/settings").text


def test_a_chat_of_too_many_rooms_is_counted_as_far_as_there_is_time(
    world: World, monkeypatch: Any
) -> None:
    room_id = world.room()
    age([world.bob.say(room_id, "old")])
    monkeypatch.setattr(retention_preview, "COUNT_SECONDS", -1)
    alice = User.find(Id(world.alice.id))
    assert alice
    found = retention_preview.would_delete(alice, retention_days=30)
    assert found == (0, 0, False)


def test_the_chats_page_asks_before_it_deletes(world: World) -> None:
    room_id = world.room()
    age([world.bob.say(room_id, "old")])
    world.bob.say(room_id, "new")
    page = Browser(world.server).sign_in(world.alice)
    asked = page.submit("/admin/settings/retention", retention_days="30", keeps_pinned="true")
    assert re.search("Delete (up to )?(one message|[0-9]+ messages)", asked.text)
    assert bodies(world.bob, room_id) == ["old", "new"]
    page.submit(
        "/admin/settings/retention", retention_days="30", keeps_pinned="true", confirmed="true"
    )
    wait_until(lambda: bodies(world.bob, room_id) == ["new"], "it is gone", MANY_ROOMS)
    assert 'value="30"' in page.get("/admin/settings").text
