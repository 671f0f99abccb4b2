"""Finding one's way: favourites, people, rooms that one is not in yet, notes to oneself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.pages import is_live, live, row
from tests.helpers.world import World
from tests.journeys.conftest import Opened

# The addresses of the pages that the device keeps, the last one at the end.
KEPT = """caches.open("chat-pages-1").then((cache) => cache.keys())
  .then((requests) => requests.map(({ url }) => new URL(url).pathname))"""

Picture = Callable[[Page, str], None]


def test_a_star_puts_a_room_above_all_others_on_every_page_and_device(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id, other_id = world.room(), world.room(name="Market")
    page, elsewhere = live(opened(world.bob), room_id), live(opened(world.bob), other_id)
    star = page.get_by_role("button", name="Favourite", exact=True)
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("heading", name="Favourites")).to_be_hidden()
    star.click()
    for each in (page, elsewhere):
        favourites = each.get_by_role("region", name="Favourites")
        expect(favourites.locator(".room-item-name")).to_have_text(["Harbour"])
    expect(star).to_have_attribute("aria-pressed", "true")
    picture(page, "favourite")

    # from the other device, where the page that comes back has heard nothing
    row(page, other_id).get_by_role("link").click()
    expect(page.locator(".room-header-name")).to_have_text("Market")
    live(elsewhere, room_id)
    elsewhere.keyboard.press("Control+k")
    elsewhere.keyboard.type(">remove from")
    elsewhere.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Favourites")).to_be_hidden()
    row(page, room_id).get_by_role("link").click()
    expect(page.get_by_role("button", name="Favourite", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


def test_somebody_looks_into_a_public_room_and_joins_it_from_there(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room(name=f"Market {world.alice.username}")
    for number in range(30):
        world.alice.say(room_id, f"offer {number}\nof the day")
    said = world.alice.say(room_id, "the **last** offer")
    world.bob.put(f"/messages/{said['id']}/reactions/👍")
    page = live(opened(world.mallory), world.mallory.make_room("Shed"))
    page.keyboard.press("Control+k")
    page.keyboard.type(f"market {world.alice.username}")
    choice = page.get_by_role("option", name=f"Preview Market {world.alice.username}")
    expect(choice).to_be_visible()
    picture(page, "look-into-switcher")
    page.keyboard.press("Enter")
    expect(page.get_by_text("the last offer")).to_be_in_viewport()
    expect(page.get_by_label("Message to")).to_have_count(0)
    expect(page.get_by_role("button", name="React")).to_have_count(0)
    expect(page.locator(".reaction")).to_be_disabled()
    picture(page, "look-into")
    page.goto("/rooms")
    page.wait_for_function(f"async () => ({KEPT}).then((paths) => paths.includes('/rooms'))")
    assert f"/rooms/{room_id}" not in page.evaluate(KEPT), "it is not kept on the device"
    page.goto(f"/rooms/{room_id}")
    page.get_by_role("button", name="Join Market").click()
    is_live(page)
    expect(page.get_by_text("the last offer")).to_be_in_viewport()
    expect(page.get_by_label("Message to")).to_be_visible()
    expect(row(page, room_id)).to_have_attribute("data-unread", "0")


def test_a_name_a_face_and_a_mention_open_who_that_is(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room()
    world.bob.say(room_id, f"ask @{world.carol.username} about it")
    page = live(opened(world.alice), room_id)
    card = page.get_by_role("dialog", name="Profile")
    name = page.get_by_role("link", name="Bob", exact=True)
    name.click()
    expect(card.get_by_role("heading", name="Bob")).to_be_visible()
    expect(card.get_by_text("Member of")).to_be_visible()
    expect(card.get_by_role("button", name="Message")).to_be_focused()
    picture(page, "profile")
    card.get_by_role("button", name="Make moderator").click()
    expect(card.get_by_text("Moderator of")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(name).to_be_focused()

    # by the keyboard: from the composer to the message, to the mention in it
    page.get_by_label("Message to").focus()
    page.keyboard.press("Shift+Tab")
    page.locator(".message").last.focus()
    for _ in range(3):  # the name, the time, the mention
        page.keyboard.press("ArrowRight")
    mention = page.get_by_role("button", name=f"@{world.carol.username}")
    expect(mention).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_role("heading", name="Carol")).to_be_visible()
    card.get_by_role("button", name="Mention").click()
    composer = page.get_by_label("Message to")
    expect(composer).to_have_value(f"@{world.carol.username} ")
    expect(composer).to_be_focused()

    page.locator(".message-avatar").click()
    card.get_by_role("link", name="Block Bob").click()
    expect(page.get_by_role("dialog", name="Block Bob?")).to_be_visible()
    picture(page, "profile-block")
    page.get_by_role("button", name="Cancel").click()
    card.get_by_role("button", name="Message").click()
    expect(page.locator(".room-header-name")).to_have_text("Bob")
    expect(card).to_be_hidden()
    page.get_by_role("link", name="About Bob").click()
    expect(card.get_by_role("heading", name="Bob")).to_be_visible()
    page.keyboard.press("Escape")
    phone = live(opened(world.alice, viewport={"width": 390, "height": 844}), room_id)
    phone.get_by_role("link", name="Bob", exact=True).click()
    expect(phone.get_by_role("heading", name="Bob")).to_be_in_viewport()
    picture(phone, "profile-phone")


def test_a_conversation_that_is_left_without_a_word_leaves_the_list(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    page, elsewhere = (
        live(opened(each), room_id) for each in (world.bob, world.bob.second_device())
    )
    talks = "[data-section=direct] .room-item"
    text = page.get_by_label("Message to Carol")
    for words in ("", "well, "):
        page.goto(f"/people?q={world.carol.username}")
        page.get_by_role("button", name="Message Carol").click()
        expect(page.locator(talks)).to_have_count(1)
        text.fill(words)
        row(page, room_id).click()
        expect(page.locator(".room-header-name")).to_have_text("Harbour")
        expect(page.locator(talks)).to_have_count(1 if words else 0)
    page.reload()
    expect(page.locator(talks).locator(".room-item-draft")).to_be_visible()
    elsewhere.reload()
    is_live(elsewhere)
    expect(elsewhere.locator(talks)).to_have_count(0)
    page.locator(talks).click()
    expect(text).to_have_value("well, ")
    text.press("Enter")
    expect(elsewhere.locator(talks)).to_have_count(1)
    row(page, room_id).click()
    expect(page.locator(".room-header-name")).to_have_text("Harbour")
    page.reload()
    is_live(page)
    expect(page.locator(talks)).to_have_count(1)


def test_somebody_writes_to_several_people_and_to_oneself_and_hides_a_conversation(
    opened: Opened, world: World, picture: Picture
) -> None:
    talk = world.bob.post("/direct-rooms", {"user_ids": [world.alice.id]}).json()["id"]
    world.bob.say(talk, "hello")
    page = live(opened(world.bob), world.room())
    page.goto(f"/direct-rooms/new?q={world.carol.username}")
    page.get_by_role("link", name="Add Carol").click()
    chosen = page.get_by_role("list", name="To").get_by_role("listitem")
    expect(chosen).to_have_count(1)
    page.get_by_role("searchbox", name="Name").fill(world.mallory.username)
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("link", name="Add Mallory").click()
    expect(chosen).to_have_count(2)
    picture(page, "new-message")
    page.get_by_role("button", name="Message Carol and Mallory").click()
    expect(page.locator(".room-header-name")).to_have_text("Carol, Mallory")
    page.get_by_label("Message to").fill("hello both")
    page.keyboard.press("Enter")
    here = page.locator(".room-item:has([aria-current=page])")
    expect(here.locator(".room-item-mark .avatar")).to_have_count(2)

    page.keyboard.press("Control+k")
    page.keyboard.type(">note")
    page.keyboard.press("Enter")
    expect(page.get_by_placeholder("Write a note to yourself")).to_be_visible()
    page.get_by_placeholder("Write a note to yourself").fill("buy bread")
    page.keyboard.press("Enter")
    expect(here.locator(".room-item-name")).to_have_text("Bob")
    expect(here.get_by_text("you", exact=True)).to_be_visible()
    picture(page, "conversations")

    row(page, talk).hover()
    row(page, talk).get_by_role("button", name="Hide conversation").click()
    expect(row(page, talk)).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type(">hide")
    page.keyboard.press("Enter")
    notice = page.get_by_text("The conversation with Bob is hidden until the next message.")
    expect(notice).to_be_visible()
    world.alice.say(talk, "are you there?")
    expect(row(page, talk)).to_have_attribute("data-unread", "1")
