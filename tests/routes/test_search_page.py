"""The page that searches messages, without JavaScript."""

from __future__ import annotations

import re
from html import unescape

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
        ("/search?q=tea+has:image", "Search without “general”"),
        ("/search?q=tea+in:general", "Search without “Has picture”"),
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


def test_code_stays_code_and_the_number_of_results_is_said(world: World, server: Server) -> None:
    room_id = world.room()
    for _number in range(30):
        world.alice.say(room_id, "zinnia")
    world.alice.say(room_id, "run `bin/zinnia --now` and then\n\n```\nfor zinnia in <b>:\n```\n")
    browser = Browser(server).sign_in(world.bob)
    page = browser.get("/search?q=zinnia").text
    assert "<code>bin/</code><code><mark>zinnia</mark></code><code> --now</code>" in page
    assert "<code>for </code><code><mark>zinnia</mark></code><code> in &lt;b&gt;:</code>" in page
    shown = page.count('class="search-result"')
    assert f"{shown}+ messages" in page
    older = re.search(r'href="([^"]+before=[^"]+)"', page)
    assert older
    page = browser.get(older[1].replace("&amp;", "&")).text
    assert "31 messages</p>" in page
    world.alice.say(room_id, "\ue000 `zinnia` \ue001")
    assert "<code>" not in browser.get("/search?q=zinnia+has:image").text
    assert "\ue000" in browser.get("/search?q=zinnia").text


def test_days_of_ones_own_become_a_part_of_the_search(world: World, server: Server) -> None:
    room_id = world.room()
    world.alice.say(room_id, "petunia")
    browser = Browser(server).sign_in(world.bob)
    page = browser.get("/search?q=petunia&since=2020-01-31&until=2020-02-29").text
    assert 'value="petunia after:2020-01-31 before:2020-03-01 "' in page
    assert "No messages in your rooms match" in page
    page = browser.get("/search?q=petunia&since=2020-01-31&until=").text
    assert "1 message</p>" in page
    assert 'type="date"' not in page, "the chosen day stands there instead"
    assert browser.get("/search?q=petunia&since=soon").status_code == 422


def test_the_search_of_a_room_waits_for_words_behind_its_name(world: World, server: Server) -> None:
    room_id = world.room(name="Walk club")
    world.alice.say(room_id, "lunch at the pier")
    world.alice.say(world.room(), "lunch elsewhere")
    browser = Browser(server).sign_in(world.bob)
    header = browser.get(f"/rooms/{room_id}").text
    link = re.search(r'href="(/search\?q=[^"]+)"', header)
    assert link
    page = browser.get(link[1]).text
    field = re.search(r'value="([^"]+)"\s+placeholder', page)
    assert field
    assert field[1] == "in:&#34;Walk club&#34; ", "the next word is one of its own"
    for typed in (f"{unescape(field[1])}lunch", "in:walk club lunch"):
        page = browser.get("/search", params={"q": typed}).text
        assert "1 message</p>" in page
        assert "no room called" not in page
    assert 'value="in:walk club lunch"' in page


def test_the_choices_of_a_search_are_a_list_in_order_even_of_one(
    world: World, server: Server
) -> None:
    page = Browser(server).sign_in(world.mallory).get("/search").text
    assert 'popovertarget="search-person"' in page, "a tap does not search at once"
    for name in ("pier", "Harbour", "Quay"):
        world.room(name=name)
    page = Browser(server).sign_in(world.bob).get("/search").text
    rooms = page.split('id="search-room"')[1].split("</row-menu>")[0]
    assert re.findall(r">([^<]+)</span></a>", rooms) == ["Harbour", "pier", "Quay"]


def test_a_search_for_a_name_shows_the_person_and_the_rooms_above_the_messages(
    world: World, server: Server
) -> None:
    assert world.carol.patch("/me", {"display_name": "Xylia Brook"}).ok
    own = world.room("private", "For Xylia")
    public = world.alice.make_room("Xylia in public", "public")
    world.alice.make_room("Xylia in secret", "private")
    browser = Browser(server).sign_in(world.bob)

    def named(q: str, browser: Browser = browser) -> list[str]:
        page = browser.get("/search", params={"q": q}).text
        return re.findall(r'class="search-name[^"]*" href="([^"]+)"', page)

    person = f"/people/{world.carol.username}"
    assert named("xylia") == [f"/rooms/{own}", f"/rooms/{public}", person]
    assert named("xylia", Browser(server).sign_in(world.mallory)) == [f"/rooms/{public}", person]
    for q in ("xylia has:image", '"xylia"', "xylia -tea", "nobody-has-this-name", ""):
        assert named(q) == []
