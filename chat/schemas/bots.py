"""Define the input and the views of bots."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validates

from chat.models.api_token import SCOPES, ApiToken
from chat.models.bot import MOST, OVERLAP, Bot
from chat.schemas.account_names import DisplayName, Username
from chat.schemas.api_tokens import lasts_field, scopes_field, show_token, token_field
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment, Next, ObjectIdString, StrictInteger
from chat.schemas.users import UserView, must_be_username, show_user
from chat.utils.clock import rfc3339

LONGEST_OVERLAP = 30 * 86_400  # seconds


class BotInput(Input):
    username = Username(required=True)
    display_name = DisplayName(0, load_default="")
    scopes = scopes_field(load_default=lambda: ["read", "write"])
    expires_in = lasts_field()

    @validates("username")
    def _username(self, username: str, **_options: object) -> None:
        must_be_username(username)


class BotFormInput(BotInput):
    """The same as a form sends it: a number as a text."""

    expires_in = lasts_field(strict=False)


class BotTokenFormInput(Input):
    """A new token of a bot as a form asks for it."""

    scopes = scopes_field(required=True)
    expires_in = lasts_field(strict=False)
    overlap = StrictInteger(0, LONGEST_OVERLAP, strict=False, required=True)


class BotChangeInput(Input):
    username = Username()
    display_name = DisplayName(1)
    owner_id = ObjectIdString(metadata={"description": "only administrators change it"})

    @validates("username")
    def _username(self, username: str, **_options: object) -> None:
        must_be_username(username)


class BotTokenInput(Input):
    scopes = scopes_field(required=True)
    expires_in = lasts_field()
    overlap = StrictInteger(
        0,
        LONGEST_OVERLAP,
        load_default=int(OVERLAP.total_seconds()),
        metadata={"description": "seconds after which the bot's earlier tokens end"},
    )


class BotView(UserView):
    owner = fields.Nested(UserView, required=True, allow_none=True)
    created_at = Moment(required=True)


class BotsView(View):
    bots = fields.List(
        fields.Nested(BotView), required=True, metadata={"description": f"at most {MOST}"}
    )
    next = Next()


class BotTokenView(View):
    bot = fields.Nested(BotView, required=True)
    token = token_field()
    scopes = fields.List(fields.String(metadata={"enum": list(SCOPES)}), required=True)
    expires_at = Moment(required=True, allow_none=True)


def show_bot(bot: Bot) -> dict[str, Any]:
    """Return a BotView."""
    return show_user(bot.user) | {
        "owner": show_user(bot.owner) if bot.owner else None,
        "created_at": rfc3339(bot.user.created_at),
    }


def show_bot_token(bot: Bot, token: ApiToken, text: str) -> dict[str, Any]:
    """Return a BotTokenView."""
    shown = show_token(token)
    return {
        "bot": show_bot(bot),
        "token": text,
        "scopes": shown["scopes"],
        "expires_at": shown["expires_at"],
    }
