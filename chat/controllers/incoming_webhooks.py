"""Incoming webhooks: tools post into a room, each at an address of its own, signed in as nobody."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from chat.controllers import access, app_messages, audit, budgets, storage
from chat.models.app_account import App, app_account
from chat.models.audit import actions
from chat.models.document import id_from
from chat.models.incoming_webhook import IncomingWebhook
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, NotFound
from chat.utils.hook_payloads import HookMessage
from chat.utils.translation import _

STORED_BYTES = 500  # about what a webhook takes

logger = logging.getLogger(__name__)


class SeenHook(NamedTuple):
    """A webhook as moderators see it; None if its maker's account is gone."""

    hook: IncomingWebhook
    maker: User | None


def list_of(person: User, room_id: str) -> list[SeenHook]:
    """Return a room's webhooks, the oldest first. Raises NotFound, Forbidden."""
    hooks = IncomingWebhook.of(_managed(person, room_id).room.id)
    makers = User.find_many({hook.made_by for hook in hooks})
    return [SeenHook(hook, makers.get(hook.made_by)) for hook in hooks]


def make(person: User, room_id: str, name: str) -> tuple[SeenHook, str]:
    """Make a webhook of a room, and return it with the secret of its address.

    Nobody sees the secret again. Raises NotFound, Forbidden, Conflict, RateLimited.
    """
    room = _managed(person, room_id).room
    storage.charge(person, STORED_BYTES)
    app_account()
    hook, secret = IncomingWebhook.make(room.id, person.id, name)
    logger.info("an incoming webhook was made", extra=_about(person, hook))
    audit.note_in_room(actions.INCOMING_WEBHOOK_MADE, person, room, after=name)
    return SeenHook(hook, person), secret


def find(person: User, room_id: str, hook_id: str) -> SeenHook:
    """Return a webhook of a room. Raises NotFound, Forbidden."""
    room = _managed(person, room_id).room
    found_id = id_from(hook_id)
    hook = IncomingWebhook.find(found_id) if found_id else None
    if hook is None or hook.room_id != room.id:
        raise NotFound(_("There is no such webhook."))
    return SeenHook(hook, User.find(hook.made_by))


def rename(person: User, room_id: str, hook_id: str, name: str) -> SeenHook:
    """Call a webhook otherwise. Raises NotFound, Forbidden."""
    found = find(person, room_id, hook_id)
    return SeenHook(found.hook.rename(name), found.maker)


def exchange_address(person: User, room_id: str, hook_id: str) -> tuple[SeenHook, str]:
    """Give a webhook another address; nobody can post at the old one any more.

    Raises NotFound, Forbidden.
    """
    found = find(person, room_id, hook_id)
    secret = found.hook.exchange_secret()
    logger.info("an incoming webhook has another address", extra=_about(person, found.hook))
    return found, secret


def remove(person: User, room_id: str, hook_id: str) -> None:
    """Remove a webhook; its messages stay. Raises NotFound, Forbidden."""
    hook = find(person, room_id, hook_id).hook
    hook.remove()
    logger.info("an incoming webhook was removed", extra=_about(person, hook))
    room = _managed(person, room_id).room
    audit.note_in_room(actions.INCOMING_WEBHOOK_REMOVED, person, room, after=hook.name)


def admit(secret: str) -> IncomingWebhook:
    """Return the webhook of an address, charged for one message. Raises NotFound, RateLimited."""
    hook = IncomingWebhook.find_by_secret(secret)
    if hook is None:
        raise NotFound(_("There is no such webhook."))
    budgets.charge("incoming webhook", hook.id)
    return hook


def post(hook: IncomingWebhook, said: HookMessage, body: str, key: str) -> Message:
    """Post what a tool says, once per `key` of the tool's own; empty: it has none.

    `body`: its text, clean. Raises Forbidden, Conflict, RateLimited, Unavailable.
    """
    room = Room.find(hook.room_id)
    if room is None:
        raise NotFound(_("There is no such webhook."))
    if _is_left_by_all(room):
        hook.remove()
        logger.info("an incoming webhook ended: nobody is left", extra={"hook_id": str(hook.id)})
        raise NotFound(_("There is no such webhook."))
    if room.archived_at:
        raise Forbidden(_("This room is archived."))
    app = App(str(hook.id), said.name or hook.name, said.icon)
    client_id = hook.client_id(key or secrets.token_hex())
    # Whoever made it answers for its bytes.
    charge = partial(storage.charge, replace(app_account(), id=hook.made_by))
    try:
        maker = User.find(hook.made_by)
        message, is_new = app_messages.post(room, app, client_id, body, charge, maker)
    except Conflict:
        raise Conflict(_("Another message was sent with this Idempotency-Key.")) from None
    if is_new:
        hook.note_use()
    return message


def _is_left_by_all(room: Room) -> bool:
    """Return whether nobody can ever read or administer the room. Public rooms can be joined."""
    if room.kind != "private" or Membership.count(room.id):
        return False
    return not Membership.people_in(room.id)  # the count may be some seconds old


def _managed(person: User, room_id: str) -> Membership:
    return access.membership(person, room_id).must("manage webhooks")


def _about(person: User, hook: IncomingWebhook) -> dict[str, str]:
    return {"hook_id": str(hook.id), "room_id": str(hook.room_id), "user_id": str(person.id)}
