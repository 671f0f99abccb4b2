"""Serve the actions on one message without JavaScript; a room's pins; the list of emoji."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import orjson
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import message_pages, people, readings, receipts, rooms, why_notified
from chat.controllers import messages as verbs
from chat.models.membership import Membership
from chat.models.message.bounds import FEW_BYTES
from chat.models.permissions import PERMISSIONS, ROLES, may
from chat.routes.encodings import PublicContent
from chat.routes.pages.forms import change_or_explain, read_form, read_query
from chat.schemas.message_inputs import (
    EditInput,
    PinnedInput,
    PinsQuery,
    ToggleInput,
    VersionsQuery,
)
from chat.schemas.messages import show_message, show_messages, show_versions
from chat.schemas.notifications import show_why
from chat.schemas.rooms import show_room
from chat.utils.emojis import grouped_emoji
from chat.utils.errors import ChatError, Forbidden, NotFound
from chat.utils.translation import _

FREQUENT_EMOJI = ("👍", "❤️", "😂", "🎉", "👀", "✅")  # shown before the picker opens
EMOJI_KEPT_FOR = "private, max-age=86400"  # a day; the list grows once a year

# What scripts of a timeline ask: the menu of a message, and the composer.
ASKED = (
    "post",
    "edit",
    "delete",
    "react",
    "delete others' messages",
    "read others' versions",
    "pin",
    "report",
)

messages = Blueprint("messages", __name__)


@messages.get("/emoji.json")
def list_emoji() -> Response:
    """Return the emoji for the picker: see `grouped_emoji`."""
    response = _emoji().answer()
    response.headers["Cache-Control"] = EMOJI_KEPT_FOR
    return response


@cache
def _emoji() -> PublicContent:
    return PublicContent(orjson.dumps(grouped_emoji()), "application/json")


@messages.get("/rooms/<room_id>/pins")
def list_pinned(room_id: str) -> str:
    """Show a room's pinned messages, the latest pin first."""
    room = rooms.show(g.person, room_id)
    query = read_query(PinsQuery)
    found = show_messages(*message_pages.pinned(g.person, room_id, **query, most_bytes=FEW_BYTES))
    return render_template(
        "rooms/pins.html",
        room=show_room(room),
        messages=found["messages"],
        following=found["next"],
        **around_messages(room, found["messages"]),
    )


@messages.get("/rooms/<room_id>/messages/<message_id>")
def show(room_id: str, message_id: str) -> str:
    """Show one message, and the actions that the person may take."""
    return _page(room_id, message_id)


@messages.post("/rooms/<room_id>/messages/<message_id>/edit")
def edit(room_id: str, message_id: str) -> AnyResponse:
    return _change(
        room_id, message_id, lambda: verbs.edit(g.person, message_id, **read_form(EditInput))
    )


@messages.post("/rooms/<room_id>/messages/<message_id>/delete")
def delete(room_id: str, message_id: str) -> AnyResponse:
    return _change(room_id, message_id, lambda: verbs.delete(g.person, message_id))


@messages.post("/rooms/<room_id>/messages/<message_id>/react")
def react(room_id: str, message_id: str) -> AnyResponse:
    def toggle() -> None:
        # the form has exactly one of the fields
        for switch, emoji in read_form(ToggleInput).items():
            verbs.react(g.person, message_id, emoji, on=switch == "on")

    return _change(room_id, message_id, toggle)


@messages.post("/rooms/<room_id>/messages/<message_id>/pin")
def pin(room_id: str, message_id: str) -> AnyResponse:
    return _change(
        room_id, message_id, lambda: verbs.pin(g.person, message_id, **read_form(PinnedInput))
    )


@messages.post("/rooms/<room_id>/messages/<message_id>/unread")
def mark_unread(room_id: str, message_id: str) -> AnyResponse:
    """Mark the room unread from this message on.

    Does not redirect to the room: opening it would mark it read.
    """
    readings.mark_read(g.person, room_id, _message(room_id, message_id)["seq"] - 1)
    return redirect(url_for("pages.rooms.list_mine"), 303)


def around_messages(mine: Membership, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a template's data beside a room's MessageViews: names, and permissions."""
    return {
        "names": names_in(messages),
        "allowed": allowed_to(mine),
        "permissions": _permissions(mine),
        "frequent_emoji": FREQUENT_EMOJI,
    }


def allowed_to(mine: Membership) -> list[str]:
    """Return what a member may do in the room, by the table of permissions."""
    return [verb for verb in PERMISSIONS if mine.may(verb)]


def names_in(messages: list[dict[str, Any]]) -> dict[str, str]:
    """Return the names of people who reacted to MessageViews, by id."""
    return people.names_of(
        {
            user_id
            for message in messages
            for reaction in message["reactions"]
            for user_id in reaction["user_ids"]
        }
    )


def _permissions(mine: Membership) -> dict[str, dict[str, list[str]]]:
    """Return which of ASKED each role may do in this room: in use, while muted, while archived.

    The page needs those of all roles, because the member's role may change while it is open.
    """
    direct = mine.room.kind == "direct"

    def verbs_of(role: str, *, archived: bool = False, muted: bool = False) -> list[str]:
        where = {"archived": archived, "direct": direct, "muted": muted}
        return [verb for verb in ASKED if may(role, verb, **where)]

    return {
        role: {
            "in_use": verbs_of(role),
            "muted": verbs_of(role, muted=True),
            "archived": verbs_of(role, archived=True),
        }
        for role in ROLES
    }


def _change(room_id: str, message_id: str, change: Callable[[], object]) -> AnyResponse:
    """Make the change, and redirect to the message in its room."""
    seq = _message(room_id, message_id)["seq"]
    done = url_for("pages.rooms.show", room_id=room_id, around=seq, _anchor=f"message-{seq}")
    return change_or_explain(change, partial(_page, room_id, message_id), done)


def _page(room_id: str, message_id: str, mistake: ChatError | None = None) -> str:
    message = _message(room_id, message_id)
    room = rooms.show(g.person, room_id)
    return render_template(
        "rooms/message.html",
        room=show_room(room),
        message=message,
        mistake=mistake,
        form=request.form,
        **_versions(message_id),
        readers=_readers(message),
        why=show_why(why_notified.why(g.person, message_id)),
        **around_messages(room, [message]),
    )


def _message(room_id: str, message_id: str) -> dict[str, Any]:
    message = show_message(verbs.show(g.person, message_id))
    if message["room_id"] != room_id:
        raise NotFound(_("There is no such message."))
    return message


def _readers(message: dict[str, Any]) -> list[str]:
    """Return the names of the others who have read a message, if receipts are shown."""
    seqs = receipts.show(g.person, message["room_id"])
    ids = [
        str(user_id)
        for user_id, seq in seqs.items()
        if seq >= message["seq"] and str(user_id) != message["author"]["id"]
    ]
    return list(people.names_of(ids).values())


def _versions(message_id: str) -> dict[str, Any]:
    """Return earlier versions and the cursor of the next page, for people who may see them."""
    try:
        found = show_versions(
            *verbs.versions(g.person, message_id, **read_query(VersionsQuery), most_bytes=FEW_BYTES)
        )
    except Forbidden:
        return {"versions": [], "later_versions": None}
    return {
        "versions": found["versions"] if found["next"] else found["versions"][:-1],
        "later_versions": found["next"],
    }
