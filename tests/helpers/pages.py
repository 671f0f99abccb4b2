"""What tests do and look for on a page in a real browser."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.helpers import pictures
from tests.helpers.servers import wait_until

KEPT = """async () => {
    let all = "";
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys())
            if (!request.url.includes("/static/"))
                all += (await (await cache.match(request))?.text()) ?? "";
    }
    return all;
}"""
CAN_SHOW = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"


def comes_to(page: Page, path: str) -> None:
    """Wait until the page has this path; a pattern would also fit an address with it in `next`."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def message(page: Page, text: str) -> Locator:
    """Return the message with this text; quoted messages do not count."""
    return page.locator(
        ".message", has=page.locator(".message-body", has_text=re.compile(f"^{re.escape(text)}$"))
    )


def choose(page: Page, text: str, action: str) -> None:
    """Choose from the menu of a message."""
    message(page, text).hover()
    message(page, text).get_by_role("link", name="More about this message").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def live(page: Page, room_id: str) -> Page:
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    return page


def photo(name: str = "harbour.jpg", data: bytes = b"") -> dict[str, object]:
    return {
        "name": name,
        "mimeType": "image/jpeg",
        "buffer": data or pictures.accepted()["jpeg with GPS, turned"],
    }


def say(page: Page, text: str) -> None:
    page.get_by_label("Message to").fill(text)
    page.get_by_label("Message to").press("Enter")


def bodies(page: Page) -> list[str]:
    return page.locator(".message-body").all_inner_texts()


def is_live(page: Page) -> None:
    """Wait until the page's elements work, and until it has received hello.

    Only hello gives the items of its list a head.
    """
    expect(page.locator(":not(:defined)")).to_have_count(0)
    expect(page.locator(".room-item[data-seq]").first).to_be_attached()


def row(page: Page, room_id: str) -> Locator:
    """Return a room's row in the sidebar."""
    return page.locator(f'.room-item[data-room-id="{room_id}"]')


def is_unread(page: Page, room_id: str, count: int) -> None:
    """Wait until a room's row says that this many messages are unread there, or none."""
    expect(row(page, room_id)).to_have_attribute("data-unread", str(count))
    expect(row(page, room_id).locator(".room-item-dot")).to_be_visible(visible=count > 0)


def sign_out(page: Page) -> None:
    page.locator(".account-menu-summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()


def are_uploaded(page: Page, count: int) -> None:
    """Wait until the composer has `count` pictures and none of them is still on its way.

    The button alone does not tell: it is enabled before the first upload begins, too.
    """
    expect(page.locator(".upload")).to_have_count(count)
    expect(page.locator(".upload-progress:not([hidden])")).to_have_count(0)
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def shares(page: Page, text: str = "The ferry leaves at seven") -> None:
    """Share a text with the chat, as a browser without the service worker does."""
    assert page.request.post("/share", multipart={"text": text}).ok


def look_away(page: Page) -> None:
    """Focus a window beside the page, which stays visible."""
    page.evaluate("""() => {
        document.hasFocus = () => false;
        dispatchEvent(new Event("blur"));
    }""")


def look_back(page: Page) -> None:
    page.evaluate("""() => {
        document.hasFocus = () => true;
        dispatchEvent(new Event("focus"));
    }""")


def keeps(page: Page, words: str) -> None:
    """Wait until the device keeps a page with these words, and can show it."""
    wait_until(lambda: words in page.evaluate(KEPT), f"{words} is kept on the device")
    wait_until(lambda: page.evaluate(CAN_SHOW), "the service worker serves the page")
