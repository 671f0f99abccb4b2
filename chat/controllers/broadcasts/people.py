"""Emit what concerns a person rather than a room."""

from __future__ import annotations

from collections.abc import Callable

from chat.controllers.broadcasts import local_sockets
from chat.controllers.broadcasts.audiences import every_device_of, everybody_in
from chat.controllers.broadcasts.peers import announce
from chat.controllers.notification_cases import forget_wants
from chat.extensions import socketio
from chat.models.command_answer import CommandAnswer
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.room_order import USUAL_PAGE, page_of
from chat.models.user import User
from chat.schemas.commands import show_answer
from chat.schemas.preferences import show_preferences

# People in a small room. In larger rooms no event reports who joins and leaves; clients ask.
SMALL_ROOM = 50


def user_changed(user_id: Id) -> None:
    """Make the other processes read a person again. Clients get no event."""
    socketio.notify("user", {"user_id": str(user_id)})


def preferences_updated(person: User) -> None:
    """Emit `preferences:updated` to every device of the person, and to nobody else."""
    forget_wants()
    user_changed(person.id)  # first: the next page of a device must already have them
    payload = {"preferences": show_preferences(person)}
    socketio.emit("preferences:updated", payload, to=every_device_of(person.id))


def command_answered(user_id: Id, answer: CommandAnswer) -> None:
    """Emit `command:answer` to every device of the author of a command, and to nobody else."""
    payload = {"answer": show_answer(answer)}
    socketio.emit("command:answer", payload, to=every_device_of(user_id))


def reports_updated() -> None:
    """Emit `reports:updated` to administrators, after their number may have changed."""
    announce("reports", {}, local_sockets.update_reports)


def presence_changed(user_id: Id, status_of: Callable[[Id], str]) -> None:
    """Emit `presence` to the small rooms among the rooms that the person used last.

    Each process emits to its own listeners. Of several changes at the same time each emits the
    last status: it is read when nothing yields any more.
    """
    person = User.find(user_id)
    if person is None:
        return
    memberships = page_of(person, None, USUAL_PAGE).items
    people = Membership.counts(membership.room.id for membership in memberships)
    rooms = [room_id for room_id, count in people.items() if count <= SMALL_ROOM]
    if rooms:
        payload = {"user_id": str(user_id), "status": status_of(user_id)}
        socketio.emit_here("presence", payload, [everybody_in(room_id) for room_id in rooms])
