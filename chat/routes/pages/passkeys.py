"""Serve the settings of passkeys: add one, rename it, remove it. security.py shows them."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import access, budgets
from chat.controllers import passkeys as verbs
from chat.models.passkey import Passkey
from chat.routes.device_names import name_of_this_device
from chat.routes.pages import questions
from chat.routes.pages.forms import change_or_explain, read_form, refuse
from chat.routes.pages.once import once
from chat.routes.visitors import visitor
from chat.schemas.passkeys import (
    AddPasskeyForm,
    RenamePasskeyInput,
    registration_of,
    show_passkey,
)
from chat.schemas.second_factor import ProofOfPersonInput
from chat.utils.errors import ChatError

passkeys = Blueprint("passkeys", __name__, url_prefix="/settings/security/passkeys")


@passkeys.get("/new")
def ask_new() -> str:
    return _proof()


@passkeys.post("/new")
def begin() -> AnyResponse | tuple[str, int]:
    """Show the page on which the browser makes a passkey; it works for some minutes."""
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(ProofOfPersonInput)
        begun = verbs.begin(g.person, body["password"], body["otp"], visitor())
    except ChatError as mistake:
        return refuse(_proof(mistake), mistake)
    name = name_of_this_device()
    return render_template("settings/passkey_new.html", begun=begun, name=name), 201


@passkeys.post("")
@once
def add() -> AnyResponse:
    """Add what the browser made. If that is refused, the person begins again."""
    try:
        body = read_form(AddPasskeyForm)
        verbs.add(g.person, body["token"], registration_of(body), body["name"])
    except ChatError as mistake:
        return refuse(_proof(mistake), mistake)
    return _back("passkey")


@passkeys.get("/<passkey_id>/rename")
def ask_rename(passkey_id: str) -> str:
    return _name(passkey_id)


@passkeys.post("/<passkey_id>/rename")
def rename(passkey_id: str) -> AnyResponse:
    def change() -> Passkey:
        return verbs.rename(g.person, passkey_id, read_form(RenamePasskeyInput)["name"])

    done = url_for("pages.security.show", _anchor="passkeys")
    return change_or_explain(change, lambda mistake: _name(passkey_id, mistake), done)


@passkeys.get("/<passkey_id>/remove")
def ask_remove(passkey_id: str) -> str:
    passkey = access.passkey(g.person, passkey_id)
    question = questions.remove_passkey(passkey_id, passkey.name())
    return render_template("question.html", question=question)


@passkeys.post("/<passkey_id>/remove")
@once
def remove(passkey_id: str) -> AnyResponse:
    verbs.remove(g.person, passkey_id)
    return _back()


def _proof(mistake: ChatError | None = None) -> str:
    return render_template("settings/passkey_proof.html", mistake=mistake)


def _name(passkey_id: str, mistake: ChatError | None = None) -> str:
    passkey = show_passkey(access.passkey(g.person, passkey_id))
    form = request.form
    return render_template(
        "settings/passkey_rename.html", passkey=passkey, form=form, mistake=mistake
    )


def _back(saved: str | None = None) -> AnyResponse:
    return redirect(url_for("pages.security.show", saved=saved, _anchor="passkeys"), 303)
