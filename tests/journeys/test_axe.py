"""axe-core finds nothing to mend, on any page, in both themes."""

from __future__ import annotations

import random
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.helpers.axe import faults
from tests.helpers.pages import is_live, message, shares
from tests.helpers.touch import hold
from tests.helpers.world import World

Opened = Callable[..., Page]

PAGES = (
    "/rooms",
    "/rooms/all",
    "/rooms/browse",
    "/rooms/new",
    "/rooms/{room}",
    "/rooms/{room}/about",
    "/rooms/{room}/members",
    "/rooms/{room}/settings",
    "/rooms/{room}/pins",
    "/rooms/{room}/messages/{message}",
    "/rooms/{room}/images",
    "/people",
    "/direct-rooms/new",
    "/share?q=a",
    "/mentions",
    "/invitations",
    "/search?q=harbour",
    "/settings/profile",
    "/settings/appearance",
    "/settings/notifications",
    "/settings/reminders",
    "/settings/exports",
    "/settings/privacy",
    "/settings/security",
    "/settings/security/email",
    "/settings/devices",
    "/nowhere",
)
TEXT = "# A heading\n\n- [ ] a task\n- [x] done\n\n> quoted\n\n```python\nprint('harbour')\n```"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_no_page_has_a_fault(opened: Opened, world: World, theme: str, width: int) -> None:
    room = world.room()
    first = world.alice.say(room, TEXT)
    world.alice.put(f"/messages/{first['id']}/reactions/👍")
    world.alice.say(room, f"@{world.bob.username} look at https://example.com/")
    world.carol.put(f"/messages/{first['id']}/pin")
    reminder = {"text": "/remind here in 1 day tea", "client_id": "tea"}
    assert world.bob.post(f"/rooms/{room}/commands", reminder).status_code == 200
    viewport = {"width": width, "height": 800}
    page = opened(world.bob, viewport=viewport, color_scheme=theme, bypass_csp=True)
    shares(page)
    found = {}
    for address in PAGES:
        page.goto(address.format(room=room, message=first["id"]))
        if width > 1000:
            is_live(page)
        if mistakes := faults(page):
            found[address] = mistakes
    assert not found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_keys_open_has_no_fault(opened: Opened, world: World, theme: str) -> None:
    room = world.room()
    world.alice.say(room, f"see https://example.com\n```\n{'wide ' * 80}\n```")
    page = opened(world.bob, color_scheme=theme, bypass_csp=True)
    page.goto(f"/rooms/{room}")
    is_live(page)
    keys = page.keyboard
    keys.press("Control+k")
    assert not faults(page)
    for text, option in (("carol", "Carol"), (">", "Create room"), ("#nowhere", None)):
        page.get_by_role("combobox").fill(text)
        if option:
            page.locator("[role=option]", has_text=option).wait_for()
        assert not faults(page), text
    keys.press("Escape")
    keys.press("Control+/")
    assert not faults(page)
    keys.press("Escape")
    keys.press("Shift+Tab")
    keys.press("ArrowRight")
    assert not faults(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_a_finger_opens_has_no_fault(opened: Opened, world: World, theme: str) -> None:
    room = world.room()
    world.alice.say(room, "hello")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = opened(world.bob, color_scheme=theme, bypass_csp=True, **phone)
    page.goto(f"/rooms/{room}")
    is_live(page)
    hold(message(page, "hello"))
    assert not faults(page)
    page.get_by_role("menuitem", name="React", exact=True).tap()
    page.get_by_role("dialog", name="Choose an emoji").wait_for()
    assert not faults(page)
    page.goto("/rooms")
    assert not faults(page)
    page.goto("/settings")
    assert not faults(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_settings_of_the_chat_have_no_fault(opened: Opened, world: World, theme: str) -> None:
    page = opened(world.alice, color_scheme=theme, bypass_csp=True)
    page.goto("/admin/settings")
    page.get_by_role("textbox", name="Name of this chat").wait_for()
    assert not faults(page)
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": True})
    name = "deploy-" + "".join(random.choices("abcdefgh", k=12))
    command = {"name": name, "description": "Deploy", "url": "https://deploy.example.org"}
    made = world.alice.post("/commands", command).json()["id"]
    for address in (
        "/admin",
        "/admin/invitations",
        "/admin/rooms",
        "/admin/people?state=all",
        "/admin/audit",
        "/admin/commands",
        f"/admin/commands/{made}",
    ):
        page.goto(address)
        assert not faults(page), address


def test_no_page_of_signing_in_has_a_fault(opened: Opened, world: World) -> None:
    page = opened(bypass_csp=True)
    reset = world.alice.post(f"/admin/users/{world.bob.id}/reset-link").json()["url"]
    for address in ("/login", "/register", urlsplit(reset).path):
        page.goto(address)
        assert not faults(page), address
