"""Define the input and the view of mutes, and of times until which something holds."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from chat.models.membership import Membership
from chat.models.membership.stored import FOREVER
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment
from chat.schemas.quiet_hours import ComingMoment
from chat.utils.clock import now, rfc3339
from chat.utils.translation import _


class EndMoment(ComingMoment):
    """A moment in the future, at which something ends; null for no end."""

    def __init__(self, **options: Any):
        super().__init__(load_default=None, allow_none=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **options)
        if moment <= now():
            raise ValidationError(_("Choose a time in the future."))
        return moment


class MuteInput(Input):
    until = EndMoment(
        metadata={"description": "when it ends; null: when somebody unmutes them"},
    )


class MuteView(View):
    until = Moment(
        required=True, allow_none=True, metadata={"description": "null: until somebody unmutes"}
    )


def show_mute(membership: Membership | None) -> dict[str, Any] | None:
    """Return a MuteView; None for who is not muted."""
    if membership is None or membership.muted_until is None or not membership.is_muted:
        return None
    until = membership.muted_until
    return {"until": None if until == FOREVER else rfc3339(until)}
