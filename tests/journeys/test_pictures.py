"""Pictures in a real browser: choosing, sending, seeing, with and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests import pictures
from tests.journeys.conftest import Opened
from tests.journeys.test_two_people_talk import is_live
from tests.world import World


def photo(name: str = "harbour.jpg", data: bytes = b"") -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data or pictures.accepted()["jpeg with GPS, turned"]}


def loaded(page: Page, selector: str) -> bool:
    return bool(page.locator(selector).first.evaluate("(image) => image.decode().then(() => image.naturalWidth > 1)"))


def test_two_pictures_are_sent_and_seen_live_and_in_full_size(opened: Opened, world: World) -> None:
    room_id = world.room()
    alice, bob = opened(world.alice), opened(world.bob)
    for page in (alice, bob):
        page.goto(f"/rooms/{room_id}")
        is_live(page)
    bob.locator(".composer-files").set_input_files([photo("one.jpg"), photo("two.jpg")])  # type: ignore[list-item]
    expect(bob.locator(".upload")).to_have_count(2)
    expect(bob.get_by_role("button", name="Send")).to_be_enabled()
    bob.get_by_label("What this picture shows").first.fill("The ferry at dawn")
    bob.get_by_label("Message to").fill("look")
    bob.get_by_label("Message to").press("Enter")
    expect(bob.locator(".upload")).to_have_count(0)
    expect(alice.locator(".message-image")).to_have_count(2)
    assert loaded(alice, ".message-image-thumbnail")
    message = world.carol.reads(room_id)["messages"][0]
    assert (message["body"], [image["alt"] for image in message["images"]]) == ("look", ["The ferry at dawn", ""])
    expect(alice.get_by_alt_text("The ferry at dawn")).to_be_visible()

    alice.locator(".message-image").first.click()
    expect(alice.get_by_role("dialog")).to_be_visible()
    assert loaded(alice, ".viewer-picture")
    first = alice.locator(".viewer-picture").get_attribute("src")
    alice.keyboard.press("ArrowRight")
    assert alice.locator(".viewer-picture").get_attribute("src") != first
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("dialog")).to_be_hidden()
    alice.reload()
    expect(alice.locator(".message-image")).to_have_count(2)


def test_a_refused_picture_says_why_and_can_be_removed(opened: Opened, world: World) -> None:
    page = opened(world.bob)
    page.goto(f"/rooms/{world.room()}")
    is_live(page)
    page.locator(".composer-files").set_input_files([photo("broken.jpg", b"no picture at all")])  # type: ignore[list-item]
    expect(page.get_by_text("not a picture of a kind that is accepted")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.get_by_role("button", name="Remove this picture").click()
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_a_picture_is_sent_without_javascript(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.bob, java_script_enabled=False)
    page.goto(f"/rooms/{room_id}")
    page.locator(".composer-files").set_input_files([photo()])  # type: ignore[list-item]
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message-image")).to_have_count(1)
    assert len(world.carol.reads(room_id)["messages"][0]["images"]) == 1
