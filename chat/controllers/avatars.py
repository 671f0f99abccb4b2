"""Change, show and delete avatars."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from typing import IO

from chat import extensions
from chat.controllers import access, broadcasts, storage
from chat.controllers.image_processing import processing
from chat.controllers.one_by_one import for_each
from chat.models.avatar import Avatar
from chat.models.chat_settings import ChatSettings
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.own_ids import CHAT_ID
from chat.models.user import User
from chat.utils import pictures
from chat.utils.errors import NotFound
from chat.utils.fair_queue import never
from chat.utils.pictures import AVATAR_SIZES, ICON_SIZES
from chat.utils.translation import _


def change(person: User, source: IO[bytes], has_hung_up: Callable[[], bool] = never) -> User:
    """Replace the person's avatar, and delete the old avatar.

    Raises TooLarge, UnsupportedType, ValidationFailed, RateLimited, ClientGone, Unavailable.
    """
    return _exchange(person, store(person, person.id, source, has_hung_up))


def store(
    person: User, owner_id: Id, source: IO[bytes], has_hung_up: Callable[[], bool] = never
) -> Id:
    """Store an avatar of the person, or an icon of the chat, which nothing uses yet.

    `owner_id`: the person's id, or CHAT_ID. Return the new id. Raises what `change` raises.
    """
    storage.require_space()
    is_icon = owner_id == CHAT_ID
    with processing(person, source, has_hung_up), contextlib.ExitStack() as stack:
        squares: dict[int, IO[bytes]] = {
            size: stack.enter_context(tempfile.TemporaryFile())
            for size in (ICON_SIZES if is_icon else AVATAR_SIZES)
        }
        most_pixels = extensions.settings().max_image_pixels
        pictures.make_squares(
            source, squares, as_icon=is_icon, most_pixels=most_pixels, has_hung_up=has_hung_up
        )
        avatar_id = Avatar.begin(owner_id)
        try:
            Avatar.finish(avatar_id, owner_id, squares)
        except BaseException:
            # If this fails, `sweep` deletes the avatar later.
            with contextlib.suppress(DatabaseError):
                Avatar.discard(avatar_id)
            raise
    return avatar_id


def current_of(owner_id: Id) -> Id | None:
    """Return the avatar's id from the database, of a person, or of the chat for CHAT_ID."""
    if owner_id == CHAT_ID:
        return ChatSettings.find_now().icon_id
    return User.avatar_id_now(owner_id)


def remove(person: User) -> User:
    """Remove the person's avatar, so that pages show the person's initials again."""
    return _exchange(person, None)


def show(user_id: str, wanted: str) -> Avatar:
    """Return a person's current avatar, whether or not its id is `wanted`.

    If the cached person has the avatar `wanted`, no query for the person is needed. Raises NotFound
    if the person has no avatar.
    """
    user = access.user(user_id)
    if user.avatar_id and str(user.avatar_id) == wanted and (avatar := Avatar.find(user.avatar_id)):
        return avatar
    # Somebody has changed the avatar, and the cached person may not include the change yet.
    avatar_id = User.avatar_id_now(user.id)
    if avatar_id and (avatar := Avatar.find(avatar_id)):
        return avatar
    raise NotFound(_("This person has no picture."))


def sweep() -> int:
    """Delete avatars that nobody uses, which a crash during a change left. Return how many."""
    return for_each(Avatar.unsettled(), _settle_or_discard, "an avatar could not be swept")


def _settle_or_discard(unsettled: tuple[Id, Id]) -> bool:
    """Settle an avatar that its person uses, or discard it. Return whether it is discarded."""
    avatar_id, user_id = unsettled
    if current_of(user_id) == avatar_id:
        Avatar.settle(avatar_id)
        return False
    Avatar.discard(avatar_id)
    return True


def exchange(owner_id: Id, avatar_id: Id | None, replace: Callable[[Id | None], Id | None]) -> None:
    """Give an owner another avatar, or none, and delete the one before.

    `replace` stores the new id with the owner, and returns the replaced one. The old avatar is
    unsettled before, and the new one settled after, so that the sweep deletes the unused one after
    a crash.
    """
    if before := current_of(owner_id):
        Avatar.unsettle(before)
    replaced = replace(avatar_id)
    if avatar_id:
        Avatar.settle(avatar_id)
    if replaced:
        Avatar.discard(replaced)


def _exchange(person: User, avatar_id: Id | None) -> User:
    exchange(person.id, avatar_id, person.change_avatar)
    changed = access.user(str(person.id))
    broadcasts.user_updated(changed)
    return changed
