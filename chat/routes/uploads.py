"""Admit large bodies, which carry pictures: check sender and size before reading the body.

A large body goes to a temporary file while it arrives. Without this check a stranger could fill the
disk, or the memory where temporary files are in memory.
"""

from __future__ import annotations

import contextlib
from typing import IO

from flask import Flask, g, request

from chat import extensions
from chat.controllers import images, turns
from chat.routes.visitors import has_hung_up, network
from chat.utils.errors import TooLarge

# Endpoints that accept pictures, and how many in one request. MAX_CONTENT_LENGTH limits all others.
PICTURES_IN: dict[str, int] = {
    "images.upload": 1,
    "me.change_avatar": 1,
    "admin.change_icon": 1,
    "pages.rooms.post_message": 10,
    "pages.settings.change_avatar": 1,
    "pages.administration.change_icon": 1,
}
# A smaller body needs no admission. A larger one may contain this much besides its pictures.
SMALL_BODY_BYTES = 65_536


class YieldingStream:
    """The body of a large request, which yields between reads.

    Over a fast connection the next bytes are always there, so that reading alone never yields.
    """

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        extensions.socketio.sleep(0)
        return self._stream.read(size)


def set_up(app: Flask) -> None:
    @app.teardown_request
    def _end_turn(_: BaseException | None) -> None:
        if "upload" in g:
            g.pop("upload").close()


def admit() -> None:
    """Admit a request with pictures, after authentication and before its body is read.

    Raises TooLarge; NotFound and Forbidden where the person may not upload; RateLimited where too
    many of the person's uploads wait.
    """
    length = request.content_length
    if request.endpoint not in PICTURES_IN or (length is not None and length <= SMALL_BODY_BYTES):
        return
    most = PICTURES_IN[request.endpoint] * extensions.settings().max_image_bytes + SMALL_BODY_BYTES
    if length is not None and length > most:
        raise TooLarge
    if room_id := (request.view_args or {}).get("room_id"):
        left = images.bytes_left(g.person, room_id, (length or SMALL_BODY_BYTES) - SMALL_BODY_BYTES)
        if left is not None:
            most = min(most, left + SMALL_BODY_BYTES)
    g.upload = contextlib.ExitStack()
    gone = has_hung_up()
    who = g.person.answerable_id
    g.upload.enter_context(turns.UPLOADS_OF_PEOPLE.turn(turns.UPLOADS_OF_ONE, who, gone))
    g.upload.enter_context(turns.UPLOADS_OF_NETWORKS.turn(turns.UPLOADS_OF_OFFICE, network(), gone))
    request.max_content_length = most
    request.environ["wsgi.input"] = YieldingStream(request.environ["wsgi.input"])
