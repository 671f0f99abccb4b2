"""Answer reads in fewer bytes: 304 for unchanged content, compressed where it is safe."""

from __future__ import annotations

import hashlib

import orjson
from flask import Response, request

from chat.routes.compression import compress


def read_answer(content: object, tag: str = "") -> Response:
    """Return `content` as JSON, with its ETag; 304 if If-None-Match names it.

    `tag` differs where the content does, if that is known without hashing all of it.
    """
    body = orjson.dumps(content)
    return unless_known(body, "application/json", tag or tag_of(body))


def answer_of_one_room(content: object, tag: str = "") -> Response:
    """Return the same, compressed where that is safe and the client accepts it."""
    answer = read_answer(content, tag)
    compress(answer)
    return answer


def tag_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def unless_known(body: bytes, mimetype: str, tag: str) -> Response:
    """Return a response with its ETag; 304 if If-None-Match names it."""
    if "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
        del answer.headers["Content-Type"]
    else:
        answer = Response(body, mimetype=mimetype)
    answer.headers["ETag"] = f'W/"{tag}"'  # weak, because the compressed response has the same ETag
    return answer
