"""Pictures in a real browser: choose, send and see them, with and without JavaScript."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Route, expect

from tests.helpers import photos, pictures
from tests.helpers.pages import are_uploaded, is_live, live, message, photo, row
from tests.helpers.uploads import uploaded
from tests.helpers.world import World
from tests.journeys.conftest import Opened

# An animation whose timeline is a scroll position ends only where that is at its end.
STANDS_STILL = """Promise.allSettled(document.getAnimations()
  .filter(({ timeline }) => timeline === document.timeline).map(({ finished }) => finished))"""

# Closing a picture takes its entry back, which the browser does a little later.
ENTRY_IS_BACK = """async (key) => {
  while (history.state.key !== key) await new Promise(requestAnimationFrame);
}"""


def loaded(page: Page, selector: str) -> bool:
    return bool(
        page.locator(selector).first.evaluate(
            "(image) => image.decode().then(() => image.naturalWidth > 1)"
        )
    )


def test_two_pictures_are_sent_and_seen_live_and_in_full_size(opened: Opened, world: World) -> None:
    room_id = world.room()
    alice, bob = opened(world.alice), opened(world.bob)
    for page in (alice, bob):
        page.goto(f"/rooms/{room_id}")
        is_live(page)
    bob.locator(".composer-files").set_input_files([photo("one.jpg"), photo("two.jpg")])  # type: ignore[list-item]
    are_uploaded(bob, 2)
    bob.get_by_label("Description of this picture").first.fill("The ferry at dawn")
    bob.get_by_label("Message to").fill("look")
    bob.get_by_label("Message to").press("Enter")
    expect(bob.locator(".upload")).to_have_count(0)
    expect(alice.locator(".message-image")).to_have_count(2)
    assert loaded(alice, ".message-image-thumbnail")
    message = world.carol.reads(room_id)["messages"][0]
    assert (message["body"], [image["alt"] for image in message["images"]]) == (
        "look",
        ["The ferry at dawn", ""],
    )
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
    expect(page.get_by_text("Use a PNG, JPEG, WebP")).to_be_visible()
    page.get_by_label("Message to").fill("look")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("A picture was not uploaded. Remove it, or retry.")).to_be_visible()
    page.get_by_role("button", name="Remove this picture").click()
    expect(page.get_by_text("A picture was not uploaded.")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    expect(message(page, "look")).to_be_visible()


def test_a_picture_is_sent_without_javascript(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.bob, java_script_enabled=False)
    page.goto(f"/rooms/{room_id}")
    page.locator(".composer-files").set_input_files([photo()])  # type: ignore[list-item]
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message-image")).to_have_count(1)
    assert len(world.carol.reads(room_id)["messages"][0]["images"]) == 1


@pytest.mark.parametrize("javascript", [True, False])
def test_an_avatar_is_chosen_seen_by_others_and_removed(
    opened: Opened, world: World, picture: Callable[[Page, str], None], javascript: bool
) -> None:
    room_id = world.room()
    world.bob.say(room_id, "before")
    bob, alice = opened(world.bob, java_script_enabled=javascript), opened(world.alice)
    bob.goto("/settings/profile")
    expect(bob.locator(".main .avatar")).to_have_text("B")
    bob.get_by_label("Profile picture").set_input_files(photo())  # type: ignore[arg-type]
    bob.get_by_role("button", name="Save picture" if javascript else "Upload").click()
    expect(bob.get_by_text("Your picture is changed.")).to_be_visible()
    expect(bob.locator(".avatar-picture")).to_have_count(2)
    picture(bob, "account")

    alice.goto(f"/rooms/{room_id}")
    is_live(alice)
    assert loaded(alice, ".message-avatar .avatar-picture")
    world.carol.say(room_id, "mine are initials")
    world.bob.say(room_id, "live, with a picture")
    expect(alice.locator(".message").last.locator(".avatar-picture")).to_be_visible()
    expect(alice.locator(".message", has_text="mine are initials").locator(".avatar")).to_have_text(
        "C"
    )
    picture(alice, "room-with-avatars")
    for path in (f"/rooms/{room_id}/members", f"/people?q={world.bob.username}"):
        alice.goto(path)
        assert loaded(alice, ".main .avatar-picture")

    bob.get_by_role("link", name="Remove picture").click()
    bob.get_by_role("button", name="Remove picture").click()
    expect(bob.locator(".main .avatar")).to_have_text("B")
    alice.goto(f"/rooms/{room_id}")
    expect(alice.locator(".avatar-picture")).to_have_count(0)


def test_a_file_that_is_no_picture_is_told_on_the_account_page(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob)
    page.goto("/settings/profile")
    page.get_by_label("Profile picture").set_input_files(photo("broken.jpg", b"no picture at all"))  # type: ignore[arg-type]
    expect(page.get_by_text("Use a PNG, JPEG, WebP")).to_be_visible()


def test_all_pictures_of_a_room_are_on_one_page(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    for number in range(52):
        data = pictures.written(pictures.gradient(60 + number, 90), "JPEG")
        image = world.bob.ask(
            "POST",
            f"/rooms/{room_id}/images",
            files={"image": data},
            data={"alt": f"number {number}"},
        ).json()
        world.bob.post(
            f"/rooms/{room_id}/messages",
            {"client_id": f"c{number}", "body": f"this is {number}", "image_ids": [image["id"]]},
        )
    for width in (1280, 390):
        page = opened(world.carol, viewport={"width": width, "height": 800})
        page.goto(f"/rooms/{room_id}")
        picture(page, f"room-{width}")
        page.get_by_role("link", name="Pictures").click()
        expect(page.locator(".gallery-item")).to_have_count(50)
        assert loaded(page, ".message-image-thumbnail")
        page.evaluate(STANDS_STILL)  # the panel slides in
        picture(page, f"gallery-{width}")
        leads_through_all_pictures(page)


def leads_through_all_pictures(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    expect(page.locator("image-viewer:defined")).to_be_attached()
    page.locator(".gallery-item").get_by_alt_text("number 51").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer-picture")).to_have_attribute("alt", "number 50")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Older pictures").click()
    expect(page.locator(".gallery-item")).to_have_count(2)
    expect(page.get_by_role("link", name="Older pictures")).to_have_count(0)
    page.locator(".gallery-message").last.click()
    expect(page.get_by_text("this is 0", exact=True)).to_be_in_viewport()


def test_nothing_moves_when_a_picture_comes(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.carol)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/thumbnail", hold)  # thumbnails that do not come yet
    sizes = ((1600, 800), (300, 900), (40, 30))
    for number, size in enumerate(sizes):
        data = pictures.written(pictures.gradient(*size), "JPEG")
        image = world.bob.ask("POST", f"/rooms/{room_id}/images", files={"image": data}).json()
        world.bob.post(
            f"/rooms/{room_id}/messages", {"client_id": f"c{number}", "image_ids": [image["id"]]}
        )
        if number == 0:  # the first is of the page, the others come live
            page.goto(f"/rooms/{room_id}", wait_until="domcontentloaded")
            is_live(page)
    expect(page.locator(".message-image")).to_have_count(3)

    def measured() -> list[list[int]]:
        boxes = [image.bounding_box() for image in page.locator(".message-image-thumbnail").all()]
        return [[round(box["width"]), round(box["height"])] for box in boxes if box]

    before = measured()
    assert before == [[384, 192], [107, 320], [40, 30]]
    page.wait_for_function(
        "() => document.querySelector('.message-image-thumbnail').complete === false"
    )
    page.unroute("**/thumbnail", hold)  # which lets them go
    assert loaded(page, ".message:last-child .message-image-thumbnail")
    moved = [
        abs(now - then)
        for after, box in zip(measured(), before, strict=True)
        for now, then in zip(after, box, strict=True)
    ]
    assert max(moved) <= 1, "a pixel, where the thumbnail's own proportions are rounded"


def long_screenshot() -> bytes:
    """Return a picture of 1080x12000 pixels, like a phone's capture of a whole page."""
    page = Image.new("RGB", (1080, 12_000), "white")
    pen = ImageDraw.Draw(page)
    for line in range(150):
        pen.text((60, 20 + 80 * line), f"{line}. A line of the page", fill="black", font_size=60)
    return pictures.written(page, "PNG")


def red(width: int, height: int) -> bytes:
    return pictures.written(Image.new("RGB", (width, height), photos.RED), "PNG")


LONG = {
    "a line down": (red(1, 20_000), (24, 320)),
    "a line across": (red(20_000, 1), (384, 24)),
    "a dot": (red(1, 1), (24, 24)),
    "a page": (long_screenshot(), (107, 320)),
    "a panorama": (pictures.written(photos.quarters(12_000, 2400), "JPEG"), (384, 77)),
    "a line of text": (pictures.written(photos.quarters(1200, 30), "PNG"), (384, 30)),
}


def test_long_pictures_are_seen_in_a_room(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    pages = {
        width: opened(world.carol, viewport={"width": width, "height": 1400})
        for width in (1280, 390)
    }
    for number, (data, _) in enumerate(LONG.values()):
        image = world.bob.ask("POST", f"/rooms/{room_id}/images", files={"image": data}).json()
        message = {"client_id": f"c{number}", "image_ids": [image["id"]]}
        world.bob.post(f"/rooms/{room_id}/messages", message)
        if number == 2:  # three are of the page, the others come live
            for page in pages.values():
                live(page, room_id)
    for width, page in pages.items():
        are_seen(page, width)
        picture(page, f"long-{width}")


def are_seen(page: Page, width: int) -> None:
    shown = page.locator(".message-image-thumbnail")
    expect(shown).to_have_count(len(LONG))
    for number, (name, (_, size)) in enumerate(LONG.items()):
        shown.nth(number).scroll_into_view_if_needed()
        shown.nth(number).evaluate("(image) => image.decode()")
        box = shown.nth(number).bounding_box()
        assert box, name
        if width == 1280 or size[0] < 200:
            assert (round(box["width"]), round(box["height"])) == size, name
        assert box["width"] >= 24
        assert 24 <= box["height"] <= 320
    for number in (0, 1, 2):
        with Image.open(io.BytesIO(shown.nth(number).screenshot())) as seen:
            middle = seen.convert("RGB").getpixel((seen.width // 2, seen.height // 2))
        assert photos.distance(middle, photos.RED) <= 12, "it is seen, not only room for it"


def test_a_heic_is_sent_and_seen_in_a_browser_that_has_none(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = opened(world.bob, java_script_enabled=False)
    page.goto(f"/rooms/{room_id}")
    file = {"name": "IMG_0001.HEIC", "mimeType": "", "buffer": photos.turned("HEIF", 6)}
    page.locator(".composer-files").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message-image")).to_have_count(1)
    with Image.open(io.BytesIO(page.locator(".message-image-thumbnail").screenshot())) as shown:
        left = shown.convert("RGB").getpixel((shown.width // 4, shown.height // 4))
        right = shown.convert("RGB").getpixel((shown.width * 3 // 4, shown.height // 4))
    assert (photos.named(left), photos.named(right)) == ("red", "green")


def test_what_is_clear_in_a_picture_shows_nothing_from_below(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    clear = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (100, 50, 200, 150))
    written = io.BytesIO()
    clear.save(written, "PNG")
    page = opened(world.bob)
    page.goto(f"/rooms/{world.room()}")
    is_live(page)
    sent = {"name": "logo.png", "mimeType": "image/png", "buffer": written.getvalue()}
    page.locator(".composer-files").set_input_files(sent)  # type: ignore[arg-type]
    are_uploaded(page, 1)
    page.get_by_label("Message to").press("Enter")
    expect(page.locator(".message-image-loaded")).to_be_visible()
    expect(page.locator(".messages .message-image-placeholder")).to_be_hidden()
    picture(page, "clear")
    page.reload()
    expect(page.locator(".messages .message-image-placeholder")).to_be_hidden()


def test_back_closes_an_open_picture_and_then_leaves_the_room(opened: Opened, world: World) -> None:
    room_id, other_id = world.room(), world.room(name="Garden")
    image = uploaded(world.alice, room_id)
    sent = {"client_id": "look", "image_ids": [image["id"]]}
    assert world.alice.post(f"/rooms/{room_id}/messages", sent).status_code == 201
    page = live(opened(world.bob), other_id)
    row(page, room_id).get_by_role("link").click()
    picture, viewer = page.locator(".message-image"), page.locator(".viewer-picture")
    expect(picture).to_be_visible()
    entry = page.evaluate("history.state.key")
    for close in (page.go_back, lambda: page.keyboard.press("Escape")):
        picture.click()
        expect(viewer).to_be_visible()
        close()
        expect(viewer).to_be_hidden()
        expect(picture).to_be_focused()
        page.evaluate(ENTRY_IS_BACK, entry)
    page.go_back()
    expect(page.locator("main h1")).to_have_text(re.compile("Garden"))


def test_a_picture_that_could_not_be_loaded_comes_with_the_connection(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    data = pictures.written(pictures.gradient(300, 200), "JPEG")
    image_id = uploaded(world.alice, room_id, data)["id"]
    body = {"client_id": "one", "body": "look", "image_ids": [image_id]}
    assert world.alice.post(f"/rooms/{room_id}/messages", body).status_code == 201
    page = opened(world.bob, service_workers="block")
    page.route("**/images/**", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        live(page, room_id)
    page.unroute("**/images/**")
    page.context.set_offline(True)
    expect(page.locator(".connection-notice:visible")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator(".message-image-loaded")).to_have_count(1)
