"""Define the input of socket events where the API has an id in its path."""

from __future__ import annotations

from chat.schemas.base import Input
from chat.schemas.fields import ObjectIdString
from chat.schemas.readings import ReadInput
from chat.schemas.rooms import RoomChangeInput


class RoomIdInput(Input):
    room_id = ObjectIdString(required=True)


class RoomUpdateInput(RoomChangeInput):
    room_id = ObjectIdString(required=True)


class RoomReadInput(ReadInput):
    room_id = ObjectIdString(required=True)
