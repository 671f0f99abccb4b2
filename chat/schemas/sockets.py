"""What socket events take where the API has an id in its path."""

from __future__ import annotations

from chat.schemas.fields import IdText, Input
from chat.schemas.rooms import ReadInput, RoomChangeInput


class RoomIdInput(Input):
    room_id = IdText(required=True)


class RoomUpdateInput(RoomChangeInput):
    room_id = IdText(required=True)


class RoomReadInput(ReadInput):
    room_id = IdText(required=True)
