"""Turn an id into an object that a person may touch. Every controller gets its objects here.

An object that a person may not see does not exist for that person.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from chat.controllers.bot_bounds import bounded
from chat.controllers.gone_images import is_gone
from chat.models.api_token import ApiToken
from chat.models.ban import Ban
from chat.models.document import Id, id_from
from chat.models.image import Image
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.passkey import Passkey
from chat.models.reminder import Reminder
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.session import Session
from chat.models.user import User
from chat.utils.errors import NotFound, ValidationFailed
from chat.utils.translation import _


class FoundMessage(NamedTuple):
    """A message, and the membership that lets a person see the message."""

    membership: Membership
    message: Message


def membership(person: User, room_id: str) -> Membership:
    """Return the person's own membership of a room, with its room. Raises NotFound."""
    found_id = id_from(room_id)
    if found_id and (found := Membership.find(found_id, person.id)):
        return bounded(person, found)
    raise NotFound(_why_not_in(person, found_id))


def _why_not_in(person: User, room_id: Id | None) -> str:
    """Return what somebody is told who is not in a room.

    Everybody may find a public room. Of another room they are told what they are told where there
    is none, after the same work: the response time must not reveal whether there is one.
    """
    room = Room.find_now(room_id) if room_id else None
    if room is None or room.kind != "public" or room.archived_at:
        return _("There is no such room.")
    if Ban.of(room.id, person.id) or Ban.of(room.id, person.answerable_id):
        return _("You are banned from {room}.", room=room.name)
    if Membership.removed_from(person.id, [room.id]):
        return _("You were removed from this room; its moderators can add you again.")
    return _("You are not in {room}. Join it, or ask its members to add you.", room=room.name)


def _is_in(person: User, room_id: Id) -> bool:
    """Return whether a person is in a room; a bot only where its owner may let it be."""
    mine = Membership.find(room_id, person.id)
    with suppress(NotFound):
        return mine is not None and bounded(person, mine) is not None
    return False


def rooms_among(person: User, room_ids: Iterable[Id]) -> set[Id]:
    """Return those of some rooms that a person is in; a bot only where its owner may let it be."""
    theirs = Membership.find_many(person.id, room_ids)
    if person.owner_id is None:
        return {mine.room.id for mine in theirs}
    return {mine.room.id for mine in theirs if _is_in(person, mine.room.id)}


def membership_now(person: User, room_id: str) -> Membership:
    """Return the person's own membership from the database, bypassing the cache.

    So the result includes other processes' changes. Raises NotFound.
    """
    mine = membership(person, room_id)
    if found := Membership.find_now(mine.room.id, person.id):
        return bounded(person, found)
    raise NotFound(_("There is no such room."))


def room_to_join(person: User, room_id: str) -> Room:
    """Return a public room, or another room that the person is in already.

    Raises NotFound, after the same work whether or not the room exists.
    """
    found_id = id_from(room_id)
    if found_id:
        room = Room.find_now(found_id)
        if room and room.kind == "public":
            return room
        # Look for the membership even if there is no room, because the response time must not
        # reveal whether there is one.
        if _is_in(person, found_id) and room:
            return room
    raise NotFound(_("There is no such room."))


def member_of(mine: Membership, user_id: str) -> Membership:
    """Return another person's membership of a room the person is in. Raises NotFound."""
    found_id = id_from(user_id)
    if found_id and (found := Membership.find(mine.room.id, found_id)):
        return found
    raise NotFound(_("There is no such person in this room."))


def message(person: User, message_id: str) -> FoundMessage:
    """Return a message, deleted or not, of a room that the person is in, and their membership.

    Raises NotFound. This looks up the membership whether or not the message exists, so that the
    response time does not reveal which.
    """
    found_id = id_from(message_id)
    if found_id:
        mine = Membership.find(Message.room_of(found_id) or found_id, person.id)
        if mine and (found := Message.find(found_id)):
            return FoundMessage(bounded(person, mine), found)
    raise NotFound(_("There is no such message."))


def message_to_answer(mine: Membership, message_id: str) -> Message:
    """Return a message of the same room that is not deleted.

    Raises ValidationFailed, because the id is a field of a new message.
    """
    found_id = id_from(message_id)
    if found_id and Message.room_of(found_id) == mine.room.id:
        found = Message.find(found_id)
        if found and not found.deleted_at:
            return found
    raise ValidationFailed(fields={"reply_to_id": _("There is no such message in this room.")})


def image(person: User, image_id: str) -> Image:
    """Return an image of a room that the person is in.

    Only its uploader gets an image that no message has. Raises NotFound.
    """

    def may_see(room_id: Id) -> bool:
        return _is_in(person, room_id)

    found_id = id_from(image_id)
    if found_id:
        found = Image.find_if(found_id, may_see)
        if found and (found.message_id or found.uploader_id == person.id) and not is_gone(found):
            return found
    raise NotFound(_("There is no such image."))


def own_image(person: User, room_id: Id, image_id: str) -> Image:
    """Return an image that the person uploaded to this room.

    Raises ValidationFailed, because the id is a field of a new message.
    """
    found_id = id_from(image_id)
    if found_id:
        found = Image.find_if(found_id, lambda its_room_id: its_room_id == room_id)
        if found and found.uploader_id == person.id:
            return found
    raise ValidationFailed(fields={"image_ids": _("There is no such image of yours in this room.")})


def user(user_id: str) -> User:
    """Return a person by id. All signed-in people may see each other. Raises NotFound."""
    found_id = id_from(user_id)
    if found_id and (found := User.find(found_id)) and not found.is_app:
        return found
    raise NotFound(_("There is no such person."))


def invitation(person: User, invitation_id: str) -> RoomInvitation:
    """Return an invitation that waits for the person. Raises NotFound."""
    found_id = id_from(invitation_id)
    if found_id:
        found = RoomInvitation.find(found_id)
        if found and found.user_id == person.id:
            return found
    raise NotFound(_("There is no such invitation."))


def passkey(person: User, passkey_id: str) -> Passkey:
    """Return one of the person's own passkeys. Raises NotFound."""
    found_id = id_from(passkey_id)
    if found_id and (found := Passkey.find(found_id)) and found.user_id == person.id:
        return found
    raise NotFound(_("There is no such passkey."))


def bot(person: User, user_id: str) -> User:
    """Return one of the person's bots; administrators get everybody's. Raises NotFound."""
    found_id = id_from(user_id)
    found = User.find_now(found_id) if found_id else None
    if found is None or found.owner_id is None:
        raise NotFound(_("There is no such bot."))
    if found.owner_id != person.id:
        if not person.is_admin:
            raise NotFound(_("There is no such bot."))
        person.must("look after people")
    return found


def api_token(person: User, token_id: str) -> ApiToken:
    """Return one of the person's own tokens. Raises NotFound."""
    found_id = id_from(token_id)
    if found_id and (found := ApiToken.find(found_id)) and found.user_id == person.id:
        return found
    raise NotFound(_("There is no such token."))


def reminder(person: User, reminder_id: str) -> Reminder:
    """Return one of the person's own reminders. Raises NotFound."""
    found_id = id_from(reminder_id)
    if found_id and (found := Reminder.find(found_id)) and found.user_id == person.id:
        return found
    raise NotFound(_("There is no such reminder."))


def session(person: User, session_id: str) -> Session:
    """Return one of the person's own devices' sessions that is not revoked. Raises NotFound."""
    found_id = id_from(session_id)
    if found_id and (found := Session.find(found_id)):
        is_alive = found.grant is None and not found.revoked
        if found.user_id == person.id and is_alive:
            return found
    raise NotFound(_("There is no such session."))
