"""Invented worlds: who may look at them, in which chats."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from chat.controllers.imports.people import person_id_of
from chat.models import administrators
from chat.models.account_list import count_people, page
from chat.models.user import User
from chat.utils.demo.demo_world import DEMO, DemoWorld
from chat.utils.demo.load_world import LoadWorld
from chat.utils.imports.past import ImportUnusable, Source
from chat.utils.passwords import hash_password

USUAL_ROOMS = 20  # of a world for load
PASSWORD_BYTES = 12  # of chance, in the password of the demo account


class DemoAccount(NamedTuple):
    username: str
    password: str


def world(number: int, people: int | None, rooms: int | None, messages: int | None) -> Source:
    """Return the demo world; with numbers of people and messages, a world for load."""
    if people is None or messages is None:
        return DemoWorld(number)
    return LoadWorld(number, people, rooms or USUAL_ROOMS, messages)


def looking_person(source: Source, *, beside: bool) -> dict[str, str]:
    """Return who of the world is the administrator of this chat: key -> username, or nobody.

    Raises ImportUnusable in a chat that has other people, unless `beside`, or some of the world.
    """
    first, second = [person.key for person, _ in zip(source.people(), range(2), strict=False)]
    is_there = User.find_now(person_id_of(source, second)) is not None
    found = page("all", "").items
    admins = [user for user in found if user.is_admin]
    is_new = count_people() == len(admins) <= 1
    if not is_new and not is_there and not beside:
        raise ImportUnusable(
            "This chat has people already, who would find invented ones beside them. "
            "Use --beside if that is what you want."
        )
    if User.find_now(person_id_of(source, first)):
        return {}
    return {first: admins[0].username} if admins else {}


def open_demo_account(source: Source) -> DemoAccount | None:
    """Give the account as whom one looks at the demo world a password; None if it has one.

    In a chat that has no administrator it is the administrator.
    """
    user = User.find_now(person_id_of(source, DEMO))
    if user is None or user.has_password:
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user.change_password_hash(hash_password(password))
    if not administrators.active():
        administrators.change(user.id, {"is_admin": True})
    return DemoAccount(user.username, password)
