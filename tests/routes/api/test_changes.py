"""Editing, deleting, reacting, pinning, replying: the same rules on every route.

The result is the same live and caught up.
"""

from __future__ import annotations

from typing import Any

import pytest

from chat.models.database import database
from tests.helpers.uploads import show, uploaded
from tests.helpers.world import Person, World


def entries(person: Person, room_id: str, after: int = 0) -> list[tuple[int, str]]:
    log = person.get(f"/rooms/{room_id}/log?after={after}").json()
    return [(entry["seq"], entry["event"]) for entry in log["entries"]]


def test_every_deed_is_heard_live_and_caught_up_exactly(world: World) -> None:
    room_id = world.room("private")
    bob, mallory = world.bob.listen(), world.mallory.listen()
    said = world.bob.say(room_id, "frist")
    path = f"/messages/{said['id']}"
    edited = world.bob.patch(path, {"body": "first"}).json()
    reacted = world.alice.put(f"{path}/reactions/👍").json()
    pinned = world.carol.put(f"{path}/pin").json()
    gone = world.bob.delete(path).json()
    assert (edited["body"], edited["version"], bool(edited["edited_at"])) == ("first", 2, True)
    assert reacted["reactions"] == [{"emoji": "👍", "user_ids": [world.alice.id]}]
    assert pinned["pinned_at"]
    assert (
        gone["body"],
        gone["body_html"],
        gone["reactions"],
        gone["pinned_at"],
        bool(gone["deleted_at"]),
    ) == ("", "", [], None, True)
    assert (gone["author"]["id"], gone["created_at"], gone["seq"]) == (
        world.bob.id,
        said["created_at"],
        1,
    )
    names = [
        "message:posted",
        "message:edited",
        "message:reacted",
        "message:pinned",
        "message:deleted",
    ]
    heard = [bob.next(name) for name in names]
    assert [(entry["event"], entry["seq"], entry["message"]["version"]) for entry in heard] == [
        (name, seq, seq) for seq, name in enumerate(names, start=1)
    ]
    assert heard[1]["message"] == edited
    assert entries(world.alice, room_id) == list(enumerate(names, start=1))
    assert all(mallory.hears_nothing_of(name, room_id, 0.05) for name in names)


def test_the_same_deeds_through_a_socket(world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "frist")
    bob, carol = world.bob.listen(), world.carol.listen()
    assert (
        bob.call("message:edit", {"id": said["id"], "body": "first"})["message"]["body"] == "first"
    )
    assert carol.next("message:edited")["message"]["body"] == "first"
    assert (
        bob.call("message:react", {"id": said["id"], "emoji": ":tada:", "on": True})["message"][
            "reactions"
        ][0]["emoji"]
        == "🎉"
    )
    assert (
        bob.call("message:react", {"id": said["id"], "emoji": "🎉", "on": False})["message"][
            "reactions"
        ]
        == []
    )
    assert carol.call("message:pin", {"id": said["id"], "on": True})["message"]["pinned_at"]
    assert bob.call("message:pin", {"id": said["id"], "on": False})["error"]["code"] == "forbidden"
    assert bob.call("message:delete", {"id": said["id"]})["message"]["deleted_at"]
    assert bob.call("message:edit", {"id": said["id"], "body": "x"})["error"]["code"] == "conflict"
    assert carol.next("message:deleted")["seq"] == 6


ACTIONS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PATCH", "", {"body": "x"}),
    ("DELETE", "", None),
    ("GET", "/versions", None),
    ("PUT", "/reactions/👍", None),
    ("DELETE", "/reactions/👍", None),
    ("PUT", "/pin", None),
    ("DELETE", "/pin", None),
]


@pytest.mark.parametrize(("method", "suffix", "body"), ACTIONS)
def test_for_an_outsider_there_is_no_such_message(
    world: World, method: str, suffix: str, body: Any
) -> None:
    room_id = world.room("private")
    said = world.bob.say(room_id, "ours")
    outside = world.mallory.ask(method, f"/messages/{said['id']}{suffix}", json=body)
    nowhere = world.mallory.ask(method, f"/messages/{'f' * 24}{suffix}", json=body)
    assert (outside.status_code, nowhere.status_code) == (404, 404)
    assert outside.json()["error"]["message"] == nowhere.json()["error"]["message"], (
        "it cannot be told apart from one that is not there"
    )
    assert world.mallory.get(f"/rooms/{room_id}/pins").status_code == 404
    assert world.bob.get(f"/messages/{said['id']}").json() == said


def test_a_member_changes_only_what_is_theirs_and_moderators_only_take_away(world: World) -> None:
    room_id = world.room()
    said = world.alice.say(room_id, "alice's")
    path = f"/messages/{said['id']}"
    for person in (world.bob, world.carol):
        assert person.patch(path, {"body": "forged"}).status_code == 403
    assert world.bob.delete(path).status_code == 403
    assert world.bob.put(f"{path}/pin").status_code == 403
    assert world.bob.get(f"{path}/versions").status_code == 403
    assert [
        version["body"] for version in world.carol.get(f"{path}/versions").json()["versions"]
    ] == ["alice's"]
    assert world.carol.delete(path).status_code == 200
    assert world.bob.get(path).json()["body"] == ""


def test_an_answer_carries_who_and_what_and_follows_edits_and_deletions(world: World) -> None:
    room_id = world.room()
    asked = world.bob.say(room_id, "Who has the key?")
    body = {"client_id": "a", "body": "I do", "reply_to_id": asked["id"]}
    answer = world.alice.post(f"/rooms/{room_id}/messages", body).json()
    assert (answer["reply_to"]["id"], answer["reply_to"]["seq"], answer["reply_to"]["excerpt"]) == (
        asked["id"],
        1,
        "Who has the key?",
    )
    assert answer["reply_to"]["author"]["id"] == world.bob.id
    world.bob.patch(f"/messages/{asked['id']}", {"body": "Who has the spare key?"})
    assert (
        world.carol.reads(room_id)["messages"][1]["reply_to"]["excerpt"] == "Who has the spare key?"
    )
    world.bob.delete(f"/messages/{asked['id']}")
    assert world.carol.reads(room_id)["messages"][1]["reply_to"]["excerpt"] == ""
    assert world.alice.post(f"/rooms/{room_id}/messages", body).status_code == 200, (
        "safe to repeat, whatever became of the question"
    )
    late = world.alice.post(f"/rooms/{room_id}/messages", body | {"client_id": "b"})
    assert (late.status_code, late.json()["error"]["fields"].keys()) == (422, {"reply_to_id"})
    other = world.room()
    assert (
        world.alice.post(f"/rooms/{other}/messages", body | {"client_id": "c"}).status_code == 422
    ), "not into another room"


def test_pins_are_listed_newest_first_and_gone_when_unpinned_or_deleted(world: World) -> None:
    room_id = world.room()
    one, two, three = (world.bob.say(room_id, text) for text in ("one", "two", "three"))
    for said in (one, three, two):
        world.carol.put(f"/messages/{said['id']}/pin")

    def pinned() -> list[str]:
        return [
            message["body"]
            for message in world.bob.get(f"/rooms/{room_id}/pins").json()["messages"]
        ]

    assert pinned() == ["two", "three", "one"]
    assert world.carol.put(f"/messages/{one['id']}/pin").ok
    assert pinned() == ["two", "three", "one"], "it was pinned already"
    for change in (world.carol.delete, world.carol.put):
        assert change(f"/messages/{one['id']}/pin").ok
    assert pinned() == ["one", "two", "three"]
    world.alice.delete(f"/messages/{three['id']}/pin")
    world.bob.delete(f"/messages/{one['id']}")
    assert pinned() == ["two"]


@pytest.mark.parametrize(
    "emoji", ["x", "👍👍", ":no_such_thing:", "<script>", "1", "🏽", "🚢🏽", "👍🏽🏽"]
)
def test_what_is_no_emoji_is_refused(world: World, emoji: str) -> None:
    said = world.bob.say(world.room(), "x")
    answer = world.bob.ask("PUT", f"/messages/{said['id']}/reactions/{emoji}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("👍🏽", "👍🏽"),
        (":thumbs_up_medium_skin_tone:", "👍🏽"),
        ("👩🏿‍🦰", "👩🏿‍🦰"),
        ("🧑🏻‍🤝‍🧑🏿", "🧑🏻‍🤝‍🧑🏿"),
        ("☝🏼", "☝🏼"),
        ("❤", "❤️"),
        (":heart:", "❤️"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
)
def test_an_emoji_is_one_however_it_is_written(world: World, sent: str, kept: str) -> None:
    said = world.bob.say(world.room(), "x")
    assert world.bob.put(f"/messages/{said['id']}/reactions/{sent}").json()["reactions"] == [
        {"emoji": kept, "user_ids": [world.bob.id]}
    ]
    assert world.bob.put(f"/messages/{said['id']}/reactions/{kept}").json()["version"] == 2


def test_a_message_holds_fifty_kinds_of_emoji(world: World) -> None:
    said = world.bob.say(world.room(), "x")
    flags = [chr(0x1F600 + number) for number in range(51)]
    answers = [world.bob.put(f"/messages/{said['id']}/reactions/{flag}") for flag in flags]
    assert [answer.status_code for answer in answers] == [200] * 50 + [422]


def test_a_deleted_message_takes_its_pictures_with_it(world: World) -> None:
    room_id = world.room()
    image = uploaded(world.bob, room_id)
    body = {"client_id": "i", "body": "look", "image_ids": [image["id"]]}
    said = world.bob.post(f"/rooms/{room_id}/messages", body).json()
    assert show(world.carol, image).status_code == 200
    world.carol.delete(f"/messages/{said['id']}")
    for person in (world.alice, world.bob, world.carol):
        assert (
            show(person, image).status_code
            == show(person, image, "thumbnail_url").status_code
            == 404
        )
    assert (
        database["pictures.chunks"].count_documents(
            {"files_id": {"$in": [f"{image['id']}/original", f"{image['id']}/thumbnail"]}}
        )
        == 0
    )
    again = world.bob.post(f"/rooms/{room_id}/messages", body)
    assert (again.status_code, bool(again.json()["deleted_at"]), again.json()["images"]) == (
        200,
        True,
        [],
    )
