"""Serve the page on which administrators look after the commands of programs."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers.commands import managing as verbs
from chat.routes.pages.forms import change_or_explain, read_form, refuse
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


@commands.get("/<command_id>")
def show_one(command_id: str) -> str:
    """Show a form to change a command."""
    return _change_page(command_id)


@commands.post("/<command_id>")
def change(command_id: str) -> AnyResponse:
    return change_or_explain(
        lambda: verbs.change(g.person, command_id, **read_form(SlashCommandInput)),
        partial(_change_page, command_id),
        url_for("pages.commands.show"),
    )


@commands.get("/<command_id>/secret")
def ask_renew_secret(command_id: str) -> str:
    command = verbs.find(g.person, command_id).command
    return render_template("question.html", question=_renewing(command_id, command.name))


@commands.post("/<command_id>/secret")
def renew_secret(command_id: str) -> tuple[str, int]:
    """Make another secret, and show it, which happens once."""
    changed = verbs.change(g.person, command_id, is_new_secret=True)
    return _page(made=show_command(*changed, with_secret=True)), 201


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


def _change_page(command_id: str, mistake: ChatError | None = None) -> str:
    command = show_command(*verbs.find(g.person, command_id))
    return render_template(
        "settings/command.html",
        command=command,
        renewing=_renewing(command_id, command["name"]),
        form=request.form if mistake else command,
        mistake=mistake,
    )


def _renewing(command_id: str, name: str) -> Question:
    return Question(
        _("A new secret for /{name}?", name=name),
        _("The old secret ends at once. Until its server has the new one, it refuses the command."),
        _("New secret"),
        url_for("pages.commands.renew_secret", command_id=command_id),
        url_for("pages.commands.ask_renew_secret", command_id=command_id),
        url_for("pages.commands.show_one", command_id=command_id),
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
