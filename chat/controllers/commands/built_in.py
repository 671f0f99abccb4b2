"""The commands of the chat itself: one table defines them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat.controllers import access, adding, memberships, messages, profile_changes, rooms
from chat.controllers.commands.outcome import NOTHING, Call, Outcome, refused, taken
from chat.controllers.commands.reminders import is_list, remind
from chat.models.user import User
from chat.schemas.rooms import RoomChangeInput
from chat.schemas.statuses import StatusInput
from chat.utils.emojis import emoji_from
from chat.utils.errors import Conflict, Forbidden, NotFound, RateLimited
from chat.utils.sentences import N_
from chat.utils.translation import _

SHRUG = r"¯\_(ツ)_/¯"
MOST_INVITED = 20  # people, by one command


@dataclass(frozen=True)
class BuiltIn:
    """A command. `takes`: what is typed behind its name, as people read it.

    `verb`: it is offered to those who may do this in the room. `scope`: an API token needs it.
    `reads`: whether what is typed behind the name asks for something that takes the scope `read`.
    """

    run: Callable[[Call], Outcome]
    takes: str
    description: str
    verb: str
    scope: str = "write"
    reads: Callable[[str], bool] = lambda _rest: False


def act(call: Call) -> Outcome:
    """Post what the author does, in italics, as chats do since IRC."""
    text = _needed(call, _("Write what you do: /me waves."))
    lines = [f"*{line.strip()}*" if line.strip() else "" for line in text.split("\n")]
    return _post(call, "\n".join(lines))


def shrug(call: Call) -> Outcome:
    return _post(call, f"{call.rest} {SHRUG}".strip())


def change_topic(call: Call) -> Outcome:
    """Change the room's topic, which a line in the room then tells."""
    topic = _needed(call, _("Write the new topic: /topic Tides and weather."))
    changes = taken(RoomChangeInput, topic=topic)
    rooms.change(call.person, call.room_id, topic=changes["topic"])
    return NOTHING


def invite(call: Call) -> Outcome:
    """Add people to the room, or invite them, as the page of its members does."""
    names = _needed(call, _("Write whom: /invite @name.")).split()
    if len(names) > MOST_INVITED:
        raise refused(_("Name at most {most} people at once.", most=MOST_INVITED))
    people = [_called(name) for name in names]
    done, left_out = [], []
    for person in people:
        try:
            done.append(adding.add(call.person, call.room_id, str(person.id)))
        except (Conflict, Forbidden, NotFound, RateLimited) as error:
            if not done:
                raise
            left_out.append(f"{person.label}: {error}")
    return call.answered(" ".join([*_told(done), *left_out]))


def _told(done: list[adding.Added]) -> list[str]:
    """Return who is in the room now, who was before, and who is asked first; a sentence each."""
    added = [each.user.label for each in done if each.is_new]
    here = [each.user.label for each in done if not (each.is_new or each.invitation)]
    invited = [each.user.label for each in done if each.invitation]
    told = [
        (added, _("Added: {people}.", people=", ".join(added))),
        (here, _("Already here: {people}.", people=", ".join(here))),
        (invited, _("Invited: {people}.", people=", ".join(invited))),
    ]
    return [sentence for people, sentence in told if people]


def leave(call: Call) -> Outcome:
    if call.rest:
        raise refused(_("To leave this room, write /leave alone."))
    memberships.leave(call.person, call.room_id)
    return NOTHING


def change_status(call: Call) -> Outcome:
    """Change the author's status; without a text, take it away."""
    access.membership(call.person, call.room_id)
    if not call.rest:
        profile_changes.change_about(call.person, {"status": None})
        return call.answered(_("Your status is cleared."))
    first, _space, rest = call.rest.partition(" ")
    emoji = emoji_from(first)
    given = {"emoji": emoji, "text": rest.strip()} if emoji else {"text": call.rest}
    status = taken(StatusInput, **given)
    profile_changes.change_about(call.person, {"status": status})
    shown = f"{status.emoji} {status.text}".strip()
    return call.answered(_("Your status: {status}", status=shown))


def _post(call: Call, body: str) -> Outcome:
    posted = messages.post(
        call.person, call.room_id, body=body, client_id=call.client_id, image_ids=[]
    )
    return Outcome(message=posted.message)


def _needed(call: Call, how: str) -> str:
    if not call.rest:
        raise refused(how)
    return call.rest


def _called(name: str) -> User:
    user = User.find_by_username(name.removeprefix("@"))
    if user is None or user.is_app:
        raise refused(_("There’s nobody called {name}.", name=name))
    return user


BUILT_IN: dict[str, BuiltIn] = {
    "help": BuiltIn(lambda _call: NOTHING, "", N_("List the commands"), "read"),
    "invite": BuiltIn(
        invite, N_("@name"), N_("Add people to this room"), "add members", scope="manage"
    ),
    "leave": BuiltIn(leave, "", N_("Leave this room"), "leave"),
    "me": BuiltIn(act, N_("text"), N_("Say what you do, in italics"), "post"),
    "remind": BuiltIn(
        remind,
        N_("me in 1 hour text"),
        N_("Remind yourself later, @name, or everyone “here”; “list” shows your reminders"),
        "post",
        reads=is_list,
    ),
    "shrug": BuiltIn(shrug, N_("text"), N_("Add a shrug to a text"), "post"),
    "status": BuiltIn(
        change_status, N_(":emoji: text"), N_("Set your status; alone, clear it"), "read"
    ),
    "topic": BuiltIn(
        change_topic, N_("text"), N_("Change the topic"), "change room", scope="manage"
    ),
}
