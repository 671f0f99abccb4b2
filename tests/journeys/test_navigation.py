"""Pages are switched without a reload; the address, the history and the focus are right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Request, Route, expect

from chat.utils.clock import now, rfc3339
from tests.helpers.pages import bodies, is_live, live, message, row, say
from tests.helpers.world import World

Opened = Callable[..., Page]


@pytest.fixture
def rooms(world: World) -> list[str]:
    """Return the ids of two rooms of alice, bob and carol with a message each."""
    ids = [world.room(), world.room(name="Garden")]
    for room_id, text in zip(ids, ("ahoy", "roses"), strict=True):
        world.alice.say(room_id, text)
    return ids


@pytest.fixture
def page(opened: Opened, world: World, rooms: list[str]) -> Page:
    page = opened(world.bob)
    page.goto(f"/rooms/{rooms[0]}")
    is_live(page)
    page.evaluate("document.querySelector('.sidebar').dataset.since = 'the beginning'")
    return page


def stays(page: Page) -> bool:
    """Return whether the document is still the one that was loaded first."""
    return page.locator(".sidebar[data-since]").count() == 1


def go(page: Page, name: str) -> None:
    page.locator(".room-item-link", has_text=name).click()
    expect(page.locator("main h1")).to_have_text(re.compile(name))


def test_back_does_not_show_a_room_that_one_was_removed_from(
    page: Page, world: World, rooms: list[str]
) -> None:
    go(page, "Garden")
    world.alice.delete(f"/rooms/{rooms[0]}/members/{world.bob.id}")
    expect(page.locator(".room-item-link", has_text="Harbour")).to_have_count(0)
    with page.expect_response(lambda answer: answer.url.endswith(rooms[0])):
        page.go_back()
    expect(page.locator("main h1")).to_have_text("Not allowed")
    expect(page.locator("message-composer")).to_have_count(0)
    assert stays(page)


def test_a_room_is_one_request_away_and_the_connection_stays(
    page: Page, world: World, rooms: list[str]
) -> None:
    requests: list[str] = []

    def note(request: Request) -> None:
        requests.append(request.url)

    page.on("request", note)
    go(page, "Garden")
    expect(page.locator(".message-body")).to_have_text(["roses"])
    expect(page.get_by_role("textbox", name="Message to Garden")).to_be_focused()
    assert page.url.endswith(f"/rooms/{rooms[1]}")
    expect(page).to_have_title("Garden · Chat")
    assert [url for url in requests if "/static/" not in url] == [page.url]
    world.alice.say(rooms[1], "tulips")
    expect(page.locator(".message-body")).to_have_text(["roses", "tulips"])
    say(page, "lilies")
    expect(page.locator(".message-body")).to_have_text(["roses", "tulips", "lilies"])
    expect(page.locator(".message-pending")).to_have_count(0)
    assert [message["body"] for message in world.carol.reads(rooms[1])["messages"]][-1] == "lilies"
    assert stays(page)


def test_a_room_that_was_left_comes_back_as_it_was_with_what_was_posted_since(
    page: Page, world: World, rooms: list[str]
) -> None:
    for number in range(60):
        world.alice.say(rooms[0], f"wave {number}")
    expect(page.get_by_text("wave 59")).to_be_in_viewport()
    page.get_by_label("Message to").fill("a draft")
    go(page, "Garden")
    world.alice.say(rooms[0], "a lighthouse")
    page.go_back()
    expect(page.locator("main h1")).to_have_text("Harbour")
    expect(page.get_by_label("Message to")).to_have_value("a draft")
    expect(page.get_by_text("a lighthouse")).to_be_attached()
    assert bodies(page)[-2:] == ["wave 59", "a lighthouse"]
    page.go_forward()
    expect(page.locator("main h1")).to_have_text("Garden")
    assert bodies(page) == ["roses"]
    assert stays(page)


def test_a_long_room_that_was_left_fetches_nothing_and_comes_back_where_it_was(
    page: Page, world: World, rooms: list[str]
) -> None:
    for number in range(120):
        world.alice.say(rooms[0], f"wave {number}")
    expect(page.get_by_text("wave 119")).to_be_in_viewport()
    requests: list[str] = []

    def note(request: Request) -> None:
        requests.append(request.url)

    page.on("request", note)
    for place in ("wave 119", "wave 90"):
        message(page, place).scroll_into_view_if_needed()
        expect(message(page, place)).to_be_in_viewport()
        requests.clear()
        go(page, "Garden")
        page.wait_for_timeout(500)
        assert not [url for url in requests if "messages?" in url]
        go(page, "Harbour")
        expect(message(page, place)).to_be_in_viewport()
    assert not [url for url in requests if "messages?" in url]


def test_every_page_of_the_app_is_shown_without_a_reload(page: Page) -> None:
    for name, heading in (
        ("Mentions", "Mentions"),
        ("All your rooms", "Your rooms"),
        ("Browse public rooms", "Public rooms"),
        ("New message", "New message"),
        ("Create room", "Create room"),
    ):
        page.get_by_role("link", name=name).first.click()
        expect(page.locator("main h1")).to_have_text(re.compile(heading))
        assert page.locator("main").count() == 1
    page.get_by_role("searchbox", name="Search in your rooms").fill("roses")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Search")
    assert "q=roses" in page.url
    page.go_back()
    expect(page.locator("main h1")).to_have_text(re.compile("Create"))
    assert stays(page)


def test_offline_a_click_stays_in_the_app_and_shows_what_was_seen_before(
    page: Page, rooms: list[str]
) -> None:
    go(page, "Garden")
    page.context.set_offline(True)
    go(page, "Harbour")
    assert bodies(page) == ["ahoy"]
    page.get_by_role("link", name="Browse public rooms").click()
    expect(page.get_by_text("You are offline. This page can be shown when")).to_be_visible()
    expect(page.locator("main h1")).to_have_text("Harbour")
    page.context.set_offline(False)
    assert stays(page)


def test_offline_the_way_back_stays_in_the_app_and_at_the_right_address(
    page: Page, rooms: list[str]
) -> None:
    page.get_by_role("link", name="Mentions").click()
    expect(page.locator("main h1")).to_have_text("Mentions")
    go(page, "Garden")
    page.context.set_offline(True)
    page.go_back()
    expect(page.get_by_text("You are offline. This page can be shown when")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/rooms/{rooms[1]}$"))
    assert bodies(page) == ["roses"]
    page.context.set_offline(False)
    page.go_back()
    expect(page.locator("main h1")).to_have_text("Mentions")
    assert stays(page)


def test_of_quick_clicks_only_the_last_is_shown(page: Page, rooms: list[str]) -> None:
    names = {"mentions": "Mentions", "browse": "Browse public rooms", "all": "All your rooms"}
    awaited, held = list(names), dict[str, Route]()

    def hold(route: Route) -> None:
        path = route.request.url.rpartition("/")[2]
        if path in awaited:
            awaited.remove(path)
            held[path] = route
        else:
            route.continue_()

    def let_go(path: str) -> None:
        while path not in held:
            page.wait_for_timeout(20)
        with page.expect_response(f"**/{path}"):
            held.pop(path).continue_()

    for path, name in names.items():
        page.route(f"**/{path}", hold)
        page.get_by_role("link", name=name).click()
    let_go("all")
    expect(page.locator("main h1")).to_have_text("Your rooms")
    let_go("browse")
    page.go_back()
    expect(page.locator("main h1")).to_have_text("Harbour")
    expect(page.locator("html.is-loading")).to_have_count(0)
    awaited.append("all")
    with page.expect_request("**/all"):
        page.evaluate("history.forward()")
    page.evaluate("history.back()")
    expect(page.locator("html.is-loading")).to_have_count(0)
    let_go("all")
    let_go("mentions")
    go(page, "Garden")
    page.go_back()
    expect(page.locator("main h1")).to_have_text("Harbour")
    assert stays(page)


def test_a_page_outside_of_the_app_and_a_click_for_another_tab_are_left_to_the_browser(
    page: Page, rooms: list[str]
) -> None:
    with page.context.expect_page() as other:
        page.get_by_role("link", name="Garden").click(modifiers=["ControlOrMeta"])
    expect(other.value.locator("main h1")).to_have_text("Garden")
    other.value.close()
    page.goto(f"/rooms/{rooms[0]}#nowhere")
    page.context.clear_cookies()
    page.get_by_role("link", name="Mentions").click()
    expect(page).to_have_url(re.compile("/login"))


def test_after_an_upgrade_a_click_loads_the_scripts_that_belong_to_the_page(page: Page) -> None:
    def upgraded(route: Route) -> None:
        text = route.fetch().text()
        route.fulfill(
            body=re.sub('data-version="[^"]*"', 'data-version="another"', text, count=1),
            headers={"x-fragment": "main", "content-type": "text/html"},
        )

    page.route("**/mentions", upgraded, times=1)
    page.get_by_role("link", name="Mentions").click()
    expect(page.locator("main h1")).to_have_text("Mentions")
    assert not stays(page)


def test_whoever_is_taken_out_of_the_open_room_is_told(
    page: Page, world: World, rooms: list[str]
) -> None:
    world.alice.delete(f"/rooms/{rooms[0]}/members/{world.bob.id}")
    expect(page.get_by_text("You are no longer in Harbour.")).to_be_visible()
    expect(page).to_have_url(re.compile("/rooms$"))
    assert stays(page)
    go(page, "Garden")
    until = rfc3339(now() + timedelta(hours=1))
    world.alice.post(f"/rooms/{rooms[1]}/bans", {"user_id": world.bob.id, "until": until})
    expect(page.get_by_text("You’ve been banned from Garden. The ban ends ")).to_be_visible()


def test_whoever_looks_into_many_rooms_leaves_nothing_of_them_behind(
    page: Page, world: World
) -> None:
    """The last ten rooms are kept, so the numbers grow until ten are."""
    world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]})
    for number in range(10):
        room_id = world.room(name=f"Room {number}")
        world.alice.say(room_id, f"hello @{world.bob.username}")
    rows = page.locator("ul[data-section=rooms] .room-item-link")
    expect(rows).to_have_count(12)
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable")

    def look_into_all() -> None:
        for number in range(12):
            rows.nth(number).click()
            expect(rows.nth(number)).to_have_attribute("aria-current", "page")
            expect(page.locator(".message-body")).to_have_count(1)

    def held() -> dict[str, float]:
        page.get_by_role("link", name="Mentions").click()
        expect(page.locator("main h1")).to_have_text("Mentions")
        browser.send("HeapProfiler.collectGarbage")
        metrics = browser.send("Performance.getMetrics")["metrics"]
        wanted = ("Nodes", "JSEventListeners")
        return {each["name"]: each["value"] for each in metrics if each["name"] in wanted}

    look_into_all()
    before = held()
    for _ in range(3):
        look_into_all()
    after = held()
    assert after["JSEventListeners"] - before["JSEventListeners"] < 36, (before, after)
    assert after["Nodes"] - before["Nodes"] < 360, (before, after)


def test_name_and_topic_follow_changes_also_while_another_room_is_shown(
    opened: Opened, world: World
) -> None:
    garden, harbour = world.room(name="Garden"), world.room(name="Harbour")
    page = live(opened(world.bob), garden)
    name, topic = page.locator("room-title"), page.locator("room-topic")
    expect(topic).to_be_hidden()
    world.alice.patch(f"/rooms/{garden}", {"topic": "Roses"})
    expect(topic).to_have_text("Roses")
    row(page, harbour).get_by_role("link").click()
    expect(name).to_have_text("Harbour")
    world.alice.patch(f"/rooms/{garden}", {"name": "Park", "topic": "Tulips"})
    expect(row(page, garden)).to_contain_text("Park")
    page.go_back()
    expect(name).to_have_text("Park")
    expect(topic).to_have_text("Tulips")
    world.alice.patch(f"/rooms/{garden}", {"topic": ""})
    expect(topic).to_be_hidden()
