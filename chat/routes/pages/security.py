"""Serve the settings of the second factor, and show the passkeys."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import budgets, current_chat, mails, own_email, passkeys, second_factors
from chat.routes.pages.forms import read_form, refuse
from chat.routes.visitors import visitor
from chat.schemas.passkeys import show_passkey
from chat.schemas.second_factor import (
    CodeOfAppInput,
    OwnPasswordInput,
    ProofInput,
    show_recovery_codes,
    show_secret,
)
from chat.utils.clock import rfc3339
from chat.utils.errors import ChatError, Conflict

security = Blueprint("security", __name__, url_prefix="/settings/security")


@security.get("")
def show() -> str:
    """Show whether it is on, and what can be done about it."""
    return _page()


@security.post("/begin")
def begin() -> AnyResponse | tuple[str, int]:
    """Make a secret, and show it, which happens once."""
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(OwnPasswordInput)
        begun = second_factors.begin(g.person, body["password"], visitor())
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return _setup(begun), 201


@security.post("/confirm")
def confirm() -> AnyResponse | tuple[str, int]:
    """Turn it on, and show the recovery codes, which happens once."""
    budgets.charge("change password", g.session.id)
    try:
        codes = second_factors.confirm(g.person, read_form(CodeOfAppInput)["otp"])
    except Conflict as mistake:
        return refuse(_page(mistake), mistake)
    except ChatError as mistake:
        return refuse(_setup(second_factors.begun(g.person), mistake), mistake)
    return _codes(codes), 201


@security.get("/recovery-codes")
def ask_renew() -> str:
    return _proof("renew")


@security.post("/recovery-codes")
def renew() -> AnyResponse | tuple[str, int]:
    """Replace the recovery codes, and show them, which happens once."""
    budgets.charge("change password", g.session.id)
    try:
        codes = second_factors.renew_recovery_codes(g.person, **_sent_proof(), visitor=visitor())
    except ChatError as mistake:
        return refuse(_proof("renew", mistake), mistake)
    return _codes(codes), 201


@security.get("/off")
def ask_turn_off() -> str:
    return _proof("turn off")


@security.post("/off")
def turn_off() -> AnyResponse:
    budgets.charge("change password", g.session.id)
    try:
        second_factors.turn_off(g.person, **_sent_proof(), visitor=visitor())
    except ChatError as mistake:
        return refuse(_proof("turn off", mistake), mistake)
    return redirect(url_for("pages.security.show", saved="off"), 303)


def _sent_proof() -> dict[str, str]:
    body = read_form(ProofInput)
    return {"password": body["password"], "code": body["otp"]}


def _page(mistake: ChatError | None = None) -> str:
    factor = second_factors.find(g.person)
    found = own_email.find(g.person)
    return render_template(
        "settings/security.html",
        address=found and found.text,
        are_mails_on=mails.are_on(),
        since=factor and factor.since and rfc3339(factor.since),
        codes_left=len(factor.recovery) if factor else 0,
        is_required=g.person.lacks_second_factor(),
        passkeys=[show_passkey(each) for each in passkeys.list_of(g.person)],
        public_url=extensions.settings().public_url,
        mistake=mistake,
    )


def _setup(begun: second_factors.Beginning, mistake: ChatError | None = None) -> str:
    shown = show_secret(*begun)
    return render_template(
        "settings/security_setup.html",
        secret=shown["secret"],
        uri=shown["uri"],
        qr_code=b64encode(shown["qr_svg"].encode()).decode(),
        mistake=mistake,
    )


def _codes(codes: list[str]) -> str:
    shown = show_recovery_codes(codes)["recovery_codes"]
    text = "\n".join(shown)
    file = f"{current_chat.find().name} @{g.person.username}\n\n{text}\n"
    return render_template("settings/security_codes.html", text=text, file=quote(file))


def _proof(what: str, mistake: ChatError | None = None) -> str:
    return render_template("settings/security_proof.html", what=what, mistake=mistake)
