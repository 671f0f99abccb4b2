"""`/bots`: one's own bots, under whose names programs write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, g

from chat.controllers import bots as verbs
from chat.models.bot import Bot
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.api_tokens import lasts_of
from chat.schemas.bots import (
    BotChangeInput,
    BotInput,
    BotsView,
    BotTokenInput,
    BotTokenView,
    BotView,
    show_bot,
    show_bot_token,
)

bots = Blueprint("bots", __name__, description="Your bots: programs that write under a name")


@bots.get("", name="listMyBots")
@bots.response(200, BotsView)
def list_all() -> Response:
    """List your bots, by username"""
    shown = [show_bot(bot) for bot in verbs.list_of(g.person)]
    return json_answer({"bots": shown, "next": None})


@bots.post("", name="makeBot")
@bots.arguments(BotInput)
@bots.response(201, BotTokenView)
def make(body: dict[str, Any]) -> Response:
    """Make a bot, with a token

    It has no password and no rights that you do not have; in private rooms it needs you beside it.
    conflict with 20 bots.
    """
    made = verbs.make(
        g.person,
        body["username"],
        body["display_name"],
        frozenset(body["scopes"]),
        lasts_of(body["expires_in"]),
    )
    return json_answer(show_bot_token(*made), 201)


@bots.patch("/<id:bot_id>", name="changeBot")
@bots.arguments(BotChangeInput)
@bots.response(200, BotView)
def change(body: dict[str, str], bot_id: str) -> Response:
    """Change a bot's names, or, as an administrator, its owner"""
    changed: Bot = verbs.change(g.person, bot_id, **body)
    return json_answer(show_bot(changed))


@bots.delete("/<id:bot_id>", name="removeBot")
@bots.response(204)
def remove(bot_id: str) -> tuple[Any, int]:
    """Remove a bot

    Its tokens end, its sockets close, and its messages stay.
    """
    verbs.remove(g.person, bot_id)
    return "", 204


@bots.post("/<id:bot_id>/token", name="makeBotToken")
@bots.arguments(BotTokenInput)
@bots.response(201, BotTokenView)
def make_token(body: dict[str, Any], bot_id: str) -> Response:
    """Make another token of a bot

    Earlier ones end after `overlap` seconds: a day, unless you say otherwise; 0: at once.
    """
    overlap = timedelta(seconds=body["overlap"])
    lasts = lasts_of(body["expires_in"])
    made = verbs.make_token(g.person, bot_id, frozenset(body["scopes"]), lasts, overlap)
    return json_answer(show_bot_token(*made), 201)
