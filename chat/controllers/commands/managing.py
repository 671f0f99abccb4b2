"""Look after the commands of programs, as administrators do."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from chat.controllers import audit, storage
from chat.controllers.commands.built_in import BUILT_IN
from chat.controllers.outgoing_webhooks.hooks import must_be_public
from chat.models.audit import actions
from chat.models.audit.texts import Texts
from chat.models.document import id_from
from chat.models.slash_command import SlashCommand, taken
from chat.models.user import User
from chat.utils.errors import NotFound
from chat.utils.translation import _
from chat.utils.webhooks.signing import new_secret

STORED_BYTES = 1000  # about what a command takes


class SeenCommand(NamedTuple):
    """A command as administrators see it; None if its maker's account is gone."""

    command: SlashCommand
    maker: User | None


def list_of(person: User) -> list[SeenCommand]:
    """Return all commands of programs, by name. Raises Forbidden."""
    person.must("manage commands")
    commands = SlashCommand.all()
    makers = User.find_many({each.made_by for each in commands})
    return [SeenCommand(each, makers.get(each.made_by)) for each in commands]


def find(person: User, command_id: str) -> SeenCommand:
    """Return a command. Raises NotFound, Forbidden."""
    person.must("manage commands")
    found_id = id_from(command_id)
    command = SlashCommand.find(found_id) if found_id else None
    if command is None:
        raise NotFound(_("There is no such command."))
    return SeenCommand(command, User.find(command.made_by))


def make(person: User, *, name: str, description: str, url: str) -> SeenCommand:
    """Make a command. Raises Forbidden, ValidationFailed, Conflict, RateLimited."""
    person.must("manage commands")
    _must_be_free(name)
    must_be_public(url)
    storage.charge(person, STORED_BYTES + len(url))
    command = SlashCommand.make(person.id, name, description, url, new_secret())
    _note(actions.COMMAND_MADE, person, command)
    return SeenCommand(command, person)


def change(
    person: User,
    command_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    url: str | None = None,
    is_new_secret: bool = False,
) -> SeenCommand:
    """Change a command, or give it a new secret.

    Raises NotFound, Forbidden, ValidationFailed, Conflict.
    """
    before, maker = find(person, command_id)
    if name is not None and name != before.name:
        _must_be_free(name)
    if url is not None:
        must_be_public(url)
    command = replace(
        before,
        name=name or before.name,
        description=before.description if description is None else description,
        url=url or before.url,
        secret=new_secret() if is_new_secret else before.secret,
    )
    if command != before:
        command.store()
        _note(actions.COMMAND_CHANGED, person, command, before)
    return SeenCommand(command, maker)


def remove(person: User, command_id: str) -> None:
    """Remove a command; what its program posted stays. Raises NotFound, Forbidden."""
    command = find(person, command_id).command
    command.remove()
    _note(actions.COMMAND_REMOVED, person, command)


def _must_be_free(name: str) -> None:
    """Raise Conflict if the chat itself has a command of this name."""
    if name in BUILT_IN:
        raise taken()


def _note(
    action: str, person: User, command: SlashCommand, before: SlashCommand | None = None
) -> None:
    """Note an action in the audit. `before`: the command, which may have had another name."""
    is_renamed = before is not None and before.name != command.name
    earlier = f"/{before.name}" if before and is_renamed else ""
    audit.note(action, person, texts=Texts(before=earlier, after=f"/{command.name}"))
