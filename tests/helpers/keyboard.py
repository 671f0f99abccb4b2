"""A keyboard at a page: nothing else moves the focus, and after each key the focus is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error, Page, expect

from tests.helpers.pages import message
from tests.helpers.servers import wait_until

MOST_STOPS = 60  # of the Tab key, between any two places of a page
# What is wrong with the focus, or "". What is around a field may show it.
FAULT = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return "nothing has the focus";
  const named = () => `${it.tagName}.${it.className} ${it.textContent.trim().slice(0, 40)}`;
  if (!it.checkVisibility()) return `${named()} is hidden`;
  if (it.matches("main, h1, [role=log]")) return ""; // where a page begins: no control
  const rings = (each, part) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each, part);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  };
  const around = it.closest("label, .composer-form, .switcher-field, .avatar-editor");
  const shows = rings(it) || rings(it, "::after") || (around && rings(around));
  if (!shows) return `nothing shows that ${named()} has the focus`;
  const box = (around ?? it).getBoundingClientRect();
  const isIn = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  return isIn ? "" : `${named()} is not in sight`;
}"""


@dataclass(frozen=True)
class Stop:
    """What has the focus, as a screen reader says it."""

    role: str
    name: str

    def is_called(self, role: str, name: str) -> bool:
        return self.role == role and self.name.startswith(name)


class Keyboard:
    """Presses keys on a page, as somebody does who has no mouse."""

    def __init__(self, page: Page):
        self.page = page
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("DOM.enable")
        self._devtools.send("Accessibility.enable")

    def press(self, *keys: str) -> Keyboard:
        """Press keys one after the other; after each of them the focus is in a place to be seen."""
        for key in keys:
            self.page.keyboard.press(key)
            self.stands_well(f"after {key}")
        return self

    def type(self, text: str) -> Keyboard:
        self.page.keyboard.type(text)
        return self

    def says(self, text: str) -> Keyboard:
        """Write a message and send it."""
        self.type(text).press("Enter")
        expect(message(self.page, text)).to_contain_class("message-sent")
        return self

    def goes_to_room(self, name: str) -> Keyboard:
        self.press("Control+k").is_at("combobox", "Room, person or command").type(name)
        expect(self.page.get_by_role("option", name=name).first).to_be_visible()
        return self.press("Enter").is_at("textbox", f"Message to {name}")

    def opens_menu(self) -> Keyboard:
        """Open the menu of the newest message, from the text."""
        self.is_at("textbox", "Message to").press("Shift+Tab").is_at("listitem", "").press("Enter")
        expect(self.page.get_by_role("menu")).to_be_visible()
        return self

    @property
    def here(self) -> Stop:
        node = self._ask_about_focus()
        return Stop(*(str(node.get(each, {}).get("value", "")) for each in ("role", "name")))

    def goes_to(self, role: str, name: str, key: str = "Tab") -> Keyboard:
        """Press a key until something of this name has the focus; all on the way has a name."""
        passed = []
        for _ in range(MOST_STOPS):
            try:
                self.press(key)
            except AssertionError as lost:
                raise AssertionError(f"{lost}, on the way from {passed}") from lost
            here = self._named()
            if here.is_called(role, name):
                return self
            passed.append(here)
        raise AssertionError(f"{key} does not lead to {role} {name}, but to {passed}")

    def is_at(self, role: str, name: str) -> Keyboard:
        """Wait until something of this name has the focus."""
        try:
            wait_until(lambda: self.here.is_called(role, name), f"{role} {name} has the focus")
        except AssertionError as late:
            raise AssertionError(f"{late}, but {self.here} has it") from late
        self.stands_well(f"at {role} {name}")
        return self

    def _named(self) -> Stop:
        """Return where the focus is once that has a name: parts of a page may be replaced."""
        wait_until(lambda: self.here.name or self.here.role == "main", f"{self.here} has a name", 3)
        return self.here

    def stands_well(self, when: str) -> None:
        """Wait until the focus is on something in sight that shows it."""
        if not (fault := self._fault()):
            return
        try:
            wait_until(lambda: not self._fault(), when, seconds=5)
        except AssertionError as late:
            raise AssertionError(f"{self._fault() or fault} {when}") from late

    def _fault(self) -> str:
        try:
            return str(self.page.evaluate(FAULT))
        except Error:
            return "another page is on its way"

    def _ask_about_focus(self) -> Any:
        try:
            focused = self._devtools.send(
                "Runtime.evaluate", {"expression": "document.activeElement"}
            )["result"]
            told = self._devtools.send(
                "Accessibility.getPartialAXTree",
                {"objectId": focused["objectId"], "fetchRelatives": False},
            )
        except (Error, KeyError):
            return {}  # another page is on its way
        return told["nodes"][0]
