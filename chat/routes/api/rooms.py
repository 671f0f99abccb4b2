"""`/rooms` and `/direct-rooms`: rooms."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import direct_rooms, favourites, memberships, previews, readings, receipts
from chat.controllers import rooms as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.api.reading import answer_of_one_room, read_answer
from chat.routes.responses import json_answer
from chat.schemas.base import show_next
from chat.schemas.previews import PreviewView, show_preview
from chat.schemas.readings import ReadingView, ReadInput, ReceiptsView, show_reading, show_receipts
from chat.schemas.rooms import (
    BrowseQuery,
    BrowseView,
    DirectRoomInput,
    NotificationsInput,
    RoomChangeInput,
    RoomInput,
    RoomListView,
    RoomsQuery,
    RoomView,
    show_browsed_rooms,
    show_room,
    show_room_items,
)

rooms = Blueprint("rooms", __name__, description="Rooms")


@rooms.get("/rooms", name="listMyRooms", scope="read")
@rooms.arguments(RoomsQuery, location="query")
@rooms.conditional_response(RoomListView)
def list_mine(query: dict[str, Any]) -> Response:
    """List the rooms you are in, with your unread counts

    The rooms that you used last come first. With `q`, a page may contain few rooms, or none, and
    still have a `next`.
    """
    if query["ids"] is not None:
        page = verbs.mine_of(g.person, query["ids"])
    elif query["q"]:
        page = verbs.named(g.person, query["q"], query.get("before"), query["limit"])
    else:
        page = verbs.mine(g.person, query.get("before"), query["limit"])
    return read_answer({"rooms": show_room_items(page.items), "next": show_next(page.following)})


@rooms.post("/rooms", name="createRoom", scope="manage")
@rooms.arguments(RoomInput)
@rooms.response(201, RoomView)
def create(body: dict[str, str]) -> Response:
    """Create a room, which you own"""
    return json_answer(show_room(verbs.create(g.person, **body)), 201)


@rooms.get("/rooms/browse", name="browseRooms", scope="read")
@rooms.arguments(BrowseQuery, location="query")
@rooms.conditional_response(BrowseView)
def browse(query: dict[str, str]) -> Response:
    """List public rooms, by name"""
    page = verbs.browse(g.person, query["q"], query["after"])
    return read_answer({"rooms": show_browsed_rooms(page.items), "next": page.following})


@rooms.post("/direct-rooms", name="openDirectRoom", scope="write")
@rooms.arguments(DirectRoomInput)
@rooms.response(201, RoomView)
@rooms.alt_response(200, schema=RoomView, description="The room existed already")
def open_direct(body: dict[str, Any]) -> Response:
    """Open the direct room of exactly these people and you

    There is one such room. The others see it after the first message in it.
    """
    opened = direct_rooms.open_direct(g.person, body["user_ids"])
    return json_answer(show_room(opened.membership), 201 if opened.is_new else 200)


@rooms.put("/rooms/<id:room_id>/hidden", name="hideDirectRoom", scope="write")
@rooms.response(204)
def hide(room_id: str) -> tuple[Any, int]:
    """Hide a direct room from your list

    It comes back with the next message in it.
    """
    direct_rooms.hide(g.person, room_id)
    return "", 204


@rooms.delete("/rooms/<id:room_id>/hidden", name="unhideDirectRoom", scope="write")
@rooms.response(204)
def show_again(room_id: str) -> tuple[Any, int]:
    """Show a hidden direct room in your list again"""
    direct_rooms.show_again(g.person, room_id)
    return "", 204


@rooms.put("/rooms/<id:room_id>/favourite", name="addFavourite", scope="write")
@rooms.response(204)
def add_favourite(room_id: str) -> tuple[Any, int]:
    """Make a room your favourite

    Favourites come first in the sidebar of all your devices.
    """
    favourites.add(g.person, room_id)
    return "", 204


@rooms.delete("/rooms/<id:room_id>/favourite", name="removeFavourite", scope="write")
@rooms.response(204)
def remove_favourite(room_id: str) -> tuple[Any, int]:
    """Let a room be no favourite of yours any more"""
    favourites.remove(g.person, room_id)
    return "", 204


@rooms.get("/rooms/<id:room_id>", name="getRoom", scope="read")
@rooms.conditional_response(RoomView)
def show(room_id: str) -> Response:
    """Get a room that you are in"""
    return read_answer(show_room(verbs.show(g.person, room_id)))


@rooms.get("/rooms/<id:room_id>/preview", name="previewRoom", scope="read")
@rooms.conditional_response(PreviewView)
def preview(room_id: str) -> Response:
    """Look into a public room before you join it

    Contains the newest messages, 50 at most. Only members get their pictures.
    """
    return answer_of_one_room(show_preview(*previews.show(g.person, room_id)))


@rooms.patch("/rooms/<id:room_id>", name="changeRoom", scope="manage")
@rooms.arguments(RoomChangeInput)
@rooms.response(200, RoomView)
def change(body: dict[str, Any], room_id: str) -> Response:
    """Change a room's name, topic or kind, archive or unarchive it

    Owners and moderators can change name and topic; the rest is for owners.
    """
    return json_answer(show_room(verbs.change(g.person, room_id, **body)))


@rooms.delete("/rooms/<id:room_id>", name="deleteRoom", scope="manage")
@rooms.response(204)
def delete(room_id: str) -> tuple[Any, int]:
    """Delete a room for good

    For owners. Destroys the room's keys, so that nobody can read its messages any more, except from
    a backup that still has the keys.
    """
    verbs.delete(g.person, room_id)
    return "", 204


@rooms.post("/rooms/<id:room_id>/join", name="joinRoom", scope="write")
@rooms.response(200, RoomView)
def join(room_id: str) -> Response:
    """Join a public room"""
    return json_answer(show_room(memberships.join(g.person, room_id)))


@rooms.post("/rooms/<id:room_id>/leave", name="leaveRoom", scope="write")
@rooms.response(204)
def leave(room_id: str) -> tuple[Any, int]:
    """Leave a room"""
    memberships.leave(g.person, room_id)
    return "", 204


@rooms.put("/rooms/<id:room_id>/notifications", name="setRoomNotifications", scope="write")
@rooms.arguments(NotificationsInput)
@rooms.response(200, RoomView)
def choose_notifications(body: dict[str, str], room_id: str) -> Response:
    """Choose which messages of a room notify you

    The level does not change the unread counts.
    """
    return json_answer(show_room(memberships.choose_notifications(g.person, room_id, **body)))


@rooms.put("/rooms/<id:room_id>/read", name="markRead", scope="write")
@rooms.arguments(ReadInput)
@rooms.response(200, ReadingView)
def read(body: dict[str, Any], room_id: str) -> Response:
    """Mark a room's entries as read, up to a seq

    A smaller seq than before marks the later messages as unread again; with forward_only it changes
    nothing.
    """
    return json_answer(show_reading(readings.mark_read(g.person, room_id, **body)))


@rooms.get("/rooms/<id:room_id>/receipts", name="listReceipts", scope="read")
@rooms.response(200, ReceiptsView)
def list_receipts(room_id: str) -> Response:
    """List how far the other members have read

    Contains members who show read receipts. It is empty in rooms of more than 50 people, and for
    people who switched off read receipts (`PATCH /me`).
    """
    return json_answer(show_receipts(receipts.show(g.person, room_id)))
