"""Turns in decoding pictures: one person's many or heavy pictures delay nobody else's."""

from __future__ import annotations

import contextlib
import itertools
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest
import requests
from flask import Flask
from PIL import Image as Picture
from werkzeug.test import TestResponse

from chat.controllers import images, turns
from chat.models.database import database
from chat.models.document import id_from
from chat.models.user import User
from chat.utils.errors import RateLimited
from chat.utils.fair_queue import Line
from tests.helpers.pictures import gradient, written
from tests.helpers.servers import Server, tree_of, wait_until
from tests.helpers.world import Person, World, csrf_of

SMALL = written(gradient(50, 50), "PNG")


@pytest.fixture(scope="module")
def heavy() -> bytes:
    """Return a picture that costs several times the work of a small one."""
    return written(Picture.radial_gradient("L").resize((2500, 2200)), "GIF")


def upload(person: Person, room_id: str, data: bytes) -> requests.Response:
    """Upload with a long timeout: the machine may be busy, and decoders have low priority."""
    return requests.post(
        f"{person.server.url}/api/v1/rooms/{room_id}/images",
        files={"image": data},
        timeout=100,
        headers={"Authorization": f"Bearer {person.access_token}"},
    )


def test_a_small_picture_comes_before_the_rest_of_somebodys_heavy_ones(
    world: World, heavy: bytes
) -> None:
    room_id, order, lock = world.room(), [], threading.Lock()
    world.mallory.join(room_id)

    def send(person: Person, data: bytes) -> int:
        answer = upload(person, room_id, data)
        with lock:
            order.append(person.name)
        return answer.status_code

    with ThreadPoolExecutor(5) as pool:
        heavies = [pool.submit(send, world.mallory, heavy) for _ in range(3)]
        wait_until(
            lambda: decoders(world.server),
            "mallory's first one is being read",
            60,
        )
        assert pool.submit(send, world.bob, SMALL).result(100) == 201
        assert {each.result(100) for each in heavies} == {201}
    assert order.index("bob") <= 2, f"after those that were under way: {order}"


def test_more_than_a_few_of_one_person_are_refused_with_when_to_come_again(
    world: World, heavy: bytes
) -> None:
    room_id = world.room()
    with ThreadPoolExecutor(7) as pool:
        answers = list(pool.map(lambda _: upload(world.bob, room_id, heavy), range(7)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert sorted(answer.status_code for answer in answers if answer not in refused) == [201] * 3
    assert [answer.json()["error"]["code"] for answer in refused] == ["rate_limited"] * 4
    assert all(
        int(answer.headers["Retry-After"]) == answer.json()["error"]["retry_after"] > 0
        for answer in refused
    )
    assert database["images"].count_documents({"uploader_id": id_from(world.bob.id)}) == 3


def test_an_upload_that_is_broken_off_is_dropped(world: World, heavy: bytes) -> None:
    room_id = world.room()
    body = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="x.gif"\r\n\r\n'
        + heavy
        + b"\r\n--b--\r\n"
    )
    head = (
        f"POST /api/v1/rooms/{room_id}/images HTTP/1.1\r\nHost: 127.0.0.1:{world.server.port}\r\n"
        f"Authorization: Bearer {world.bob.access_token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    lines = [socket.create_connection(("127.0.0.1", world.server.port), 20) for _ in range(3)]
    for line in lines:
        line.sendall(head.encode() + body)
    wait_until(lambda: decoders(world.server), "one is being read, two wait", 60)
    for line in lines:
        line.close()
    wait_until(lambda: not decoders(world.server), "all ended", 60)
    assert database["images"].count_documents({"uploader_id": id_from(world.bob.id)}) == 0
    assert upload(world.bob, room_id, SMALL).status_code == 201


def decoders(server: Server) -> list[Path]:
    """Return the processes of this server that decode pictures."""
    assert server.process
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(") ")[2].split()[1])
            if (
                parent in tree_of(server.process.pid)
                and b"picture_worker.py" in (folder / "cmdline").read_bytes()
            ):
                found.append(folder)
    return found


# all doors wait in the one queue


@pytest.fixture
def no_free_turn() -> Iterator[Callable[[], None]]:
    """Block the decoding of pictures until the yielded function is called."""
    with contextlib.ExitStack() as held:
        number = itertools.count()
        while turns.PICTURES._running.total() < turns.PICTURES._at_once:
            line = Line("the test", running_each=1, waiting_each=1, waiting_in_all=1)
            held.enter_context(turns.PICTURES.turn(line, next(number)))
        yield held.close


def test_avatars_and_pictures_of_a_person_wait_in_one_line_at_every_door(
    app: Flask, world: World, no_free_turn: Callable[[], None], tmp_path: Path
) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(SMALL)
    room_id = world.room()

    def send(method: str, path: str) -> TestResponse:
        client = app.test_client()
        client.set_cookie(world.server.cookie("chat_access"), world.bob.access_token)
        headers = {"Origin": world.server.url, "X-CSRF-TOKEN": csrf_of(world.bob.access_token)}
        fields = {"client_id": "c1"} if path.endswith("messages") else {}
        with picture.open("rb") as file:
            return client.open(
                path, method=method, data=fields | {"image": (file, "x.png")}, headers=headers
            )

    doors: list[tuple[str, str]] = [
        ("PUT", "/api/v1/me/avatar"),
        ("POST", f"/api/v1/rooms/{room_id}/images"),
        ("POST", "/settings/profile/avatar"),
        ("POST", f"/rooms/{room_id}/messages"),
    ]
    with ThreadPoolExecutor(4) as pool:
        waiting: list[Future[TestResponse]] = []
        for number, door in enumerate(doors[:2]):
            waiting.append(pool.submit(send, *door))
            wait_until(
                lambda number=number: turns.PICTURES.waiting(turns.PEOPLE) > number, "it waits"
            )
        for door in doors:
            refused = send(*door)
            assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True), (
                door
            )
        no_free_turn()
        assert [answer.result(30).status_code for answer in waiting] == [200, 201]
    assert [send(*door).status_code for door in doors[2:]] == [303, 303]


def test_a_picture_that_waits_takes_no_more_of_the_disk_than_was_sent(
    world: World, no_free_turn: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files for a picture's renditions are created only in its turn."""
    bob, made = User.find_by_username(world.bob.username), []
    assert bob
    room_id, make_file = world.room(), tempfile.TemporaryFile

    def file_made() -> IO[bytes]:
        made.append("a file")
        return make_file()

    def upload_here() -> None:
        with make_file() as file:
            file.write(SMALL)
            images.upload(bob, room_id, file)

    monkeypatch.setattr(tempfile, "TemporaryFile", file_made)
    with ThreadPoolExecutor(2) as pool:
        waiting = []
        for number in range(2):
            waiting.append(pool.submit(upload_here))
            wait_until(
                lambda number=number: turns.PICTURES.waiting(turns.PEOPLE) > number, "it waits"
            )
        with pytest.raises(RateLimited):
            upload_here()
        assert made == []
        no_free_turn()
        for each in waiting:
            each.result(30)
    assert len(made) == 4
