"""`/me/tokens`: one's own API tokens."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import api_tokens as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.api_tokens import (
    NewTokenView,
    TokenInput,
    TokensView,
    lasts_of,
    show_token,
)

api_tokens = Blueprint("api_tokens", __name__, description="Your API tokens, for programs")


@api_tokens.get("", name="listMyTokens")
@api_tokens.response(200, TokensView)
def list_all() -> Response:
    """List your tokens, the latest first"""
    shown = [show_token(token) for token in verbs.list_of(g.person)]
    return json_answer({"tokens": shown, "next": None})


@api_tokens.post("", name="makeToken")
@api_tokens.arguments(TokenInput)
@api_tokens.response(201, NewTokenView)
def make(body: dict[str, Any]) -> Response:
    """Make a token for a program

    The program acts as you, within the token's scopes: `read`, `write` (messages, reactions,
    pictures, your profile), `manage` (rooms and their members, invites), `admin` (what
    administrators do). Passwords, devices and tokens are for people alone. conflict with 50 tokens.
    """
    lasts = lasts_of(body["expires_in"])
    token, text = verbs.make(g.person, body["name"], frozenset(body["scopes"]), lasts)
    return json_answer({**show_token(token), "token": text}, 201)


@api_tokens.delete("/<id:token_id>", name="revokeToken")
@api_tokens.response(204)
def revoke(token_id: str) -> tuple[Any, int]:
    """Revoke a token

    It is not valid any more, and its sockets close.
    """
    verbs.revoke(g.person, token_id)
    return "", 204
