"""Compare what a page looks like: live, after a reload, without JavaScript."""

from __future__ import annotations

import difflib

from playwright.sync_api import Page

# The markup of some elements, except what may differ:
# - the order of attributes and of classes, which nobody sees;
# - `tabindex`: one message is the list's tab stop, and it is not always the same one;
# - what hidden elements contain, because nobody sees it before a script fills it again;
# - the text of times: in the reader's zone by script, in UTC without;
# - `data-place` and `data-used` of a room that appeared live, until a reload numbers them;
# - the class of a thumbnail that has arrived, behind which a script hides its placeholder.
MARKUP = """(selector) => [...document.querySelectorAll(selector)].map((message) => {
  const copy = message.cloneNode(true);
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    if (element.hidden) element.replaceChildren();
    if (element.matches("time")) {
      element.replaceChildren();
      element.removeAttribute("title");
    }
    element.removeAttribute("tabindex");
    element.removeAttribute("data-place");
    element.removeAttribute("data-used");
    element.classList.remove("message-image-loaded");
    element.setAttribute("class", [...element.classList].sort().join(" "));
    const attributes = [...element.attributes].sort((a, b) => a.name.localeCompare(b.name));
    for (const { name } of attributes) element.removeAttribute(name);
    for (const { name, value } of attributes) element.setAttribute(name, value);
  }
  return copy.outerHTML;
})"""


def markup(page: Page, selector: str = ".messages > .message") -> list[str]:
    found: list[str] = page.evaluate(MARKUP, selector)
    return [line for each in found for line in each.replace("><", ">\n<").split("\n")]


def differences(one: list[str], other: list[str]) -> str:
    return "\n".join(difflib.unified_diff(one, other, n=0))


# What is pressed is in sight, and nothing lies over it, except that on a phone the name of a room
# is one target with the number of people below it.
COVERED = """() => [...document.querySelectorAll("a[href], button, summary, input, textarea")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => !each.matches("[type=radio], [type=checkbox], [type=file], [type=hidden]"))
  .filter((each) => !each.closest(".skip-link, .room-header-name, .visually-hidden"))
  .filter((each) => !each.closest(".message-continues .message-header"))
  .map((each) => {
    each.scrollIntoView({ block: "center", behavior: "instant" });
    const [{ x, y, width, height }] = each.getClientRects();
    const at = document.elementFromPoint(x + width / 2, y + height / 2);
    const isFree = at && (each.contains(at) || at.contains(each));
    const isOneTarget = each.matches(".room-header-people") && at?.matches(".room-header-name > a");
    if (isFree || isOneTarget) return "";
    return `${each.className} ${each.textContent.trim()} is under ${at?.className}`;
  })
  .filter(Boolean)"""


def covered(page: Page) -> list[str]:
    """Return the links, buttons and fields that something else lies over."""
    found: list[str] = page.evaluate(COVERED)
    return found
