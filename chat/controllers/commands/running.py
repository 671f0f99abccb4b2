"""Find the command of a text, run it, and tell its author's devices the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chat.controllers import access, broadcasts, messages
from chat.controllers.commands import programs
from chat.controllers.commands.built_in import BUILT_IN
from chat.controllers.commands.outcome import Call, Outcome, refused
from chat.models.slash_command import SlashCommand
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
    locale: str = "",
) -> Outcome:
    """Do what a text says; post it where it is no command.

    `zone`, `locale`: as of a Call. `allow`: raises if the session lacks the scope that a command
    needs. Raises ChatError.
    """
    typed = typed_in(text, _is_known)
    if typed is None:
        body = text_to_post(text)
        return Outcome(
            messages.post(person, room_id, body=body, client_id=client_id, image_ids=[]).message
        )
    access.membership(person, room_id)
    call = Call(person, room_id, typed.name, typed.rest, client_id, zone, locale)
    outcome = _run(call, allow)
    if outcome.answer:
        broadcasts.command_answered(person.id, outcome.answer)
    return outcome


def _run(call: Call, allow: Allow) -> Outcome:
    if call.name == "help":
        return list_all(call)
    if command := BUILT_IN.get(call.name):
        allow(command.scope)
        if command.reads(call.rest):
            allow("read")
        return command.run(call)
    if program := SlashCommand.called(call.name):
        return programs.call(program, call)
    raise refused(
        _("There’s no command /{name}. Put a space before it to send it as text.", name=call.name)
    )


def is_command(text: str) -> bool:
    """Return whether `run` does not post a text as it is."""
    return typed_in(text, _is_known) is not None or text_to_post(text) != text


def _is_known(name: str) -> bool:
    return name in BUILT_IN or SlashCommand.called(name) is not None


def offered(person: User, room_id: str) -> list[Offered]:
    """Return the commands that the person may give in a room, by name. Raises NotFound."""
    mine = access.membership(person, room_id)
    own = [
        Offered(name, _(command.takes) if command.takes else "", _(command.description))
        for name, command in BUILT_IN.items()
        if mine.may(command.verb)
    ]
    if mine.may("post"):
        own += [Offered(each.name, "", each.description) for each in SlashCommand.all()]
    return sorted(own)


def list_all(call: Call) -> Outcome:
    """Answer with the commands that the author may give here."""
    lines = [
        f"- `{f'/{each.name} {each.takes}'.strip()}` {each.description}"
        for each in offered(call.person, call.room_id)
    ]
    return call.answered("\n".join(lines))
