"""The page that searches messages, without JavaScript."""

from __future__ import annotations

import re

from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import World


def test_what_narrows_a_search_is_shown_as_chosen_and_can_be_taken_back(
    world: World, server: Server
) -> None:
    names = ["General", *(f"Quay {number}" for number in range(12))]
    for name in names:
        world.room(name=name)
    browser = Browser(server).sign_in(world.bob)
    page = browser.get("/search?q=tea+in:general+has:image").text
    chosen = re.findall(r'chip-chosen"\s+href="([^"]+)"\s+aria-label="([^"]+)"', page)
    assert chosen == [
        ("/search?q=tea+has:image", "Without in:general"),
        ("/search?q=tea+in:general", "Without has:image"),
    ]
    assert 'id="search-room"' not in page
    page = browser.get("/search?q=in:general").text
    assert 'href="/search"' in re.split("chip-chosen", page)[1][:80]
    page = browser.get("/search").text
    assert all(f">{name}</span></a>" in page for name in names), "all rooms, not only some"


def test_the_name_of_an_author_does_not_turn_the_text_beside_a_result_around(
    world: World, server: Server
) -> None:
    room_id = world.room()
    assert world.alice.patch("/me", {"display_name": "نور"}).ok
    world.alice.say(room_id, "https://example.org")
    world.bob.say(room_id, "heliotrope")
    page = Browser(server).sign_in(world.carol).get("/search?q=heliotrope").text
    context = re.search(r'<p class="search-context">(.*?)</p>', page, re.DOTALL)
    assert context
    author, text = re.findall(r"<span[^>]*>(.*?)</span>", context[1])
    assert (author, text) == ("نور", "https://example.org")
    assert 'dir="auto">https' in context[1]
