"""Uploads of pictures by the API."""

from __future__ import annotations

from typing import Any

import requests

from tests.helpers import pictures
from tests.helpers.pictures import Image, written
from tests.helpers.world import Person

JPEG = pictures.accepted()["jpeg with GPS, turned"]


def upload(
    person: Person,
    room_id: str,
    data: bytes = JPEG,
    name: str = "photo.jpg",
    kind: str = "image/jpeg",
    **form: str,
) -> requests.Response:
    return person.ask(
        "POST", f"/rooms/{room_id}/images", files={"image": (name, data, kind)}, data=form
    )


def uploaded(person: Person, room_id: str, data: bytes = JPEG) -> Any:
    answer = upload(person, room_id, data)
    assert answer.status_code == 201, answer.text
    return answer.json()


def show(person: Person, image: Any, which: str = "url", **headers: str) -> requests.Response:
    return person.ask("GET", image[which].removeprefix("/api/v1"), headers=headers)


def thirds() -> Image.Image:
    """Return a picture of red, green and blue side by side: the middle is green."""
    picture = Image.new("RGB", (900, 300), "red")
    picture.paste("lime", (300, 0, 600, 300))
    picture.paste("blue", (600, 0, 900, 300))
    return picture


def choose(
    person: Person, data: bytes = pictures.accepted()["jpeg with GPS, turned"]
) -> requests.Response:
    return person.ask("PUT", "/me/avatar", files={"image": ("me.jpg", data, "image/jpeg")})


def chosen(person: Person, data: bytes = written(thirds(), "PNG")) -> str:
    answer = choose(person, data)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["avatar_url"])
