"""`/admin/users`: the accounts of people, for administrators."""

from __future__ import annotations

from flask import Response, g

from chat.controllers import password_resets
from chat.routes.api.parsing import Blueprint
from chat.routes.reset_links import reset_link_of
from chat.routes.responses import json_answer
from chat.schemas.accounts import ResetLinkView, show_reset_link

accounts = Blueprint("accounts", __name__, description="People’s accounts, for administrators")


@accounts.post("/<id:user_id>/reset-link", name="makeResetLink")
@accounts.response(201, ResetLinkView)
def make_reset_link(user_id: str) -> Response:
    """Make a link with which a person chooses a new password

    It works once, within 24 hours, and replaces an earlier one. The response is the only one that
    shows it. Whoever uses it is signed out everywhere else.
    """
    link, token = password_resets.make(g.person, user_id)
    return json_answer(show_reset_link(link, reset_link_of(token)), 201)
