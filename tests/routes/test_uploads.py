"""Large bodies: the sender is checked before the body is read, and sends one at a time."""

from __future__ import annotations

import html
import io
import os
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from PIL import Image as Pillow

from config import Settings
from tests.helpers import photos, pictures
from tests.helpers.raw_http import Answer, open_line, read_answer, read_to_end
from tests.helpers.servers import Server, new_chat
from tests.helpers.world import Person, World, csrf_of

HUGE = 100_000_000
BOUNDARY = "x-boundary"
FORM = (
    f"--{BOUNDARY}\r\n".encode()
    + b'Content-Disposition: form-data; name="image"; filename="x.png"\r\n\r\n'
    + b"x" * 100_000
    + f"\r\n--{BOUNDARY}--\r\n".encode()
)


def head(
    server: Server, path: str, *headers: str, framing: str = f"Content-Length: {HUGE}"
) -> bytes:
    method = "PUT" if path.endswith("/me/avatar") else "POST"
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: localhost:{server.port}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        framing,
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def at_once(
    server: Server, path: str, *headers: str, framing: str = f"Content-Length: {HUGE}"
) -> Answer:
    """Return the answer to a request whose body never comes."""
    with open_line(server.port) as line:
        line.sendall(head(server, path, *headers, framing=framing))
        answer = read_answer(line)
        line.shutdown(socket.SHUT_WR)
        assert answer.headers["connection"] == "close", "its rest is not waited for"
        assert not read_to_end(line)
    return answer


def own(server: Server) -> str:
    return f"Origin: http://localhost:{server.port}"


@pytest.fixture
def room_id(world: World) -> str:
    return world.room()


@pytest.mark.parametrize("framing", [f"Content-Length: {HUGE}", "Transfer-Encoding: chunked"])
def test_a_stranger_is_answered_before_anything_is_read(
    world: World, room_id: str, framing: str
) -> None:
    server = world.server
    for path in (f"/rooms/{room_id}/messages", "/settings/profile/avatar"):
        for cookie in ((), ("Cookie: chat_access=nonsense; chat_refresh=nonsense",)):
            answer = at_once(server, path, own(server), *cookie, framing=framing)
            assert (answer.status, answer.headers["location"]) == (302, "/login")
        assert at_once(server, path, framing=framing).status == 403, "no page of ours sends it"
        assert (
            at_once(
                server,
                path,
                f"Cookie: {world.server.cookie('chat_access')}={world.bob.access_token}",
                framing=framing,
            ).status
            == 403
        )
    for path in (f"/api/v1/rooms/{room_id}/images", "/api/v1/me/avatar"):
        assert at_once(server, path, framing=framing).status == 401
        assert (
            at_once(server, path, "Authorization: Bearer nonsense", framing=framing).status == 401
        )
        cookie = f"Cookie: {world.server.cookie('chat_access')}={world.bob.access_token}"
        assert at_once(server, path, own(server), cookie, framing=framing).status == 401, (
            "without a CSRF header"
        )


def test_who_may_not_upload_it_is_answered_before_anything_is_read(
    world: World, room_id: str
) -> None:
    server, ten_megabytes = world.server, "Content-Length: 9000000"
    for person, status in ((world.mallory, 404), (world.bob, 413)):
        bearer = f"Authorization: Bearer {person.access_token}"
        cookies = own(server), f"Cookie: {world.server.cookie('chat_access')}={person.access_token}"
        framing = ten_megabytes if person is world.mallory else f"Content-Length: {2 * HUGE}"
        assert (
            at_once(server, f"/api/v1/rooms/{room_id}/images", bearer, framing=framing).status
            == status
        )
        assert (
            at_once(server, f"/rooms/{room_id}/messages", *cookies, framing=framing).status
            == status
        )


@pytest.fixture
def with_a_small_quota(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    quota = "1000000"
    with new_chat(folder, settings.mongo_uri, IMAGE_QUOTA_BYTES_PER_PERSON=quota) as server:
        yield server


def test_who_has_no_room_for_it_is_told_before_anything_is_read(
    app: Flask, with_a_small_quota: Server
) -> None:
    server = with_a_small_quota
    with app.app_context():
        world = World(server)
        room_id = world.room()
        answer = at_once(
            server,
            f"/api/v1/rooms/{room_id}/images",
            f"Authorization: Bearer {world.bob.access_token}",
            framing="Content-Length: 2000000",
        )
        assert (answer.status, b"one person" in answer.rest) == (413, True)
        cookie = f"Cookie: {world.server.cookie('chat_access')}={world.bob.access_token}"
        answer = at_once(
            server,
            f"/rooms/{room_id}/messages",
            own(server),
            cookie,
            framing="Content-Length: 2000000",
        )
        assert (answer.status, b"one person" in answer.rest) == (413, True)
        assert world.bob.say(room_id, "but I may speak")


def noise() -> bytes:
    """Return a picture of more than 64 kB."""
    file = io.BytesIO()
    Pillow.frombytes("RGB", (250, 250), os.urandom(250 * 250 * 3)).save(file, "PNG")
    assert file.tell() > 150_000
    return file.getvalue()


def test_a_large_picture_is_taken_at_every_door(world: World, room_id: str) -> None:
    picture, server = noise(), world.server
    answer = world.bob.ask("POST", f"/rooms/{room_id}/images", files={"image": picture})
    assert answer.status_code == 201, answer.text
    cookies = {world.server.cookie("chat_access"): world.bob.access_token}
    fields = {
        "csrf_token": csrf_of(world.bob.access_token),
        "client_id": secrets.token_hex(4),
        "body": "look",
    }
    page = requests.post(
        f"{server.url}/rooms/{room_id}/messages",
        data=fields,
        files={"image": ("x.png", picture)},
        cookies=cookies,
        headers={"Origin": server.url},
        timeout=20,
    )
    assert (page.status_code, "look" in page.text) == (200, True)
    assert world.carol.reads(room_id)["messages"][-1]["images"]
    without = requests.post(
        f"{server.url}/rooms/{room_id}/messages",
        data=fields | {"csrf_token": ""},
        files={"image": ("x.png", picture)},
        cookies=cookies,
        headers={"Origin": server.url},
        timeout=20,
    )
    assert without.status_code == 403


def at_a_page(person: Person, path: str, file: tuple[str, bytes, str]) -> requests.Response:
    """Return the answer to a form with a picture, in a browser without JavaScript."""
    server = person.server
    fields = {"csrf_token": csrf_of(person.access_token), "client_id": secrets.token_hex(4)}
    return requests.post(
        f"{server.url}{path}",
        data=fields,
        files={"image": file},
        cookies={server.cookie("chat_access"): person.access_token},
        headers={"Origin": server.url},
        timeout=20,
    )


def refusals() -> dict[str, tuple[bytes, int]]:
    known = pictures.refused()
    heic = photos.written(photos.quarters(), "HEIF")
    return {
        "no picture": (known["html"][0], 415),
        "a film": (b"\0\0\0\x18ftypmp42" + bytes(200), 415),
        "too many pixels": (known["a bomb"][0], 413),
        "too many bytes": (bytes(10 * 2**20 + 1), 413),
        "half a JPEG": (known["jpeg, cut off"][0], 422),
        "half a HEIC": (heic[: len(heic) // 2], 422),
    }


@pytest.mark.parametrize("name", refusals())
def test_a_refusal_reads_the_same_at_every_door(world: World, room_id: str, name: str) -> None:
    data, status = refusals()[name]
    said = set()
    for method, path in (("POST", f"/rooms/{room_id}/images"), ("PUT", "/me/avatar")):
        answer = world.bob.ask(method, path, files={"image": ("x.jpg", data, "image/jpeg")})
        assert answer.status_code == status
        said.add(answer.json()["error"]["message"])
    (sentence,) = said
    for path in (f"/rooms/{room_id}/messages", "/settings/profile/avatar"):
        page = at_a_page(world.bob, path, ("x.jpg", data, "image/jpeg"))
        assert page.status_code == status
        assert sentence in html.unescape(page.text)
    assert world.carol.reads(room_id)["head_seq"] == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "HEIF"])
def test_content_decides_whatever_a_file_is_called(world: World, room_id: str, kind: str) -> None:
    data = photos.written(photos.quarters(), kind)
    for name, declared in (
        ("photo", ""),
        ("photo.pdf", "application/pdf"),
        ("photo.gif", "image/gif"),
        ("photo.JPG", "image/png"),
    ):
        file = (name, data, declared)
        answer = world.bob.ask("POST", f"/rooms/{room_id}/images", files={"image": file})
        assert answer.status_code == 201, answer.text
        assert (answer.json()["width"], answer.json()["height"]) == (96, 64)
        assert at_a_page(world.bob, f"/rooms/{room_id}/messages", file).status_code == 200
    assert world.bob.ask("PUT", "/me/avatar", files={"image": file}).status_code == 200


def begin_upload(person: Person, room_id: str) -> socket.socket:
    """Send the first half of an upload."""
    line = open_line(person.server.port, 20)
    bearer = f"Authorization: Bearer {person.access_token}"
    line.sendall(
        head(
            person.server,
            f"/api/v1/rooms/{room_id}/images",
            bearer,
            framing=f"Content-Length: {len(FORM)}",
        )
    )
    line.sendall(FORM[:50_000])
    time.sleep(0.3)  # until it has its turn, or waits for it
    return line


def is_answered(line: socket.socket, seconds: float) -> bool:
    line.settimeout(seconds)
    try:
        return bool(line.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
    finally:
        line.settimeout(20)


def finish(line: socket.socket) -> None:
    with line:
        line.sendall(FORM[50_000:])
        assert read_answer(line).status == 415, (
            "it is no picture, which is told when all of it has come"
        )


def test_a_person_uploads_one_after_the_other_and_others_do_not_wait_for_them(
    world: World, room_id: str
) -> None:
    first = begin_upload(world.bob, room_id)
    second, others = begin_upload(world.bob, room_id), begin_upload(world.carol, room_id)
    finish(others)
    second.sendall(FORM[50_000:])
    assert not is_answered(second, 0.7), "it waits for the first"
    assert (
        world.bob.ask("POST", f"/rooms/{room_id}/images", files={"image": b"tiny"}).status_code
        == 415
    ), "this does not"
    finish(first)
    assert read_answer(second).status == 415
    second.close()


def test_an_upload_that_is_given_up_ends_its_turn(world: World, room_id: str) -> None:
    begin_upload(world.bob, room_id).close()
    finish(begin_upload(world.bob, room_id))


def test_a_network_uploads_three_at_once(world: World, room_id: str) -> None:
    people = [world.alice, world.bob, world.carol, Person(world, "dave")]
    people[3].join(room_id)
    lines = [begin_upload(person, room_id) for person in people[:3]]
    fourth = begin_upload(people[3], room_id)
    fourth.sendall(FORM[50_000:])
    assert not is_answered(fourth, 0.7)
    for line in lines:
        finish(line)
    assert read_answer(fourth).status == 415
    fourth.close()
