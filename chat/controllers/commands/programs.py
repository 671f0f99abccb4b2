"""Call the program of a command, and take what it answers, at once or later."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, NamedTuple

import orjson

from chat import extensions
from chat.controllers import access, app_messages, broadcasts, budgets, direct_rooms, storage
from chat.controllers.commands.outcome import NOTHING, Call, Outcome, refused, taken
from chat.models.app_account import App
from chat.models.command_answer import CommandAnswer
from chat.models.membership import Membership
from chat.models.slash_command import CommandCall, SlashCommand
from chat.models.user import User
from chat.schemas.incoming_webhooks import SaidInput
from chat.schemas.users import show_user
from chat.utils import hook_payloads
from chat.utils.clock import now, rfc3339
from chat.utils.errors import ChatError, NotFound
from chat.utils.hook_payloads import UnreadablePayload
from chat.utils.hook_payloads.cutting import fitting
from chat.utils.translation import _
from chat.utils.webhooks.sender import Sender

WITHIN = 6.0  # seconds: a little longer than the program that sends may take
LONGEST_ANSWER = 65_536  # bytes
IN_CHANNEL = "in_channel"

_senders: list[Sender] = []


class Spoken(NamedTuple):
    """What a program answers. `body`: clean Markdown."""

    body: str
    is_for_all: bool


def call(command: SlashCommand, given: Call) -> Outcome:
    """Send a command to its program, and do what it answers.

    Raises NotFound, Forbidden, ValidationFailed if it does not answer as it should, RateLimited,
    Conflict for a `client_id` that called it before.
    """
    mine = _may_write(given.person, given.room_id)
    budgets.charge("run commands", given.person.answerable_id)
    begun, token = CommandCall.begin(command.id, given.person.id, mine.room.id, given.client_id)
    try:
        return _answered(command, given, begun, _body(command, given, mine, token))
    except ChatError:
        begun.failed()
        raise


def _answered(command: SlashCommand, given: Call, begun: CommandCall, body: str) -> Outcome:
    """Send a call, and do what its program answers. Raises ChatError."""
    request = {
        "url": command.url,
        "secret": command.secret,
        "webhook_id": f"msg_command_{begun.id}",
        "body": body,
        "owner": str(given.person.answerable_id),
    }
    outcome = _sender().send_and_wait(request, WITHIN)
    if outcome.status == 0:
        raise refused(
            _(
                "/{name} didn’t answer. It may have run; nothing was posted.",
                name=command.name,
            )
        )
    try:
        spoken = _read(outcome.said) if outcome.is_delivered else None
    except UnreadablePayload:
        spoken = None
        if not outcome.said.strip():
            return NOTHING  # it took the command, and answers later or not at all
    if spoken is None:
        raise refused(_("/{name} failed. Nothing was posted.", name=command.name))
    author = User.find(given.person.id)  # all of this may have changed meanwhile
    if author is None or not author.may_act():
        raise NotFound
    return _say(command, begun, author, _may_write(author, given.room_id), spoken)


def answer_later(token: str, content_type: str, sent: bytes) -> None:
    """Do what a program answers at the address that it was given with a call.

    Raises NotFound, Forbidden, ValidationFailed, UnreadablePayload.
    """
    begun = CommandCall.take(token)
    command = SlashCommand.find(begun.command_id) if begun else None
    person = User.find(begun.user_id) if begun else None
    if begun is None or command is None or person is None or not person.may_act():
        raise NotFound(_("This address takes no more answers."))
    spoken = _read(sent.decode(errors="replace"), content_type)
    mine = _may_write(person, str(begun.room_id))
    outcome = _say(command, begun, person, mine, spoken)
    if outcome.answer:
        broadcasts.command_answered(person.id, outcome.answer)


def stop() -> None:
    """End the program that sends, because this process ends."""
    for each in _senders:
        each.stop()
    _senders.clear()


def _may_write(person: User, room_id: str) -> Membership:
    mine = access.membership(person, room_id).must("post")
    direct_rooms.must_reach(person, mine.room)
    return mine


def _body(command: SlashCommand, given: Call, mine: Membership, token: str) -> str:
    data = {
        "command": f"/{command.name}",
        "text": given.rest,
        "user": show_user(given.person),
        "room": {"id": str(mine.room.id), "name": mine.room.name},
        "response_url": f"{extensions.settings().public_url}/commands/answers/{token}",
    }
    return orjson.dumps({"type": "command", "timestamp": rfc3339(now()), "data": data}).decode()


def _read(said: str, content_type: str = "") -> Spoken:
    """Return what an answer says: `body` in our Markdown, or what Slack understands.

    Raises UnreadablePayload, ValidationFailed.
    """
    longest = extensions.settings().max_message_chars
    is_object = said.lstrip().startswith("{")
    payload: Any = None
    if is_object:
        try:
            payload = json.loads(said)
        except (ValueError, RecursionError):
            raise UnreadablePayload(_("The answer is no JSON.")) from None
    if isinstance(payload, dict) and isinstance(payload.get("body"), str):
        text = fitting(payload["body"], longest)
    else:
        kind = "application/json" if is_object else (content_type or "text/plain")
        text = hook_payloads.read(kind, said.encode(), longest).text
    body = taken(SaidInput, body=text)["body"]
    if not body:
        raise UnreadablePayload(_("There is nothing to show."))
    is_for_all = isinstance(payload, dict) and payload.get("response_type") == IN_CHANNEL
    return Spoken(body, is_for_all)


def _say(
    command: SlashCommand, begun: CommandCall, person: User, mine: Membership, spoken: Spoken
) -> Outcome:
    """Post an answer, or return what its author alone sees."""
    name = f"/{command.name}"
    if not spoken.is_for_all:
        return Outcome(answer=CommandAnswer(str(mine.room.id), spoken.body, name))
    client_id = f"command-{begun.id}-{begun.left}"
    charge = partial(storage.charge, person)
    app = App(str(command.id), name)
    if mine.room.kind == "direct":  # first: a client must have the room before the message
        direct_rooms.appear(person.id, mine.room)
    message, _is_new = app_messages.post(
        mine.room, app, client_id, spoken.body, charge, asked_by=person
    )
    return Outcome(message=message)


def _sender() -> Sender:
    if not _senders:
        networks = extensions.settings().webhook_networks
        _senders.append(Sender(networks, LONGEST_ANSWER))
    return _senders[0]
