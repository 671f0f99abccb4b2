"""Serve the page for those who forgot their password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import forgotten_passwords, mails
from chat.controllers.password_setting import directory_name
from chat.routes.pages.forms import read_form, refuse
from chat.schemas.email import ForgottenInput
from chat.utils.errors import ChatError, NotFound

forgetting = Blueprint("forgetting", __name__, url_prefix="/forgot")


@forgetting.get("")
def show() -> str:
    """Ask for whom a link is wanted."""
    return _page()


@forgetting.post("")
def ask() -> AnyResponse:
    """Mail a link; the answer is the same whether there is such an account."""
    try:
        forgotten_passwords.ask(read_form(ForgottenInput)["account"])
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return redirect(url_for("forgetting.show", asked=1), 303)


def _page(mistake: ChatError | None = None) -> str:
    return render_template(
        "sign_in/forgot.html",
        are_mails_on=mails.are_on(),
        directory=directory_name(),
        asked=request.args.get("asked"),
        form=request.form,
        mistake=mistake,
    )
