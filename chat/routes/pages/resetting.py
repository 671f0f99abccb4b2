"""Serve the page where a reset link leads: to choose a new password."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import password_resets
from chat.routes.pages.entering import enter_or_ask
from chat.routes.pages.forms import read_form, refuse
from chat.routes.visitors import visitor
from chat.schemas.passwords import NewPasswordInput
from chat.utils.errors import ChatError, Forbidden, Gone, NotFound

resetting = Blueprint("resetting", __name__, url_prefix="/reset")


@resetting.get("/<token>")
def show(token: str) -> str:
    """Show whose password it is. Raises NotFound, Gone, Forbidden."""
    return _page(token)


@resetting.post("/<token>")
def use(token: str) -> AnyResponse:
    """Change the password, and sign in, which may need a second step."""
    try:
        body = read_form(NewPasswordInput)
        sender = visitor()
        return enter_or_ask(password_resets.use(token, body["new_password"], sender), sender)
    except (NotFound, Gone, Forbidden):
        raise
    except ChatError as mistake:
        return refuse(_page(token, mistake), mistake)


def _page(token: str, mistake: ChatError | None = None) -> str:
    user = password_resets.show(token)
    return render_template("sign_in/reset.html", username=user.username, mistake=mistake)
