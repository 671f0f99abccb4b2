"""Make the page of a room: which messages it shows, how they stand together, what is new."""

from __future__ import annotations

import secrets
from typing import Any

from flask import g, render_template, request

from chat import extensions
from chat.controllers import message_pages, messages, people, readings, receipts, room_lines
from chat.controllers import rooms as verbs
from chat.models.membership import Membership
from chat.models.message.bounds import FEW_BYTES
from chat.models.message.paged import Page
from chat.models.reading import Reading
from chat.models.room import Room
from chat.routes import cookies
from chat.routes.pages import fragments
from chat.routes.pages.arranging import arrange
from chat.routes.pages.faces import faces_in
from chat.routes.pages.forms import read_query
from chat.routes.pages.line_runs import FORMS
from chat.routes.pages.messages import around_messages
from chat.schemas.message_inputs import PageQuery
from chat.schemas.messages import show_message, show_page
from chat.schemas.readings import show_receipts
from chat.schemas.room_lines import show_lines
from chat.schemas.rooms import show_room
from chat.schemas.users import show_user
from chat.utils.errors import ChatError, Conflict, NotFound

READ_ABOVE = 10  # entries of the log before the first unread message, to go on from
CURSORS = {"before", "after", "around"}


def room_page(
    room_id: str, mistake: ChatError | None = None, answer: dict[str, Any] | None = None
) -> str:
    """Return the page of a room. Raises NotFound.

    `mistake`: why a message was refused. `answer`: to a command, a CommandAnswerView.
    """
    query = read_query(PageQuery)
    is_seen = _is_seen()
    membership = verbs.enter(g.person, room_id) if is_seen else verbs.show(g.person, room_id)
    reading = readings.show(g.person, room_id)
    page, first_seq = _page_to_open(room_id, query, reading)
    new_after = _new_after(reading, page)
    is_whole = first_seq <= reading.read_seq + 1  # nothing unread is left out
    if is_seen and is_whole and not cookies.value_of(cookies.ZONE):  # no script notes what is seen
        _read(room_id, page)
    room = show_room(membership)
    shown = show_page(page)
    first_new = _first_new(shown, new_after) if is_whole else None
    return render_template(
        "rooms/show.html",
        room=room,
        faces=faces_in(room, shown["messages"]),
        page=shown,
        read_seq=reading.read_seq,
        unread=reading.unread,
        new_after=new_after,
        first_seq=first_seq,
        first_new=first_new,
        rows=arrange(shown["messages"], _lines(room_id, page, first_seq), first_new),
        answered=_answered(room_id),
        **around_messages(membership, shown["messages"]),
        line_forms=FORMS,
        creator=_creator(membership),
        around=query.get("around"),
        receipts=_receipts(membership),
        is_unread_by_all=_is_unread_by_all(membership.room),
        longest_message=extensions.settings().max_message_chars,
        **_composer(mistake, answer),
    )


def _composer(mistake: ChatError | None, answer: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the form for a message shows: empty after a command that was answered."""
    return {
        "mistake": mistake,
        "answer": answer,
        "form": {} if answer else request.form,
        "client_id": secrets.token_urlsafe(12) if answer else _client_id(mistake),
    }


def _client_id(mistake: ChatError | None) -> str:
    """Return the form's client_id: another one where a message with the one that it had is sent."""
    had = None if isinstance(mistake, Conflict) else request.form.get("client_id")
    return had or secrets.token_urlsafe(12)


def _page_to_open(room_id: str, query: dict[str, int], reading: Reading) -> tuple[Page, int]:
    """Return the page that was asked for, and the first seq of the log that it covers.

    Without a cursor it has the newest messages or, if it would leave out unread ones, the first of
    those.
    """
    page = message_pages.page(g.person, room_id, **query, most_bytes=FEW_BYTES)
    leaves_out = reading.unread and reading.read_seq + 1 < _first_seq(page)
    if leaves_out and not query.keys() & CURSORS:
        query = query | {"after": max(0, reading.read_seq - READ_ABOVE)}
        page = message_pages.page(g.person, room_id, **query, most_bytes=FEW_BYTES)
    if "after" in query and page.has_before:
        return page, query["after"] + 1
    return page, _first_seq(page)


def _new_after(reading: Reading, page: Page) -> int | None:
    """Return the seq after which messages are new; None on a first visit to a room that fits."""
    if reading.read_seq or page.has_after:
        return reading.read_seq
    return None


def _first_seq(page: Page) -> int:
    if not page.has_before:
        return 1
    return page.messages[0].seq if page.messages else page.head_seq + 1


def _lines(room_id: str, page: Page, first_seq: int) -> list[dict[str, Any]]:
    """Return LineViews of what happened around the messages of a page."""
    first = first_seq if page.has_before else 0
    end = page.messages[-1].seq if page.has_after and page.messages else None
    shown: list[dict[str, Any]] = show_lines(room_lines.between(g.person, room_id, first, end))[
        "lines"
    ]
    return shown


def _creator(mine: Membership) -> dict[str, Any] | None:
    creator = verbs.creator_of(mine)
    return show_user(creator) if creator else None


def _is_unread_by_all(room: Room) -> bool:
    """Return whether it is a direct room in which nobody else has an active account."""
    others = [user_id for user_id in room.people if user_id != g.person.id]
    return bool(others) and not any(user.is_active for user in people.find_many(others))


def _read(room_id: str, page: Page) -> None:
    """Mark what a page shows as read."""
    last_seq = page.messages[-1].seq if page.has_after else page.head_seq
    readings.read_up_to(g.person, room_id, last_seq)


def _receipts(membership: Membership) -> dict[str, Any] | None:
    """Return how far others have read and their UserViews, or None where that is not shown."""
    room_id = membership.room.id
    if not receipts.are_shown(g.person, room_id):
        return None
    seqs = receipts.show(g.person, str(room_id))
    return show_receipts(seqs) | {"people": [show_user(user) for user in people.find_many(seqs)]}


def _is_seen() -> bool:
    """Return whether a person sees the page.

    Nobody sees it for a HEAD request or a prefetch, or when a page of another site leads here.
    """
    if fragments.is_prefetch():
        return False
    return request.method == "GET" and request.headers.get("Sec-Fetch-Site") != "cross-site"


def _first_new(page: dict[str, Any], new_after: int | None) -> int | None:
    """Return the seq of the message below the line "New", if that is on the page."""
    shown = page["messages"]
    if new_after is None:
        return None
    return next(
        (
            message["seq"]
            for message in shown
            if message["seq"] > new_after
            and message["author"]["id"] != str(g.person.id)
            and not message["deleted_at"]
        ),
        None,
    )


def _answered(room_id: str) -> dict[str, Any] | None:
    """Return the message to reply to, without JavaScript."""
    wanted = request.form.get("reply_to_id") or request.args.get("reply_to", "")
    if not wanted:
        return None
    try:
        message = show_message(messages.show(g.person, wanted))
    except NotFound:
        return None
    if message["room_id"] != room_id or message["deleted_at"]:
        return None
    return message
