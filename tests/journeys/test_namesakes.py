"""Two people of the same name: readers can tell them apart everywhere, live and later."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.helpers.pages import is_live
from tests.helpers.world import World
from tests.journeys.conftest import Opened


def author_of(message: Locator) -> str:
    """Return the visible names of an author."""
    return " ".join(
        message.locator(":is(.message-author, .message-username):visible").all_inner_texts()
    )


def test_two_people_of_one_name_are_told_apart_wherever_they_are_shown(
    world: World, opened: Opened, picture: Callable[[Page, str], None]
) -> None:
    room_id, alice, carol, mallory = world.room(), world.alice, world.carol, world.mallory
    mallory.join(room_id)
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    before = alice.say(room_id, "The boat leaves at noon.")
    expect(page.locator(f'[data-id="{before["id"]}"]')).to_be_visible()
    assert author_of(page.locator(f'[data-id="{before["id"]}"]')) == "Alice"

    assert mallory.patch("/me", {"display_name": "Аlice"}).json()["shows_username"] is True
    forged = mallory.say(room_id, "It leaves at midnight, come alone.")
    true = alice.say(room_id, "It is noon.")
    said = carol.post(
        f"/rooms/{room_id}/messages",
        {"client_id": "answer", "body": "Noon.", "reply_to_id": true["id"]},
    ).json()
    name, other = f"Alice @{alice.username}", f"Аlice @{mallory.username}"
    for _ in range(2):  # live, and as the server shows it
        expect(page.locator(f'[data-id="{said["id"]}"] .message-reply-author')).to_have_text(name)
        assert author_of(page.locator(f'[data-id="{forged["id"]}"]')) == other
        assert author_of(page.locator(f'[data-id="{true["id"]}"]')) == name
        assert author_of(page.locator(f'[data-id="{said["id"]}"]')) == "Carol", (
            "nobody else is called so"
        )
        page.reload()
        is_live(page)
    picture(page, "namesakes")

    mallory.say(room_id, f"@{world.bob.username} look")
    page.goto("/rooms")
    is_live(page)
    mallory.say(room_id, f"@{world.bob.username} look again")
    expect(page.locator("notification-announcer")).to_contain_text(f"{other} mentioned you")
    page.goto("/search?q=leaves")
    expect(page.locator(".search-result").first).to_contain_text(f"@{mallory.username}")
    page.goto(f"/rooms/{room_id}/members")
    for person in (alice, mallory):
        expect(page.locator(".row", has_text=f"@{person.username}").first).to_contain_text("lice")


def test_one_is_told_apart_from_oneself_too(world: World, opened: Opened) -> None:
    room_id = world.room()
    world.bob.patch("/me", {"display_name": "Administrator"})
    page = opened(world.bob)
    page.goto(f"/rooms/{room_id}")
    is_live(page)
    page.context.set_offline(True)
    page.locator(".composer-body").fill("hello")
    page.locator(".composer-body").press("Enter")
    unsent = page.locator(".message").last
    expect(unsent.locator(".message-username")).to_have_text(f"@{world.bob.username}")
    page.context.set_offline(False)
    expect(
        page.locator(".message:not(.message-pending)").last.locator(".message-username")
    ).to_have_text(f"@{world.bob.username}")
