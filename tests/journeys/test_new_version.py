"""The chat is upgraded while pages are open: they go on, and nothing that was written is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.pages import CAN_SHOW, is_live, keeps, message, say
from tests.helpers.servers import ROOT, Server, new_chat, wait_until
from tests.helpers.world import PASSWORD
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]

CACHES = "async () => (await caches.keys()).sort()"
VERSIONS = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys())
            found.push(...url.match(/(?<=[/]static[/])[0-9a-f]{16}/) ?? []);
    return [...new Set(found)];
}"""
FILES = """async () => {
    const all = [...document.querySelectorAll("head link[href], script[src]")];
    const icons = [...document.querySelectorAll("use")].map((use) => use.getAttribute("href"));
    const answers = all.map((each) => each.href ?? each.src).concat([...new Set(icons)]);
    return Promise.all(answers.map(async (url) => (await fetch(url, { cache: "reload" })).status));
}"""


@pytest.fixture
def copy(folder: Path) -> Iterator[Path]:
    """Copy the program, so that a test can change it."""
    target = folder / "program"
    shutil.copytree(ROOT / "chat", target / "chat", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.py", "wsgi.py"):
        shutil.copy(ROOT / name, target)
    yield target
    shutil.rmtree(target)


@pytest.fixture
def chat(folder: Path, own_uri: str, copy: Path) -> Iterator[Server]:
    with new_chat(folder, own_uri, command=(str(copy / "wsgi.py"),)) as chat:
        yield chat


def change(copy: Path, name: str, old: str, new: str) -> None:
    path = copy / "chat" / "static" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def upgrade(copy: Path) -> None:
    """Make the next version: other looks, another script, and pages kept in another form."""
    change(copy, "css/tokens.css", ":root {", ":root {\n    --next: 1;")
    change(copy, "js/main.js", "keepForOffline();\n", "keepForOffline();\nwindow.isNext = true;\n")
    change(copy, "js/models/device_copies.js", '"chat-pages-1"', '"chat-pages-2"')


def test_an_open_page_goes_on_after_an_upgrade_and_the_next_one_is_of_the_new_version(
    opened: Opened, chat: Server, copy: Path, picture: Picture
) -> None:
    page = opened(None, base_url=chat.url)
    page.goto("/register")
    page.get_by_label("Username").fill("dora")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.goto("/rooms/new")
    page.locator("main").get_by_label("Name", exact=True).fill("Harbour")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Message to")).to_be_focused()
    room = page.url
    page.reload()
    is_live(page)
    say(page, "before")
    keeps(page, "before")
    assert page.evaluate(CACHES) == ["chat-files-1", "chat-pages-1"]
    (first,) = page.evaluate(VERSIONS)
    page.evaluate("window.isSame = true")

    chat.stop()
    expect(page.locator("message-composer .connection-notice")).to_be_visible()
    say(page, "meanwhile")
    page.get_by_label("Message to").fill("half a sent")
    upgrade(copy)
    chat.start()
    expect(page.locator(".message-pending")).to_have_count(0)
    expect(message(page, "meanwhile")).to_be_visible()
    assert set(page.evaluate(FILES)) == {200}, "what belongs to the open page is still served"
    page.get_by_label("Message to").press_sequentially("ence")
    picture(page, "after-an-upgrade")
    assert page.evaluate("window.isSame && !window.isNext"), "the open page goes on"

    page.get_by_role("link", name="Details", exact=True).click()
    page.wait_for_function("() => window.isNext")
    expect(page.get_by_role("complementary").get_by_text("dora").first).to_be_visible()
    assert page.url == room
    expect(page.get_by_label("Message to")).to_have_value("half a sentence")
    expect(page.locator(".message-body")).to_have_text(["before", "meanwhile"])
    wait_until(
        lambda: page.evaluate(CACHES) == ["chat-files-1", "chat-pages-2"],
        "the new service worker deletes what the old one kept",
    )
    wait_until(lambda: len(page.evaluate(VERSIONS)) == 1, "the files of before are deleted")
    assert page.evaluate(VERSIONS) != [first]
    keeps(page, "meanwhile")
    assert page.evaluate(CAN_SHOW)

    page.context.set_offline(True)
    page.reload()
    expect(page.locator("main[data-kept] .message-body")).to_have_text(["before", "meanwhile"])
    expect(page.get_by_label("Message to")).to_have_value("half a sentence")
    assert page.evaluate("window.isNext")
    assert page.url == room
