"""`/auth`: providers, register, log in, refresh, log out."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat import extensions
from chat.controllers import accounts, devices, forgotten_passwords, passkey_sign_in, sessions
from chat.controllers.sessions import SignedIn
from chat.controllers.sign_on import by_password
from chat.controllers.visitors import Visitor
from chat.routes.api.header_descriptions import DEVICE_TOKEN
from chat.routes.api.parsing import Blueprint
from chat.routes.authentication import refresh_by_bearer, require_person
from chat.routes.responses import json_answer
from chat.routes.tokens import ACCESS_SECONDS, Pair
from chat.routes.visitors import visitor
from chat.schemas.email import ForgottenInput
from chat.schemas.passkeys import (
    PasskeyLoginInput,
    PasskeyOptionsView,
    assertion_of,
    show_passkey_options,
)
from chat.schemas.sign_on import ProvidersView, show_provider
from chat.schemas.users import LoginInput, RegisterInput, SignedInView, show_me

auth = Blueprint("auth", __name__, description="Accounts and sessions")


@auth.get("/providers", name="listProviders")
@auth.doc(security=[])
@auth.response(200, ProvidersView)
def list_providers() -> Response:
    """List the ways to sign in

    A provider of single sign-on signs a browser in, never a program.
    """
    settings = extensions.settings()
    shown = [show_provider(each, settings.public_url) for each in settings.providers]
    has_passwords = settings.passwords or settings.directory is not None
    return json_answer({"passwords": has_passwords, "providers": shown, "next": None})


@auth.post("/register", name="register")
@auth.doc(security=[], parameters=[DEVICE_TOKEN])
@auth.arguments(RegisterInput)
@auth.response(201, SignedInView)
def register(body: dict[str, str]) -> Response:
    """Create an account, and sign in

    The setting REGISTRATION decides who can.
    """
    sender = visitor()
    user = accounts.register(**body, visitor=sender)
    return _answer(sessions.begin(user, sender.user_agent), sender, 201)


@auth.post("/login", name="logIn")
@auth.doc(security=[], parameters=[DEVICE_TOKEN])
@auth.arguments(LoginInput)
@auth.response(200, SignedInView)
def log_in(body: dict[str, str]) -> Response:
    """Sign in

    If you have a device_token from an earlier response, send it as `X-Device-Token`. Then wrong
    passwords that others try for your username do not slow you down.

    second_factor_required: the password is right, and the account has a second factor. Ask again,
    with a code of the authenticator app, or a recovery code, as `otp`.
    """
    sender = visitor()
    return _answer(by_password.log_in(**body, visitor=sender), sender)


@auth.post("/passkey/options", name="beginPasskeyLogin")
@auth.doc(security=[])
@auth.response(200, PasskeyOptionsView)
def begin_passkey() -> Response:
    """Begin to sign in by a passkey

    A browser asks its person for one: `navigator.credentials.get({publicKey})`.
    """
    return json_answer(show_passkey_options(passkey_sign_in.begin()))


@auth.post("/passkey", name="logInByPasskey")
@auth.doc(security=[], parameters=[DEVICE_TOKEN])
@auth.arguments(PasskeyLoginInput)
@auth.response(200, SignedInView)
def log_in_by_passkey(body: dict[str, Any]) -> Response:
    """Sign in by a passkey

    Send what the credential's `toJSON()` returns. A second factor is not asked for. The answer to a
    passkey that is not known does not say why.
    """
    sender = visitor()
    answer = assertion_of(body["credential"])
    return _answer(passkey_sign_in.log_in(body["token"], answer, sender), sender)


@auth.post("/forgot", name="forgetPassword")
@auth.doc(security=[])
@auth.arguments(ForgottenInput)
@auth.response(204)
def forget(body: dict[str, str]) -> tuple[Any, int]:
    """Get a link to a new password, by mail

    The answer is the same whether there is such an account, and whether it has an e-mail address.
    not_found where the chat sends no mails.
    """
    forgotten_passwords.ask(body["account"])
    return "", 204


@auth.post("/refresh", name="refreshTokens")
@auth.doc(parameters=[DEVICE_TOKEN])
@auth.response(200, SignedInView)
def refresh() -> Response:
    """Refresh the tokens

    Send the refresh token as bearer. Each refresh token is valid once. If the response is lost,
    repeat the request within a minute: the same device receives the same pair of tokens. A device
    is known by its `X-Device-Token`, or by its network without one. Any other or later use of the
    token ends the session.
    """
    return _answer(refresh_by_bearer(), visitor())


@auth.post("/logout", name="logOut")
@auth.response(204)
def log_out() -> tuple[Any, int]:
    """Sign out

    Revokes the session, and closes its sockets at once.
    """
    require_person()
    sessions.end(g.session)
    return "", 204


def _answer(signed_in: SignedIn, sender: Visitor, status: int = 200) -> Response:
    pair = Pair.of(signed_in.user, signed_in.session)
    shown = {
        "user": show_me(signed_in.user),
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": ACCESS_SECONDS,
        "device_token": devices.token_of(sender.device.with_person(signed_in.user)),
    }
    return json_answer(shown, status)
