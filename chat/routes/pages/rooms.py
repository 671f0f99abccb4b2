"""Serve rooms as pages."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import images, memberships, messages, people, readings, receipts
from chat.controllers import rooms as verbs
from chat.models.membership import Membership
from chat.models.message.bounds import FEW_BYTES
from chat.routes.pages import fragments
from chat.routes.pages.faces import faces_in
from chat.routes.pages.forms import read_form, read_query, refuse
from chat.routes.pages.measures import BELONGS_TOGETHER
from chat.routes.pages.messages import around_messages
from chat.routes.pages.times import is_same_day
from chat.routes.visitors import has_hung_up
from chat.schemas.images import GalleryQuery, show_gallery
from chat.schemas.message_inputs import MessageInput, PageQuery
from chat.schemas.messages import show_message, show_page
from chat.schemas.readings import show_receipts
from chat.schemas.rooms import (
    BrowseQuery,
    RoomInput,
    RoomsQuery,
    show_browsed_rooms,
    show_room,
    show_room_items,
)
from chat.schemas.users import show_user
from chat.utils.errors import ChatError, NotFound

rooms = Blueprint("rooms", __name__)

Arranged = tuple[dict[str, Any], bool, bool]


@rooms.get("/rooms")
def list_mine() -> str:
    return render_template("rooms/list.html")


@rooms.get("/rooms/all")
def list_all() -> str:
    """Show all rooms that a person is in, a page at a time."""
    query = read_query(RoomsQuery)
    if query["q"]:
        page = verbs.named(g.person, query["q"], query.get("before"), query["limit"])
    else:
        page = verbs.mine(g.person, query.get("before"), query["limit"])
    return render_template(
        "rooms/all.html",
        items=show_room_items(page.items),
        following=page.following,
        q=query["q"],
    )


@rooms.get("/rooms/browse")
def browse() -> str:
    query = read_query(BrowseQuery)
    page = verbs.browse(g.person, query["q"], query["after"])
    return render_template(
        "rooms/browse.html",
        found=show_browsed_rooms(page.items),
        following=page.following,
        q=query["q"],
    )


@rooms.get("/rooms/new")
def new() -> str:
    return render_template("rooms/new.html", form=request.form, mistake=None)


@rooms.post("/rooms")
def create() -> AnyResponse | tuple[str, int]:
    try:
        room = verbs.create(g.person, **read_form(RoomInput)).room
    except ChatError as mistake:
        return render_template("rooms/new.html", form=request.form, mistake=mistake), mistake.status
    return redirect(url_for("pages.rooms.show", room_id=room.id), 303)


@rooms.get("/rooms/<room_id>")
def show(room_id: str) -> str | tuple[str, int]:
    """Show a room's newest messages, or those around a cursor.

    Marks the newest messages as read when it shows them. A person who follows a link to a public
    room, but is not a member, is asked whether to join.
    """
    try:
        return _room_page(room_id)
    except NotFound:
        room = memberships.room_to_join(g.person, room_id)
        return render_template("rooms/join.html", room=show_browsed_rooms([(room, None)])[0]), 404


@rooms.post("/rooms/<room_id>/messages")
def post_message(room_id: str) -> AnyResponse:
    """Post a message without JavaScript.

    The form has a client_id, so that sending it twice posts one message.
    """
    try:
        files = [file.stream for file in request.files.getlist("image") if file.filename]
        gone = has_hung_up()
        shown = [str(images.upload(g.person, room_id, file, has_hung_up=gone).id) for file in files]
        messages.post(g.person, room_id, **read_form(MessageInput, image_ids=shown))
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_room_page(room_id, mistake), mistake)
    return redirect(url_for("pages.rooms.show", room_id=room_id), 303)


@rooms.get("/rooms/<room_id>/images")
def list_images(room_id: str) -> str:
    """Show the images of a room's messages, newest first."""
    query = read_query(GalleryQuery)
    gallery = show_gallery(images.gallery(g.person, room_id, **query))
    return render_template(
        "rooms/images.html", room=show_room(verbs.show(g.person, room_id)), gallery=gallery
    )


@rooms.post("/rooms/<room_id>/join")
def join(room_id: str) -> AnyResponse:
    memberships.join(g.person, room_id)
    return redirect(url_for("pages.rooms.show", room_id=room_id), 303)


def _room_page(room_id: str, mistake: ChatError | None = None) -> str:
    query = read_query(PageQuery)
    is_seen = _is_seen()
    membership = verbs.enter(g.person, room_id) if is_seen else verbs.show(g.person, room_id)
    page = messages.page(g.person, room_id, **query, most_bytes=FEW_BYTES)
    read_seq = readings.show(g.person, room_id).read_seq
    if not page.has_after and is_seen and not fragments.is_fragment():
        readings.read_up_to(g.person, room_id, page.head_seq)
    room = show_room(membership)
    shown = show_page(page)
    first_new = _first_new(shown, read_seq)
    return render_template(
        "rooms/show.html",
        room=room,
        faces=faces_in(room, shown["messages"]),
        page=shown,
        mistake=mistake,
        read_seq=read_seq,
        first_new=first_new,
        arranged=_arranged(shown["messages"], first_new),
        answered=_answered(room_id),
        **around_messages(membership, shown["messages"]),
        receipts=_receipts(membership),
        longest_message=extensions.settings().max_message_chars,
        form=request.form,
        client_id=request.form.get("client_id") or secrets.token_urlsafe(12),
    )


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


def _first_new(page: dict[str, Any], read_seq: int) -> int | None:
    """Return the seq of the message below the line "New", if that is on the page."""
    shown = page["messages"]
    if not read_seq or not shown or (page["has_before"] and shown[0]["seq"] > read_seq):
        return None
    return next(
        (
            message["seq"]
            for message in shown
            if message["seq"] > read_seq and message["author"]["id"] != str(g.person.id)
        ),
        None,
    )


def _arranged(messages: list[dict[str, Any]], first_new: int | None) -> list[Arranged]:
    """Return each message, whether it shares the name above it, and whether it begins a day.

    neighbours.js computes the same.
    """
    arranged: list[Arranged] = []
    before: dict[str, Any] = {}
    for message in messages:
        begins_day = not before or not is_same_day(before["created_at"], message["created_at"])
        stands_alone = begins_day or message["reply_to"] or message["seq"] == first_new
        continues = not stands_alone and _belong_together(before, message)
        arranged.append((message, continues, begins_day))
        before = message
    return arranged


def _belong_together(before: dict[str, Any], message: dict[str, Any]) -> bool:
    if before["author"]["id"] != message["author"]["id"]:
        return False
    then = datetime.fromisoformat(before["created_at"])
    return datetime.fromisoformat(message["created_at"]) - then < BELONGS_TOGETHER


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
