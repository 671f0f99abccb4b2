"""Define the input and the views of accounts: people as administrators see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, validates

from chat.models.account_list import STATES
from chat.models.reset_link import ResetLink
from chat.models.user import User
from chat.schemas.account_names import DisplayName, Username
from chat.schemas.base import Input, View
from chat.schemas.fields import Cursor, Moment, Next, OneOf, StrictBoolean
from chat.schemas.rooms import LONGEST_CURSOR
from chat.schemas.users import (
    PeopleQuery,
    UserView,
    must_be_username,
    show_user,
)
from chat.utils.clock import rfc3339

ROLES = ("administrator", "member")


class AccountsQuery(PeopleQuery):
    state = OneOf(
        STATES,
        load_default="active",
        metadata={"description": "active, deactivated or all people, or all bots"},
    )
    after = Cursor(
        LONGEST_CURSOR, load_default="", metadata={"description": "`next` of the page before"}
    )


class AccountInput(Input):
    role = OneOf(ROLES)
    deactivated = StrictBoolean(
        metadata={"description": "true: nobody can sign in, and the person is signed out"}
    )
    display_name = DisplayName(1)
    username = Username(
        metadata={"description": "signs in from now on; for 90 days nobody else gets the old one"}
    )

    @validates("username")
    def _username(self, username: str, **_options: object) -> None:
        must_be_username(username)


class NamesInput(Input):
    """A form’s choice of both names."""

    username = Username(required=True)
    display_name = DisplayName(1, required=True)

    @validates("username")
    def _username(self, username: str, **_options: object) -> None:
        must_be_username(username)


class RoleInChatInput(Input):
    """A form’s choice of a role."""

    role = OneOf(ROLES, required=True)


class AccountView(UserView):
    is_admin = fields.Boolean(required=True)
    created_at = Moment(required=True)
    last_seen_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "the last use, as far as stored sessions tell; null: none does"},
    )
    deactivated_at = Moment(required=True, allow_none=True)
    second_factor = fields.Boolean(required=True)
    passkeys = fields.Boolean(
        required=True, metadata={"description": "whether there are some; they are the person's"}
    )
    owner = fields.Nested(
        UserView,
        required=True,
        allow_none=True,
        metadata={"description": "of a bot: who answers for it; null for people"},
    )


class AccountsView(View):
    users = fields.List(fields.Nested(AccountView), required=True)
    next = Next("after")


class ResetLinkView(View):
    url = fields.String(
        required=True, metadata={"description": "the link to give to the person; it works once"}
    )
    expires_at = Moment(required=True)


def show_reset_link(link: ResetLink, url: str) -> dict[str, Any]:
    """Return a ResetLinkView."""
    return {"url": url, "expires_at": rfc3339(link.expires_at)}


def show_account(
    user: User, last_seen_at: datetime | None, has_passkeys: bool, owner: User | None
) -> dict[str, Any]:
    """Return an AccountView."""
    return show_user(user) | {
        "is_admin": user.is_admin,
        "created_at": rfc3339(user.created_at),
        "last_seen_at": last_seen_at and rfc3339(last_seen_at),
        "deactivated_at": user.deactivated_at and rfc3339(user.deactivated_at),
        "second_factor": user.has_second_factor,
        "passkeys": has_passkeys,
        "owner": show_user(owner) if owner else None,
    }
