"""Avatars: who may see them, and what is stored of them."""

from __future__ import annotations

import io
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from flask import Flask

from chat.controllers import avatars as verbs
from chat.models.avatar import Avatar
from chat.models.database import database
from chat.models.document import id_from
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.colours import COLOURS, colour_of
from chat.utils.encryption import CannotOpen
from tests.helpers import pictures
from tests.helpers.pictures import Image, written
from tests.helpers.uploads import choose, chosen
from tests.helpers.world import Person, World


def see(person: Person, url: str, **headers: str) -> requests.Response:
    return person.ask("GET", url.removeprefix("/api/v1"), headers=headers)


def kept_of(person: Person) -> tuple[int, int, int]:
    """Return how many avatars, files and chunks of a person are stored."""
    ids = [
        str(record["_id"]) for record in database["avatars"].find({"user_id": id_from(person.id)})
    ]
    names = [f"{avatar_id}/{size}" for avatar_id in ids for size in (48, 96, 256)]
    files = database["pictures.files"].count_documents({"_id": {"$in": names}})
    return (
        len(ids),
        files,
        database["pictures.chunks"].count_documents({"files_id": {"$in": names}}),
    )


def test_a_chosen_picture_stands_for_its_person_everywhere(world: World) -> None:
    room_id = world.room()
    carol = world.carol.listen()
    assert world.bob.get("/me").json()["avatar_url"] is None
    url = chosen(world.bob)
    assert world.bob.get("/me").json()["avatar_url"] == url
    assert world.mallory.get(f"/users/{world.bob.id}").json()["avatar_url"] == url
    assert world.bob.say(room_id, "hello")["author"]["avatar_url"] == url
    assert carol.next("message:posted")["message"]["author"]["avatar_url"] == url
    assert (
        world.mallory.get("/users", params={"q": world.bob.username}).json()["users"][0][
            "avatar_url"
        ]
        == url
    )
    assert see(world.mallory, url).status_code == 200, "everybody who is signed in may see it"
    assert requests.get(world.server.url + url, timeout=5).status_code == 401


@pytest.mark.parametrize("size", [48, 96, 256])
def test_it_is_the_middle_of_the_picture_as_a_square(world: World, size: int) -> None:
    answer = see(world.carol, f"{chosen(world.bob)}&size={size}")
    assert answer.headers["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(answer.content)) as square:
        assert (square.format, square.size) == ("WEBP", (size, size))
        for place in ((1, 1), (size // 2, size // 2), (size - 2, size - 2)):
            red, green, blue = square.convert("RGB").getpixel(place)
            assert (red < 40, green > 200, blue < 40) == (True, True, True)


@pytest.mark.parametrize(
    "name",
    ["jpeg with GPS, turned", "gif, animated", "png with alpha", "one pixel", "a very long strip"],
)
def test_what_a_file_carries_does_not_survive(world: World, name: str) -> None:
    url = chosen(world.bob, pictures.accepted()[name])
    for size in (48, 96, 256):
        content = see(world.bob, f"{url}&size={size}").content
        assert pictures.PLANTED not in content
        with Image.open(io.BytesIO(content)) as square:
            assert (square.size, getattr(square, "n_frames", 1), dict(square.getexif())) == (
                (size, size),
                1,
                {},
            )


@pytest.mark.parametrize(
    "name", ["empty", "svg", "html", "jpeg, cut off", "png, cut off", "a bomb"]
)
def test_what_is_no_picture_is_refused_and_leaves_the_old_one(world: World, name: str) -> None:
    url = chosen(world.bob)
    data, code = pictures.refused()[name]
    answer = choose(world.bob, data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        {"too_large": 413, "unsupported_type": 415, "validation_failed": 422}[code],
        code,
    )
    assert world.bob.get("/me").json()["avatar_url"] == url
    assert see(world.carol, url).status_code == 200
    assert kept_of(world.bob) == (1, 3, 3)


def test_requests_without_a_picture_are_refused(world: World) -> None:
    assert world.bob.put("/me/avatar", {"image": "x"}).status_code == 400
    assert world.bob.ask("PUT", "/me/avatar", data={"image": "text"}).status_code == 400
    assert choose(world.bob, b"x" * 11_000_000).status_code == 413
    assert (
        requests.put(
            f"{world.server.url}/api/v1/me/avatar", files={"image": b"x"}, timeout=5
        ).status_code
        == 401
    )


def test_another_picture_has_another_url_and_the_old_one_is_gone_from_the_disk(
    world: World,
) -> None:
    first = chosen(world.bob)
    second = chosen(world.bob, written(pictures.gradient(), "PNG"))
    assert first != second
    assert kept_of(world.bob) == (1, 3, 3)
    assert see(world.carol, first).content == see(world.carol, second).content, (
        "an old page shows who it is now"
    )
    assert world.bob.delete("/me/avatar").status_code == 204
    assert world.bob.delete("/me/avatar").status_code == 204
    assert world.bob.get("/me").json()["avatar_url"] is None
    assert see(world.carol, second).status_code == 404
    assert kept_of(world.bob) == (0, 0, 0)


def test_of_several_choices_at_once_one_is_kept(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: chosen(world.bob), range(4)))
    url = world.bob.get("/me").json()["avatar_url"]
    assert see(world.carol, url).status_code == 200
    assert kept_of(world.bob) == (1, 3, 3)


def test_it_is_kept_by_browsers_as_long_as_it_is_the_one(world: World) -> None:
    url = chosen(world.bob)
    answer = see(world.carol, url)
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = see(world.carol, url, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert see(world.carol, url.partition("?")[0]).headers["Cache-Control"] == "private, no-cache"
    chosen(world.bob)
    assert see(world.carol, url).headers["Cache-Control"] == "private, no-cache", (
        "never another picture under this name"
    )
    assert see(world.carol, url, **{"If-None-Match": answer.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("query", ["size=47", "size=x", "size=1000000", "size=-96"])
def test_sizes_that_there_are_not(world: World, query: str) -> None:
    assert see(world.carol, f"{chosen(world.bob)}&{query}").status_code == 422


def test_who_has_none_is_not_there(world: World) -> None:
    for user_id in (world.bob.id, "f" * 24, "nonsense"):
        assert world.carol.get(f"/users/{user_id}/avatar").status_code == 404


def test_it_lies_sealed_and_opens_at_its_place_alone(world: World, app: Flask) -> None:
    content = see(world.bob, chosen(world.bob) + "&size=256").content
    chosen(world.carol)
    bobs, carols = (
        Avatar.find(User.avatar_id_now(id_from(person.id))) for person in (world.bob, world.carol)
    )  # type: ignore[arg-type]
    assert bobs and carols
    assert bobs.read(256) == content
    chunks = database["pictures.chunks"]
    kept = chunks.find_one({"files_id": f"{bobs.id}/256", "n": 0})
    foreign = chunks.find_one({"files_id": f"{carols.id}/256", "n": 0})
    smaller = chunks.find_one({"files_id": f"{bobs.id}/96", "n": 0})
    assert kept and foreign and smaller
    assert content[20:52] not in kept["data"]
    for altered in (
        foreign["data"],
        smaller["data"],
        kept["data"][:-1] + bytes([kept["data"][-1] ^ 1]),
        content,
    ):
        chunks.update_one({"_id": kept["_id"]}, {"$set": {"data": altered}})
        with pytest.raises(CannotOpen, match=str(bobs.id)):
            bobs.read(256)
    chunks.update_one({"_id": kept["_id"]}, {"$set": {"data": kept["data"]}})


def test_the_sweep_takes_what_a_crash_left_and_nothing_else(world: World, app: Flask) -> None:
    url, bob = chosen(world.bob), id_from(world.bob.id)
    assert bob
    cut = Avatar.begin(bob)  # died before its bytes were there
    Avatar.finish(
        whole := Avatar.begin(bob), bob, {96: io.BytesIO(b"x")}
    )  # died before it was the person's
    young = Avatar.begin(bob)  # may still be under way
    doubted = User.avatar_id_now(bob)  # died before it was exchanged for another
    assert doubted
    Avatar.unsettle(doubted)
    for avatar_id in (cut, whole, doubted):
        database["avatars"].update_one(
            {"_id": avatar_id}, {"$set": {"unsettled_since": now() - timedelta(hours=2)}}
        )
    assert verbs.sweep() == 2
    assert {record["_id"] for record in database["avatars"].find({"user_id": bob})} == {
        doubted,
        young,
    }
    assert database["pictures.chunks"].count_documents({"files_id": f"{whole}/96"}) == 0
    assert see(world.carol, url).status_code == 200
    assert verbs.sweep() == 0


def test_people_who_register_one_after_the_other_have_different_colours(app: Flask) -> None:
    people = [
        User.register(f"row-{secrets.token_hex(4)}", f"Row {number}", "hash")
        for number in range(COLOURS)
    ]
    assert len({colour_of(str(person.id)) for person in people}) == COLOURS


def test_colours_behind_initials_can_be_read(world: World) -> None:
    """White on each of them has a contrast of 4.5 at least, as WCAG asks of text."""
    style = requests.get(world.server.url + "/static/css/people.css", timeout=5).text
    colours = re.findall(r"\.colour-\d+ \{\s*background: #(\w{6});\s*\}", style)
    assert len(set(colours)) == COLOURS

    def light(hex_colour: str) -> float:
        channels = [int(hex_colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert {colour for colour in colours if 1.05 / (light(colour) + 0.05) < 4.5} == set()


def test_a_process_that_has_not_heard_of_a_change_shows_the_new_picture(
    world: World, app: Flask
) -> None:
    """This process caches people for some seconds; the server's process makes the change."""
    headers = {"Authorization": f"Bearer {world.carol.access_token}"}
    first = chosen(world.bob)
    assert app.test_client().get(first, headers=headers).status_code == 200, (
        "remembered from here on"
    )
    second = chosen(world.bob, written(pictures.gradient(), "PNG"))
    wanted = see(world.carol, second).content
    for url in (first, second):
        assert app.test_client().get(url, headers=headers).data == wanted
