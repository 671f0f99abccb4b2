"""Quotas of image bytes: of a person, and of everybody together."""

from __future__ import annotations

import dataclasses
import io
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask

from chat import extensions
from chat.controllers import images as verbs
from chat.models import image_quota
from chat.models.database import database
from chat.models.document import id_from
from chat.models.image import Image
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import ChatError
from config import Settings
from tests.helpers import pictures
from tests.helpers.uploads import uploaded
from tests.helpers.world import Person, World

JPEG = pictures.accepted()["jpeg in grey"]
Quotas = Callable[..., None]


@pytest.fixture
def quotas(app: Flask, settings: Settings) -> Iterator[Quotas]:
    """Return the chat inside this process with other quotas."""

    def bind(person: int = 0, everybody: int = 0) -> None:
        changed = dataclasses.replace(
            settings, image_quota_bytes_per_person=person, image_quota_bytes=everybody
        )
        extensions.bind_settings(changed)

    yield bind
    extensions.bind_settings(settings)


def used(person: Person) -> int:
    return image_quota.bytes_of(id_from(person.id) or "")


def size_of(image_id: Any) -> int:
    record = database["images"].find_one({"_id": id_from(str(image_id))})
    assert record
    return int(record["bytes"] + record["thumbnail"]["bytes"])


def upload_here(person: Person, room_id: str) -> Image | ChatError:
    """Upload to this process, which has the quotas; return the image, or why it was refused."""
    user = User.find(id_from(person.id))  # type: ignore[arg-type]
    assert user
    with tempfile.TemporaryFile() as file:
        file.write(JPEG)
        try:
            return verbs.upload(user, room_id, file)
        except ChatError as refusal:
            return refusal


def test_both_renditions_count_and_are_free_again_when_it_is_discarded(
    world: World, app: Flask
) -> None:
    room_id, everybody = world.room(), image_quota.bytes_of(image_quota.EVERYBODY)
    first, second = uploaded(world.bob, room_id), uploaded(world.bob, room_id)
    assert used(world.bob) == size_of(first["id"]) + size_of(second["id"])
    assert image_quota.bytes_of(image_quota.EVERYBODY) == everybody + used(world.bob)
    left = size_of(second["id"])
    for _ in range(2):
        Image.discard(id_from(first["id"]))  # type: ignore[arg-type]
    assert used(world.bob) == left, "and to discard again gives nothing back"
    Image.discard(id_from(second["id"]))  # type: ignore[arg-type]
    assert (used(world.bob), image_quota.bytes_of(image_quota.EVERYBODY)) == (0, everybody)


def test_of_two_who_discard_one_gives_back(world: World, app: Flask) -> None:
    room_id = world.room()
    kept, image = uploaded(world.bob, room_id), uploaded(world.bob, room_id)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Image.discard(id_from(image["id"])), range(4)))  # type: ignore[arg-type]
    assert used(world.bob) == size_of(kept["id"])


def test_a_refused_or_broken_upload_takes_nothing(world: World) -> None:
    before = image_quota.bytes_of(image_quota.EVERYBODY)
    answer = world.bob.ask(
        "POST",
        f"/rooms/{world.room()}/images",
        files={"image": pictures.refused()["jpeg, cut off"][0]},
    )
    assert answer.status_code == 422
    assert (used(world.bob), image_quota.bytes_of(image_quota.EVERYBODY)) == (0, before)


def test_who_keeps_as_much_as_one_may_is_told_which_quota_it_was(
    world: World, app: Flask, quotas: Quotas
) -> None:
    room_id = world.room()
    image = upload_here(world.bob, room_id)
    assert isinstance(image, Image)
    quotas(person=2 * size_of(image.id) - 1)
    headers = {"Authorization": f"Bearer {world.bob.access_token}"}
    answer = app.test_client().post(
        f"/api/v1/rooms/{room_id}/images",
        data={"image": (io.BytesIO(JPEG), "x.jpg")},
        headers=headers,
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")
    assert "one person" in answer.json["error"]["message"]
    assert used(world.bob) == size_of(image.id)
    assert database["images"].count_documents({"uploader_id": id_from(world.bob.id)}) == 1
    assert isinstance(upload_here(world.carol, room_id), Image), (
        "another person has room of their own"
    )
    Image.discard(image.id)
    assert isinstance(upload_here(world.bob, room_id), Image), "what was discarded is free"


def test_the_server_has_a_quota_too(world: World, app: Flask, quotas: Quotas) -> None:
    room_id = world.room()
    quotas(everybody=image_quota.bytes_of(image_quota.EVERYBODY) + 10)
    refusal = upload_here(world.bob, room_id)
    assert isinstance(refusal, ChatError)
    assert (refusal.code, refusal.message) == ("too_large", image_quota.SERVER_IS_FULL)
    assert used(world.bob) == 0


def test_uploads_at_once_do_not_pass_a_quota_together(
    world: World, app: Flask, quotas: Quotas
) -> None:
    room_id = world.room()
    size = size_of(uploaded(world.carol, room_id, JPEG)["id"])
    quotas(person=3 * size)
    with ThreadPoolExecutor(
        4
    ) as pool:  # more at once of one person are refused before they are looked at
        results = list(pool.map(lambda _: upload_here(world.bob, room_id), range(8)))
    assert sum(isinstance(result, Image) for result in results) == 3
    assert {result.code for result in results if isinstance(result, ChatError)} == {"too_large"}
    assert used(world.bob) == 3 * size


@pytest.mark.parametrize("drift", [1_000, -50])
def test_a_counter_that_a_crash_left_wrong_is_mended_when_it_is_quiet(
    world: World, app: Flask, drift: int
) -> None:
    uploaded(world.bob, world.room())
    bob, right = id_from(world.bob.id), used(world.bob)
    everybody = image_quota.bytes_of(image_quota.EVERYBODY)
    for who in (bob, image_quota.EVERYBODY):
        database["usage"].update_one({"_id": who}, {"$inc": {"bytes": drift}})
    image_quota.recount()
    assert used(world.bob) == right + drift, "an upload may be under way: not touched yet"
    for who in (bob, image_quota.EVERYBODY):
        database["usage"].update_one(
            {"_id": who}, {"$set": {"changed_at": now() - timedelta(minutes=1)}}
        )
    verbs.sweep()
    assert used(world.bob) == right
    database["usage"].update_one(
        {"_id": image_quota.EVERYBODY}, {"$set": {"changed_at": now() - timedelta(minutes=1)}}
    )
    verbs.sweep()
    others = sum(
        record["bytes"]
        for record in database["usage"].find({"_id": {"$ne": image_quota.EVERYBODY}})
    )
    assert image_quota.bytes_of(image_quota.EVERYBODY) == others
    assert everybody >= right
    assert database["usage"].find_one({"_id": bob, "counted": True}), (
        "and not counted again until it changes"
    )


def test_the_account_page_says_how_much_it_is(world: World) -> None:
    uploaded(world.bob, world.room())
    page = requests.get(
        world.server.url + "/settings/profile",
        cookies={world.server.cookie("chat_access"): world.bob.access_token},
        timeout=5,
    ).text
    assert "Storage: 0 bytes" not in page
    assert "kB of 1 GB used by your pictures" in page
