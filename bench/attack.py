"""Every route and event hammered by one account or one address, while somebody else goes on talking: how long do they wait?

    bin/bench attack [--only search] [--seconds 6]

Limits are on, as in real use. The routes come from the application's own map, so a new one is attacked without a word here;
what needs a hostile body has it in PAYLOADS. Fails when a bystander's send takes longer than MOST at the 99th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, current_app
from PIL import Image

from bench.hammer import NUMBER
from bench.own import own_database, own_world
from chat.routes.sockets import EVENTS
from tests.faults.sockets import Socket
from tests.servers import tree_of
from tests.world import PASSWORD, Person, World, csrf_of

MOST = 200            # ms: a bystander's send, of 99 in 100
SENDS = 20            # a second, by two people
CONNECTIONS = 16
SETTLE_SECONDS = 1.0  # between two attacks
MEMORY_SECONDS = 10.0  # after the last one, until memory is looked at
MARKS = "a" + "\u0316\u0301\u0323\u0300" * 2_000
BOMB = " ".join(["一" * 22] * 19) + ' "b a"'
MULTIPART = "multipart/form-data; boundary=x"


@dataclass
class Attack:
    name: str
    request: bytes = b""
    event: str = ""
    payload: Any = None


@dataclass
class Outcome:
    name: str
    answers: Counter[str]
    waits: list[float]  # milliseconds
    refused: int        # of the bystanders' sends
    memory: int         # bytes, right after
    disk: int           # bytes more than before

    @property
    def p99(self) -> float:
        return sorted(self.waits)[int(len(self.waits) * 0.99)] if self.waits else float("inf")


def describe(options: argparse.ArgumentParser) -> None:
    options.add_argument("--seconds", type=float, default=6.0, help="how long each attack lasts")
    options.add_argument("--only", default="", help="attacks whose name has one of these in it, with commas between them")
    options.add_argument("--json", type=Path, help="write the figures there too")


def run(wanted: argparse.Namespace) -> None:
    with own_database() as embedded, own_world(embedded, RATE_LIMITS="on") as world:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        parts = wanted.only.split(",")
        attacks = [attack for attack in _attacks(app, world) if any(part in attack.name for part in parts)]
        outcomes, memory = asyncio.run(_play(world, attacks, wanted.seconds, embedded._store))
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.p99)[:10]:
        print(f"slowest: {outcome.name}: p99 {outcome.p99:.0f} ms")
    print(f"memory: {memory[0] / 2**20:.0f} MB before, {memory[1] / 2**20:.0f} MB after", flush=True)
    if wanted.json:
        wanted.json.write_text(json.dumps([vars(each) | {"p99": each.p99} for each in outcomes], indent=1) + "\n")
    if late := [outcome.name for outcome in outcomes if outcome.p99 > MOST or outcome.refused]:
        raise SystemExit(f"a bystander waited longer than {MOST} ms, or was refused, beside: {', '.join(late)}")


async def _play(world: World, attacks: list[Attack], seconds: float, store: Path) -> tuple[list[Outcome], tuple[int, int]]:
    bystanders = await _Bystanders.come(world)
    await bystanders.talk(2.0)
    calm, refused = await bystanders.talk(seconds)
    before = _memory(world)
    outcomes = [Outcome("nobody attacks", Counter(), calm, refused, before, 0)]
    _show(outcomes[0])
    for attack in attacks:
        disk, hammering = _size(store), asyncio.create_task(_hammer(world, attack, seconds))
        waits, refused = await bystanders.talk(seconds)
        answers = await hammering
        outcomes.append(Outcome(attack.name, answers, waits, refused, _memory(world), _size(store) - disk))
        _show(outcomes[-1])
        await bystanders.talk(SETTLE_SECONDS)
    await bystanders.talk(MEMORY_SECONDS)
    return outcomes, (before, _memory(world))


class _Bystanders:
    """Two people who talk in a room of theirs."""

    def __init__(self, room_id: str, sockets: list[Socket]):
        self._room_id, self._sockets, self._number = room_id, sockets, 0

    @classmethod
    async def come(cls, world: World) -> _Bystanders:
        sockets = [await Socket.open(world.server.url, who.access_token, lambda *_: None) for who in (world.bob, world.carol)]
        cls._listening = [asyncio.create_task(socket.listen()) for socket in sockets]
        return cls(world.room(), sockets)

    async def talk(self, seconds: float) -> tuple[list[float], int]:
        """How long each send took, in milliseconds, from when it was due; how many were refused."""
        began, waits, refused = time.perf_counter(), list[float](), 0

        async def send(number: int) -> None:
            nonlocal refused
            due = began + number / SENDS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._number += 1
            payload = {"room_id": self._room_id, "client_id": f"c{self._number}", "body": f"hello {number}"}
            answer = await self._sockets[number % 2].call("message:send", payload, 30)
            waits.append(1000 * (time.perf_counter() - due))
            refused += not answer["ok"]

        await asyncio.gather(*(send(number) for number in range(int(seconds * SENDS))))
        return waits, refused


async def _hammer(world: World, attack: Attack, seconds: float) -> Counter[str]:
    blows = {
        "port": world.server.port, "seconds": seconds, "connections": CONNECTIONS,
        "request": base64.b64encode(attack.request).decode(), "event": attack.event, "payload": attack.payload,
        "token": world.mallory.access_token,
    }
    if attack.event:
        blows["connections"] = CONNECTIONS // 4
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "bench.hammer", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    answer, _ = await process.communicate(orjson.dumps(blows))
    return Counter(orjson.loads(answer or b"{}"))


def _show(outcome: Outcome) -> None:
    waits = sorted(outcome.waits)
    answers = " ".join(f"{status}:{count}" for status, count in outcome.answers.most_common())
    print(
        f"{outcome.name:52} p50 {waits[len(waits) // 2]:6.1f}  p99 {outcome.p99:7.1f} ms  refused {outcome.refused}"
        f"  {outcome.memory / 2**20:5.0f} MB  disk +{outcome.disk / 2**20:.1f} MB  {answers}", flush=True,
    )


def _memory(world: World) -> int:
    assert world.server.process
    pages = (Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in tree_of(world.server.process.pid))
    return sum(map(int, pages)) * 4096


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


# what is done


def _attacks(app: Flask, world: World) -> Iterator[Attack]:
    """Every route by somebody without an account, then by mallory; then every event by mallory."""
    mine = _Things.of(world.mallory)
    for person in (None, world.mallory):
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if (person and rule.endpoint in LAST) or rule.endpoint in NEVER:
                    continue
                path = mine.fill(rule.rule)
                query, kind, body = _payload(rule.endpoint, method, is_page=not path.startswith("/api/"), person=person)
                who = "mallory" if person else "a stranger"
                yield Attack(f"{who}: {method} {rule.rule}", _request(world, method, path + query, kind, body, person))
    for event in EVENTS:
        yield Attack(f"mallory: {event}", event=event, payload=mine.payload_of(event))


# Signed in, mallory would lose the session that the other attacks need.
LAST = {"auth.log_out", "entrance.log_out", "me.change_password", "pages.account.change_password"}
NEVER = {"me.end_session", "pages.account.end_session"}


class _Things:
    """What mallory owns: a room full of hostile text, a message, an image."""

    def __init__(self, names: dict[str, str]):
        self._names = names

    @classmethod
    def of(cls, mallory: Person) -> _Things:
        room_id = mallory.make_room("Lair")
        said = [mallory.say(room_id, ("&" * 7_990 if number % 2 else "一" * 7_980 + " a b") + str(number)) for number in range(400)]
        image = mallory.post(f"/rooms/{room_id}/images", files={"image": ("a.png", _png(60), "image/png")})
        return cls({
            "room_id": room_id, "message_id": said[-1]["id"], "user_id": mallory.id, "image_id": image.json()["id"],
            "session_id": mallory.session_id, "emoji": "👍", "filename": "css/chat.css", "token": "x" * 32, "name": "x",
        })

    def fill(self, rule: str) -> str:
        for name, value in self._names.items():
            rule = rule.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
        return rule.replace("<", "").replace(">", "")

    def payload_of(self, event: str) -> Any:
        everything = {
            "room_id": self._names["room_id"], "id": self._names["message_id"], "client_id": NUMBER.decode(), "emoji": "👍", "on": True,
            "body": "&" * 7_980 + NUMBER.decode(), "after": 0, "limit": 500, "seq": 1, "typing": True, "name": "Lair", "kind": "private",
            "q": BOMB, "status": "online", "user_ids": [self._names["user_id"]],
        }
        fields = EVENTS[event].takes().fields
        return {name: value for name, value in everything.items() if name in fields and not (event == "search" and name == "limit")}


def _payload(endpoint: str, method: str, *, is_page: bool, person: Person | None) -> tuple[str, str, bytes]:
    """(query, content type, body): the dearest that we know for this route, else what every route has to look at."""
    if endpoint in QUERIES:
        return QUERIES[endpoint], "", b""
    if method in ("GET", "DELETE"):
        return "", "", b""
    if endpoint in PICTURES:
        field = csrf_of(person.access_token) if person else "x"
        parts = [_part("csrf_token", field.encode()), _part(PICTURES[endpoint], _png(1500), 'filename="a.png"')]
        return "", MULTIPART, b"\r\n".join([*parts, b"--x--", b""])
    fields = FIELDS.get(endpoint, dict.fromkeys(("name", "username", "body", "topic", "display_name", "q"), MARKS))
    if not is_page:
        return "", "application/json", json.dumps(fields).encode()
    csrf = csrf_of(person.access_token) if person else "x"
    body = json.dumps(fields)  # urlencoded by hand, so that NUMBER stays what it is
    pairs = [("csrf_token", csrf), *((name, str(value)) for name, value in json.loads(body).items())]
    return "", "application/x-www-form-urlencoded", "&".join(f"{name}={_quoted(value)}" for name, value in pairs).encode()


QUERIES = {
    "messages.page": "?limit=200", "messages.log": "?limit=500", "pages.rooms.show": "?limit=200",
    "search.find": "?q=" + "".join(f"%{byte:02x}" for byte in BOMB.encode()),
    "pages.search.find": "?q=" + "".join(f"%{byte:02x}" for byte in BOMB.encode()),
    "users.search": "?q=a", "rooms.browse": "?q=h",
}
PICTURES = {
    "images.upload": "image", "me.change_avatar": "image", "pages.rooms.post_message": "images", "pages.account.change_avatar": "avatar",
}
TEXT = {"client_id": NUMBER.decode(), "body": "@z " * 2_600 + NUMBER.decode()}
FIELDS: dict[str, dict[str, Any]] = {
    "messages.post": TEXT, "messages.edit": {"body": TEXT["body"]}, "pages.messages.edit": {"body": TEXT["body"]},
    "auth.log_in": {"username": "alice", "password": NUMBER.decode()},
    "entrance.check_log_in": {"username": "alice", "password": NUMBER.decode()},
    "auth.register": {"username": "mal" + NUMBER.decode(), "password": PASSWORD},
    "entrance.check_register": {"username": "mal" + NUMBER.decode(), "password": PASSWORD},
    "rooms.create": {"name": "Lair " + NUMBER.decode(), "kind": "public"},
    "pages.rooms.create": {"name": "Lair " + NUMBER.decode(), "kind": "public"},
}


def _request(world: World, method: str, path: str, kind: str, body: bytes, person: Person | None) -> bytes:
    headers = [f"Host: 127.0.0.1:{world.server.port}", f"Origin: {world.server.url}"]
    if person and path.startswith("/api/"):
        headers.append(f"Authorization: Bearer {person.access_token}")
    elif person:
        headers.append(f"Cookie: chat_access={person.access_token}; chat_csrf={csrf_of(person.access_token)}")
    if kind:
        length = len(body.replace(NUMBER, b"00000000"))
        headers += [f"Content-Type: {kind}", f"Content-Length: {length}"]
    quoted = "".join(letter if letter.isascii() else _quoted(letter) for letter in path)
    return f"{method} {quoted} HTTP/1.1\r\n{chr(10).join(headers)}\r\n\r\n".replace("\n", "\r\n").replace("\r\r", "\r").encode() + body


def _quoted(text: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else _percent(letter) for letter in text).replace(
        "".join(map(_percent, "%")) + "NUMBER" + _percent("%"), NUMBER.decode()
    )


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _part(name: str, content: bytes, more: str = "") -> bytes:
    disposition = f'--x\r\nContent-Disposition: form-data; name="{name}"' + (f"; {more}" if more else "")
    return f"{disposition}\r\n\r\n".encode() + content


def _png(size: int) -> bytes:
    """A picture of noise, which is as much work as pictures are."""
    file = io.BytesIO()
    Image.frombytes("RGB", (size, size), random.Random(7).randbytes(3 * size * size)).save(file, "PNG", compress_level=1)
    return file.getvalue()
