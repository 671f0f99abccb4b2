"""Define the query of the page that asks where to share something."""

from __future__ import annotations

from chat.schemas.base import QueryInput
from chat.schemas.fields import OneOf
from chat.schemas.rooms import LONGEST_NAME
from chat.schemas.text_fields import CleanText, StrictString

SHARE_ID_LENGTH = 32
LEFT_OUT = ("pictures", "text", "all", "device")


class ShareQuery(QueryInput):
    """`shared`: the id of what waits on the device. `left_out`: what did not come."""

    q = CleanText(0, LONGEST_NAME, load_default="")
    shared = StrictString(SHARE_ID_LENGTH, load_default="")
    left_out = OneOf(LEFT_OUT, load_default="")
