"""Sign in by a passkey, on the page of signing in and on that of the second step."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import passkey_challenges
from chat.controllers import passkey_sign_in as verbs
from chat.routes import cookies
from chat.routes.pages.entering import enter
from chat.routes.pages.forms import read_form, refuse
from chat.routes.pages.sign_in_page import sign_in_page
from chat.routes.visitors import visitor
from chat.schemas.passkeys import PasskeyLoginForm, assertion_of
from chat.utils.errors import ChatError

passkey_sign_in = Blueprint("passkey_sign_in", __name__)


@passkey_sign_in.post("/login/passkey")
def check() -> AnyResponse:
    """Sign in the person of the passkey; the second step is done by it, too."""
    try:
        body = read_form(PasskeyLoginForm)
        response = enter(verbs.log_in(body["token"], assertion_of(body), visitor()))
    except ChatError as mistake:
        return refuse(sign_in_page("sign_in/login.html", mistake), mistake)
    cookies.remove(response, cookies.STEP)
    return response


def passkey_obstacle() -> str:
    """Return why nobody uses passkeys on this page: as `obstacle`, or "passwords" are off."""
    if not extensions.settings().passwords:
        return "passwords"
    return passkey_challenges.obstacle(request.host)
