"""`/me/identities`: the sign-in providers that are connected with one's account."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers.sign_on import connections, flows
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.sign_on import IdentitiesView, show_identity

identities = Blueprint("identities", __name__, description="Single sign-on")


@identities.get("", name="listMyIdentities")
@identities.response(200, IdentitiesView)
def list_all() -> Response:
    """List the sign-in providers that are connected with your account

    To connect one, open `/auth/<provider>?connect=1` in a browser that is signed in.
    """
    found = connections.of(g.person)
    shown = [show_identity(flows.provider_of(name), each) for name, each in found.items()]
    return json_answer({"identities": shown, "next": None})


@identities.delete("/<provider>", name="disconnectIdentity")
@identities.response(204)
def disconnect(provider: str) -> tuple[Any, int]:
    """Disconnect a sign-in provider

    conflict: it is your only way to sign in.
    """
    connections.disconnect(g.person, provider)
    return "", 204
