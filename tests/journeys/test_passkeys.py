"""Passkeys in a browser, whose authenticator is Chromium's virtual one."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.authenticator import Authenticator
from tests.helpers.axe import faults
from tests.helpers.world import PASSWORD, World
from tests.journeys.conftest import Opened

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """An authenticator of the browser, which its person unlocks when asked while they are there."""

    def __init__(self, page: Page):
        self._browser = page.context.new_cdp_session(page)
        self._browser.send("WebAuthn.enable", {"enableUI": False})
        made = self._browser.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = made["authenticatorId"]

    def is_unlocked(self, unlocked: bool) -> None:
        options = {"authenticatorId": self._id, "isUserVerified": unlocked}
        self._browser.send("WebAuthn.setUserVerified", options)

    def is_with_person(self, there: bool) -> None:
        options = {"authenticatorId": self._id, "enabled": there}
        self._browser.send("WebAuthn.setAutomaticPresenceSimulation", options)


def test_bob_adds_a_passkey_and_comes_in_with_it_without_name_password_and_code(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    url = world.server.url.replace("127.0.0.1", "localhost")
    page = opened(world.bob, base_url=url, viewport={"width": 320, "height": 900}, bypass_csp=True)
    device = Device(page)

    def is_sound(place: str) -> None:
        picture(page, f"passkeys-{place}")
        assert faults(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") == 320, place

    page.goto("/settings/security")
    page.get_by_role("link", name="Add a passkey").click()
    page.wait_for_url("**/settings/security/passkeys/new")  # the page before has such a field, too
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    is_sound("proof")
    page.get_by_role("button", name="Continue").click()
    make = page.get_by_role("button", name="Make the passkey")
    expect(make).to_be_visible()
    expect(page.get_by_text("This needs JavaScript.")).to_have_count(0)
    page.get_by_label("Name", exact=True).fill("My phone")
    is_sound("new")
    make.click()
    mine = page.locator("#passkeys .row", has_text="My phone")
    expect(mine).to_contain_text("never used")
    is_sound("listed")

    device.is_with_person(False)  # else the field of the username offers it, and is answered
    page.context.clear_cookies()
    page.goto("/login?next=/mentions")
    by_passkey = page.get_by_role("button", name="Sign in with a passkey")
    expect(by_passkey).to_be_visible()
    is_sound("login")
    device.is_with_person(True)
    by_passkey.click()
    page.wait_for_url("**/mentions")

    Authenticator(world.bob)
    device.is_with_person(False)
    page.context.clear_cookies()
    page.goto("/login")
    page.get_by_label("Username").fill(world.bob.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/login/code**")
    device.is_with_person(True)
    device.is_unlocked(False)
    by_passkey.click()
    expect(page.get_by_text("That didn’t work. Try again.")).to_be_visible()
    is_sound("code")
    device.is_unlocked(True)
    by_passkey.click()
    page.wait_for_url("**/rooms**")

    page.context.clear_cookies()
    page.goto("/login?next=/settings/security")  # nothing is pressed: the field offers it
    expect(mine).to_contain_text("last used")
    mine.get_by_role("link", name=re.compile("Remove")).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(mine).to_have_count(0)
