"""Repeated reads cost few bytes: ETag and 304, and gzip where it reveals nothing."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests

from chat.routes.encodings import LEAST_BYTES
from tests.helpers.uploads import uploaded
from tests.helpers.world import PASSWORD, Person, World, csrf_of

WEAK = re.compile(r'W/"[0-9a-f]{32}"')
LONG = "said at some length, as people do who have time for it, " * 4


def asked(person: Person, path: str, method: str = "GET", **headers: str) -> requests.Response:
    """Return the answer as it was transmitted: `content` is not decompressed."""
    bearer = {"Authorization": f"Bearer {person.access_token}", "Accept-Encoding": "identity"}
    url = f"{person.server.url}/api/v1{path}"
    answer = requests.request(method, url, headers=bearer | headers, timeout=10, stream=True)
    answer._content = answer.raw.read(decode_content=False)
    return answer


def talk(world: World) -> str:
    room_id = world.room()
    for number in range(12):
        world.bob.say(room_id, f"{number} {LONG}")
    return room_id


def lists_of(room_id: str, message_id: str) -> list[str]:
    return [
        "/rooms",
        "/rooms/browse",
        f"/rooms/{room_id}",
        f"/rooms/{room_id}/messages",
        f"/rooms/{room_id}/log",
        f"/rooms/{room_id}/pins",
        f"/rooms/{room_id}/members",
        f"/rooms/{room_id}/images",
        f"/messages/{message_id}",
        f"/messages/{message_id}/versions",
    ]


def test_who_has_it_already_is_answered_304(world: World) -> None:
    room_id = talk(world)
    message_id = world.bob.reads(room_id)["messages"][0]["id"]
    for path in lists_of(room_id, message_id):
        first = asked(world.bob, path)
        etag = first.headers["ETag"]
        assert WEAK.fullmatch(etag), path
        for known in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
            again = asked(world.bob, path, **{"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b""), (path, known)
            assert again.headers["ETag"] == etag
            assert "Content-Type" not in again.headers
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        for other in ('"x"', f'"{etag}"', ""):
            whole = asked(world.bob, path, **{"If-None-Match": other})
            assert (whole.status_code, whole.content) == (200, first.content), (path, other)
        head = asked(world.bob, path, "HEAD")
        assert (head.headers["ETag"], head.headers["Content-Length"]) == (
            etag,
            str(len(first.content)),
        )


def test_nobody_is_answered_304_who_may_not_see_it(world: World) -> None:
    room_id = talk(world)
    path = f"/rooms/{room_id}/messages"
    etag = asked(world.bob, path).headers["ETag"]
    for known in (etag, "*"):
        assert asked(world.mallory, path, **{"If-None-Match": known}).status_code == 404
        signed_out = requests.get(
            f"{world.server.url}/api/v1{path}", headers={"If-None-Match": known}, timeout=5
        )
        assert signed_out.status_code == 401


CHANGES: dict[str, Callable[[World, str, str], Any]] = {
    "a new message": lambda world, room, message: world.bob.say(room, "new"),
    "an edit": lambda world, room, message: world.bob.patch(
        f"/messages/{message}", {"body": "other"}
    ),
    "a reaction": lambda world, room, message: world.carol.put(f"/messages/{message}/reactions/👍"),
    "a pin": lambda world, room, message: world.carol.put(f"/messages/{message}/pin"),
    "a deletion": lambda world, room, message: world.bob.delete(f"/messages/{message}"),
    "another name of its author": lambda world, room, message: world.bob.patch(
        "/me", {"display_name": "Robert"}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_on_a_page_changes_its_etag(world: World, change: str) -> None:
    room_id = talk(world)
    path = f"/rooms/{room_id}/messages"
    message_id = world.bob.reads(room_id)["messages"][3]["id"]
    before = asked(world.bob, path)
    assert CHANGES[change](world, room_id, message_id)
    after = asked(world.bob, path, **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.content != before.content


def test_pages_that_differ_in_their_edges_differ_in_their_etags(world: World) -> None:
    room_id = talk(world)
    path = f"/rooms/{room_id}/messages"
    etags = [
        asked(world.bob, f"{path}?{query}").headers["ETag"]
        for query in (
            "",
            "limit=11",
            "after=1&limit=11",
            "before=12",
            "limit=12&after=0",
            "after=12",
        )
    ]
    assert (etags[0], etags[1]) == (etags[4], etags[2]), "the same page, however it is asked for"
    assert len(set(etags)) == 4


# gzip


def unpacked(answer: requests.Response) -> bytes:
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    return zlib.decompress(answer.content, 31)


def packs(answer: requests.Response) -> bool:
    return "Content-Encoding" in answer.headers


def test_what_is_in_one_room_is_compressed_for_who_takes_it(world: World) -> None:
    room_id = talk(world)
    for name in ("messages", "log"):
        path = f"/rooms/{room_id}/{name}"
        plain = asked(world.bob, path)
        assert not packs(plain)
        assert plain.headers["Vary"] == "Accept-Encoding"
        for accepted in (
            "gzip",
            "gzip, deflate, br",
            "deflate, GZIP;q=0.5",
            "br;q=1.0, gzip;q=0.1",
        ):
            answer = asked(world.bob, path, **{"Accept-Encoding": accepted})
            assert unpacked(answer) == plain.content, accepted
            assert len(answer.content) < len(plain.content) / 3
            assert (answer.headers["ETag"], answer.headers["Vary"]) == (
                plain.headers["ETag"],
                "Accept-Encoding",
            )
            assert answer.headers["Content-Type"] == "application/json"
        for accepted in ("", "identity", "br", "gzip;q=0", "deflate", "xgzip", "*;q=0"):
            assert not packs(asked(world.bob, path, **{"Accept-Encoding": accepted})), accepted
        known = asked(
            world.bob, path, **{"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]}
        )
        assert (known.status_code, known.content, packs(known)) == (304, b"", False)
        head = asked(world.bob, path, "HEAD", **{"Accept-Encoding": "gzip"})
        assert head.headers["Content-Encoding"] == "gzip"


def test_a_page_of_a_megabyte_is_compressed_whole(world: World) -> None:
    room_id = world.room()
    for number in range(60):
        world.bob.say(room_id, f"{number} " + "lorem ipsum dolor " * 400)
    path = f"/rooms/{room_id}/messages?limit=200"
    plain = asked(world.bob, path)
    assert len(plain.content) > 700_000
    assert unpacked(asked(world.bob, path, **{"Accept-Encoding": "gzip"})) == plain.content


def test_small_answers_mistakes_and_pictures_are_sent_as_they_are(world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "short")
    picture = uploaded(world.bob, room_id)
    world.bob.post(f"/rooms/{room_id}/messages", {"client_id": "p", "image_ids": [picture["id"]]})
    takes = {"Accept-Encoding": "gzip"}
    small = asked(world.bob, f"/rooms/{room_id}/messages?limit=1&before=2", **takes)
    assert (packs(small), len(small.content) < LEAST_BYTES) == (False, True)
    for path in (picture["url"], picture["thumbnail_url"]):
        shown = asked(world.bob, path.removeprefix("/api/v1"), **takes)
        assert (shown.status_code, packs(shown)) == (200, False)
        assert "Accept-Encoding" not in shown.headers.get("Vary", "")
    assert not packs(asked(world.bob, f"/rooms/{room_id}/messages?limit=x", **takes))


def test_what_mixes_rooms_or_holds_tokens_is_never_compressed(world: World) -> None:
    """Whoever writes into one of the rooms could find out, by lengths, what is said in another."""
    for number in range(12):
        room_id = world.room()
        world.bob.say(room_id, f"@{world.carol.username} {number} heliotrope {LONG}")
    takes = {"Accept-Encoding": "gzip"}
    for path in ("/mentions", "/search?q=heliotrope", "/rooms", "/rooms/browse", "/users?q=a"):
        answer = asked(world.carol, path, **takes)
        assert answer.status_code == 200
        assert len(answer.content) > LEAST_BYTES or path.startswith("/users"), path
        assert not packs(answer), path
    account = {"username": world.bob.username, "password": PASSWORD}
    login = requests.post(
        f"{world.server.url}/api/v1/auth/login", json=account, headers=takes, timeout=10
    )
    assert "Content-Encoding" not in login.headers


def test_what_a_cookie_asks_for_is_never_compressed(world: World) -> None:
    room_id = talk(world)
    values = {"chat_access": world.bob.access_token, "chat_csrf": csrf_of(world.bob.access_token)}
    cookies = {world.server.cookie(name): value for name, value in values.items()}
    for path in (f"/api/v1/rooms/{room_id}/messages", f"/rooms/{room_id}", "/rooms"):
        answer = requests.get(
            world.server.url + path,
            cookies=cookies,
            headers={"Accept-Encoding": "gzip"},
            timeout=10,
        )
        assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False), path


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_the_description_is_packed_once_and_known_again(world: World, path: str) -> None:
    plain = asked(world.bob, path)
    packed = asked(world.bob, path, **{"Accept-Encoding": "gzip"})
    assert unpacked(packed) == plain.content
    assert len(packed.content) < len(plain.content) / 4
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    known = asked(world.bob, path, **{"If-None-Match": plain.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_a_client_that_knows_nothing_of_it_reads_what_it_did(world: World) -> None:
    room_id = talk(world)
    page = world.bob.get(f"/rooms/{room_id}/messages")
    assert page.headers["Content-Encoding"] == "gzip", "requests asks for it by itself"
    assert json.loads(page.text) == world.carol.reads(room_id)
