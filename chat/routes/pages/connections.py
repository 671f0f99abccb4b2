"""Serve the settings of single sign-on: connect a provider with one's account, disconnect it."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import budgets
from chat.controllers.sign_on import connections as verbs
from chat.controllers.sign_on import flows, vouched
from chat.routes import cookies
from chat.routes.pages.forms import read_form, refuse
from chat.routes.visitors import visitor
from chat.schemas.sign_on import ConnectForm
from chat.utils.clock import rfc3339
from chat.utils.errors import ChatError

connections = Blueprint("connections", __name__, url_prefix="/settings/sign-in")


@connections.get("")
def show() -> str:
    return _page()


@connections.get("/connect")
def ask() -> AnyResponse | str:
    """Show whom the provider vouches for, before the account is connected."""
    return _question() or _back()


@connections.post("/connect")
def connect() -> AnyResponse:
    budgets.charge("change password", g.session.id)
    person = vouched.unseal(cookies.value_of(cookies.IDENTITY), str(g.session.id))
    if person is None:
        return _back()
    try:
        body = read_form(ConnectForm)
        verbs.connect_own(g.person, person, body["password"], body["otp"], visitor())
    except ChatError as mistake:
        return refuse(_question(mistake) or _page(mistake), mistake)
    response = _back(saved="connected")
    cookies.remove(response, cookies.IDENTITY)
    return response


@connections.post("/<provider_id>/disconnect")
def disconnect(provider_id: str) -> AnyResponse:
    try:
        verbs.disconnect(g.person, provider_id)
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return _back(saved="disconnected")


def _page(mistake: ChatError | None = None) -> str:
    mine = verbs.of(g.person)
    return render_template(
        "settings/sign_in.html",
        providers=[(provider, mine.get(provider.id)) for provider in extensions.settings().sign_on],
        is_last=verbs.is_last_way_in(g.person, mine),
        connected_at={name: rfc3339(identity.created_at) for name, identity in mine.items()},
        saved=request.args.get("saved"),
        mistake=mistake,
    )


def _question(mistake: ChatError | None = None) -> str | None:
    person = vouched.unseal(cookies.value_of(cookies.IDENTITY), str(g.session.id))
    if person is None:
        return None
    return render_template(
        "settings/sign_in_connect.html",
        person=person,
        provider=flows.provider_of(person.provider),
        mistake=mistake,
    )


def _back(saved: str | None = None) -> AnyResponse:
    return redirect(url_for("pages.connections.show", saved=saved), 303)
