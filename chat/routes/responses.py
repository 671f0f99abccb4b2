"""Make the JSON API's responses; serve untrusted pictures safely."""

from __future__ import annotations

import orjson
from flask import Response

# With this policy the content can do nothing, whatever type a browser detects.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def json_answer(content: object, status: int = 200) -> Response:
    """Return `content` as JSON.

    orjson, because the standard library takes ten times as long for a page of fifty messages.
    """
    return Response(orjson.dumps(content), status, mimetype="application/json")


def harmless(response: Response) -> Response:
    """Return the response with headers that stop a browser from running the picture."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
