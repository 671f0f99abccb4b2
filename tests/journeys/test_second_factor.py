"""Two-step sign-in in a browser: a telephone that is narrow, and what only scripts do."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
from playwright.sync_api import expect

from tests.helpers.axe import faults
from tests.helpers.pages import comes_to
from tests.helpers.world import PASSWORD, World
from tests.journeys.conftest import Opened


def test_bob_turns_it_on_keeps_his_codes_and_signs_in_with_one(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob, viewport={"width": 320, "height": 800}, bypass_csp=True)

    def is_sound(place: str) -> None:
        assert faults(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") == 320, place

    page.goto("/settings/security")
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    key = page.locator(".secret-key")
    expect(key).to_be_visible()
    is_sound("key")
    secret = re.sub(r"\s", "", key.inner_text())
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on").click()
    codes = page.get_by_label("Recovery codes")
    expect(codes).to_have_value(re.compile(r"^(\w{5}-\w{5}\n?){10}$"))
    is_sound("codes")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    file = Path(download.value.path()).read_text(encoding="utf-8")
    assert codes.input_value() in file
    assert f"@{world.bob.username}" in file, "whose they are"
    page.evaluate("addEventListener('beforeprint', () => document.title = 'printed')")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")
    page.get_by_role("button", name="Copy").click()
    selected = "document.activeElement.selectionEnd - document.activeElement.selectionStart"
    assert page.evaluate(selected) == len(codes.input_value()), "also where nothing can be copied"
    code = codes.input_value().split()[0]

    page.context.clear_cookies()
    page.goto("/login?next=/mentions")
    page.get_by_label("Username").fill(world.bob.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    is_sound("code")
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_label("Don’t ask on this device").check()
    page.get_by_role("button", name="Sign in").click()
    comes_to(page, "/mentions")
    remembered = [each["name"] for each in page.context.cookies() if "remembered" in each["name"]]
    assert len(remembered) == 1
