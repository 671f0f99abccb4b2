"""Define the input of events that send an id where the API has it in the path."""

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
