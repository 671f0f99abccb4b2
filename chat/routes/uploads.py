"""Large bodies, which carry pictures: who sends how much is asked before anything of it is read.

They are written to a temporary file while they come. Without this a stranger could fill the disk,
or the memory that stands for it.
"""

from __future__ import annotations

import contextlib
from typing import IO

from flask import Flask, g, request

from chat import extensions
from chat.controllers import images, turns
from chat.routes.visitors import has_hung_up, network
from chat.utils.errors import TooLarge

# Requests that carry pictures: endpoint, how many. All others are bounded by MAX_CONTENT_LENGTH.
PICTURES_IN: dict[str, int] = {
    "images.upload": 1,
    "me.change_avatar": 1,
    "pages.rooms.post_message": 10,
    "pages.account.change_avatar": 1,
}
SMALL = 65_536  # bytes: read like any other body; and what a larger one holds beside its pictures


class PoliteStream:
    """The body of a large request. A fast line always has more to read: let others in between."""

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
    """Before the body of a request with pictures is read, and after it is known who sends it.

    Raises TooLarge, NotFound and Forbidden where the person may not upload it, RateLimited where
    too many of theirs wait.
    """
    length = request.content_length
    if request.endpoint not in PICTURES_IN or (length is not None and length <= SMALL):
        return
    most = PICTURES_IN[request.endpoint] * extensions.settings().max_image_bytes + SMALL
    if length is not None and length > most:
        raise TooLarge
    if room_id := (request.view_args or {}).get("room_id"):
        left = images.room_for(g.person, room_id, (length or SMALL) - SMALL)
        most = most if left is None else min(most, left + SMALL)
    g.upload = contextlib.ExitStack()
    gone = has_hung_up()
    g.upload.enter_context(turns.UPLOADS_OF_PEOPLE.turn(turns.UPLOADS_OF_ONE, g.person.id, gone))
    g.upload.enter_context(turns.UPLOADS_OF_NETWORKS.turn(turns.UPLOADS_OF_OFFICE, network(), gone))
    request.max_content_length = most
    request.environ["wsgi.input"] = PoliteStream(request.environ["wsgi.input"])
