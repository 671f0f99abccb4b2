"""Serve the page on which administrators look after the commands of programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers.commands import managing as verbs
from chat.routes.pages.forms import read_form, refuse
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.commands import SlashCommandInput, show_command
from chat.utils.errors import ChatError, Forbidden
from chat.utils.translation import _

commands = Blueprint("commands", __name__, url_prefix="/admin/commands")


@commands.get("")
def show() -> str:
    return _page()


@commands.post("")
def make() -> AnyResponse | tuple[str, int]:
    """Make a command, and show its secret, which happens once."""
    try:
        made = verbs.make(g.person, **read_form(SlashCommandInput))
    except Forbidden:
        raise
    except ChatError as mistake:
        return refuse(_page(mistake=mistake), mistake)
    return _page(made=show_command(*made, with_secret=True)), 201


@commands.get("/<command_id>/remove")
def ask_remove(command_id: str) -> str:
    command = verbs.find(g.person, command_id).command
    return render_template("question.html", question=_removing(command_id, command.name))


@commands.post("/<command_id>/remove")
@once
def remove(command_id: str) -> AnyResponse:
    verbs.remove(g.person, command_id)
    return redirect(url_for("pages.commands.show"), 303)


def _page(*, made: dict[str, Any] | None = None, mistake: ChatError | None = None) -> str:
    shown = [show_command(*each) for each in verbs.list_of(g.person)]
    return render_template(
        "settings/commands.html",
        made=made,
        commands=[(each, _removing(each["id"], each["name"])) for each in shown],
        form=request.form if mistake else {},
        mistake=mistake,
    )


def _removing(command_id: str, name: str) -> Question:
    return Question(
        _("Remove /{name}?", name=name),
        _("Nobody can give this command any more. What its program posted stays."),
        _("Remove"),
        url_for("pages.commands.remove", command_id=command_id),
        url_for("pages.commands.ask_remove", command_id=command_id),
        url_for("pages.commands.show"),
    )
