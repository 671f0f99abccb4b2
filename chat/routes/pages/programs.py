"""Serve the page of one's own bots and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import access, api_tokens
from chat.controllers import bots as verbs
from chat.models.bot import OVERLAP, Bot
from chat.routes.authentication import CSRF_FIELD
from chat.routes.pages.forms import load, refuse
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.api_tokens import TokenFormInput, lasts_of, show_token
from chat.schemas.base import Input
from chat.schemas.bots import BotFormInput, BotTokenFormInput, show_bot
from chat.utils.errors import ChatError, NotFound
from chat.utils.sentences import N_
from chat.utils.translation import _, ngettext

programs = Blueprint("programs", __name__)

DAY = 86_400  # seconds
LIFETIMES = (30, 90, 365)  # days
SCOPES = {
    "read": N_("Read what you can read"),
    "write": N_("Write messages, react, change the profile"),
    "manage": N_("Make and change rooms, add people"),
    "admin": N_("Administer the chat"),
}
BOT_SCOPES = {
    "read": N_("Read its rooms"),
    "write": N_("Write messages, react, join public rooms"),
    "manage": N_("Make and change rooms, add people"),
}
USUAL_SCOPES = ("read", "write")


@programs.get("/settings/programs")
def show() -> str:
    """Show the person's bots and tokens, and forms for new ones."""
    return _page()


@programs.post("/settings/programs/tokens")
def make_token() -> AnyResponse | tuple[str, int]:
    """Make a token, and show it, which happens once."""
    try:
        form = _form(TokenFormInput)
        scopes, lasts = frozenset(form["scopes"]), lasts_of(form["expires_in"])
        token, text = api_tokens.make(g.person, form["name"], scopes, lasts)
    except ChatError as mistake:
        return refuse(_page(mistake=mistake, form_of="token"), mistake)
    return _page(text=text, made_for=token.name), 201


@programs.get("/settings/programs/tokens/<token_id>/revoke")
def ask_revoke(token_id: str) -> str:
    token = access.api_token(g.person, token_id)
    return render_template("question.html", question=_revoking(token_id, token.name))


@programs.post("/settings/programs/tokens/<token_id>/revoke")
@once
def revoke(token_id: str) -> AnyResponse:
    api_tokens.revoke(g.person, token_id)
    return _back()


@programs.post("/settings/programs/bots")
def make_bot() -> AnyResponse | tuple[str, int]:
    """Make a bot, and show its token, which happens once."""
    try:
        form = _form(BotFormInput)
        scopes, lasts = frozenset(form["scopes"]), lasts_of(form["expires_in"])
        bot, _token, text = verbs.make(
            g.person, form["username"], form["display_name"], scopes, lasts
        )
    except ChatError as mistake:
        return refuse(_page(mistake=mistake, form_of="bot"), mistake)
    return _page(text=text, made_for=bot.user.display_name), 201


@programs.get("/settings/programs/bots/<bot_id>/token")
def ask_bot_token(bot_id: str) -> str:
    """Ask what the next token of a bot may do, and when the earlier ones end."""
    return _token_page(bot_id)


@programs.post("/settings/programs/bots/<bot_id>/token")
def make_bot_token(bot_id: str) -> AnyResponse | tuple[str, int]:
    """Make another token of a bot, and show it, which happens once."""
    try:
        form = _form(BotTokenFormInput)
        scopes, lasts = frozenset(form["scopes"]), lasts_of(form["expires_in"])
        overlap = timedelta(seconds=form["overlap"])
        bot, _token, text = verbs.make_token(g.person, bot_id, scopes, lasts, overlap)
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_token_page(bot_id, mistake), mistake)
    return _page(text=text, made_for=bot.user.display_name), 201


@programs.get("/settings/programs/bots/<bot_id>/remove")
def ask_remove_bot(bot_id: str) -> str:
    bot = verbs.find(g.person, bot_id)
    question = _removing(bot_id, bot.user.display_name)
    return render_template("question.html", question=question)


@programs.post("/settings/programs/bots/<bot_id>/remove")
@once
def remove_bot(bot_id: str) -> AnyResponse:
    verbs.remove(g.person, bot_id)
    return _back()


def _form(schema: type[Input]) -> dict[str, Any]:
    """Return the form: a browser sends each chosen scope, and an empty text for "no end"."""
    texts = {name: text for name, text in request.form.items() if text and name != CSRF_FIELD}
    return load(schema, texts | {"scopes": request.form.getlist("scopes")})


def _page(
    *,
    text: str = "",
    made_for: str = "",
    mistake: ChatError | None = None,
    form_of: str = "",
) -> str:
    return render_template(
        "settings/programs.html",
        text=text,
        made_for=made_for,
        chat_url=extensions.settings().public_url,
        bots=[_shown(bot) for bot in verbs.list_of(g.person)],
        tokens=[_with_question(show_token(token)) for token in api_tokens.list_of(g.person)],
        scopes=[(name, _(says)) for name, says in SCOPES.items() if _may_give(name)],
        bot_scopes=_bot_scopes(),
        lifetimes=_lifetimes(),
        mistake=mistake,
        form_of=form_of,
        form=request.form if form_of else {},
        chosen_scopes=request.form.getlist("scopes") if form_of else list(USUAL_SCOPES),
    )


def _token_page(bot_id: str, mistake: ChatError | None = None) -> str:
    bot = verbs.find(g.person, bot_id)
    shown = _shown(bot)
    usual = shown["tokens"][0]["scopes"] if shown["tokens"] else list(USUAL_SCOPES)
    return render_template(
        "settings/bot_token.html",
        bot=shown,
        bot_scopes=_bot_scopes(),
        lifetimes=_lifetimes(),
        ends=[(int(OVERLAP.total_seconds()), _("In a day")), (0, _("At once"))],
        chosen_scopes=request.form.getlist("scopes") if mistake else usual,
        mistake=mistake,
    )


def _bot_scopes() -> list[tuple[str, str]]:
    return [(name, _(says)) for name, says in BOT_SCOPES.items()]


def _lifetimes() -> list[tuple[int | str, str]]:
    days = [(count * DAY, ngettext("{count} day", "{count} days", count)) for count in LIFETIMES]
    return [("", _("No end")), *days]


def _shown(bot: Bot) -> dict[str, Any]:
    tokens = [show_token(token) for token in api_tokens.list_of(bot.user)]
    question = _removing(str(bot.user.id), bot.user.display_name)
    return show_bot(bot) | {"tokens": tokens, "question": question}


def _with_question(token: dict[str, Any]) -> dict[str, Any]:
    return token | {"question": _revoking(token["id"], token["name"])}


def _revoking(token_id: str, name: str) -> Question:
    return Question(
        _("Revoke this token?"),
        _("Programs that use “{name}” are signed out at once.", name=name),
        _("Revoke"),
        url_for("pages.programs.revoke", token_id=token_id),
        url_for("pages.programs.ask_revoke", token_id=token_id),
        url_for("pages.programs.show"),
    )


def _removing(bot_id: str, name: str) -> Question:
    return Question(
        _("Remove {name}?", name=name),
        _("Its tokens end at once. What it wrote stays."),
        _("Remove bot"),
        url_for("pages.programs.remove_bot", bot_id=bot_id),
        url_for("pages.programs.ask_remove_bot", bot_id=bot_id),
        url_for("pages.programs.show"),
    )


def _may_give(scope: str) -> bool:
    return scope != "admin" or bool(g.person.is_admin)


def _back() -> AnyResponse:
    return redirect(url_for("pages.programs.show"), 303)
