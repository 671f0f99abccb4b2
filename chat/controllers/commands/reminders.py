"""`/remind`: store what somebody wants to hear later, list it, and say it when it is due, once.

Any process says it: the message's client_id is the reminder's, so it is posted once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from chat import extensions
from chat.controllers import (
    access,
    app_messages,
    direct_rooms,
    own_reminders,
    sessions,
    storage,
)
from chat.controllers.commands.outcome import Call, Outcome, refused
from chat.controllers.one_by_one import for_each
from chat.models.database import DatabaseError
from chat.models.document import id_from
from chat.models.membership import Membership
from chat.models.message.text import Text
from chat.models.reminder import Content, Reminder
from chat.models.user import User
from chat.schemas.reminders import show_reminders
from chat.utils import reminder_times
from chat.utils.clock import now, rfc3339
from chat.utils.encryption import CannotOpen
from chat.utils.errors import ChatError, NotFound, Unavailable
from chat.utils.local_times import Reader
from chat.utils.plain_text import excerpt_of
from chat.utils.sentences import N_
from chat.utils.text import quoted
from chat.utils.translation import _

ME = ("me", "mich")
HERE = ("here", "hier")
LIST = ("list", "liste")
LONGEST = 1_000  # characters, so that the list of all is no longer than lists may be
MOST_LISTED = 20  # in an answer; the page of reminders has all
HOW = N_("Write whom, when and what: /remind me in 10 minutes check the oven.")
STORED_BYTES = 1000  # about what a reminder takes, besides its text
LATER = timedelta(hours=1)  # when one is tried again that failed by a bug

logger = logging.getLogger(__name__)


def remind(call: Call) -> Outcome:
    """Store a reminder: for the author, for somebody in the room, or for the room. Or list them.

    Raises NotFound, Forbidden, ValidationFailed, Conflict.
    """
    reader = call.reader()
    if reader and is_list(call.rest):
        return _list(call, reader)
    if not reader:
        raise refused(_("Write a time zone as Europe/Berlin or +02:00."))
    whom, _space, words = call.rest.partition(" ")
    asked = _read(words.strip(), reader)
    if len(asked.text) > LONGEST:
        raise refused(_("A reminder has at most {most} characters.", most=LONGEST))
    mine = access.membership(call.person, call.room_id)
    text, named = asked.text, None
    if whom.casefold() in ME:
        mine = direct_rooms.open_direct(call.person, []).membership
    elif whom.casefold() in HERE:
        text = _("{text} (from {person})", text=text, person=call.person.display_name)
    else:
        named = _member_called(mine, whom)
        direct_rooms.must_be_let(call.person, {named.id})
        author = call.person.display_name
        text = _("@{name} {text} (from {person})", name=named.username, text=text, person=author)
    mine.must("post")
    storage.charge(call.person, STORED_BYTES + Text.render(text, {}).written_bytes)
    content = Content(_("Reminder"), text, str(named.id) if named else "")
    Reminder.make(call.person.id, mine.room.id, call.client_id, asked.due_at, content)
    time = reader.moment(rfc3339(asked.due_at))
    return call.answered(_("Reminder set for {time}. `/remind list` shows yours.", time=time))


def _read(words: str, reader: Reader) -> reminder_times.Asked:
    """Return when, and of what. Raises ValidationFailed, which says what is wrong."""
    try:
        asked = reminder_times.read(words, now(), reader.zone)
    except reminder_times.NoTime as error:
        raise refused(str(error)) from None
    if asked is None:
        raise refused(_(HOW))
    return asked


def is_list(rest: str) -> bool:
    """Return whether what is typed behind `/remind` asks for the list."""
    return rest.strip().casefold() in LIST


def _list(call: Call, reader: Reader) -> Outcome:
    """Tell the author of the next reminders, and where all can be deleted."""
    found = show_reminders(own_reminders.list_of(call.person))
    if not found:
        return call.answered(f"{_('You have no reminders.')} {_(HOW)}")
    lines = [f"- {_line(each, reader)}" for each in found[:MOST_LISTED]]
    if rest := len(found) - len(lines):
        lines.append(f"- {_('and {count} more', count=rest)}")
    address = f"{extensions.settings().public_url}/settings/reminders"
    delete = _("To delete one, open [your reminders]({address}).", address=address)
    return call.answered("\n".join([*lines, "", delete]))


def _line(reminder: dict[str, Any], reader: Reader) -> str:
    """Return what a list says of a ReminderView."""
    room = reminder["room"]
    where = room["name"] if room else _("you left the room, so it won’t be said")
    text = excerpt_of("", reminder["body"])
    return f"**{reader.moment(reminder['due_at'])}** · {where}: {text}"


def deliver_due() -> int:
    """Say what is due. Return how many reminders were said. Raises DatabaseError, Unavailable."""
    return for_each(Reminder.due(), _deliver, "a reminder could not be said")


def _deliver(reminder: Reminder) -> bool:
    """Say a reminder, unless whoever asked for it may not. In any case it holds up no others."""
    try:
        _say(reminder)
    except (DatabaseError, Unavailable):  # the others would fail as well
        raise
    except (ChatError, CannotOpen) as error:
        logger.info("a reminder was dropped", extra={"reason": str(error)})
    except Exception:
        reminder.put_off(LATER)
        raise
    reminder.remove()
    return True


def _say(reminder: Reminder) -> None:
    """Post a reminder. Raises ChatError, CannotOpen, DatabaseError."""
    person = User.find(reminder.user_id)
    if person is None:
        raise NotFound
    sessions.must_be_active(person)
    mine = access.membership(person, str(reminder.room_id)).must("post")
    direct_rooms.must_reach(person, mine.room)
    content = reminder.opened()
    direct_rooms.must_be_let(person, set(filter(None, [id_from(content.whom)])))
    if mine.room.kind == "direct":  # first: a client must have the room before the message
        direct_rooms.appear(person.id, mine.room)
    app_messages.post(
        mine.room, content.app, reminder.client_id, content.body, _charge_nothing, person
    )


def _charge_nothing(_size: int) -> None:
    """Charge nothing: its author was charged when they asked. Raises DiskNearlyFull."""
    storage.require_space()


def _member_called(mine: Membership, whom: str) -> User:
    """Return a member. Raises ValidationFailed."""
    user = User.find_by_username(whom.removeprefix("@"))
    if user is None or not Membership.among(mine.room.id, [user.id]):
        raise refused(
            _(
                "Nobody in this room is called {name}. Write whom first: me, here or @name.",
                name=quoted(whom.removeprefix("@")),
            )
        )
    return user
