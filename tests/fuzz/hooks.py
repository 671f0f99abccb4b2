"""Schemathesis hooks: who asks, ids of what is there, and strings of formats without a pattern.

tests/README.md has the commands.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.core import NotSet

from tests.fuzz.people import PASSWORD, Asking, Person, Refused

SHORTEST_BOUND = 64  # characters of a display name
EMOJI = ("👍", "🎉", ":tada:", "👩‍🚀")
CURSOR = "-".join(("1790000000000", "6b0b7156e4bdb3cde47bdda7"))
ID = re.compile(r"[0-9a-f]{24}")
OF_WHAT_IS_THERE = {  # fields of bodies and queries: the parameter of a path that is the same
    "user_id": "user_id",
    "user_ids": "user_id",
    "reply_to_id": "message_id",
    "image_ids": "image_id",
    "room_ids": "room_id",
    "default_room_ids": "room_id",
    "room_id": "room_id",
}
# What a path makes of them.
OF_A_PATH = ("room_id", "user_id", "message_id", "hook_id")
CODES = ("code", "invite")
PASSWORDS = ("password", "current_password")
# What these did must not be there for those that come next.
ALONE = (
    "deleteRoom", "leaveRoom", "changeRoom", "changeAccount", "banPerson", "blockUser",
    "muteMember", "changeMemberRole", "giveRoomOwner", "hideDirectRoom", "reportMessage",
    "acceptRoomInvitation", "testPushSubscription",
)  # fmt: skip


def _of(first: str, others: str, least: int, most: int) -> strategies.SearchStrategy[str]:
    """Return texts of `least` to `most` characters, of which the first is one of `first`."""
    rest = strategies.text(others, min_size=least - 1, max_size=most - 1)
    return strategies.builds(str.__add__, strategies.sampled_from(first), rest)


LETTERS = "abcdefghijklmnopqrstuvwxyzäéßø"
FORMATS = {
    "username": _of("bcdfghjk", LETTERS + "0123456789_-.", 2, 32),
    "name": _of(LETTERS, LETTERS + "0123456789 .-!", 1, 64),
    "emoji": strategies.sampled_from(EMOJI),
    "cursor": strategies.sampled_from(["1", CURSOR]),
    "time-zone": strategies.sampled_from(["Europe/Berlin", "+02:00"]),
}
for each, strategy in FORMATS.items():
    schemathesis.openapi.format(each, strategy)


class Current:
    """Who asks now."""

    asking: Asking | None = None
    things: dict[tuple[str, ...], str] = {}


def _asking(*, anew: bool = False) -> Asking:
    if anew or Current.asking is None or not Current.asking.is_signed_in:
        Current.asking, Current.things = Asking(), {}
    return Current.asking


def _thing(name: str, path: str, ids: dict[str, str], is_alone: bool) -> str:
    """Return the id of what is there; `is_alone`: of what was not there before."""
    asking = _asking()
    if is_alone:
        return asking.thing(name, path, ids)
    key = (name, path if name in OF_A_PATH else "", ids.get("room_id", ""))
    if key not in Current.things:
        Current.things[key] = asking.thing(name, path, ids)
    return Current.things[key]


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """The same person, until their session ends."""

    def get(self, case: schemathesis.Case, _: object) -> str:
        asking = _asking()
        if case.operation.path.endswith("/refresh"):
            return str(Person(asking.owner.username).signed_in["refresh_token"])
        return asking.token

    def set(self, case: schemathesis.Case, data: str, _: object) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(ID.fullmatch(value))


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, _: dict[str, Any]) -> None:
    """Ask for what is there, four times in five, and with the password that is right."""
    is_stateful = case.meta and case.meta.phase.name.value == "stateful"
    if is_stateful or secrets.randbelow(5) == 0:
        return
    try:
        _ask_for_what_is_there(context, case)
    except Refused as refused:
        if not refused.is_forbidden:  # what was done before was in the way
            before, now = _asking().token, _asking(anew=True).token
            if case.headers.get("Authorization") == f"Bearer {before}":
                case.headers["Authorization"] = f"Bearer {now}"


def _ask_for_what_is_there(context: Any, case: schemathesis.Case) -> None:
    raw = context.operation.definition.raw
    is_alone = raw["operationId"] in ALONE or case.method.upper() == "DELETE"
    ids: dict[str, str] = {}
    for name, value in (case.path_parameters or {}).items():
        if hasattr(Asking, name) and (_is_id(value) or name == "number"):
            ids[name] = _thing(name, case.operation.path, ids, is_alone)
    if ids:
        case.path_parameters = {**case.path_parameters, **ids}
    for part in (case.query, case.body):
        if isinstance(part, dict):
            _name_what_is_there(part, case.operation.path, ids, is_alone)


def _name_what_is_there(
    part: dict[str, Any], path: str, ids: dict[str, str], is_alone: bool
) -> None:
    for name, value in part.items():
        noun = OF_WHAT_IS_THERE.get(name, "")
        if noun and _is_id(value):
            part[name] = _thing(noun, path, ids, is_alone)
        elif noun and isinstance(value, list) and value and _is_id(value[0]):
            part[name] = [_thing(noun, path, ids, is_alone), *value[1:]]
        elif name in CODES and isinstance(value, str) and secrets.randbelow(2):
            part[name] = _thing("code", path, {}, is_alone=False)
        elif name in PASSWORDS and isinstance(value, str) and secrets.randbelow(2):
            part[name] = PASSWORD


def _shrinks(value: Any) -> bool:
    """Tell whether a long text has control characters: they are taken away before it is counted."""
    if isinstance(value, dict):
        return any(map(_shrinks, value.values()))
    is_long = isinstance(value, str) and len(value) > SHORTEST_BOUND
    return is_long and any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in value)


@schemathesis.hook
def filter_query(_: object, query: Any) -> bool:
    """Leave out what is too long for the document, and not for the chat."""
    return not _shrinks(query)


@schemathesis.hook
def filter_body(_: object, body: Any) -> bool:
    """Leave out what is too long for the document, and not for the chat."""
    return isinstance(body, NotSet) or not _shrinks(body)
