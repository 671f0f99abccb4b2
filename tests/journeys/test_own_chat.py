"""The chat's own name and icon: chosen on a page, shown on every open one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.pages import live, photo
from tests.helpers.pictures import written
from tests.helpers.uploads import thirds
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


@pytest.fixture
def usual_afterwards(world: World) -> Iterator[None]:
    yield
    world.alice.delete("/admin/settings/icon")
    world.alice.patch("/admin/settings", {"name": "Chat"})


def test_every_open_page_shows_the_new_name_and_icon_of_the_chat(
    opened: Opened, world: World, usual_afterwards: None, picture: Picture
) -> None:
    garden, harbour = world.room(name="Garden"), world.room(name="Harbour")
    bob = live(opened(world.bob), garden)
    bob.get_by_role("link", name="Harbour").first.click()
    expect(bob).to_have_title("Harbour · Chat")
    alice = live(opened(world.alice), harbour)
    alice.goto("/settings")
    alice.get_by_role("link", name="Administration").click()
    alice.get_by_role("link", name="This chat").click()
    field = alice.get_by_label("Name of this chat")
    expect(field).to_have_value("Chat")
    field.fill("Dock 7")
    field.press("Enter")
    expect(alice.get_by_text("Saved")).to_be_visible()
    for page in (alice, bob):
        expect(page.locator(".sidebar-mark")).to_have_text("Dock 7")
    expect(bob).to_have_title("Harbour · Dock 7")
    bob.get_by_role("link", name="Garden").first.click()
    expect(bob).to_have_title("Garden · Dock 7")

    icon = photo("icon.png", written(thirds(), "PNG"))
    alice.get_by_label("Icon of this chat").set_input_files(icon)  # type: ignore[arg-type]
    picture(alice, "chat-icon-crop")
    alice.get_by_role("button", name="Save picture").click()
    expect(alice.get_by_text("The icon is changed.")).to_be_visible()
    expect(alice.get_by_role("link", name="Remove icon")).to_be_visible()
    url = world.alice.get("/admin/settings").json()["icon_url"]
    expect(alice.locator(".chat-icon-large")).to_have_attribute("src", f"{url}?size=192")
    for page in (alice, bob):
        expect(page.locator(".sidebar-mark img")).to_have_attribute("src", f"{url}?size=64")
        expect(page.locator("link[rel=icon]")).to_have_attribute("href", f"{url}?size=192")
    picture(alice, "chat-settings")
    alice.get_by_role("link", name="Remove icon").click()
    alice.get_by_role("button", name="Remove icon").click()
    expect(bob.locator(".sidebar-mark img")).to_have_attribute("src", usual_icon(bob))


def usual_icon(page: Page) -> str:
    return str(page.locator("link[rel=icon]").get_attribute("data-usual"))
