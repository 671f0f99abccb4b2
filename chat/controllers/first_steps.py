"""What the first administrator does so that people come, and how much of it is done."""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import current_chat, default_rooms
from chat.models.chat_settings import ChatSettings
from chat.models.invite import Invite
from chat.models.log import log_of
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User

NAME, PICTURE, INVITE, MESSAGE = STEPS = ("name", "picture", "invite", "message")


class FirstSteps(NamedTuple):
    """The steps that are done, of all in STEPS, and the room where the first message belongs."""

    done: set[str]
    room: Room | None

    @property
    def all_done(self) -> bool:
        return len(self.done) == len(STEPS)


def find(person: User) -> FirstSteps | None:
    """Return what an administrator still has to do; None for others, and when it is put away."""
    settings = current_chat.find()
    if settings.hides_first_steps or not person.may("change the chat"):
        return None
    room = next(iter(default_rooms.find(settings)), None)
    is_done = {
        NAME: settings.icon_id is not None
        or (settings.name != ChatSettings.name and "name" not in current_chat.fixed()),
        PICTURE: person.avatar_id is not None,
        INVITE: bool(Invite.page(person.id, None, 1).items)
        or (room is not None and Membership.count(room.id) > 1),
        MESSAGE: room is None or log_of(room.id).head().seq > 0,
    }
    steps = FirstSteps({step for step in STEPS if is_done[step]}, room)
    return None if steps.all_done else steps
