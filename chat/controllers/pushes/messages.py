"""What deliveries are about: their messages, and whether their people still read these rooms."""

from __future__ import annotations

from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.push_delivery import PushDelivery
from chat.models.room import Room
from chat.utils.encryption import CannotOpen


class Messages:
    """The messages of some deliveries, and the memberships of their people, read once each."""

    def __init__(self, deliveries: list[PushDelivery]):
        self._messages: dict[Id, Message] = {}
        for message_id in {each.message_id for each in deliveries}:
            try:
                message = Message.find(message_id)
            except CannotOpen:  # its room is being deleted
                continue
            if message and not message.deleted_at:
                self._messages[message_id] = message
        people: dict[Id, set[Id]] = {}
        for each in deliveries:
            people.setdefault(each.room_id, set()).add(each.user_id)
        rooms = {room_id: Room.find(room_id) for room_id in people}
        self._memberships = {
            (room_id, user_id): membership
            for room_id, room in rooms.items()
            if room
            for user_id, membership in Membership.find_in(room, people[room_id]).items()
        }

    def find(self, delivery: PushDelivery) -> Message | None:
        return self._messages.get(delivery.message_id)

    def membership(self, delivery: PushDelivery) -> Membership | None:
        return self._memberships.get((delivery.room_id, delivery.user_id))
