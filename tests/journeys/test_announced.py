"""What a screen reader hears of the log: each thing once, and only what has changed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.helpers.pages import live, message, say
from tests.helpers.world import World
from tests.journeys.conftest import Opened

# The texts that come into the log from now on, as a screen reader would read them.
LISTEN = """() => {
  window.heard = [];
  const isQuiet = (node) => (node.nodeType === 1 ? node : node.parentElement)
    .closest("[aria-live=off], [aria-hidden=true], [hidden]");
  new MutationObserver((changes) => {
    for (const { addedNodes, target } of changes)
      for (const node of addedNodes)
        if (!isQuiet(target) && (node.nodeType !== 1 || !isQuiet(node)))
          window.heard.push(node.matches?.(".message")
            ? node.querySelector(".message-body").textContent.trim() : node.textContent.trim());
  }).observe(document.querySelector("[role=log]"), { childList: true, subtree: true });
}"""


def test_the_log_says_each_thing_once(opened: Opened, world: World) -> None:
    room_id = world.room()
    page = live(opened(world.bob), room_id)
    before = world.alice.say(room_id, "the ferry leaves")
    answer = {"client_id": "an-answer-1", "body": "an answer", "reply_to_id": before["id"]}
    assert world.carol.post(f"/rooms/{room_id}/messages", answer).ok
    expect(message(page, "an answer")).to_be_visible()
    page.evaluate(LISTEN)

    def heard() -> list[str]:
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        said: list[str] = page.evaluate("window.heard.splice(0)")
        return said

    say(page, "I have\nthe <keys>")
    expect(page.locator(".message-tick:not([hidden])")).to_be_attached()
    expect(page.locator(".message-pending")).to_have_count(0)
    assert heard() == ["I havethe <keys>"], "nothing again when it is sent"

    world.carol.put(f"/messages/{before['id']}/reactions/👍")
    expect(page.locator(".reaction-count")).to_have_text("1")
    expect(page.locator(".reaction-who")).not_to_be_empty()
    (reaction,) = [text for text in heard() if text.startswith("👍")]
    assert "leaves" not in reaction
    world.alice.put(f"/messages/{before['id']}/reactions/👍")
    expect(page.locator(".reaction-count")).to_have_text("2")
    expect(page.locator(".reaction-who")).to_contain_text("Alice")
    assert heard()[:1] == ["2"]

    world.alice.patch(f"/messages/{before['id']}", {"body": "the ferry waits"})
    expect(message(page, "the ferry waits")).to_be_visible()
    expect(page.locator(".message-reply-excerpt")).to_contain_text(["the ferry waits"])
    assert heard() == ["the ferry waits", "the ferry waits"], "the text, and the answer's line"

    world.alice.patch("/me", {"display_name": "Alice Adams"})
    expect(page.locator(".message-author", has_text="Alice Adams")).to_be_visible()
    expect(page.locator(".message-reply-author", has_text="Alice Adams")).to_be_visible()
    expect(page.locator(".room-line").last).to_contain_text("Alice is now called Alice Adams")
    names = heard()
    assert len([text for text in names if "is now called" in text]) == 1
    assert {text for text in names if "is now called" not in text} == {"Alice Adams"}
