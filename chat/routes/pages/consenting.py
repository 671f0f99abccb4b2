"""Keep whom a provider vouches for in the browser, until the person consents."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers.sign_on import vouched
from chat.controllers.sign_on.vouched import Vouched
from chat.routes import cookies


def ask_for_consent(person: Vouched, next: str | None) -> AnyResponse:
    """Lead to the page that asks the person whose verified address it is."""
    response = redirect(url_for("single_sign_on.ask", next=next or None), 303)
    return keep(response, vouched.seal(person))


def keep(response: AnyResponse, sealed: str) -> AnyResponse:
    cookies.store(response, cookies.IDENTITY, sealed, int(vouched.LASTS.total_seconds()))
    return response
