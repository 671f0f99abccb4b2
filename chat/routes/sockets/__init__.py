"""Define the table of Socket.IO events; docs/events.md has each event's payload and answer."""

from __future__ import annotations

from chat.realtime import SocketIO
from chat.routes.sockets import commands, connection, messages, presence, readings, rooms, search
from chat.routes.sockets.event_guard import Event, answer_unknown, guarded
from chat.schemas.commands import CommandRunInput
from chat.schemas.message_inputs import (
    MessageEditInput,
    MessageIdInput,
    PinInput,
    ReactInput,
    SendInput,
)
from chat.schemas.presence import PresenceInput, PresencesInput, TypingInput
from chat.schemas.room_lines import LinesInput
from chat.schemas.room_log import CatchUpInput
from chat.schemas.rooms import RoomInput
from chat.schemas.search import SearchInput
from chat.schemas.sockets import RoomIdInput, RoomReadInput, RoomUpdateInput

EVENTS: dict[str, Event] = {
    "message:send": Event(SendInput, messages.send, "send"),
    "message:edit": Event(MessageEditInput, messages.edit, "send"),
    "message:delete": Event(MessageIdInput, messages.delete, "send"),
    "message:react": Event(ReactInput, messages.react, "send"),
    "message:pin": Event(PinInput, messages.pin, "send"),
    "command:run": Event(CommandRunInput, commands.run, "send", is_unbounded=True),
    "room:create": Event(RoomInput, rooms.create, scope="manage"),
    "room:join": Event(RoomIdInput, rooms.join),
    "room:leave": Event(RoomIdInput, rooms.leave),
    "room:update": Event(RoomUpdateInput, rooms.update, scope="manage"),
    "room:catch_up": Event(CatchUpInput, messages.catch_up, None, "read"),
    "room:lines": Event(LinesInput, messages.list_lines, None, "read"),
    "room:read": Event(RoomReadInput, readings.read),
    "room:typing": Event(TypingInput, presence.typing),
    "presence:be": Event(PresenceInput, presence.set_status),
    "presence:ask": Event(PresencesInput, presence.ask, None, "read"),
    "search": Event(SearchInput, search.search, "search", "read"),
}


def set_up(socketio: SocketIO) -> None:
    socketio.on_event("connect", connection.connect)
    socketio.on_event("disconnect", connection.disconnect, bare=True)
    for name, event in EVENTS.items():
        socketio.on_event(name, guarded(event, name), bare=True)
    socketio.on_event("*", answer_unknown, bare=True)
