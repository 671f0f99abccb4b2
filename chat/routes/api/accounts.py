"""`/admin/users`: the accounts of people, for administrators."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import administering, erasing, password_resets, second_factors
from chat.routes.api.parsing import Blueprint
from chat.routes.reset_links import reset_link_of
from chat.routes.responses import json_answer
from chat.schemas.accounts import (
    AccountInput,
    AccountsQuery,
    AccountsView,
    AccountView,
    ResetLinkView,
    show_account,
    show_reset_link,
)
from chat.schemas.erasing import EraseInput

accounts = Blueprint("accounts", __name__, description="People’s accounts, for administrators")


@accounts.get("", name="listAccounts", scope="admin")
@accounts.arguments(AccountsQuery, location="query")
@accounts.response(200, AccountsView)
def list_some(query: dict[str, Any]) -> Response:
    """List accounts by username

    With `q`, lists people whose name begins with it, 50 at most.
    """
    page = administering.page(g.person, **query)
    users = [show_account(*account) for account in page.items]
    return json_answer({"users": users, "next": page.following})


@accounts.patch("/<id:user_id>", name="changeAccount", scope="admin")
@accounts.arguments(AccountInput)
@accounts.response(200, AccountView)
def change(body: dict[str, Any], user_id: str) -> Response:
    """Change a role or a name; deactivate or activate an account

    A deactivated person is signed out everywhere; their messages and memberships stay. conflict if
    the chat would have no active administrator, or if somebody else has the username.
    """
    return json_answer(show_account(*administering.change(g.person, user_id, **body)))


@accounts.delete("/<id:user_id>", name="eraseAccount", scope="admin")
@accounts.arguments(EraseInput)
@accounts.response(204)
def erase(body: dict[str, str], user_id: str) -> tuple[Any, int]:
    """Delete an account

    The person is signed out everywhere within 2 s and leaves all rooms; names, picture and
    preferences are gone. Messages stay under “Former member”, or are deleted. It cannot be undone.
    conflict for the last active administrator, forbidden for your own (`DELETE /me`).
    """
    erasing.erase(g.person, user_id, body["messages"])
    return "", 204


@accounts.post("/<id:user_id>/reset-link", name="makeResetLink")
@accounts.response(201, ResetLinkView)
def make_reset_link(user_id: str) -> Response:
    """Make a link with which a person chooses a new password

    It works once, within 24 hours, and replaces an earlier one. The response is the only one that
    shows it. Whoever uses it is signed out everywhere else.
    """
    link, token = password_resets.make(g.person, user_id)
    return json_answer(show_reset_link(link, reset_link_of(token)), 201)


@accounts.delete("/<id:user_id>/totp", name="removeSecondFactor")
@accounts.response(204)
def remove_second_factor(user_id: str) -> tuple[Any, int]:
    """Turn off the second factor of a person who lost the phone, and remove the passkeys

    The person is told at the next sign-in. conflict if there is neither; forbidden for your own,
    which needs your password and a code.
    """
    second_factors.turn_off_for(g.person, user_id)
    return "", 204
