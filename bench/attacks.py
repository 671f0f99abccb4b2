"""The attacks of `bin/bench attack`: every route and event, with the most expensive input we know.

The routes come from the application's own map, so a new route is attacked without an entry here.
FIELDS, PICTURES and QUERIES have the input of routes that need a hostile body.
"""

from __future__ import annotations

import io
import itertools
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from PIL import Image

from bench.hammer import NUMBER
from chat.routes.sockets import EVENTS
from tests.helpers.world import PASSWORD, Person, World, csrf_of

ACCOUNTS = 6  # that take turns: none uses up its time of a minute
MESSAGES = 200  # in a room of each
MARKS = "a" + "\u0316\u0301\u0323\u0300" * 2_000
BOMB = " ".join(["一" * 22] * 19) + ' "b a"'
MULTIPART = "multipart/form-data; boundary=x"


@dataclass
class Attack:
    """`request` over HTTP, or `event` with `payload` over sockets with `token`, from `address`."""

    name: str
    address: str
    request: bytes = b""
    event: str = ""
    payload: Any = None
    token: str = ""


def attacks(app: Flask, world: World) -> Iterator[Attack]:
    """Yield every route without an account, then as mallory; then every event as mallory.

    Each attack has an address of its own, and mallory's accounts take turns. So no attack uses up a
    limit that would stop the next one.
    """
    crowd = [_Things.of(Person(world, "mallory")) for _ in range(ACCOUNTS)]
    crowds = itertools.cycle(crowd)
    addresses = (f"127.0.{number // 250 + 1}.{number % 250 + 1}" for number in itertools.count())
    for is_signed_in in (False, True):
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                mine = next(crowds)
                person = mine.owner if is_signed_in else None
                if (person and rule.endpoint in LAST) or rule.endpoint in NEVER:
                    continue
                path = mine.fill(rule.rule)
                query, kind, body = _payload(
                    rule.endpoint, method, is_page=not path.startswith("/api/"), person=person
                )
                who = "mallory" if person else "a stranger"
                request = _request(world, method, path + query, kind, body, person)
                yield Attack(f"{who}: {method} {rule.rule}", next(addresses), request)
    for event in EVENTS:
        mine = next(crowds)
        token = mine.owner.access_token
        yield Attack(
            f"mallory: {event}",
            next(addresses),
            event=event,
            payload=mine.payload_of(event),
            token=token,
        )


# By these routes a signed-in mallory would lose the session that the other attacks need.
LAST = {"auth.log_out", "sign_in.log_out", "me.change_password", "pages.account.change_password"}
NEVER = {"me.end_session", "pages.account.end_session"}


class _Things:
    """What mallory owns: a room full of hostile text, a message, an image."""

    def __init__(self, owner: Person, names: dict[str, str]):
        self.owner, self._names = owner, names

    @classmethod
    def of(cls, mallory: Person) -> _Things:
        room_id = mallory.make_room("Lair")
        said = [
            mallory.say(
                room_id, ("&" * 7_990 if number % 2 else "一" * 7_980 + " a b") + str(number)
            )
            for number in range(MESSAGES)
        ]
        image = mallory.post(
            f"/rooms/{room_id}/images", files={"image": ("a.png", _png(60), "image/png")}
        )
        return cls(
            mallory,
            {
                "room_id": room_id,
                "message_id": said[-1]["id"],
                "user_id": mallory.id,
                "image_id": image.json()["id"],
                "session_id": mallory.session_id,
                "emoji": "👍",
                "filename": "css/base.css",
                "token": "x" * 32,
                "name": "x",
            },
        )

    def fill(self, rule: str) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: self._names.get(part[1], part[1]), rule)

    def payload_of(self, event: str) -> Any:
        everything = {
            "room_id": self._names["room_id"],
            "id": self._names["message_id"],
            "client_id": NUMBER.decode(),
            "emoji": "👍",
            "on": True,
            "body": "&" * 7_980 + NUMBER.decode(),
            "after": 0,
            "limit": 500,
            "seq": 1,
            "typing": True,
            "name": "Lair",
            "kind": "private",
            "q": BOMB,
            "status": "online",
            "user_ids": [self._names["user_id"]],
        }
        fields = EVENTS[event].takes().fields
        return {
            name: value
            for name, value in everything.items()
            if name in fields and not (event == "search" and name == "limit")
        }


def _payload(
    endpoint: str, method: str, *, is_page: bool, person: Person | None
) -> tuple[str, str, bytes]:
    """Return (query, content type, body): the route's most expensive input, or a default."""
    if endpoint in QUERIES:
        return QUERIES[endpoint], "", b""
    if method in ("GET", "DELETE"):
        return "", "", b""
    if endpoint in PICTURES:
        field = csrf_of(person.access_token) if person else "x"
        parts = [_part(PICTURES[endpoint], _png(1500), '; filename="a.png"')]
        if is_page:
            parts.insert(0, _part("csrf_token", field.encode()))
        return "", MULTIPART, b"\r\n".join([*parts, b"--x--", b""])
    fields = FIELDS.get(
        endpoint, dict.fromkeys(("name", "username", "body", "topic", "display_name", "q"), MARKS)
    )
    if not is_page:
        return "", "application/json", json.dumps(fields).encode()
    csrf = csrf_of(person.access_token) if person else "x"
    body = json.dumps(fields)  # urlencoded by hand, so that NUMBER stays what it is
    pairs = [
        ("csrf_token", csrf),
        *((name, str(value)) for name, value in json.loads(body).items()),
    ]
    return (
        "",
        "application/x-www-form-urlencoded",
        "&".join(f"{name}={_quoted(value)}" for name, value in pairs).encode(),
    )


QUERIES = {
    "messages.page": "?limit=200",
    "messages.log": "?limit=500",
    "pages.rooms.show": "?limit=200",
    "search.find": "?q=" + "".join(f"%{byte:02x}" for byte in BOMB.encode()),
    "pages.search.find": "?q=" + "".join(f"%{byte:02x}" for byte in BOMB.encode()),
    "users.search": "?q=a",
    "rooms.browse": "?q=h",
}
PICTURES = {
    "images.upload": "image",
    "me.change_avatar": "image",
    "pages.rooms.post_message": "images",
    "pages.account.change_avatar": "avatar",
}
TEXT = {"client_id": NUMBER.decode(), "body": "@z " * 2_600 + NUMBER.decode()}
FIELDS: dict[str, dict[str, Any]] = {
    "messages.post": TEXT,
    "messages.edit": {"body": TEXT["body"]},
    "pages.messages.edit": {"body": TEXT["body"]},
    "auth.log_in": {"username": "alice", "password": NUMBER.decode()},
    "sign_in.check_log_in": {"username": "alice", "password": NUMBER.decode()},
    "auth.register": {"username": "mal" + NUMBER.decode(), "password": PASSWORD},
    "sign_in.check_register": {"username": "mal" + NUMBER.decode(), "password": PASSWORD},
    "rooms.create": {"name": "Lair " + NUMBER.decode(), "kind": "public"},
    "pages.rooms.create": {"name": "Lair " + NUMBER.decode(), "kind": "public"},
}


def _request(
    world: World, method: str, path: str, kind: str, body: bytes, person: Person | None
) -> bytes:
    headers = [f"Host: 127.0.0.1:{world.server.port}", f"Origin: {world.server.url}"]
    if person and path.startswith("/api/"):
        headers.append(f"Authorization: Bearer {person.access_token}")
    elif person:
        access, csrf = (world.server.cookie(name) for name in ("chat_access", "chat_csrf"))
        headers.append(
            f"Cookie: {access}={person.access_token}; {csrf}={csrf_of(person.access_token)}"
        )
    if kind:
        length = len(body.replace(NUMBER, b"00000000"))
        headers += [f"Content-Type: {kind}", f"Content-Length: {length}"]
    quoted = "".join(letter if letter.isascii() else _quoted(letter) for letter in path)
    return (
        f"{method} {quoted} HTTP/1.1\r\n{chr(10).join(headers)}\r\n\r\n".replace("\n", "\r\n")
        .replace("\r\r", "\r")
        .encode()
        + body
    )


def _quoted(text: str) -> str:
    return "".join(
        letter if letter.isalnum() and letter.isascii() else _percent(letter) for letter in text
    ).replace("".join(map(_percent, "%")) + "NUMBER" + _percent("%"), NUMBER.decode())


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content


def _png(size: int) -> bytes:
    """Return a picture of noise, which costs the most to decode."""
    file = io.BytesIO()
    noise = random.Random(7).randbytes(3 * size * size)
    Image.frombytes("RGB", (size, size), noise).save(file, "PNG", compress_level=1)
    return file.getvalue()
