"""The JSON API: one file a noun; it describes itself at `/api/v1/openapi.json`, for people at `/api/v1/docs`."""

from __future__ import annotations

from flask import Flask, g, request
from flask_smorest import Api, Blueprint

from chat.routes import authentication, limits
from chat.routes.api.auth import auth
from chat.routes.api.docs import docs
from chat.routes.api.me import me
from chat.routes.api.members import members
from chat.routes.api.messages import messages
from chat.routes.api.rooms import rooms
from chat.routes.api.users import users
from chat.schemas.errors import ErrorView
from chat.utils.errors import UnsupportedType

PREFIX = "/api/v1"

# The map: blueprint, prefix, whether it is for people who are signed in.
BLUEPRINTS: list[tuple[Blueprint, str, bool]] = [
    (auth, "/auth", False),
    (me, "/me", True),
    (users, "/users", True),
    (rooms, "", True),
    (members, "/rooms", True),
    (messages, "/rooms", True),
]


class DescribedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's Api with our own shape of errors."""

    ERROR_SCHEMA = ErrorView

    def _register_error_handlers(self) -> None:
        """Errors are answered in routes/errors.py, for every door alike."""


def set_up(app: Flask) -> None:
    app.config.update(
        API_TITLE="real-time-chat", API_VERSION="v1", OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX=PREFIX, OPENAPI_JSON_PATH="openapi.json",
    )
    api = DescribedApi(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for blueprint, prefix, needs_person in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=PREFIX + prefix)
        if needs_person:
            app.before_request_funcs.setdefault(blueprint.name, []).extend((authentication.require_person, _count_write))
        app.before_request_funcs.setdefault(blueprint.name, []).append(_require_json)
    docs.api = api
    app.register_blueprint(docs, url_prefix=PREFIX)


def _count_write() -> None:
    if request.method in authentication.UNSAFE:
        limits.count("write", g.person.id)


def _require_json() -> None:
    if request.method in authentication.UNSAFE and request.content_length and not request.is_json:
        raise UnsupportedType
