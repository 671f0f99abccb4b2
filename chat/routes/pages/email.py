"""Serve the settings of one's own e-mail address."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import budgets, mails, own_email, preferences, second_factors
from chat.routes.pages.forms import read_form, refuse
from chat.routes.visitors import visitor
from chat.schemas.email import EmailInput
from chat.schemas.second_factor import ProofOfPersonInput
from chat.utils.errors import ChatError, Conflict

email = Blueprint("email", __name__, url_prefix="/settings/security/email")


@email.get("")
def show() -> str:
    """Show the address, and a form for another one."""
    return _page()


@email.post("")
def ask() -> AnyResponse:
    """Send a link to an address."""
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(EmailInput)
        own_email.ask(g.person, body["address"], body["password"], body["otp"], visitor())
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return redirect(url_for("pages.email.show", saved="asked"), 303)


@email.get("/confirm/<token>")
def ask_confirm(token: str) -> str:
    """Ask, because programs that look into mails open their links. Raises Gone, Forbidden."""
    address = own_email.address_to_confirm(g.person, token)
    return _confirmation(token, address)


@email.post("/confirm/<token>")
def confirm(token: str) -> AnyResponse:
    """Keep the address. Raises Gone, Forbidden."""
    address = own_email.address_to_confirm(g.person, token)
    try:
        own_email.confirm(g.person, token)
        if "missed" in request.form:
            preferences.change(g.person, email="missed")
    except Conflict as mistake:
        return refuse(_confirmation(token, address, mistake), mistake)
    return redirect(url_for("pages.email.show", saved="confirmed"), 303)


@email.get("/remove")
def ask_remove() -> str:
    return _removal()


@email.post("/remove")
def remove() -> AnyResponse:
    """Forget the address."""
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(ProofOfPersonInput)
        own_email.remove(g.person, body["password"], body["otp"], visitor())
    except ChatError as mistake:
        return refuse(_removal(mistake), mistake)
    return redirect(url_for("pages.email.show", saved="removed"), 303)


def _confirmation(token: str, address: str, mistake: ChatError | None = None) -> str:
    return render_template(
        "settings/email_confirm.html", token=token, address=address, mistake=mistake
    )


def _page(mistake: ChatError | None = None) -> str:
    return _rendered("settings/email.html", mistake)


def _removal(mistake: ChatError | None = None) -> str:
    return _rendered("settings/email_remove.html", mistake)


def _rendered(template: str, mistake: ChatError | None) -> str:
    found = own_email.find(g.person)
    return render_template(
        template,
        address=found and found.text,
        are_mails_on=mails.are_on(),
        needs_code=second_factors.find(g.person) is not None,
        saved=request.args.get("saved"),
        form=request.form,
        mistake=mistake,
    )
