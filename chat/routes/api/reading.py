"""Answer reads in fewer bytes: 304 for unchanged content, gzip where it is safe.

The length of a compressed response reveals whether two of its parts are alike (BREACH). So only
responses about one room are compressed, and only for bearer tokens: a person who can put text into
such a response is in the room, and reads it anyway. Responses that mix rooms (mentions, search,
lists of rooms), that contain tokens, or that a cookie authenticates are not compressed:
docs/security.md.
"""

from __future__ import annotations

import hashlib
import zlib

import orjson
from flask import Response, request

from chat.extensions import socketio
from chat.routes.encodings import LEAST_BYTES, chosen

LEVEL = 1  # a sixth of the time of level 6, and 1.2 times its bytes
PIECE_BYTES = 65_536  # bytes compressed at a time, after which the loop runs other work
GZIP = 16 + zlib.MAX_WBITS


def read_answer(content: object, tag: str = "") -> Response:
    """Return `content` as JSON, with its ETag; 304 if If-None-Match names it.

    `tag` differs where the content does, if that is known without hashing all of it.
    """
    body = orjson.dumps(content)
    return unless_known(body, "application/json", tag or tag_of(body))


def answer_of_one_room(content: object, tag: str = "") -> Response:
    """Return the same, compressed where that is safe and the client accepts it."""
    answer = read_answer(content, tag)
    answer.headers["Vary"] = "Accept-Encoding"
    if "HTTP_AUTHORIZATION" in request.environ and chosen(("gzip",)) and answer.status_code == 200:
        body = answer.get_data()
        if len(body) >= LEAST_BYTES:
            answer.set_data(_packed(body))
            answer.headers["Content-Encoding"] = "gzip"
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


def _packed(body: bytes) -> bytes:
    """Return `body` in gzip's format. Yields."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    parts = []
    for start in range(0, len(body), PIECE_BYTES):
        if start:
            socketio.sleep(0)
        parts.append(packer.compress(body[start : start + PIECE_BYTES]))
    return b"".join([*parts, packer.flush()])
