"""What requests may cost: their time is measured and charged, and bodies with pictures may be larger than others."""

from __future__ import annotations

from typing import IO

from flask import Flask, Response, g, request

from chat import extensions
from chat.controllers import budgets
from chat.realtime.eventlet_hub import LoopTime

# Requests that carry pictures: endpoint, how many. All others are bounded by MAX_CONTENT_LENGTH.
PICTURES_IN: dict[str, int] = {
    "images.upload": 1, "me.change_avatar": 1, "pages.rooms.post_message": 10, "pages.account.change_avatar": 1,
}
# Blueprints that serve people without a session: those pay with their network's time. All others ask who it is first.
OPEN = frozenset({"entrance", "auth", "docs"})
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
    def _measure() -> None:
        g.loop_time = LoopTime()
        g.loop_time.__enter__()
        if request.blueprint in OPEN:
            budgets.require("strangers' time", budgets.network(request.remote_addr))

    @app.after_request
    def _slow_strangers_down(response: Response) -> Response:
        """Also where they are refused by something else: a 401 costs as much as a page."""
        network = budgets.network(request.remote_addr)
        if request.blueprint not in OPEN and _is_strangers() and budgets.retry_after("strangers' time", network):
            budgets.slow_down()
        return response

    @app.teardown_request
    def _charge(_: BaseException | None) -> None:
        if "loop_time" in g:
            measured = g.pop("loop_time")
            measured.__exit__()
            _charge_time(measured.microseconds)

    @app.before_request
    def _allow_pictures() -> None:
        if pictures := PICTURES_IN.get(request.endpoint or ""):
            request.max_content_length = pictures * extensions.settings().max_image_bytes + FORM
            request.environ["wsgi.input"] = PoliteStream(request.environ["wsgi.input"])


def _charge_time(microseconds: int) -> None:
    if person := g.get("person"):
        budgets.charge_time(person.id, request.remote_addr, microseconds)
    elif _is_strangers():
        budgets.charge_afterwards("strangers' time", budgets.network(request.remote_addr), microseconds)


def _is_strangers() -> bool:
    """Whether nobody is signed in; for static files it does not matter, which everybody's pages ask for."""
    return "person" not in g and request.endpoint != "static"
