"""Show and change the settings of the whole chat: its name, its icon."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import IO

from chat.controllers import audit, avatars, broadcasts, current_chat, default_rooms, retention
from chat.models.audit import Texts, actions
from chat.models.avatar import Avatar
from chat.models.chat_settings import ChatSettings
from chat.models.document import Id, id_from
from chat.models.own_ids import CHAT_ID
from chat.models.peers.change_notices import ChangeNotice
from chat.models.user import User
from chat.utils.errors import NotFound, SecondFactorMissing, ValidationFailed
from chat.utils.fair_queue import never
from chat.utils.pictures import ICON_SIZES
from chat.utils.translation import _
from chat.utils.ttl_cache import TtlCache

UNNOTED = {"hides_first_steps"}  # it changes nothing but the administrators' own pages
STORED_SECONDS = 3600.0  # in memory: strangers ask for icons, too

_icons: TtlCache[tuple[Id, int], bytes] = TtlCache(2 * len(ICON_SIZES), STORED_SECONDS)
logger = logging.getLogger(__name__)


def show(person: User) -> ChatSettings:
    """Return the settings to somebody who may change them. Raises Forbidden."""
    person.must("change the chat")
    return current_chat.with_fixed(ChatSettings.find_now())


def change(
    person: User, *, default_room_ids: list[str] | None = None, **changes: object
) -> ChatSettings:
    """Change some settings; all open pages follow.

    Raises Forbidden, SecondFactorMissing to somebody who requires one without having one, and
    ValidationFailed for a setting that the operator fixed, and for a default room that is not open
    to everybody.
    """
    person.must("change the chat")
    by_operator = current_chat.fixed()
    refused = {
        name: _("{variable} sets this. Ask whoever runs the chat.", variable=by_operator[name])
        for name in changes
        if name in by_operator
    }
    if refused:
        raise ValidationFailed(fields=refused)
    if changes.get("second_factor") == "administrators" and not _has_second_factor(person):
        raise SecondFactorMissing(_("Turn on two-step sign-in for yourself first."))
    if default_room_ids is not None:
        changes["default_room_ids"] = [room.id for room in default_rooms.check(default_room_ids)]
    ChangeNotice.store("chat")
    before = ChatSettings.find_now()
    settings = ChatSettings.change(changes)
    broadcasts.chat_updated()
    logger.info(
        "the chat's settings were changed",
        extra={"user_id": str(person.id), "settings": sorted(changes)},
    )
    for name in sorted(changes.keys() - UNNOTED):
        _note(person, name, _shown(before, name), _shown(settings, name))
    if changes.keys() & {"retention_days", "keeps_pinned"}:
        retention.keep_soon()
    return current_chat.with_fixed(settings)


def change_icon(
    person: User, source: IO[bytes], has_hung_up: Callable[[], bool] = never
) -> ChatSettings:
    """Replace the chat's icon, and delete the old one.

    Raises Forbidden, and what `avatars.change` raises.
    """
    person.must("change the chat")
    return _exchange(person, avatars.store(person, CHAT_ID, source, has_hung_up))


def remove_icon(person: User) -> ChatSettings:
    """Remove the chat's icon, so that pages show the usual one again. Raises Forbidden."""
    person.must("change the chat")
    return _exchange(person, None)


def icon(icon_id: str, size: int) -> bytes:
    """Return the chat's icon as PNG. Raises NotFound, also for an icon that was replaced."""
    found_id = id_from(icon_id)
    if found_id is None or found_id != current_chat.find().icon_id or size not in ICON_SIZES:
        raise NotFound
    content = _icons.get_or_load((found_id, size), lambda: _read(found_id, size))
    if content is None:
        raise NotFound
    return content


def _note(person: User, name: str, before: str, after: str) -> None:
    if before != after:
        audit.note(actions.CHAT_SETTING, person, texts=Texts(name, before, after))


def _shown(settings: ChatSettings, name: str) -> str:
    """Return a setting as the audit shows it: rooms by their names."""
    if name == "default_room_ids":
        return ", ".join(room.name for room in default_rooms.find(settings))
    return str(getattr(settings, name))


def _has_second_factor(person: User) -> bool:
    """Return whether the person, who is about to require it of others, has it working."""
    return (User.find_now(person.id) or person).has_second_factor


def _read(icon_id: Id, size: int) -> bytes | None:
    stored = Avatar.find(icon_id)
    return stored.read(size) if stored else None


def _exchange(person: User, icon_id: Id | None) -> ChatSettings:
    ChangeNotice.store("chat")
    avatars.exchange(CHAT_ID, icon_id, ChatSettings.change_icon)
    broadcasts.chat_updated()
    logger.info("the chat's icon was changed", extra={"user_id": str(person.id)})
    audit.note(actions.CHAT_SETTING, person, texts=Texts("icon"))
    return current_chat.with_fixed(ChatSettings.find_now())
