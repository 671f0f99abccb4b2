"""A room's gallery: the pictures that its messages show, newest first, for its members."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from chat.controllers import images as verbs
from chat.models import image_quota
from chat.models.database import database
from chat.models.document import id_from
from chat.models.image import Image
from chat.models.image.listable import Cursor
from chat.utils.clock import now
from tests.helpers import pictures
from tests.helpers.uploads import uploaded
from tests.helpers.world import Person, World

TINY = pictures.accepted()["one pixel"]


def shown(person: Person, room_id: str, count: int = 1) -> Any:
    """Send a message with so many pictures."""
    ids = [uploaded(person, room_id, TINY)["id"] for _ in range(count)]
    answer = person.post(f"/rooms/{room_id}/messages", {"client_id": ids[0], "image_ids": ids})
    assert answer.status_code == 201, answer.text
    return answer.json()


def gallery(person: Person, room_id: str, **query: Any) -> Any:
    answer = person.get(f"/rooms/{room_id}/images", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(*messages: Any) -> list[str]:
    return [image["id"] for message in messages for image in message["images"]]


def test_the_pictures_of_messages_are_listed_newest_first(world: World) -> None:
    room_id = world.room("private")
    first = shown(world.bob, room_id)
    world.carol.say(room_id, "words alone")
    second = shown(world.carol, room_id, 2)
    uploaded(world.bob, room_id, TINY)  # not sent
    shown(world.bob, world.room())  # elsewhere
    listed = gallery(world.bob, room_id)
    assert [image["id"] for image in listed["images"]] == ids(second, first)
    assert listed["next"] is None
    for image, message in zip(listed["images"], (second, second, first), strict=True):
        told = {
            "message_id": message["id"],
            "seq": message["seq"],
            "author": message["author"],
            "created_at": message["created_at"],
        }
        assert image == next(kept for kept in message["images"] if kept["id"] == image["id"]) | told
    assert world.mallory.get(f"/rooms/{room_id}/images").status_code == 404


def test_it_is_read_page_by_page_also_through_the_middle_of_a_message(world: World) -> None:
    room_id = world.room()
    messages = [shown(world.bob, room_id, 3) for _ in range(3)]
    seen, before = [], {}
    for _ in range(5):
        page = gallery(world.bob, room_id, limit=2, **before)
        seen.append([image["id"] for image in page["images"]])
        before = {"before": page["next"]}
    assert [len(page) for page in seen] == [2, 2, 2, 2, 1]
    assert [image_id for page in seen for image_id in page] == ids(*reversed(messages))
    assert before == {"before": None}
    assert [image["seq"] for image in gallery(world.bob, room_id, before=3)["images"]] == [
        2,
        2,
        2,
        1,
        1,
        1,
    ]
    assert gallery(world.bob, room_id, before=1) == {"images": [], "next": None}
    assert len(gallery(world.bob, room_id, before=10**15)["images"]) == 9


@pytest.mark.parametrize(
    "query",
    [
        "before=0",
        "before=x",
        "before=-1",
        "before=1-x",
        "before=1-" + "F" * 24,
        "limit=0",
        "limit=201",
    ],
)
def test_pages_that_there_are_not(world: World, query: str) -> None:
    assert world.bob.get(f"/rooms/{world.room()}/images?{query}").status_code == 422


def test_a_discarded_picture_is_not_listed_any_more(world: World, app: Flask) -> None:
    room_id = world.room()
    first, second = shown(world.bob, room_id, 2), shown(world.bob, room_id)
    gone = id_from(first["images"][0]["id"])
    assert gone
    Image.discard(gone)
    assert [image["id"] for image in gallery(world.carol, room_id)["images"]] == [
        *ids(second),
        first["images"][1]["id"],
    ]
    assert world.bob.get(f"/images/{gone}").status_code == 404
    assert world.bob.get(f"/images/{gone}/thumbnail").status_code == 404


def test_what_a_crash_left_of_a_discarded_picture_is_swept(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = world.room()
    message = shown(world.bob, room_id)
    image_id = id_from(ids(message)[0])
    assert image_id

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Image, "remove_bytes", die)
        Image.discard(image_id)
    assert gallery(world.bob, room_id)["images"] == [], "gone at once"
    database["images"].update_one(
        {"_id": image_id}, {"$set": {"created_at": now() - timedelta(hours=25)}}
    )
    assert verbs.sweep() == 1
    assert database["images"].find_one({"_id": image_id}) is None
    assert database["pictures.chunks"].count_documents({"files_id": f"{image_id}/original"}) == 0


def test_pictures_far_apart_are_found(world: World, app: Flask) -> None:
    room_id = world.room()
    messages = [shown(world.bob, room_id) for _ in range(3)]
    room = id_from(room_id)
    assert room
    for message, seq in zip(
        messages, (1, 9_000, 9_100), strict=True
    ):  # as if others had talked for long in between
        database["images"].update_one({"_id": id_from(ids(message)[0])}, {"$set": {"seq": seq}})
    found, following = Image.page(room, Cursor(20_000, None), 2)
    assert ([image.seq for image in found], following and following.seq) == ([9_100, 9_000], 9_000)
    found, following = Image.page(room, Cursor(9_000, None), 2)
    assert ([image.seq for image in found], following) == ([1], None)


def test_a_page_of_pictures_ends_after_so_much_of_the_log_and_goes_on(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = world.room()
    shown(world.bob, room_id)
    monkeypatch.setattr("chat.models.image.listable.MOST_WINDOWS", 3)
    cursor: Cursor | None = Cursor(20_000, None)
    seqs, pages = list[int | None](), 0
    while cursor and pages < 30:
        found, cursor = Image.page(id_from(room_id), cursor, 2)  # type: ignore[arg-type]
        seqs, pages = seqs + [image.seq for image in found], pages + 1
    assert seqs == [1]
    assert pages > 5


def test_a_picture_whose_message_outlived_a_crash_is_listed_after_the_sweep(
    world: World, app: Flask
) -> None:
    room_id = world.room()
    message = shown(world.bob, room_id)
    forgotten = {
        "message_id": None,
        "seq": None,
        "posted_at": None,
        "created_at": now() - timedelta(hours=25),
    }
    database["images"].update_one({"_id": id_from(ids(message)[0])}, {"$set": forgotten})
    assert gallery(world.bob, room_id)["images"] == []
    verbs.sweep()
    assert [
        (image["id"], image["seq"], image["created_at"])
        for image in gallery(world.bob, room_id)["images"]
    ] == [(*ids(message), message["seq"], message["created_at"])]


def test_the_pictures_of_a_deleted_message_are_gone_at_once_and_free(
    world: World, app: Flask
) -> None:
    room_id = world.room()
    message, other = shown(world.bob, room_id, 2), shown(world.bob, room_id)
    assert world.bob.delete(f"/messages/{message['id']}").status_code == 200
    assert [image["id"] for image in gallery(world.carol, room_id)["images"]] == ids(other)
    for image_id in ids(message):
        for person in (world.bob, world.carol):
            assert person.get(f"/images/{image_id}").status_code == 404
            assert person.get(f"/images/{image_id}/thumbnail").status_code == 404
        assert (
            database["pictures.chunks"].count_documents(
                {"files_id": {"$in": [f"{image_id}/original", f"{image_id}/thumbnail"]}}
            )
            == 0
        )
    kept = database["images"].find_one({"_id": id_from(ids(other)[0])})
    assert kept
    assert image_quota.bytes_of(kept["uploader_id"]) == kept["stored"]
