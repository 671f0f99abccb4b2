"""A line between a browser and the chat that can be cut."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, WebSocketRoute


class Line:
    """The connection between a page and the chat, which a test cuts, restores and makes lossy."""

    def __init__(self, page: Page):
        self._page = page
        self.is_cut = False
        self.sent: list[str] = []  # client_ids of the messages that the page sent
        # Whether a frame from the server never arrives.
        self.loses: Callable[[str], bool] = lambda frame: False
        self.is_silent = False  # half open: nothing passes, and neither end notices
        self.refusal: dict[str, object] | None = None  # the answer to the next message
        self._open: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/socket.io/"), self._connect)
        page.route(re.compile("/socket.io/"), self._poll)

    def cut(self) -> None:
        self.is_cut = True
        for socket in self._open:
            socket.close()
        self._open.clear()

    def mend(self) -> None:
        self.is_cut = False
        # Devices send this event when their network is back.
        self._page.evaluate("dispatchEvent(new Event('online'))")

    def tell(self, event: str, payload: object) -> None:
        """Send an event as the server would."""
        self._open[-1].send("42" + json.dumps([event, payload]))

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
            return
        server = socket.connect_to_server()
        self._open.append(socket)

        def up(frame: str | bytes) -> None:
            if self.is_silent or self.is_cut:
                return
            if '"message:send"' in str(frame):
                number, _, sent = str(frame).removeprefix("42").partition("[")
                self.sent.append(json.loads(f"[{sent}")[1]["client_id"])
                if self.refusal:
                    answer = [{"ok": False, "error": self.refusal}]
                    self.refusal = None
                    socket.send(f"43{number}{json.dumps(answer)}")
                    return
            server.send(frame)

        socket.on_message(up)
        server.on_message(
            lambda frame: None if self.is_silent or self.loses(str(frame)) else socket.send(frame)
        )

    def _poll(self, route: Route) -> None:
        if self.is_cut:
            route.abort()
        else:
            route.continue_()
