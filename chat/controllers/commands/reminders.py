"""`/remind`: store what somebody wants to hear later, and say it when it is due, once.

Any process says it: the message's client_id is the reminder's, so it is posted once.
"""

from __future__ import annotations

import logging
from functools import partial

from chat.controllers import access, app_messages, direct_rooms, storage
from chat.controllers.commands.outcome import Call, Outcome, refused
from chat.controllers.one_by_one import for_each
from chat.models.membership import Membership
from chat.models.reminder import Reminder
from chat.models.user import User
from chat.utils import reminder_times
from chat.utils.clock import now
from chat.utils.days import zone_of
from chat.utils.encryption import CannotOpen
from chat.utils.errors import Forbidden, NotFound
from chat.utils.sentences import N_
from chat.utils.translation import _

ME = ("me", "mich")
HERE = ("here", "hier")
HOW = N_("Write whom, when and what: /remind me in 10 minutes check the oven.")
STORED_BYTES = 1000  # about what a reminder takes, besides its text

logger = logging.getLogger(__name__)


def remind(call: Call) -> Outcome:
    """Store a reminder: for the author, for somebody in the room, or for the room.

    Raises NotFound, Forbidden, ValidationFailed, Conflict.
    """
    whom, _space, words = call.rest.partition(" ")
    zone = zone_of(call.zone or call.person.about.time_zone or "")
    asked = zone and reminder_times.read(words.strip(), now(), zone)
    if not asked:
        raise refused(_(HOW))
    mine = access.membership(call.person, call.room_id)
    text = asked.text
    if whom.casefold() in ME:
        mine = direct_rooms.open_direct(call.person, []).membership
    elif whom.casefold() in HERE:
        text = _("{text} (from {person})", text=text, person=call.person.display_name)
    else:
        name = _member_called(mine, whom)
        text = _(
            "@{name} {text} (from {person})", name=name, text=text, person=call.person.display_name
        )
    mine.must("post")
    storage.charge(call.person, STORED_BYTES + len(text))
    room_id = mine.room.id
    Reminder.make(call.person.id, room_id, call.client_id, asked.due_at, _("Reminder"), text)
    local = f"{asked.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return call.answered(_("Reminder set for {time}.", time=local))


def deliver_due() -> int:
    """Say what is due. Return how many reminders were said. Raises DatabaseError, Unavailable."""
    return for_each(Reminder.due(), _deliver, "a reminder could not be said")


def _deliver(reminder: Reminder) -> bool:
    """Post a reminder, unless whoever asked for it may no longer write there."""
    try:
        person = User.find(reminder.user_id)
        if person and person.is_active:
            mine = access.membership(person, str(reminder.room_id)).must("post")
            direct_rooms.must_reach(person, mine.room)
            _post(reminder, person, mine)
    except (NotFound, Forbidden, CannotOpen) as error:
        logger.info("a reminder was dropped", extra={"reason": str(error)})
    reminder.remove()
    return True


def _post(reminder: Reminder, person: User, mine: Membership) -> None:
    app, body = reminder.opened()
    if mine.room.kind == "direct":  # first: a client must have the room before the message
        direct_rooms.appear(person.id, mine.room)
    charge = partial(storage.charge, person)
    app_messages.post(mine.room, app, reminder.client_id, body, charge)


def _member_called(mine: Membership, whom: str) -> str:
    """Return the username of a member. Raises ValidationFailed."""
    user = User.find_by_username(whom.removeprefix("@"))
    if user is None or not Membership.among(mine.room.id, [user.id]):
        raise refused(_(HOW))
    return user.username
