"""Turn an id into a thing that a person may touch: the only way to do it.

What a person may not see does not exist for them.
"""

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
    """Return the person's own membership of a room, which has the room. Raises NotFound."""
    found_id = id_from(room_id)
    found = Membership.find(found_id, person.id) if found_id else None
    if found is None:
        raise NotFound("There is no such room.")
    return found


def membership_now(person: User, room_id: str) -> Membership:
    """Return the same as the database has it now, including other processes' changes.

    Raises NotFound.
    """
    mine = membership(person, room_id)
    found = Membership.find_now(mine.room.id, person.id)
    if found is None:
        raise NotFound("There is no such room.")
    return found


def room_to_join(person: User, room_id: str) -> Room:
    """Return a public room, or one the person is in already.

    Raises NotFound, after the same work whether or not there is a room.
    """
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
    """Return somebody else's membership of a room the person is in. Raises NotFound."""
    found_id = id_from(user_id)
    found = Membership.find(mine.room.id, found_id) if found_id else None
    if found is None:
        raise NotFound("There is no such person in this room.")
    return found


def message(person: User, message_id: str) -> tuple[Membership, Message]:
    """Return the person's membership and a message, deleted or not, of a room they are in.

    Raises NotFound. It looks up the membership whether or not there is a message, so that the time
    of the answer does not reveal it.
    """
    found_id = id_from(message_id)
    mine = Membership.find(Message.room_of(found_id) or found_id, person.id) if found_id else None
    found = Message.find(found_id) if found_id and mine else None
    if mine is None or found is None:
        raise NotFound("There is no such message.")
    return mine, found


def message_to_answer(mine: Membership, message_id: str) -> Message:
    """Return a message of the same room that is not deleted.

    Raises ValidationFailed, because the id is a field of a new message.
    """
    found_id = id_from(message_id)
    found = (
        Message.find(found_id) if found_id and Message.room_of(found_id) == mine.room.id else None
    )
    if found is None or found.deleted_at:
        raise ValidationFailed(fields={"reply_to_id": "There is no such message in this room."})
    return found


def image(person: User, image_id: str) -> Image:
    """Return an image of a room the person is in; only their own until a message has it.

    Raises NotFound.
    """
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
    """Return an image that the person uploaded to this room.

    Raises ValidationFailed, because the id is a field of a new message.
    """
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
    """Return anybody who has an account: signed-in people may see each other. Raises NotFound."""
    found_id = id_from(user_id)
    found = User.find(found_id) if found_id else None
    if found is None:
        raise NotFound("There is no such person.")
    return found


def invitation(person: User, invitation_id: str) -> RoomInvitation:
    """Return an invitation that waits for the person. Raises NotFound."""
    found_id = id_from(invitation_id)
    found = RoomInvitation.find(found_id) if found_id else None
    if found is None or found.user_id != person.id:
        raise NotFound("There is no such invitation.")
    return found


def session(person: User, session_id: str) -> Session:
    """Return one of the person's own sessions that is not revoked. Raises NotFound."""
    found_id = id_from(session_id)
    found = Session.find(found_id) if found_id else None
    if found is None or found.user_id != person.id or found.revoked:
        raise NotFound("There is no such session.")
    return found
