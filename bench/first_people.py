"""Measure the time from bin/run until three people talk, the second and third by a link alone.

bin/bench first-people

Chromium plays the three on devices of their own. What the machine needs is measured. What a person
needs is modelled: every word of a new page is read, at 240 words a minute; each act costs what the
keystroke-level model of Card, Moran and Newell (1980) says of it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.helpers.servers import ROOT, clean_environment, free_port
from tests.journeys.conftest import BROWSERS, QUIET

PHONE = 390  # CSS px
WIDTHS = (1440, PHONE)
MOST = 120.0  # seconds until all three talk
DECIDES = 1.35  # seconds to think what to do next
POINTS = 1.1  # seconds to move the pointer, or the thumb, to something
PRESSES = 0.2  # seconds of a click or a touch
KEY = {1440: 0.28, PHONE: 0.35}  # seconds a character: of an average typist, and on a telephone
READS = 240 / 60  # words a second
PASSWORD = "gulls-tide-9"
# Of the page itself: navigation is passed over.
WORDS = """main => {
  const navigation = [...main.querySelectorAll("nav")].filter((each) => each.checkVisibility());
  const passed = navigation.map((each) => each.innerText).join(" ");
  const count = (text) => text.split(/\\s+/).filter(Boolean).length;
  return count(main.innerText) - count(passed);
}"""
SEND_LINK = "Here is our new chat: "


class Person:
    """Somebody at a device, and the seconds that passed for them."""

    def __init__(self, browser: Browser, width: int, username: str, clock: float):
        self._page: Page = browser.new_context(
            viewport={"width": width, "height": 844}, has_touch=width == PHONE
        ).new_page()
        self._page.set_default_timeout(20_000)
        self._key = KEY[width]
        self.username = username
        self.clock = clock
        self.steps = 0

    def opens(self, link: str) -> None:
        """Press a link outside the chat."""
        self.clock += DECIDES + POINTS + PRESSES
        self.steps += 1
        began = time.monotonic()
        self._page.goto(link)
        self.clock += time.monotonic() - began
        self._reads()

    def fills(self, label: str, text: str) -> None:
        self._acts(self._page.get_by_label(label, exact=True), len(text), text)

    def presses(self, name: str, leads_to: str) -> None:
        """Press a button or a link that leads to a page with such a heading."""
        target = self._page.get_by_role("button", name=name).or_(
            self._page.get_by_role("link", name=name, exact=True)
        )
        self._acts(target.first, 0, None)
        began = time.monotonic()
        expect(self._page.get_by_role("heading", name=leads_to).first).to_be_visible()
        self.clock += time.monotonic() - began
        self._reads()

    def copies(self) -> str:
        """Copy the new invite link, and send it to two people elsewhere."""
        self._acts(self._page.get_by_role("button", name="Copy"), 0, None)
        self.clock += DECIDES + POINTS + PRESSES + self._key * (len(SEND_LINK) + 3)
        self.steps += 1
        return self._page.get_by_label("Link", exact=True).input_value()

    def says(self, text: str) -> None:
        self._acts(self._page.get_by_role("textbox", name="Message"), len(text) + 1, text)
        self._page.keyboard.press("Enter")
        expect(self._page.get_by_role("log").get_by_text(text)).to_be_visible()

    def hears(self, text: str) -> None:
        expect(self._page.get_by_role("log").get_by_text(text)).to_be_visible()

    def _acts(self, target: Locator, keys: int, text: str | None) -> None:
        self.clock += DECIDES + POINTS + PRESSES + self._key * keys
        self.steps += 1
        began = time.monotonic()
        target.click() if text is None else target.fill(text)
        self.clock += time.monotonic() - began

    def _reads(self) -> None:
        self._page.wait_for_load_state()
        words = self._page.locator("main").evaluate(WORDS)
        self.clock += words / READS


def describe(options: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(given: argparse.Namespace) -> None:
    """Print the seconds at both widths. Exits with 1 when they are too many."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    late = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        for width in WIDTHS:
            started, people = _meet(browser, width)
            took = max(person.clock for person in people)
            acts = ", ".join(f"{p.username} {p.clock:.0f} s, {p.steps} acts" for p in people)
            print(f"{width} px: {took:.0f} s, {started:.1f} s of it the start; until {acts}")
            late += [width] if took > MOST else []
        browser.close()
    if late:
        raise SystemExit(f"more than {MOST:.0f} s at {late} px")


def _meet(browser: Browser, width: int) -> tuple[float, list[Person]]:
    """Start a new chat and let three people come. Return how long it started, and the people."""
    with tempfile.TemporaryDirectory(prefix="chat-first-people-") as folder:
        port = str(free_port())
        settings = clean_environment(DATA_DIR=str(Path(folder) / "data"), PORT=port)
        began = time.monotonic()
        chat = subprocess.Popen(
            [ROOT / "bin/run"],
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert chat.stdout
            link = _setup_link(chat.stdout)
            started = time.monotonic() - began
            return started, _talk(browser, width, link, started)
        finally:
            chat.terminate()
            chat.wait(20)


def _setup_link(output: IO[str]) -> str:
    for line in output:
        if found := re.search(r"http://\S+/setup/\S+", line):
            return found[0]
    raise AssertionError("the chat ended before it printed its link")


def _talk(browser: Browser, width: int, link: str, started: float) -> list[Person]:
    alice = Person(browser, width, "alice", started)
    alice.opens(link)
    alice.fills("Username", "alice")
    alice.fills("Password", PASSWORD)
    alice.presses("Create account", "Hello")
    alice.presses("Create an invite link", "Your link")
    invite = alice.copies()
    others = [Person(browser, width, name, alice.clock) for name in ("bob", "carol")]
    for other in others:
        other.opens(invite)
        other.fills("Username", other.username)
        other.fills("Password", PASSWORD)
        other.presses("Create account and join", "general")
        other.says(f"{other.username} is here")
    alice.presses("Go to general", "general")
    alice.says("Welcome!")
    for person in (people := [alice, *others]):
        for text in ("bob is here", "carol is here", "Welcome!"):
            person.hears(text)
    return people
