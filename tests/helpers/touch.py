"""A finger on a page, as the browser gets it from a touch screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, expect


class Finger:
    """Moves in px from where it was put on an element."""

    def __init__(self, element: Locator) -> None:
        element.tap(trial=True)  # waits until it is in sight and stands still
        box = element.bounding_box()
        assert box
        self._x, self._y = box["x"] + min(20, box["width"] / 2), box["y"] + box["height"] / 2
        self._line = element.page.context.new_cdp_session(element.page)
        self._tell("touchStart", [(0, 0)])

    def move(self, right: int, down: int = 0) -> None:
        for step in (0.25, 0.5, 0.75, 1):
            self._tell("touchMove", [(right * step, down * step)])

    def lift(self) -> None:
        self._tell("touchEnd", [])
        self._line.detach()

    def _tell(self, kind: str, places: list[tuple[float, float]]) -> None:
        points = [{"x": self._x + right, "y": self._y + down} for right, down in places]
        self._line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@contextmanager
def finger_on(element: Locator) -> Iterator[Finger]:
    finger = Finger(element)
    yield finger
    finger.lift()


def hold(message: Locator) -> None:
    """Hold a finger on a message until its menu opens, and lift it."""
    with finger_on(message.locator(".message-body")):
        expect(message.page.get_by_role("menu")).to_be_visible()
