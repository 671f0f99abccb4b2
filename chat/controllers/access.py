"""The only way from an id to a thing that somebody may touch. What they may not see does not exist."""

from __future__ import annotations

from chat.models.document import Id, id_from
from chat.models.image import Image
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.room_invitation import RoomInvitation
from chat.models.session import Session
from chat.models.user import User
from chat.utils.errors import NotFound, ValidationFailed


def membership(person: User, room_id: str) -> Membership:
    """The person's own membership of a room, and with it the room. Raises NotFound."""
    found_id = id_from(room_id)
    found = Membership.find(found_id, person.id) if found_id else None
    if found is None:
        raise NotFound("There is no such room.")
    return found


def membership_now(person: User, room_id: str) -> Membership:
    """The same, as the database has it at this moment, whatever other processes did. Raises NotFound."""
    mine = membership(person, room_id)
    found = Membership.find_now(mine.room.id, person.id)
    if found is None:
        raise NotFound("There is no such room.")
    return found


def room_to_join(person: User, room_id: str) -> Room:
    """A public room, or one the person is in already. Raises NotFound, after the same work whether or not there is a room."""
    found_id = id_from(room_id)
    room = Room.look_again(found_id) if found_id else None
    if (
        found_id
        and (room is None or room.kind != "public")
        and Membership.find(found_id, person.id) is None
    ):
        room = None
    if room is None:
        raise NotFound("There is no such room.")
    return room


def member_of(mine: Membership, user_id: str) -> Membership:
    """Somebody else's membership of a room the person is in. Raises NotFound."""
    found_id = id_from(user_id)
    found = Membership.find(mine.room.id, found_id) if found_id else None
    if found is None:
        raise NotFound("There is no such person in this room.")
    return found


def message(person: User, message_id: str) -> tuple[Membership, Message]:
    """A message of a room the person is in, deleted or not, and their membership. Raises NotFound.

    Whether there is one or not, their membership is asked for: how long the answer takes does not tell.
    """
    found_id = id_from(message_id)
    mine = Membership.find(Message.room_of(found_id) or found_id, person.id) if found_id else None
    found = Message.find(found_id) if found_id and mine else None
    if mine is None or found is None:
        raise NotFound("There is no such message.")
    return mine, found


def message_to_answer(mine: Membership, message_id: str) -> Message:
    """A message of the same room that is not deleted. Raises ValidationFailed, because it comes with a message."""
    found_id = id_from(message_id)
    found = (
        Message.find(found_id) if found_id and Message.room_of(found_id) == mine.room.id else None
    )
    if found is None or found.deleted_at:
        raise ValidationFailed(fields={"reply_to_id": "There is no such message in this room."})
    return found


def image(person: User, image_id: str) -> Image:
    """An image of a room the person is in; until a message has it, only their own. Raises NotFound."""
    found_id = id_from(image_id)
    found = (
        Image.find_if(found_id, lambda room_id: Membership.find(room_id, person.id) is not None)
        if found_id
        else None
    )
    if found is None or (found.message_id is None and found.uploader_id != person.id):
        raise NotFound("There is no such image.")
    return found


def own_image(person: User, room_id: Id, image_id: str) -> Image:
    """An image that the person uploaded to this room. Raises ValidationFailed, because it comes with a message."""
    found_id = id_from(image_id)
    found = (
        Image.find_if(found_id, lambda its_room_id: its_room_id == room_id) if found_id else None
    )
    if found is None or found.uploader_id != person.id:
        raise ValidationFailed(
            fields={"image_ids": "There is no such image of yours in this room."}
        )
    return found


def user(user_id: str) -> User:
    """Anybody who has an account: all who are signed in may see each other. Raises NotFound."""
    found_id = id_from(user_id)
    found = User.find(found_id) if found_id else None
    if found is None:
        raise NotFound("There is no such person.")
    return found


def invitation(person: User, invitation_id: str) -> RoomInvitation:
    """An invitation that waits for the person. Raises NotFound."""
    found_id = id_from(invitation_id)
    found = RoomInvitation.find(found_id) if found_id else None
    if found is None or found.user_id != person.id:
        raise NotFound("There is no such invitation.")
    return found


def session(person: User, session_id: str) -> Session:
    """One of the person's own devices that is still signed in. Raises NotFound."""
    found_id = id_from(session_id)
    found = Session.find(found_id) if found_id else None
    if found is None or found.user_id != person.id or found.revoked:
        raise NotFound("There is no such session.")
    return found
