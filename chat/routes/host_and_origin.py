"""Check Host and Origin: refuse requests for another host, and from pages of other sites.

An attacker can point a web page's name at this machine's address (DNS rebinding). The page then
makes its visitor's browser send us requests. Their Host names that page's host, not ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from flask import Flask, g
from werkzeug.wrappers import Response

from chat.realtime.rare_log import RareLog
from chat.routes.cross_origin import SOCKETS, CrossOrigin
from chat.routes.errors import answer_error
from chat.routes.headers import REQUEST_ID_KEY
from chat.utils.errors import ChatError, Forbidden, Misdirected
from chat.utils.text import quoted
from config import Settings

_log = RareLog(logging.getLogger(__name__))

# Monitoring requests these paths by any address of a container. They reveal and change nothing.
UNDER_ANY_HOST = frozenset({"/up", "/ready"})
# What a phone's share sheet sends comes from no page. It changes nothing: see pages/sharing.py.
FROM_NO_PAGE = ("POST", "/share", "null")  # method, path, Origin
ENGINE_FORBIDDEN = 4  # the error code of Engine.IO


class HostAndOriginMiddleware:
    """WSGI middleware that answers the requests that it refuses."""

    def __init__(self, flask: Flask, app: Any, settings: Settings):
        self._flask = flask
        self._app = app
        self._hosts = settings.hosts
        self._origins = settings.origins
        self._others = CrossOrigin(settings)
        url = settings.public_url
        self._misdirected = Misdirected(
            f"This chat is at {url}: ask for it there, or set PUBLIC_URL."
        )
        self._forbidden = Forbidden(
            f"This request does not come from a page of {url}; check PUBLIC_URL, "
            "or ALLOWED_ORIGINS for a page of another site."
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        answer = self._app
        if mistake := self._mistake(environ):
            answer = self._answer(mistake, environ)
        elif self._others.admits(environ):
            return self._others.answer(self._app, environ, start_response)
        elif self._others.is_on:
            start_response = self._others.varying(start_response)
        found: Iterable[bytes] = answer(environ, start_response)
        return found

    def _mistake(self, environ: dict[str, Any]) -> ChatError | None:
        path = environ.get("PATH_INFO", "")
        if path in UNDER_ANY_HOST:
            return None
        if environ.get("HTTP_HOST", "").lower() not in self._hosts:
            return self._misdirected
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin in self._origins or _is_of_sockets(path):
            # Engine.IO's handshake refuses a foreign origin, in the form of its protocol
            return None
        if self._others.admits(environ):
            return None
        if (environ["REQUEST_METHOD"], path, origin) == FROM_NO_PAGE:
            return None
        return self._forbidden

    def _answer(self, mistake: ChatError, environ: dict[str, Any]) -> Any:
        """Return the refusal in the form of the path: a page, the API's JSON, or Engine.IO's."""
        host = quoted(environ.get("HTTP_HOST", ""))
        origin = quoted(environ.get("HTTP_ORIGIN", ""))
        _log.info("a request was refused", reason=mistake.code, host=host, origin=origin)
        if _is_of_sockets(environ.get("PATH_INFO", "")):
            body = orjson.dumps({"code": ENGINE_FORBIDDEN, "message": mistake.message})
            return Response(body, mistake.status, mimetype="application/json")
        with self._flask.request_context(environ):
            g.request_id = environ.get(REQUEST_ID_KEY, "")
            return self._flask.make_response(answer_error(mistake))


def _is_of_sockets(path: str) -> bool:
    return f"{path}/".startswith(SOCKETS)
