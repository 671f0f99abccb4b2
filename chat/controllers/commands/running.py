"""Find the command of a text, run it, and tell its author's devices the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chat.controllers import access, broadcasts, messages
from chat.controllers.commands.built_in import BUILT_IN
from chat.controllers.commands.outcome import Call, Outcome, refused
from chat.models.user import User
from chat.utils.command_syntax import text_to_post, typed_in
from chat.utils.translation import _

Allow = Callable[[str], None]


class Offered(NamedTuple):
    """A command that somebody may give in a room. `takes`: what is typed behind its name."""

    name: str
    takes: str
    description: str


def run(
    person: User,
    room_id: str,
    text: str,
    client_id: str,
    zone: str = "",
    allow: Allow = lambda _: None,
) -> Outcome:
    """Do what a text says; post it where it is no command.

    `allow`: raises if the session lacks the scope that a command needs. Raises ChatError.
    """
    typed = typed_in(text, _is_known)
    if typed is None:
        body = text_to_post(text)
        return Outcome(
            messages.post(person, room_id, body=body, client_id=client_id, image_ids=[]).message
        )
    access.membership(person, room_id)
    command = BUILT_IN.get(typed.name)
    if command is None:
        raise refused(
            _(
                "There’s no command /{name}. Put a space before it to send it as text.",
                name=typed.name,
            )
        )
    allow(command.scope)
    call = Call(person, room_id, typed.name, typed.rest, client_id, zone)
    outcome = list_all(call) if typed.name == "help" else command.run(call)
    if outcome.answer:
        broadcasts.command_answered(person.id, outcome.answer)
    return outcome


def is_command(text: str) -> bool:
    """Return whether `run` does not post a text as it is."""
    return typed_in(text, _is_known) is not None or text_to_post(text) != text


def _is_known(name: str) -> bool:
    return name in BUILT_IN


def offered(person: User, room_id: str) -> list[Offered]:
    """Return the commands that the person may give in a room, by name. Raises NotFound."""
    mine = access.membership(person, room_id)
    return [
        Offered(name, _(command.takes) if command.takes else "", _(command.description))
        for name, command in sorted(BUILT_IN.items())
        if mine.may(command.verb)
    ]


def list_all(call: Call) -> Outcome:
    """Answer with the commands that the author may give here."""
    lines = [
        f"- `{f'/{each.name} {each.takes}'.strip()}` {each.description}"
        for each in offered(call.person, call.room_id)
    ]
    return call.answered("\n".join(lines))
