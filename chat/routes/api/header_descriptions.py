"""Describe the headers of requests and responses in the OpenAPI document.

The headers follow from an operation's responses: with 304 there is an ETag, with 206 there are
ranges, and an operation that counts as an action reports its budget. Headers that HTTP libraries
handle themselves (caches, compression), or that only browsers use, are not described.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chat.routes.headers import LONGEST_HEADERS
from chat.routes.visitors import DEVICE_HEADER
from chat.schemas.fields import BIGGEST_SEQ

Described = dict[str, Any]

# The headers of responses, as components of the document.
HEADERS: dict[str, Described] = {
    "X-Request-ID": {
        "description": "names the request in the server's log",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"},
    },
    "ETag": {
        "description": "send it as If-None-Match; if nothing has changed, the answer is 304",
        "schema": {"type": "string"},
    },
    "Accept-Ranges": {
        "description": "a part may be asked for with Range",
        "schema": {"type": "string", "enum": ["bytes"]},
    },
    "Content-Range": {
        "description": "which bytes of how many these are",
        "schema": {"type": "string", "pattern": "^bytes [0-9]+-[0-9]+/[0-9]+$"},
    },
    "RateLimit-Policy": {
        "description": 'the budget: `"send";q=1000;w=60` is 1,000 in 60 seconds',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'what is left of it: `"send";r=998;t=12`, and more in 12 seconds',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "seconds to wait before the next try; with 429 and 503",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "with 401: Bearer, and whether a token was sent that is not valid",
        "schema": {"type": "string"},
    },
}
OF_BUDGETS = ("RateLimit-Policy", "RateLimit")
OF_ERRORS = ("X-Request-ID", "Retry-After", *OF_BUDGETS, "WWW-Authenticate")


def sent(name: str, description: str) -> Described:
    """Return the description of a request's header; a longer one than its bound is refused."""
    bound = {"maxLength": LONGEST_HEADERS[name]} if name in LONGEST_HEADERS else {}
    schema = {"type": "string", **bound}
    return {"in": "header", "name": name, "description": description, "schema": schema}


DEVICE_TOKEN = sent(DEVICE_HEADER, "the `device_token` of an earlier sign-in; any other is ignored")
IF_NONE_MATCH = sent("If-None-Match", "the ETag of what you have already")
OF_RANGES = [
    sent("Range", "one range of bytes: `bytes=0-1023`"),
    sent("If-Range", "the ETag that the range is of; else all comes"),
]

LAST_EVENT_ID = {
    "in": "header",
    "name": "Last-Event-ID",
    "description": "the last id that you have, instead of `after`",
    "schema": {"type": "integer", "minimum": 0, "maximum": BIGGEST_SEQ},
}


def describe_headers(operation: Described, is_counted: bool) -> None:
    """Add the headers to an operation and its responses."""
    statuses = {str(status) for status in operation["responses"]}
    taken = [
        *([IF_NONE_MATCH] if "304" in statuses else []),
        *(OF_RANGES if "206" in statuses else []),
        *([LAST_EVENT_ID] if _can_be_continued(operation) else []),
    ]
    if taken:
        operation["parameters"] = [*operation.get("parameters", []), *taken]
    for status, response in operation["responses"].items():
        if isinstance(response, dict) and "$ref" not in response:
            names = _of_response(str(status), statuses)
            response["headers"] = references((*names, *(OF_BUDGETS if is_counted else ())))


def _can_be_continued(operation: Described) -> bool:
    """Return whether the answer is a stream that begins after an event."""
    content = operation["responses"].get("200", {}).get("content", {})
    return "text/event-stream" in content and bool(operation.get("parameters"))


def references(names: Iterable[str]) -> Described:
    """Return the headers of a response, by reference to the components."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _of_response(status: str, statuses: set[str]) -> list[str]:
    """Return the names of the headers that a response has in an operation of these statuses."""
    names = ["X-Request-ID"]
    if "304" in statuses and status in ("200", "206", "304"):
        names.append("ETag")
    if "206" in statuses and status in ("200", "206", "304"):
        names.append("Accept-Ranges")
    if status == "206":
        names.append("Content-Range")
    return names
