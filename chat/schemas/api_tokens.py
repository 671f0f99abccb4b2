"""Define the input and the views of API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields

from chat.models.api_token import LENGTH, MOST, SCOPES, ApiToken
from chat.schemas.base import Input, View
from chat.schemas.fields import ListOf, Moment, Next, OneOf, StrictInteger
from chat.schemas.text_fields import Name
from chat.utils.clock import rfc3339
from chat.utils.sentences import N_

LONGEST_NAME = 64
SHORTEST = 60  # seconds
LONGEST = 10 * 365 * 86_400  # seconds
CHOOSE_SCOPES = N_("Choose what the token may do.")


def scopes_field(**options: Any) -> ListOf:
    """Return a field for the scopes of a token."""
    return ListOf(OneOf(SCOPES), 1, len(SCOPES), error=CHOOSE_SCOPES, **options)


def lasts_field(**options: Any) -> StrictInteger:
    """Return a field for how long a token lasts."""
    about = {"description": "seconds; null, or left out: without an end"}
    return StrictInteger(
        SHORTEST, LONGEST, load_default=None, allow_none=True, metadata=about, **options
    )


class TokenInput(Input):
    name = Name(1, LONGEST_NAME, required=True, metadata={"description": "what the token is for"})
    scopes = scopes_field(required=True)
    expires_in = lasts_field()


class TokenFormInput(TokenInput):
    """The same as a form sends it: a number as a text."""

    expires_in = lasts_field(strict=False)


class TokenView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(metadata={"enum": list(SCOPES)}), required=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    used_at = Moment(required=True, allow_none=True, metadata={"description": "exact to a minute"})


def token_field() -> fields.String:
    """Return the field of a view for a token's text."""
    return fields.String(
        required=True,
        metadata={
            "description": f"{LENGTH} characters, shown this once: send it as "
            "`Authorization: Bearer …`, or as `auth: {token}` of a socket"
        },
    )


class NewTokenView(TokenView):
    token = token_field()


class TokensView(View):
    tokens = fields.List(
        fields.Nested(TokenView), required=True, metadata={"description": f"at most {MOST}"}
    )
    next = Next()


def show_token(token: ApiToken) -> dict[str, Any]:
    """Return a TokenView."""
    return {
        "id": str(token.id),
        "name": token.name,
        "scopes": [scope for scope in SCOPES if scope in token.scopes],
        "created_at": rfc3339(token.created_at),
        "expires_at": rfc3339(token.expires_at) if token.expires_at else None,
        "used_at": rfc3339(token.used_at) if token.used_at else None,
    }


def lasts_of(seconds: int | None) -> timedelta | None:
    """Return how long a token lasts."""
    return timedelta(seconds=seconds) if seconds else None
