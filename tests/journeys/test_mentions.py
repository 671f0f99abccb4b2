"""Mentions: in the list of rooms, in the title, as notifications, and on their own page.

Everything follows the person's setting.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live, live
from tests.helpers.world import World
from tests.journeys.conftest import Opened

TEXT = """# Plan for *Friday*
Hello @{bob}, please look at `main.py` and https://example.org :sailboat:

- [x] boats
- [ ] **lunch** ~~dinner~~

> said before

| place | boats |
|:--|--:|
| harbour | 12 |

```python
def sail(boats: int) -> str:
    return f"{{boats}} boats"  # all of them
```
"""


def test_a_mention_is_counted_announced_and_found_again(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    room_id, other = world.room(), world.room()
    page = opened(world.bob)
    page.goto(f"/rooms/{other}")
    mentions = page.locator(".sidebar-mentions")
    expect(mentions.locator(".badge")).to_be_hidden()
    item = page.locator(f'.room-item[data-room-id="{room_id}"]')
    is_live(page)
    said = world.alice.say(
        room_id, TEXT.replace("{bob}", world.bob.username).replace("{{", "{").replace("}}", "}")
    )
    expect(mentions.locator(".badge")).to_contain_text("1")
    expect(item.locator(".badge")).to_contain_text("1")
    expect(page.locator("notification-announcer")).to_contain_text("Alice mentioned you: Plan for")
    assert page.title().startswith("(1) ")
    mentions.get_by_role("link").click()
    message = page.locator(f'[data-id="{said["id"]}"]')
    expect(message.locator(".mention")).to_have_text(f"@{world.bob.username}")
    message.get_by_text("said before").click()
    expect(page).to_have_url(
        f"{world.server.url}/rooms/{room_id}?around={said['seq']}#message-{said['seq']}"
    )
    expect(page.locator(".message-calls-me .code-k").first).to_have_text("def")
    picture(page, "text")
    expect(mentions.locator(".badge")).to_be_hidden()


def test_the_page_of_mentions_is_live(world: World, opened: Opened) -> None:
    room_id = world.room()
    page = opened(world.bob)
    page.goto("/mentions")
    is_live(page)
    said = world.alice.say(room_id, f"@{world.bob.username} come and see")
    message = page.locator(f'.mentioned [data-id="{said["id"]}"]')
    expect(message.get_by_text("New", exact=True)).to_be_visible()
    world.bob.put(f"/rooms/{room_id}/read", {"seq": said["seq"]})
    expect(message.get_by_text("New", exact=True)).to_be_hidden()


def test_names_are_suggested_while_they_are_written(world: World, opened: Opened) -> None:
    room_id = world.room()
    page = opened(world.alice)
    page.goto(f"/rooms/{room_id}")
    text, list_ = page.locator(".composer-body"), page.get_by_role("listbox")
    expect(list_).to_be_hidden()
    text.press_sequentially("tea, @car")
    carol = list_.get_by_role("option").filter(has_text=f"@{world.carol.username}")
    expect(carol).to_have_attribute("id", "body-suggestions-0")  # members first
    expect(carol.get_by_text("not in this room")).to_be_hidden()
    assert text.get_attribute("aria-activedescendant") == "body-suggestions-0"
    text.press("Escape")
    expect(list_).to_be_hidden()
    text.press_sequentially("o")
    expect(carol).to_be_visible()
    text.press("Enter")
    expect(text).to_have_value(f"tea, @{world.carol.username} ")
    text.press_sequentially("?")
    text.press("Enter")
    expect(page.locator(".message:not(.message-pending) .mention")).to_have_text(
        f"@{world.carol.username}"
    )
    assert world.carol.standing(room_id)["mentions"] == 1


def test_a_quiet_room_shows_no_count_and_one_of_mentions_only_those(
    world: World, opened: Opened
) -> None:
    room_id, other = world.room(), world.room()
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}/settings")
    page.get_by_label("Notify me about").select_option("mentions")
    expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    page.goto(f"/rooms/{other}")
    item = page.locator(f'.room-item[data-room-id="{room_id}"]')
    is_live(page)
    world.alice.say(room_id, "nobody in particular")
    expect(item).to_have_attribute("data-unread", "1")
    expect(item.locator(".badge")).to_be_hidden()
    world.alice.say(room_id, "@room all of you")
    expect(item.locator(".badge")).to_contain_text("1")
    expect(item).to_have_attribute("data-unread", "2")
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "nothing"})
    expect(item.locator(".badge")).to_be_hidden()
    expect(page.locator(".sidebar-mentions .badge")).to_be_hidden()
    page.reload()
    expect(item.locator(".badge")).to_be_hidden()


def test_the_browser_is_asked_only_when_somebody_presses_the_button(
    world: World, opened: Opened
) -> None:
    page = opened(world.bob)
    page.add_init_script(
        """
        window.asked = 0;
        window.Notification = class { static permission = "default"; """
        """static async requestPermission() { asked += 1; return "granted"; } };
    """
    )
    page.goto("/settings/notifications")
    button = page.get_by_role("button", name="Turn on notifications in this browser")
    expect(button).to_be_visible()
    assert page.evaluate("asked") == 0
    button.click()
    expect(page.locator("notification-permission")).to_contain_text(
        "shows notifications while a page"
    )
    assert page.evaluate("asked") == 1
    expect(button).to_be_hidden()


def test_the_author_is_told_whom_a_message_does_not_reach(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    room_id = world.room()
    page = opened(world.alice)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    notice = page.locator("absent-notice")
    page.get_by_role("textbox", name="Message to").fill(
        f"@{world.mallory.username} and @{world.bob.username}, and @nobody-at-all"
    )
    page.keyboard.press("Enter")
    expect(notice).to_contain_text("isn’t in this room")
    picture(page, "absent")
    notice.get_by_role("link", name="Add to the room").click()
    expect(page.locator("#people-q")).to_have_value(world.mallory.username)
    page.go_back()
    is_live(page)
    for body in (f"@{world.bob.username} hello", f"`@{world.mallory.username}`"):
        page.get_by_role("textbox", name="Message to").fill(body)
        page.keyboard.press("Enter")
        expect(page.locator(".message").last).to_contain_text(body.strip("`"))
        expect(notice).to_be_hidden()


def test_who_is_not_in_the_room_is_suggested_as_such_and_may_be_added(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    page = live(opened(world.alice), world.room())
    text = page.get_by_role("textbox", name="Message to")
    text.press_sequentially(f"ask @{world.mallory.username}")
    mallory = page.get_by_role("option", name=f"@{world.mallory.username} not in this room")
    expect(mallory).to_be_visible()
    picture(page, "suggested")
    mallory.click()
    expect(text).to_have_value(f"ask @{world.mallory.username} ")
    text.press("Enter")
    expect(page.get_by_text("Mallory isn’t in this room")).to_be_visible()
    expect(page.get_by_role("link", name="Add to the room")).to_be_visible()

    with_bob = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    live(page, with_bob)
    text.press_sequentially(f"ask @{world.bob.username}")
    expect(page.get_by_role("option", name=world.bob.username)).to_be_visible()
    text.fill("")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/members?**"):
        text.press_sequentially(f"ask @{world.mallory.username}")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert not [url for url in asked if "/users?" in url], "nobody can be added there"


def test_emoji_are_suggested_by_name_but_not_in_code(world: World, opened: Opened) -> None:
    page = live(opened(world.alice), world.room())
    text = page.get_by_role("textbox", name="Message to")
    text.press_sequentially("At 10:30 :wav")
    expect(page.get_by_role("option", name="waving hand")).to_be_visible()
    text.press("Enter")
    expect(text).to_have_value("At 10:30 👋 ")
    text.press("Control+z")
    expect(text).to_have_value("At 10:30 :wav")
    text.press("Shift+Enter")
    text.press_sequentially("`:wav")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_an_at_sign_alone_offers_people_and_the_whole_room_is_offered(
    world: World, opened: Opened
) -> None:
    page = opened(world.alice)
    page.goto(f"/rooms/{world.room()}")
    is_live(page)
    text = page.get_by_role("textbox", name="Message to")
    text.press_sequentially("hello @")
    expect(page.get_by_role("option")).to_have_count(3)
    expect(page.get_by_role("option").last).to_contain_text("Everyone in this room")
    text.press_sequentially("ro")
    page.get_by_role("option", name="Everyone in this room").click()
    expect(text).to_have_value("hello @room ")
