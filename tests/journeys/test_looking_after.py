"""Who looks after rooms and people changes what others see, in pages that are open."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from chat.models.database import database
from tests.helpers.pages import comes_to, live, message
from tests.helpers.world import World
from tests.journeys.conftest import Opened

MUTED = "You’re muted in this room. You can read, but not write."


def test_open_pages_follow_mutes_reports_bans_and_deleted_accounts(
    opened: Opened, world: World
) -> None:
    room_id, name = world.room(), world.bob.username
    said = world.bob.say(room_id, "quite rude")
    world.carol.say(room_id, f"no, @{name}")
    bob, carol = live(opened(world.bob), room_id), live(opened(world.carol), room_id)

    mute = f"/rooms/{room_id}/members/{world.bob.id}/mute"
    world.alice.put(mute, {})
    expect(bob.locator(".composer-muted")).to_have_text(MUTED, use_inner_text=True)
    expect(bob.locator("message-composer")).to_be_hidden()
    expect(bob.locator(".composer-archived")).to_be_hidden()
    world.alice.delete(mute)
    expect(bob.locator("message-composer")).to_be_visible()
    expect(bob.locator(".composer-muted")).to_be_hidden()

    alice = live(opened(world.alice), room_id)
    row = message(carol, "quite rude")
    waiting = world.alice.get("/admin/reports").json()["open"]
    for reason, answer in (
        ("see for yourself", "Reported."),
        ("once more", "You reported this already."),
    ):
        row.hover()
        row.locator(".message-more").click()
        carol.locator("message-menu [data-action=report]").click()
        question = carol.locator("dialog.report-question")
        expect(question).to_contain_text("quite rude")
        question.get_by_label("What is wrong with it?").fill(reason)
        question.get_by_role("button", name="Report", exact=True).click()
        expect(carol.locator("message-timeline")).to_contain_text(answer)
    (report,) = world.alice.get("/admin/reports").json()["reports"][:1]
    assert (report["message"]["id"], report["reason"]) == (said["id"], "see for yourself")
    badge = alice.locator(".account-menu-summary open-reports")
    expect(badge.locator(".badge-count")).to_have_text(str(waiting + 1))
    world.alice.patch(f"/admin/reports/{report['id']}", {"state": "closed"})
    if waiting:
        expect(badge.locator(".badge-count")).to_have_text(str(waiting))
    else:
        expect(badge).to_be_hidden()

    renamed = name.replace("bob", "robert")
    assert world.alice.patch(f"/admin/users/{world.bob.id}", {"username": renamed}).ok
    author = row.locator(".message-author")
    expect(author).to_have_attribute("href", f"/people/{renamed}?room={room_id}")

    live(bob, room_id)
    notice = bob.locator("renamed-notice")
    expect(notice).to_contain_text(f"Your username was changed to @{renamed}.")
    bob.locator(".sidebar-mentions a").click()
    comes_to(bob, "/mentions")
    bob.evaluate("document.querySelector('#main h1').dataset.stays = true")
    notice.get_by_role("button", name="OK").click()
    expect(notice).to_be_hidden()
    expect(bob.locator("#main h1[data-stays]")).to_be_visible()
    bob.go_back()
    expect(bob.locator("message-timeline")).to_be_visible()
    expect(notice).to_be_hidden()

    erased = world.alice.ask("DELETE", f"/admin/users/{world.bob.id}", json={"messages": "keep"})
    assert erased.ok, erased.text
    expect(author).to_have_text("Former member")
    assert author.get_attribute("href") is None
    expect(bob).to_have_url(re.compile("/login"))
    assert database["users"].find_one({"username": renamed}) is None
