"""`/auth`: register, log in, refresh, log out."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from chat.controllers import accounts, budgets, sessions
from chat.models.session import Session
from chat.models.user import User
from chat.routes.answers import json_answer
from chat.routes.api.parsing import Blueprint
from chat.routes.authentication import ACCESS_SECONDS, Pair, refresh_by_bearer, require_person
from chat.schemas.users import LoginInput, RegisterInput, SignedInView, show_me

auth = Blueprint("auth", __name__, description="Accounts and sessions")


@auth.post("/register")
@auth.arguments(RegisterInput)
@auth.response(201, SignedInView)
def register(body: dict[str, str]) -> Response:
    """Make an account, and sign in

    As far as REGISTRATION allows.
    """
    user = accounts.register(**body)
    return _signed_in(user, sessions.begin(user, _device()), 201)


@auth.post("/login")
@auth.arguments(LoginInput)
@auth.response(200, SignedInView)
def log_in(body: dict[str, str]) -> Response:
    """Sign in"""
    budgets.charge("log in as", body["username"].casefold())
    return _signed_in(*sessions.log_in(body["username"], body["password"], _device()))


@auth.post("/refresh")
@auth.doc(security=[{"bearer": []}])
@auth.response(200, SignedInView)
def refresh() -> Response:
    """A new pair of tokens

    For the refresh token, sent as bearer. Each is good for one use: using one again ends the session.
    """
    return _signed_in(*refresh_by_bearer())


@auth.post("/logout")
@auth.doc(security=[{"bearer": []}])
@auth.response(204)
def log_out() -> tuple[Any, int]:
    """Sign out

    The session is revoked, and its sockets hang up at once.
    """
    require_person()
    sessions.end(g.session)
    return "", 204


def _device() -> str:
    return request.headers.get("User-Agent", "")


def _signed_in(user: User, session: Session, status: int = 200) -> Response:
    pair = Pair.of(user, session)
    return json_answer(
        {"user": show_me(user), "access_token": pair.access, "refresh_token": pair.refresh, "expires_in": ACCESS_SECONDS}, status
    )
