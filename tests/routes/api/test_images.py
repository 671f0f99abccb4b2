"""Images through the API: who may see them, who owns them, what is stored of them."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from bson import Binary
from flask import Flask

from chat.controllers import images as verbs
from chat.models.database import database
from chat.models.document import id_from
from chat.models.image import Image
from chat.models.message import forget_opened
from chat.models.sealed_file import SEGMENT
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from tests.helpers import pictures
from tests.helpers.command_line import bin_chat
from tests.helpers.uploads import JPEG, show, upload, uploaded
from tests.helpers.world import World


def test_a_picture_is_uploaded_shown_in_a_message_and_seen_by_the_room(world: World) -> None:
    room_id = world.room("private")
    carol, mallory = world.carol.listen(), world.mallory.listen()
    image = upload(world.bob, room_id, alt="The ferry at dawn").json()
    assert (image["content_type"], image["width"], image["height"], image["alt"]) == (
        "image/jpeg",
        200,
        320,
        "The ferry at dawn",
    )
    assert show(world.carol, image).status_code == 404, (
        "until a message has it, it is its uploader's alone"
    )
    assert show(world.bob, image).status_code == 200

    said = world.bob.post(
        f"/rooms/{room_id}/messages", {"client_id": "c1", "image_ids": [image["id"]]}
    )
    assert (said.status_code, said.json()["images"], said.json()["body"]) == (201, [image], "")
    assert carol.next("message:posted")["message"]["images"] == [image]
    for which in ("url", "thumbnail_url"):
        seen = show(world.carol, image, which)
        assert seen.status_code == 200
        assert pictures.PLANTED not in seen.content
        assert show(world.mallory, image, which).status_code == 404
    assert mallory.hears_nothing_of("message:posted", room_id)
    assert world.carol.reads(room_id)["messages"][0]["images"] == [image]


def test_a_picture_is_described_before_it_is_sent(world: World) -> None:
    room_id = world.room()
    image = uploaded(world.bob, room_id)
    path = f"/images/{image['id']}"
    assert world.bob.patch(path, {"alt": "A ferry"}).json()["alt"] == "A ferry"
    assert world.carol.patch(path, {"alt": "mine"}).status_code == 404
    said = world.bob.post(
        f"/rooms/{room_id}/messages", {"client_id": "c1", "image_ids": [image["id"]]}
    ).json()
    assert said["images"][0]["alt"] == "A ferry"
    assert world.bob.patch(path, {"alt": "Another"}).status_code == 409
    assert world.carol.patch(path, {"alt": "mine"}).status_code == 409


def test_a_picture_is_served_safely(world: World) -> None:
    image = uploaded(world.bob, world.room())
    answer = show(world.bob, image)
    assert len(answer.content) == image["bytes"]
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Disposition"] == f"inline; filename={image['id']}.jpg"
    again = show(world.bob, image, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_parts_of_a_picture_are_read_without_the_whole(world: World) -> None:
    noise = pictures.written(pictures.Image.effect_noise((1600, 1400), 90), "PNG")
    image = uploaded(world.bob, world.room(), noise)
    assert image["bytes"] > SEGMENT, "more than one segment"
    whole = show(world.bob, image).content
    for first, last in (
        (0, 0),
        (10, 99),
        (SEGMENT - 5, SEGMENT + 5),
        (SEGMENT, SEGMENT),
        (image["bytes"] - 1, image["bytes"] - 1),
    ):
        part = show(world.bob, image, Range=f"bytes={first}-{last}")
        assert (part.status_code, part.headers["Content-Range"]) == (
            206,
            f"bytes {first}-{last}/{image['bytes']}",
        )
        assert part.content == whole[first : last + 1]
    assert show(world.bob, image, Range="bytes=-10").content == whole[-10:]
    assert show(world.bob, image, Range=f"bytes={image['bytes']}-").status_code == 416
    assert show(world.bob, image, Range="bytes=0-1,5-6").content == whole
    assert hashlib.sha256(whole).digest() == hashlib.sha256(show(world.bob, image).content).digest()


@pytest.mark.parametrize(
    "name", ["empty", "svg", "html", "zip", "jpeg, cut off", "png, cut off", "a bomb"]
)
def test_refusals_have_the_right_code_and_leave_nothing(world: World, name: str) -> None:
    data, code = pictures.refused()[name]
    before = database["images"].count_documents({}), database["pictures.files"].count_documents({})
    answer = upload(world.bob, world.room(), data)
    assert answer.json()["error"]["code"] == code
    assert (
        answer.status_code
        == {"too_large": 413, "unsupported_type": 415, "validation_failed": 422}[code]
    )
    assert (
        database["images"].count_documents({}),
        database["pictures.files"].count_documents({}),
    ) == before


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\r\nX-Evil: 1.png", "n" * 300 + ".png", "", "x.html", "\u202egnp.exe"],
)
def test_the_name_and_the_type_that_a_client_tells_do_not_matter(world: World, name: str) -> None:
    answer = upload(world.bob, world.room(), name=name or "x", kind="text/html")
    assert answer.status_code == 201
    assert "X-Evil" not in show(world.bob, answer.json()).headers


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif", "avif"])
def test_no_name_and_no_type_make_a_picture_of_what_is_none(world: World, ending: str) -> None:
    room_id = world.room()
    for name in ("svg", "html", "script"):
        answer = upload(
            world.bob, room_id, pictures.refused()[name][0], f"{name}.{ending}", f"image/{ending}"
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_type")


def test_what_a_browser_has_already_is_not_read_again(world: World, app: Flask) -> None:
    image = uploaded(world.bob, world.room())
    etag = show(world.bob, image, "thumbnail_url").headers["ETag"]
    database["pictures.chunks"].delete_many(
        {"files_id": f"{image['id']}/thumbnail"}
    )  # whoever reads it now fails
    assert show(world.bob, image, "thumbnail_url", **{"If-None-Match": etag}).status_code == 304


def test_requests_without_a_picture_are_refused(world: World) -> None:
    room_id = world.room()
    assert (
        world.bob.ask("POST", f"/rooms/{room_id}/images", data={"image": "text"}).status_code == 400
    )
    assert world.bob.post(f"/rooms/{room_id}/images", {"image": "x"}).status_code == 400
    assert upload(world.bob, room_id, JPEG, alt="a" * 3_000).status_code == 422
    assert upload(world.bob, room_id, b"x" * 11_000_000).status_code == 413
    assert upload(world.mallory, room_id).status_code == 404
    assert (
        requests.post(
            f"{world.server.url}/api/v1/rooms/{room_id}/images", files={"image": JPEG}, timeout=5
        ).status_code
        == 401
    )


def test_an_image_belongs_to_one_message(world: World) -> None:
    room_id, other_room = world.room(), world.room()
    image = uploaded(world.bob, room_id)
    path, body = (
        f"/rooms/{room_id}/messages",
        {"client_id": "c1", "body": "look", "image_ids": [image["id"]]},
    )
    assert world.carol.post(path, body).status_code == 422, "another person's"
    assert world.bob.post(f"/rooms/{other_room}/messages", body).status_code == 422, (
        "another room's"
    )
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda i: world.bob.post(path, body | {"client_id": f"c{i % 3}"}), range(6))
        )
    kept = [answer.json()["id"] for answer in answers if answer.status_code in (200, 201)]
    assert len(set(kept)) == 1, "whoever claimed it first, and its retry"
    assert len(kept) == 2
    assert world.bob.reads(room_id)["head_seq"] == 1
    winner = world.bob.reads(room_id)["messages"][0]["client_id"]
    assert world.bob.post(path, {"client_id": winner, "body": "look"}).status_code == 409, (
        "images are content"
    )


@pytest.mark.parametrize(
    "image_ids", [["nonsense"], ["f" * 24], "text", [None], ["f" * 24] * 11, {"$ne": None}]
)
def test_images_that_are_none(world: World, image_ids: object) -> None:
    room_id = world.room()
    answer = world.bob.post(
        f"/rooms/{room_id}/messages", {"client_id": "c", "body": "x", "image_ids": image_ids}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_failed")
    assert world.bob.reads(room_id)["head_seq"] == 0


def test_a_picture_is_nowhere_in_the_clear_and_what_was_altered_is_an_error(
    world: World, app: Flask
) -> None:
    image = uploaded(world.bob, world.room())
    content = show(world.bob, image).content
    chunks = database["pictures.chunks"]
    kept = chunks.find_one({"files_id": f"{image['id']}/original", "n": 0})
    assert kept
    for part in range(0, len(content) - 32, 997):
        assert content[part : part + 32] not in kept["data"]
    found = Image.find(id_from(image["id"]))  # type: ignore[arg-type]
    assert found
    assert b"".join(found.read(found.original, 0, found.original.bytes - 1)) == content

    other = uploaded(world.bob, world.room())
    foreign = chunks.find_one({"files_id": f"{other['id']}/original", "n": 0})
    assert foreign
    flipped = bytes([*kept["data"][:-1], kept["data"][-1] ^ 1])
    for altered in (flipped, foreign["data"], b"plain"):
        chunks.update_one({"_id": kept["_id"]}, {"$set": {"data": altered}})
        with pytest.raises(CannotOpen, match=image["id"]):
            list(found.read(found.original, 0, 10))
    chunks.delete_one({"_id": kept["_id"]})
    with pytest.raises(CannotOpen, match="missing"):
        list(found.read(found.original, 0, 10))
    assert database["pictures.chunks"].count_documents({"data": {"$in": [flipped]}}) == 0


def age(image: Any, hours: int = 25) -> None:
    database["images"].update_one(
        {"_id": id_from(image["id"])}, {"$set": {"created_at": now() - timedelta(hours=hours)}}
    )


def chunks_of(image: Any) -> int:
    return sum(
        database["pictures.chunks"].count_documents({"files_id": f"{image['id']}/{name}"})
        for name in ("original", "thumbnail")
    )


def test_the_sweep_takes_what_no_message_wanted_and_nothing_else(world: World, app: Flask) -> None:
    room_id = world.room()
    forgotten, fresh, sent, half, lapsed = (uploaded(world.bob, room_id) for _ in range(5))
    world.bob.post(f"/rooms/{room_id}/messages", {"client_id": "c1", "image_ids": [sent["id"]]})
    # The server died after the message was stored and before the image was linked to it.
    world.bob.post(f"/rooms/{room_id}/messages", {"client_id": "c2", "image_ids": [half["id"]]})
    database["images"].update_one({"_id": id_from(half["id"])}, {"$set": {"message_id": None}})
    # The server died after the claim, and the message never came.
    database["images"].update_one(
        {"_id": id_from(lapsed["id"])}, {"$set": {"claim": f"{world.bob.id}/never"}}
    )
    for image in (forgotten, sent, half, lapsed):
        age(image)
    broken = Image.begin(id_from(room_id), id_from(world.bob.id))  # type: ignore[arg-type]  # an upload that was cut
    database["images"].update_one(
        {"_id": broken}, {"$set": {"created_at": now() - timedelta(hours=25)}}
    )

    assert verbs.sweep() == 3
    assert [chunks_of(image) for image in (forgotten, lapsed)] == [0, 0]
    assert database["images"].find_one({"_id": broken}) is None
    for image, status in ((forgotten, 404), (lapsed, 404), (fresh, 200), (sent, 200), (half, 200)):
        assert show(world.bob, image).status_code == status
    assert verbs.sweep() == 0, "and to sweep again is harmless"
    assert bin_chat(app, "sweep").output == "0 pictures deleted.\n"


def test_a_picture_of_a_refused_message_never_becomes_one_of_the_message_that_was_sent(
    world: World, app: Flask
) -> None:
    room_id = world.room()
    first, second, third = (uploaded(world.bob, room_id) for _ in range(3))

    def send(client_id: str, *images: Any) -> Any:
        image_ids = [image["id"] for image in images]
        wanted = {"client_id": client_id, "image_ids": image_ids}
        return world.bob.post(f"/rooms/{room_id}/messages", wanted)

    assert send("c1", first).status_code == 201
    assert send("c1", first, second).json()["error"]["code"] == "conflict"
    assert send("c2", second).status_code == 201, "the refused message holds it no more"
    # A claim that outlived its refusal, because the server died in between.
    claimed = {"$set": {"claim": f"{world.bob.id}/c1"}}
    database["images"].update_one({"_id": id_from(third["id"])}, claimed)
    for image in (first, second, third):
        age(image)
    assert verbs.sweep() == 1
    listed = world.bob.get(f"/rooms/{room_id}/images").json()["images"]
    assert {image["id"] for image in listed} == {first["id"], second["id"]}


def test_a_damaged_message_keeps_no_other_picture_from_the_sweep(
    world: World, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    room_id = world.room()
    damaged, forgotten = (uploaded(world.bob, room_id) for _ in range(2))
    sent = {"client_id": "c1", "image_ids": [damaged["id"]]}
    message = world.bob.post(f"/rooms/{room_id}/messages", sent).json()
    its_record = {"_id": id_from(message["id"])}
    stored = database["log"].find_one(its_record, {"images": 1})
    assert stored
    database["log"].update_one(its_record, {"$set": {"images": Binary(b"damaged")}})
    unattached = {"$set": {"message_id": None}}
    database["images"].update_one({"_id": id_from(damaged["id"])}, unattached)
    for image in (damaged, forgotten):
        age(image)
    forget_opened()
    assert verbs.sweep() == 1
    assert "an image could not be swept" in caplog.text
    database["log"].update_one(its_record, {"$set": {"images": stored["images"]}})
    forget_opened()
    assert verbs.sweep() == 0
    assert show(world.carol, damaged).status_code == 200, "when it is mended, it has its picture"


def test_an_upload_that_is_cut_in_the_middle_leaves_nothing(world: World) -> None:
    room_id = world.room()
    before = database["images"].count_documents({})

    def cut() -> Any:
        yield (
            b'--b\r\nContent-Disposition: form-data; name="image"; filename="x.jpg"\r\n\r\n'
            + JPEG[:1000]
        )
        raise ConnectionError

    with pytest.raises((requests.RequestException, ConnectionError)):
        world.bob.ask(
            "POST",
            f"/rooms/{room_id}/images",
            data=cut(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
    assert world.bob.say(room_id, "still here")["seq"] == 1
    assert database["images"].count_documents({}) == before
