"""How much a request may bring: bodies with pictures may be larger than others."""

from __future__ import annotations

from typing import IO

from flask import Flask, request

from chat import extensions
from chat.controllers import budgets

# Requests that carry pictures: endpoint, how many. All others are bounded by MAX_CONTENT_LENGTH.
PICTURES_IN: dict[str, int] = {
    "images.upload": 1, "me.change_avatar": 1, "pages.rooms.post_message": 10, "pages.account.change_avatar": 1,
}
FORM = 65_536  # bytes of such a request beside its pictures


class PoliteStream:
    """The body of a large request. On a fast line there is always more to read: let others in between."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        extensions.socketio.sleep(0)
        return self._stream.read(size)


def set_up(app: Flask) -> None:
    settings = extensions.settings()
    budgets.set_up(settings.redis_url, settings.workers)

    @app.before_request
    def _allow_pictures() -> None:
        if pictures := PICTURES_IN.get(request.endpoint or ""):
            request.max_content_length = pictures * extensions.settings().max_image_bytes + FORM
            request.environ["wsgi.input"] = PoliteStream(request.environ["wsgi.input"])

