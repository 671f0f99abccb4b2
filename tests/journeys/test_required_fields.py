"""What keeps a form from being sent is said by its field, not in a bubble of the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.axe import faults
from tests.helpers.looks import covered
from tests.helpers.pages import live, message
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
REQUIRED = "This field is required."


# What is prevented when an event comes to the document is prevented by the page's window before.
WATCH = """() => {
    window.bubbles = [];
    const note = (event) => window.bubbles.push(!event.defaultPrevented);
    document.addEventListener("invalid", note, { capture: true });
}"""


def shows_no_bubble(page: Page) -> None:
    bubbles = page.evaluate("bubbles")
    assert bubbles, "the browser found nothing wrong"
    assert not any(bubbles)


@pytest.mark.parametrize("width", [1440, 390])
def test_whoever_registers_reads_by_each_field_what_is_missing(
    opened: Opened, picture: Picture, width: int
) -> None:
    page = opened(bypass_csp=True, viewport={"width": width, "height": 844})
    page.goto("/register")
    page.evaluate(WATCH)
    name, password = page.get_by_label("Username"), page.get_by_label("Password", exact=True)
    button = page.get_by_role("button", name="Create account")
    password.fill("short")
    button.click()
    expect(page.locator(".field-problem")).to_have_text([REQUIRED, "Use at least 8 characters."])
    shows_no_bubble(page)
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description(REQUIRED)
    picture(page, f"required-{width}")
    assert not faults(page)
    assert not covered(page)
    name.press_sequentially("w")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(
        "2 to 32 letters, digits, dots, hyphens or underscores"
    )
    expect(page.locator(".field-problem")).to_have_count(1)


def test_fields_in_the_chat_say_what_is_wrong_wherever_they_are(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "quite rude")
    page = live(opened(world.bob), room_id)
    page.evaluate(WATCH)
    message(page, "quite rude").hover()
    message(page, "quite rude").locator(".message-more").click()
    page.get_by_role("menuitem", name="Report").click()
    page.get_by_role("button", name="Report", exact=True).click()
    reason = page.get_by_label("What is wrong with it?")
    expect(reason).to_have_accessible_description(REQUIRED)
    expect(reason).to_be_focused()
    shows_no_bubble(page)

    page.goto("/settings/delete-account")
    page.evaluate(WATCH)
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("fieldset .field-problem")).to_have_text("Choose one of these.")
    shows_no_bubble(page)
    page.locator("[name=messages]").last.check()
    expect(page.locator("fieldset .field-problem")).to_have_count(0)
