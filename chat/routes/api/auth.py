"""`/auth`: register, log in, refresh, log out."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import accounts, devices, sessions
from chat.controllers.sessions import SignedIn
from chat.controllers.visitors import Visitor
from chat.routes.api.parsing import Blueprint
from chat.routes.authentication import refresh_by_bearer, require_person
from chat.routes.responses import json_answer
from chat.routes.tokens import ACCESS_SECONDS, Pair
from chat.routes.visitors import visitor
from chat.schemas.users import LoginInput, RegisterInput, SignedInView, show_me

auth = Blueprint("auth", __name__, description="Accounts and sessions")


@auth.post("/register", name="register")
@auth.doc(security=[])
@auth.arguments(RegisterInput)
@auth.response(201, SignedInView)
def register(body: dict[str, str]) -> Response:
    """Make an account, and sign in

    As far as REGISTRATION allows.
    """
    asking = visitor()
    user = accounts.register(**body, visitor=asking)
    return _answer(sessions.begin(user, asking.user_agent), asking, 201)


@auth.post("/login", name="logIn")
@auth.doc(security=[])
@auth.arguments(LoginInput)
@auth.response(200, SignedInView)
def log_in(body: dict[str, str]) -> Response:
    """Sign in

    Send the device_token of an answer before as `X-Device-Token`, if there is one: then others'
    wrong passwords for your name do not slow you down.
    """
    asking = visitor()
    return _answer(sessions.log_in(body["username"], body["password"], asking), asking)


@auth.post("/refresh", name="refreshTokens")
@auth.response(200, SignedInView)
def refresh() -> Response:
    """A new pair of tokens

    For the refresh token, sent as bearer. Each is good for one use. When the answer is lost, ask
    again within a minute: the device that asked first (told by its `X-Device-Token`, or by its
    network where it sends none) is given the same pair. Whoever else uses it again, and whoever
    does so later, ends the session.
    """
    return _answer(refresh_by_bearer(), visitor())


@auth.post("/logout", name="logOut")
@auth.response(204)
def log_out() -> tuple[Any, int]:
    """Sign out

    The session is revoked, and its sockets hang up at once.
    """
    require_person()
    sessions.end(g.session)
    return "", 204


def _answer(signed_in: SignedIn, asking: Visitor, status: int = 200) -> Response:
    pair = Pair.of(signed_in.user, signed_in.session)
    shown = {
        "user": show_me(signed_in.user),
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": ACCESS_SECONDS,
        "device_token": devices.token_of(asking.device.with_person(signed_in.user)),
    }
    return json_answer(shown, status)
