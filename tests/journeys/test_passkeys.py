"""Passkeys in a browser, whose authenticator is Chromium's virtual one."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.helpers.authenticator import Authenticator
from tests.helpers.axe import faults
from tests.helpers.pages import comes_to
from tests.helpers.world import PASSWORD, Person, World
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


Look = Callable[[str], None]  # takes a picture of the page under a name, and looks for faults


def test_bob_adds_a_passkey_and_comes_in_with_it_without_name_password_and_code(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    url = world.server.url.replace("127.0.0.1", "localhost")
    page = opened(world.bob, base_url=url, viewport={"width": 320, "height": 900}, bypass_csp=True)
    device = Device(page)

    def look(place: str) -> None:
        picture(page, f"passkeys-{place}")
        assert faults(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") == 320, place

    add_passkey(page, look)
    sign_in_by_button(page, device, look)
    Authenticator(world.bob)
    sign_in_instead_of_a_code(page, device, world.bob, look)
    sign_in_by_the_field(page)
    remove_passkey(page)


def passkeys_in(page: Page) -> Locator:
    return page.locator("#passkeys .row", has_text="My phone")


def button_in(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign in with a passkey")


def add_passkey(page: Page, look: Look) -> None:
    page.goto("/settings/security")
    page.get_by_role("link", name="Add a passkey").click()
    page.wait_for_url("**/settings/security/passkeys/new")  # the page before has such a field, too
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    look("proof")
    page.get_by_role("button", name="Continue").click()
    make = page.get_by_role("button", name="Make the passkey")
    expect(make).to_be_visible()
    expect(page.get_by_text("This needs JavaScript.")).to_have_count(0)
    page.get_by_label("Name", exact=True).fill("My phone")
    look("new")
    make.click()
    expect(passkeys_in(page)).to_contain_text("never used")
    look("listed")


def sign_in_by_button(page: Page, device: Device, look: Look) -> None:
    device.is_with_person(False)  # else the field of the username offers it, and is answered
    page.context.clear_cookies()
    page.goto("/login?next=/mentions")
    expect(button_in(page)).to_be_visible()
    look("login")
    device.is_with_person(True)
    button_in(page).click()
    comes_to(page, "/mentions")


def sign_in_instead_of_a_code(page: Page, device: Device, bob: Person, look: Look) -> None:
    device.is_with_person(False)
    page.context.clear_cookies()
    page.goto("/login")
    page.get_by_label("Username").fill(bob.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/login/code**")
    device.is_with_person(True)
    device.is_unlocked(False)
    button_in(page).click()
    expect(page.get_by_text("That didn’t work. Try again.")).to_be_visible()
    look("code")
    device.is_unlocked(True)
    button_in(page).click()
    page.wait_for_url("**/rooms**")


def sign_in_by_the_field(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/login?next=/settings/security")  # nothing is pressed: the field offers it
    expect(passkeys_in(page)).to_contain_text("last used")


def remove_passkey(page: Page) -> None:
    passkeys_in(page).get_by_role("link", name=re.compile("Remove")).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(passkeys_in(page)).to_have_count(0)
