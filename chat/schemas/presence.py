"""Presence and typing: what is accepted."""

from __future__ import annotations

from chat.schemas.fields import Choice, IdText, Input, ListOf, PlainInput, Switch

MOST_ASKED = 200  # people in one question


class TypingInput(PlainInput):
    room_id = IdText(required=True)
    typing = Switch(required=True)


class PresenceInput(Input):
    status = Choice(("online", "away"), required=True)


class PresencesInput(Input):
    user_ids = ListOf(
        IdText(), 0, MOST_ASKED, required=True,
        error=f"At most {MOST_ASKED} people can be asked about.",
        error_messages={"invalid": "A list of ids is needed."},
    )
