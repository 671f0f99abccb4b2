"""Serve rooms as pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import (
    current_chat,
    first_steps,
    images,
    memberships,
    messages,
    room_invitations,
    sent_messages,
    unread_rooms,
)
from chat.controllers import rooms as verbs
from chat.routes.pages import typed_commands
from chat.routes.pages.forms import load, read_form, read_query, refuse
from chat.routes.pages.once import once
from chat.routes.pages.preview_page import preview_page
from chat.routes.pages.public_rooms import show_public_rooms
from chat.routes.pages.room_page import room_page
from chat.routes.visitors import has_hung_up
from chat.schemas.images import GalleryQuery, show_gallery
from chat.schemas.message_inputs import MessageInput
from chat.schemas.readings import BringBackInput
from chat.schemas.room_invitations import show_invitations
from chat.schemas.rooms import (
    BrowseQuery,
    RoomInput,
    RoomsQuery,
    show_room,
    show_room_items,
)
from chat.utils.errors import ChatError, Conflict, NotFound

rooms = Blueprint("rooms", __name__)

MOST_PUBLIC_ROOMS = 8  # where a person begins


@rooms.get("/rooms")
def list_mine() -> str:
    """Show where a person begins: what waits for them or, in no room yet, which rooms there are."""
    invitations = show_invitations(room_invitations.list_of(g.person))["invitations"]
    return render_template(
        "rooms/list.html",
        first_steps=first_steps.find(g.person),
        chat_name_is_fixed="name" in current_chat.fixed(),
        invitations=invitations,
        public_rooms=_some_public_rooms,
    )


def _some_public_rooms() -> list[dict[str, Any]]:
    """Return RoomViews of public rooms, those with most people first."""
    found = show_public_rooms(verbs.browse(g.person).items)
    return sorted(found, key=lambda room: -room["member_count"])[:MOST_PUBLIC_ROOMS]


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
        found=show_public_rooms(page.items),
        following=page.following,
        q=query["q"],
    )


@rooms.get("/rooms/new")
def new() -> str:
    return render_template("rooms/new.html", form=request.form, mistake=None)


@rooms.post("/rooms")
@once
def create() -> AnyResponse:
    try:
        room = verbs.create(g.person, **read_form(RoomInput)).room
    except ChatError as mistake:
        page = render_template("rooms/new.html", form=request.form, mistake=mistake)
        return refuse(page, mistake)
    return redirect(url_for("pages.rooms.show", room_id=room.id), 303)


@rooms.post("/rooms/read-all")
def read_all() -> str:
    return render_template("rooms/read_all.html", before=unread_rooms.read_all(g.person))


@rooms.post("/rooms/bring-back")
def bring_back() -> str:
    """Take back what `read_all` did."""
    body = load(BringBackInput, {"readings": request.form.getlist("readings")})
    unread_rooms.bring_back(g.person, body["readings"])
    return render_template("rooms/read_all.html", is_undone=True)


@rooms.get("/rooms/<room_id>")
def show(room_id: str) -> str:
    """Show a room: at the first unread message, at the newest ones, or around a cursor.

    Without scripts, this marks the shown messages as read; scripts report what was in sight. A
    person who is not a member sees a public room as it is before they join. Raises NotFound.
    """
    try:
        return room_page(room_id)
    except NotFound:
        return preview_page(room_id)


@rooms.post("/rooms/<room_id>/messages")
def post_message(room_id: str) -> AnyResponse:
    """Post a message without JavaScript.

    The form has a client_id, so that sending it twice posts one message; its pictures have come
    twice then.
    """
    if typed_commands.is_one(request.form.get("body", "")):
        return typed_commands.run(room_id)
    try:
        files = [file.stream for file in request.files.getlist("image") if file.filename]
        gone = has_hung_up()
        shown = [str(images.upload(g.person, room_id, file, has_hung_up=gone).id) for file in files]
        message = read_form(MessageInput, image_ids=shown)
        try:
            messages.post(g.person, room_id, **message)
        except Conflict:
            if not sent_messages.is_sent_alike(g.person, room_id, **message):
                raise
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(room_page(room_id, mistake), mistake)
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
