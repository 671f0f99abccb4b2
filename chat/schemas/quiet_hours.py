"""Define the input and the view of quiet hours, and of the moment until which nothing disturbs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from chat.models.quiet_hours import DAYS
from chat.schemas.base import Input, View
from chat.schemas.fields import ListOf, StrictInteger
from chat.schemas.text_fields import StrictString
from chat.utils.days import LONGEST_ZONE, zone_of
from chat.utils.sentences import N_
from chat.utils.translation import _

NOT_A_TIME = N_("Write a time as 22:00.")
NOT_A_MOMENT = N_("Write a moment as 2026-01-31T09:30:00Z.")
NO_DAYS = N_("Choose at least one day.")
TIME_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
LONGEST_MOMENT = 40  # characters
LAST_YEAR = 9_000  # far from the end of the calendar, which no time zone may pass
IN_WORDS = "by the clock of `time_zone`; if `to` is not later, the night in between"
WHICH_DAYS = "the days on which they begin; Monday is 0"


class TimeOfDay(StrictString):
    """A time of the day, `HH:MM`."""

    def __init__(self, **options: Any):
        is_time = validate.Regexp(re.compile(TIME_PATTERN[:-1] + r"\Z"), error=NOT_A_TIME)
        super().__init__(len("22:00"), validate=is_time, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {"minLength": self.most, "maxLength": self.most, "pattern": TIME_PATTERN}

    def _wrong_length(self, characters: int) -> str:
        return _(NOT_A_TIME)


class ZoneName(StrictString):
    """A time zone, as text: an IANA name or an offset."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_ZONE, **options)

    @property
    def described(self) -> dict[str, Any]:
        return super().described | {"format": "time-zone"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options).strip()
        if not text or zone_of(text) is None:
            raise ValidationError(_("Write a time zone as Europe/Berlin or +02:00."))
        return text


class ComingMoment(StrictString):
    """A moment, in RFC 3339, loaded as a datetime in UTC."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_MOMENT, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {"maxLength": self.most, "format": "date-time"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(_(NOT_A_MOMENT)) from None
        if moment.tzinfo is None or not 1 < moment.year < LAST_YEAR:
            raise ValidationError(_(NOT_A_MOMENT))
        return moment.astimezone(UTC)


class QuietHoursInput(Input):
    begin = TimeOfDay(data_key="from", required=True, metadata={"description": IN_WORDS})
    end = TimeOfDay(data_key="to", required=True)
    days = ListOf(
        StrictInteger(DAYS[0], DAYS[-1]),
        1,
        len(DAYS),
        required=True,
        error=NO_DAYS,
        metadata={"description": WHICH_DAYS},
    )
    time_zone = ZoneName(required=True)


class QuietHoursView(View):
    begin = TimeOfDay(data_key="from", required=True, metadata={"description": IN_WORDS})
    end = TimeOfDay(data_key="to", required=True)
    days = fields.List(fields.Integer(), required=True, metadata={"description": WHICH_DAYS})
    time_zone = ZoneName(required=True)
