"""The first page of a browser that knows nothing of the chat needs few requests and few bytes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.helpers.pages import live, message
from tests.helpers.world import World
from tests.journeys.conftest import Opened

MOST_REQUESTS = 20
MOST_BYTES = 120_000


class Loaded:
    """The requests of a page, with the bytes that each brought over the network."""

    def __init__(self, page: Page):
        self._paths: dict[str, str] = {}
        self._bytes: dict[str, int] = {}
        browser = page.context.new_cdp_session(page)
        browser.send("Network.enable")
        browser.on("Network.requestWillBeSent", self._begin)
        browser.on("Network.loadingFinished", self._end)

    @property
    def bytes_of(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for each, size in self._bytes.items():  # a path may be asked for again, from the cache
            sizes[self._paths[each]] = sizes.get(self._paths[each], 0) + size
        return sizes

    def clear(self) -> None:
        self._bytes.clear()

    def _begin(self, event: dict[str, Any]) -> None:
        self._paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _end(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._paths:
            self._bytes[event["requestId"]] = event["encodedDataLength"]


def scripts(loaded: Loaded) -> list[str]:
    return [path for path in loaded.bytes_of if path.endswith(".js")]


def test_a_first_page_needs_few_requests_and_few_bytes_and_the_next_ones_no_file(
    opened: Opened, world: World
) -> None:
    room_id, other = world.room(), world.room()
    said = world.carol.say(room_id, "Who comes?")
    assert world.bob.put(f"/messages/{said['id']}/reactions/👍").status_code == 200
    for number in range(50):
        world.alice.say(room_id, f"The {number}. **ferry** leaves at seven, @bob")
    # The requests of a service worker are not the page's: without it, all of them are counted.
    page = opened(world.bob, service_workers="block")
    loaded = Loaded(page)
    live(page, room_id)
    page.wait_for_load_state("networkidle")
    first = loaded.bytes_of
    assert {f"/rooms/{room_id}"} < set(first)
    assert len(scripts(loaded)) == 2, "ours, joined, and the library's"
    assert len(first) <= MOST_REQUESTS, sorted(first)
    assert 10_000 < sum(first.values()) <= MOST_BYTES, first
    loaded.clear()
    live(page, other)
    page.wait_for_load_state("networkidle")
    fetched = [path for path, size in loaded.bytes_of.items() if size]
    assert f"/rooms/{other}" in fetched
    assert not [path for path in fetched if path.startswith("/static/")]


def test_the_modules_also_run_as_they_are_written(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.bob)
    loaded = Loaded(page)
    page.route(
        "**/scripts/app.js",
        lambda route: route.fulfill(
            content_type="text/javascript", body='import "/static/js/main.js";'
        ),
    )
    live(page, room_id)
    world.alice.say(room_id, "The ferry leaves at seven")
    expect(message(page, "The ferry leaves at seven")).to_be_visible()
    assert len(scripts(loaded)) > 40
