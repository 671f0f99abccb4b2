"""Serve the JSON API: one file for each noun.

The API describes itself at `/api/v1/openapi.json`, and for people at `/api/v1/docs`.
"""

from __future__ import annotations

from functools import partial

from flask import Flask, g, request

from chat.controllers import budgets
from chat.controllers.api_tokens import must_have
from chat.routes import authentication, bodies, cpu_time, rate_limit_headers, streaming, uploads
from chat.routes.api.accounts import accounts
from chat.routes.api.admin import admin
from chat.routes.api.api_tokens import api_tokens
from chat.routes.api.audit import audit
from chat.routes.api.auth import auth
from chat.routes.api.bans import bans
from chat.routes.api.bots import bots
from chat.routes.api.commands import commands
from chat.routes.api.description import described
from chat.routes.api.docs import Description, docs
from chat.routes.api.email import email
from chat.routes.api.exports import exports
from chat.routes.api.identities import identities
from chat.routes.api.images import images
from chat.routes.api.incoming_webhooks import incoming_webhooks
from chat.routes.api.invites import invites
from chat.routes.api.me import me
from chat.routes.api.members import members
from chat.routes.api.mentions import mentions
from chat.routes.api.messages import messages
from chat.routes.api.outgoing_webhooks import outgoing_webhooks
from chat.routes.api.oversight import oversight
from chat.routes.api.parsing import Blueprint, refuse_unknown_parameters, scope_of_request
from chat.routes.api.passkeys import passkeys
from chat.routes.api.push import push
from chat.routes.api.reminders import reminders
from chat.routes.api.reports import reports
from chat.routes.api.retention import retention
from chat.routes.api.rooms import rooms
from chat.routes.api.search import search
from chat.routes.api.second_factor import second_factor
from chat.routes.api.streams import streams
from chat.routes.api.users import users
from chat.utils.errors import UnsupportedType
from chat.utils.translation import _
from config import Settings

PREFIX = "/api/v1"

# The map: blueprint, prefix, and the action that each change counts as (None: no person is
# required).
BLUEPRINTS: list[tuple[Blueprint, str, str | None]] = [
    (auth, "/auth", None),
    (me, "/me", "write"),
    (second_factor, "/me/totp", "write"),
    (passkeys, "/me/passkeys", "write"),
    (api_tokens, "/me/tokens", "write"),
    (email, "/me/email", "write"),
    (push, "", "write"),
    (reminders, "/me/reminders", "write"),
    (identities, "/me/identities", "write"),
    (users, "/users", "write"),
    (rooms, "", "write"),
    (retention, "", "write"),
    (members, "/rooms", "write"),
    (bans, "/rooms", "write"),
    (outgoing_webhooks, "", "write"),
    (bots, "/bots", "write"),
    (incoming_webhooks, "", "write"),
    (commands, "", "send"),
    (messages, "", "send"),
    (mentions, "", "write"),
    (images, "", "send"),
    (search, "/search", "write"),
    (invites, "/invites", "write"),
    (admin, "/admin", "write"),
    (accounts, "/admin/users", "write"),
    (oversight, "/admin/rooms", "write"),
    (audit, "", "write"),
    (reports, "", "write"),
    (streams, "", "write"),
    (exports, "", "write"),
]

# Endpoints that count as another action than their blueprint's, GET included. A request without a
# person counts against its address.
ACTIONS: dict[str, str] = {
    "auth.register": "register",
    "auth.log_in": "log in from",
    "auth.begin_passkey": "log in from",
    "auth.log_in_by_passkey": "log in from",
    "auth.refresh": "refresh",
    "auth.forget": "forget passwords",
    "search.find": "search",
    "me.change": "profile",
    "invites.make": "make invites",
}


def set_up(app: Flask, settings: Settings) -> None:
    api = described(app, settings, _is_counted, _needs_person)
    for blueprint, prefix, action in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=PREFIX + prefix)
        app.before_request_funcs.setdefault(blueprint.name, []).append(partial(_admit, action))
    docs.description = Description(api)
    app.register_blueprint(docs, url_prefix=PREFIX)


def _admit(action: str | None) -> None:
    """Authenticate and count each request, before it.

    It counts before anything is parsed, so refused requests count, too. Anybody may ask by OPTIONS
    what is allowed.
    """
    if request.method == "OPTIONS":
        return
    if action:
        authentication.require_person()
    _count(action)
    if action:
        must_have(g.session, scope_of_request())
        streaming.take_turn()
        uploads.admit()
    _require_json()
    refuse_unknown_parameters()
    if action:
        bodies.receive()


def _count(action: str | None) -> None:
    budget = _budget_of(request.endpoint or "", request.method, action)
    if budget and action is None:
        cpu_time.charge_visitor(budget)
    elif budget:
        rate_limit_headers.note(budget, g.person.answerable_id)
        budgets.charge(budget, g.person.answerable_id)


def _budget_of(endpoint: str, method: str, action: str | None) -> str | None:
    """Return the budget that a request is charged to; None if there is none."""
    if endpoint in ACTIONS:
        return ACTIONS[endpoint]
    return action if method in authentication.UNSAFE else None


def _is_counted(endpoint: str, method: str) -> bool:
    """Return whether a request to an operation is charged to a budget."""
    return _budget_of(endpoint, method, _action_of(endpoint)) is not None


def _needs_person(endpoint: str) -> bool:
    return _action_of(endpoint) is not None


def _action_of(endpoint: str) -> str | None:
    noun = endpoint.partition(".")[0]
    return next(action for blueprint, _, action in BLUEPRINTS if blueprint.name == noun)


def _require_json() -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedType(_("Send the body as it is, without a Content-Encoding."))
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    may_carry = (
        request.method in authentication.UNSAFE and request.endpoint not in uploads.PICTURES_IN
    )
    if may_carry and has_body and not request.is_json:
        raise UnsupportedType
