"""What a device gives an installed chat: what other apps share, and a place among its apps."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.helpers import pictures
from tests.helpers.axe import faults
from tests.helpers.pages import CAN_SHOW, KEPT, are_uploaded, live, say, sign_out
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, World
from tests.journeys.conftest import Opened, sign_in

PHONE = {"viewport": {"width": 390, "height": 844}}
TEXTS = {"title": "The ferry", "text": "It leaves at seven", "url": "https://ferry.example/7"}
JOINED = "The ferry\nIt leaves at seven\nhttps://ferry.example/7"
# A share sheet sends what this form sends, from no page.
SHARE = """([texts, files]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: "/share", enctype: "multipart/form-data" });
    for (const [name, value] of Object.entries(texts))
        form.append(Object.assign(document.createElement("input"), { name, value }));
    const chosen = new DataTransfer();
    for (const { name, type, bytes } of files) {
        const content = Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0));
        chosen.items.add(new File([content], name, { type }));
    }
    const field = Object.assign(document.createElement("input"), { type: "file", name: "files" });
    field.multiple = true;
    field.files = chosen.files;
    form.append(field);
    document.body.append(form);
    form.submit();
}"""


def file(name: str, kind: str, data: bytes) -> dict[str, str]:
    return {"name": name, "type": kind, "bytes": base64.b64encode(data).decode()}


def share(page: Page, *files: dict[str, str]) -> None:
    with page.expect_navigation():
        page.evaluate(SHARE, [TEXTS, files])


def test_what_another_app_shares_waits_in_the_composer_of_the_room_that_its_person_chooses(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id, other = world.room(name="Garden"), world.room(name="Harbour")
    bob = live(opened(world.bob, bypass_csp=True, **PHONE), other)
    wait_until(lambda: bob.evaluate(CAN_SHOW), "the service worker serves the page")
    bob.goto(f"/rooms/{room_id}")
    bob.get_by_label("Message to").fill("Look:")
    photo = file("ferry.jpg", "image/jpeg", pictures.accepted()["jpeg with GPS, turned"])
    share(bob, photo, file("notes.txt", "text/plain", b"no picture"))

    expect(bob.get_by_role("heading", name="Where to?")).to_be_visible()
    expect(bob.locator(".share-text")).to_have_text(JOINED)
    expect(bob.locator(".share-picture")).to_have_count(1)
    expect(bob.get_by_role("img", name="ferry.jpg")).to_be_visible()
    picture(bob, "share")
    assert not faults(bob)
    bob.get_by_placeholder("Search rooms and people").fill("gard")
    expect(bob.get_by_role("button", name="Harbour")).to_have_count(0)
    bob.get_by_role("button", name="Garden").click()
    body = bob.get_by_label("Message to")
    expect(body).to_have_value(f"Look:\n{JOINED}")
    are_uploaded(bob, 1)
    expect(bob.locator(".composer-refused")).to_contain_text("notes.txt")
    picture(bob, "shared")
    assert world.carol.reads(room_id)["messages"] == [], "nothing is sent by itself"
    shown = bob.url
    bob.go_back()
    expect(bob.get_by_text("What you shared is not here any more")).to_be_visible()
    bob.go_forward()
    expect(bob).to_have_url(shown)
    are_uploaded(bob, 1)
    bob.get_by_role("button", name="Send").click()
    expect(bob.locator(".message")).to_have_count(1)
    wait_until(lambda: world.carol.reads(room_id)["messages"], "it is sent")
    (sent,) = world.carol.reads(room_id)["messages"]
    assert (sent["body"], len(sent["images"])) == (f"Look:\n{JOINED}", 1)


def test_somebody_signed_out_signs_in_before_and_nobody_else_finds_it(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    wait_until(lambda: page.evaluate(CAN_SHOW), "the service worker serves the page")
    share(page)
    address = page.url
    sign_in(page, world.mallory)
    page.goto(address)
    expect(page.get_by_text("What you shared is not here any more")).to_be_visible()
    expect(page.get_by_text("It leaves at seven")).to_have_count(0)
    wait_until(lambda: world.mallory.id in page.evaluate(KEPT), "the device is hers now")

    page.context.clear_cookies()
    share(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_label("Username").fill(world.mallory.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("It leaves at seven")).to_be_visible()
    page.get_by_placeholder("Search rooms and people").fill(world.alice.username)
    page.get_by_role("button", name=world.alice.name).click()
    expect(page.get_by_label("Message to")).to_have_value(JOINED)
    page.get_by_label("Message to").fill("")
    share(page)
    assert page.evaluate("caches.has('chat-shares-1')")
    sign_out(page)
    page.wait_for_url("**/login")
    wait_until(lambda: not page.evaluate("caches.has('chat-shares-1')"), "nothing is left")


def test_chromium_finds_nothing_that_keeps_it_from_installing_the_chat(
    opened: Opened, world: World
) -> None:
    page = live(opened(world.bob), world.room())
    wait_until(lambda: page.evaluate(CAN_SHOW), "the service worker serves the page")
    browser = page.context.new_cdp_session(page)
    manifest: dict[str, Any] = browser.send("Page.getAppManifest")
    assert manifest["errors"] == []
    found = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {each["errorId"] for each in found} <= {"in-incognito"}, "as windows of tests are"


# What the browser would tell of: headless ones install nothing.
MAY_INSTALL = """() => {
    const event = new Event("beforeinstallprompt", { cancelable: true });
    event.prompt = async () => (window.wasAsked = true);
    dispatchEvent(event);
}"""

USED = """() => {
    const { days, sent = 0 } = JSON.parse(localStorage.getItem("chat.usage") ?? "{}");
    return { days, sent };
}"""


def test_a_phone_that_is_used_is_told_once_that_the_chat_can_be_installed(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    phone = live(opened(world.bob, bypass_csp=True, **PHONE), room_id)
    hint = phone.locator(".sidebar > install-hint")
    phone.evaluate(MAY_INSTALL)
    wait_until(lambda: phone.evaluate(USED) == {"days": 1, "sent": 0}, "this day counts")
    expect(hint).to_have_count(0)
    say(phone, "Hello, I am new here")
    wait_until(lambda: phone.evaluate(USED) == {"days": 1, "sent": 1}, "the message counts")
    phone.get_by_role("link", name="All rooms").click()
    expect(hint).to_contain_text("as an app")
    expect(hint).to_contain_text("notify you while it is closed")
    picture(phone, "install-hint")
    assert not faults(phone)
    hint.get_by_role("button", name="Install").click()
    assert phone.evaluate("wasAsked")
    expect(hint).to_be_hidden()

    here = phone.locator("main install-hint")
    for path in ("/settings", "/settings/devices"):
        phone.goto(path)
        phone.evaluate(MAY_INSTALL)
        expect(here.get_by_role("button", name="Install")).to_be_visible()
        expect(hint).to_be_hidden()  # its place is above the rooms
        picture(phone, f"install-hint{path.replace('/', '-')}")
        assert not faults(phone)
    here.get_by_role("button", name="Don’t show this again").click()
    expect(here).to_be_hidden()
    phone.goto("/rooms")
    phone.evaluate(MAY_INSTALL)
    phone.goto("/settings/devices")
    phone.evaluate(MAY_INSTALL)
    expect(phone.locator(":not(:defined)")).to_have_count(0)
    expect(here).to_be_hidden()


def test_an_iphone_is_told_how_and_an_installed_chat_nothing(opened: Opened, world: World) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    page = opened(world.bob, user_agent=agent)
    page.goto("/settings/devices")
    hint = page.locator("main install-hint")
    expect(hint).to_contain_text("Tap Share, then")
    expect(hint.get_by_role("button", name="Install")).to_have_count(0)
    page.add_init_script("navigator.standalone = true")
    page.reload()
    expect(page.locator(":not(:defined)")).to_have_count(0)
    expect(hint).to_be_hidden()
