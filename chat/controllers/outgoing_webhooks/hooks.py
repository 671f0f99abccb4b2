"""List a room's outgoing webhooks, make one, change one, and remove one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from chat import extensions
from chat.controllers import access, audit, storage
from chat.controllers.outgoing_webhooks import delivering
from chat.extensions import socketio
from chat.models.audit import actions
from chat.models.document import id_from
from chat.models.log import log_of
from chat.models.outgoing_webhook import PERSON, OutgoingWebhook
from chat.models.outgoing_webhook_sealed import Sealed
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import NotFound, ValidationFailed
from chat.utils.outward.networks import host_of, is_allowed, literal_address, networks_of
from chat.utils.translation import _
from chat.utils.webhooks.signing import new_secret

STORED_BYTES = 1000  # about what a webhook takes


class SeenHook(NamedTuple):
    """A webhook as moderators see it: `opened` is what is sealed of it, `maker` who made it."""

    hook: OutgoingWebhook
    opened: Sealed
    maker: User


def list_of(person: User, room_id: str) -> list[SeenHook]:
    """Return a room's webhooks, the oldest first. Raises NotFound, Forbidden."""
    room = access.membership(person, room_id).must("manage webhooks").room
    hooks = OutgoingWebhook.of(room.id)
    makers = User.find_many({each.made_by for each in hooks})
    return [
        SeenHook(each, each.shown(), makers[each.made_by])
        for each in hooks
        if each.made_by in makers  # of an erased person, whose webhooks are being removed
    ]


def find(person: User, hook_id: str, room_id: str | None = None) -> tuple[SeenHook, Room]:
    """Return a webhook and its room, which is `room_id` if that is given.

    Raises NotFound, Forbidden.
    """
    if room_id is not None:
        access.membership(person, room_id).must("manage webhooks")
    found_id = id_from(hook_id)
    hook = OutgoingWebhook.find(found_id) if found_id else None
    if hook is None or room_id not in (None, str(hook.room_id)):
        raise NotFound(_("There is no such webhook."))
    try:
        room = access.membership(person, str(hook.room_id)).must("manage webhooks").room
    except NotFound:
        raise NotFound(_("There is no such webhook.")) from None
    maker = User.find(hook.made_by)
    if maker is None:
        raise NotFound(_("There is no such webhook."))
    return SeenHook(hook, hook.shown(), maker), room


def make(person: User, room_id: str, *, name: str, url: str, events: list[str]) -> SeenHook:
    """Make a webhook that gets the room's news from now on.

    Raises NotFound, Forbidden, ValidationFailed, Conflict for one too many, RateLimited.
    """
    room = access.membership_now(person, room_id).must("manage webhooks").room
    must_be_public(url)
    storage.charge(person, STORED_BYTES + len(url))
    opened = Sealed(name, url, new_secret())
    hook = OutgoingWebhook.make(room.id, person.id, events, opened, log_of(room.id).head().seq)
    audit.note_in_room(actions.OUTGOING_WEBHOOK_MADE, person, room, after=name)
    _announce()
    return SeenHook(hook, opened, person)


def change(
    person: User,
    room_id: str,
    hook_id: str,
    *,
    name: str | None = None,
    url: str | None = None,
    events: list[str] | None = None,
    enabled: bool | None = None,
    from_now: bool = False,
    is_new_secret: bool = False,
) -> SeenHook:
    """Change a webhook, give it a new secret, or switch it off or on.

    It goes on where it stopped, or with what comes from now on. Raises NotFound, Forbidden,
    ValidationFailed.
    """
    seen, room = find(person, hook_id, room_id)
    hook, before = seen.hook, seen.opened
    if url is not None:
        must_be_public(url)
    given = {"name": name, "url": url, "secret": new_secret() if is_new_secret else None}
    after = replace(before, **{field: text for field, text in given.items() if text is not None})
    chosen = hook.events if events is None else tuple(events)
    is_changed = after != before or chosen != hook.events
    if is_changed:
        hook.change(chosen, after)
    if enabled and not hook.is_on:
        is_changed = True
        hook.switch_on(log_of(room.id).head().seq if from_now else None)
    if is_changed:
        _note(actions.OUTGOING_WEBHOOK_CHANGED, person, room, before.name, after.name)
    if enabled is False and hook.switch_off(PERSON):
        _note(actions.OUTGOING_WEBHOOK_OFF, person, room, before.name, after.name)
    _announce()
    return find(person, hook_id, room_id)[0]


def _note(action: str, person: User, room: Room, before: str, after: str) -> None:
    audit.note_in_room(action, person, room, before=before if before != after else "", after=after)


def remove(person: User, room_id: str, hook_id: str) -> None:
    """Remove a webhook, and the record of its deliveries. Raises NotFound, Forbidden."""
    seen, room = find(person, hook_id, room_id)
    if seen.hook.remove():
        audit.note_in_room(actions.OUTGOING_WEBHOOK_REMOVED, person, room, after=seen.opened.name)


def try_now(hook: OutgoingWebhook) -> None:
    """Let the job go on with a webhook whose receiver just answered."""
    if hook.is_on and hook.failing_since:
        hook.try_now()
        _announce()


def handle_notice(_about: dict[str, Any]) -> None:
    """Learn that somebody changed a webhook through another process."""
    delivering.hooks_changed()


def _announce() -> None:
    delivering.hooks_changed()
    socketio.notify("webhooks", {})


def must_be_public(url: str) -> None:
    """Refuse an address of a private network at once; names are looked up with each try."""
    host = host_of(url)
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"
    address = literal_address(host)
    if address and not is_allowed(address, networks_of(extensions.settings().webhook_networks)):
        sentence = _("This address is in a private network, to which the chat sends nothing.")
        raise ValidationFailed(fields={"url": sentence})
