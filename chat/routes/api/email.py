"""`/me/email`: one's own e-mail address."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import budgets, mails, own_email
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.routes.visitors import visitor
from chat.schemas.email import (
    ConfirmEmailInput,
    EmailInput,
    EmailView,
    show_email,
)
from chat.schemas.second_factor import ProofOfPersonInput

email = Blueprint("email", __name__, description="Your e-mail address")


@email.get("", name="getMyEmail")
@email.response(200, EmailView)
def show() -> Response:
    """Get your e-mail address

    Nobody else sees it.
    """
    return _answer()


@email.put("", name="changeMyEmail")
@email.arguments(EmailInput)
@email.response(202, EmailView)
def ask(body: dict[str, str]) -> Response:
    """Send a link to an address, which makes it yours

    The answer does not say whether it is somebody else's; a mail tells the owner then. conflict
    where the chat sends no mails.
    """
    budgets.charge("change password", g.session.id)
    own_email.ask(g.person, body["address"], body["password"], body["otp"], visitor())
    return _answer(202)


@email.post("/confirm", name="confirmMyEmail")
@email.arguments(ConfirmEmailInput)
@email.response(200, EmailView)
def confirm(body: dict[str, str]) -> Response:
    """Confirm an address, by the link in the mail to it

    gone for a link that is over: after a day, or with another address or password.
    """
    own_email.confirm(g.person, body["token"])
    return _answer()


@email.delete("", name="removeMyEmail")
@email.arguments(ProofOfPersonInput)
@email.response(204)
def remove(body: dict[str, str]) -> tuple[Any, int]:
    """Remove your e-mail address

    A mail to it says so.
    """
    budgets.charge("change password", g.session.id)
    own_email.remove(g.person, body["password"], body["otp"], visitor())
    return "", 204


def _answer(status: int = 200) -> Response:
    return json_answer(show_email(own_email.find(g.person), mails=mails.are_on()), status)
