"""People read the chat in their own language, in scripts as well as in pages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live, live, message, row
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]


def test_who_chooses_german_reads_german_at_once_and_others_go_on_in_english(
    opened: Opened, world: World, picture: Picture
) -> None:
    """The page that is open loads whole; another tab does so with the next click."""
    room_id = world.room()
    world.alice.say(room_id, "guten Morgen")
    bob = opened(world.bob, locale="en-US")
    other = live(opened(world.bob, locale="en-US"), room_id)
    bob.goto("/settings/appearance")
    is_live(bob)
    bob.get_by_label("Deutsch").check()
    expect(bob.locator("html")).to_have_attribute("lang", "de")
    expect(bob.get_by_role("heading", name="Aussehen")).to_be_visible()
    expect(bob.get_by_label("Deutsch")).to_be_checked()
    picture(bob, "settings")
    is_live(bob)
    row(bob, room_id).click()
    expect(bob.locator(".message-day").first).to_have_text("Heute")
    world.carol.listen().call("room:typing", {"room_id": room_id, "typing": True})
    expect(bob.locator(".typing-notice")).to_contain_text("schreibt …")
    bob.get_by_label("Nachricht an").fill("na?")
    bob.get_by_label("Nachricht an").press("Enter")
    expect(message(bob, "na?").locator(".message-tick")).to_have_attribute("title", "Gesendet")
    picture(bob, "room")

    expect(other.locator("html")).to_have_attribute("lang", "en")
    other.get_by_role("link", name="Mentions").first.click()
    expect(other.locator("html")).to_have_attribute("lang", "de")
    expect(other.get_by_role("heading", name="Erwähnungen")).to_be_visible()


def test_a_browser_that_wants_german_gets_german_times(opened: Opened, world: World) -> None:
    """Server and script write them alike, so that nothing changes when the script runs."""
    room_id = world.room()
    world.alice.say(room_id, "spät")
    plain = opened(world.bob, java_script_enabled=False, locale="de-AT")
    plain.goto(f"/rooms/{room_id}")
    tab = live(opened(world.bob, locale="de-AT", timezone_id="UTC"), room_id)
    expect(tab.locator("html")).to_have_attribute("data-locale", "de-AT")
    time = message(tab, "spät").locator("time").last
    expect(time).to_have_text(message(plain, "spät").locator("time").last.inner_text())
    expect(time).not_to_contain_text("M")
    assert "Uhr" in (time.get_attribute("title") or "") or "," in (
        time.get_attribute("title") or ""
    )
