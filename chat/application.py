"""The subclass of Flask that the chat runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from chat.routes.template_languages import TranslatedEnvironment


class Application(Flask):
    jinja_environment = TranslatedEnvironment

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`: no view is a coroutine, and Flask's check costs 4 % of a request."""
        return func

    def make_default_options_response(self) -> Response:
        """Return the allowed methods with status 204: Flask's response claims to be HTML."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response
