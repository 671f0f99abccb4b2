"""A room looks the same live, after a reload and without JavaScript, in a real browser."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from playwright.sync_api import expect

from tests.helpers.looks import differences, markup
from tests.helpers.pages import live, message
from tests.helpers.servers import wait_until
from tests.helpers.uploads import uploaded
from tests.helpers.world import Person, World
from tests.journeys.conftest import Opened, SayThen


def send(person: Person, room_id: str, body: str, **more: Any) -> Any:
    answer = person.post(
        f"/rooms/{room_id}/messages", {"client_id": secrets.token_hex(8), "body": body} | more
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def fill(world: World, room_id: str) -> None:
    first = send(world.alice, room_id, "The **ferry** leaves at `seven`\n\n- Sunday")
    send(world.alice, room_id, "From the harbour, @bob: https://example.org/ferry")
    send(world.bob, room_id, "I have the keys", reply_to_id=first["id"])
    edited = send(world.bob, room_id, "And the torch")
    gone = send(world.carol, room_id, "Never mind")
    photo = uploaded(world.alice, room_id)
    send(world.alice, room_id, "Here it lies", image_ids=[photo["id"]])
    send(world.alice, room_id, "```python\nprint('tea')\n```\n\n- [ ] tea\n- [x] coffee")
    send(world.carol, room_id, "@room <b>no</b> markup & *all*")
    send(world.carol, room_id, "👍🏽 ❤️")
    send(world.carol, room_id, ":tada:")
    send(world.carol, room_id, "🎉 with words")
    assert world.bob.patch(f"/messages/{edited['id']}", {"body": "And the lamp"}).status_code == 200
    assert world.carol.delete(f"/messages/{gone['id']}").status_code in (200, 204)
    for person in (world.bob, world.carol):
        assert person.put(f"/messages/{first['id']}/reactions/👍").status_code == 200
    assert world.alice.put(f"/messages/{first['id']}/pin").status_code == 200


def test_a_room_looks_the_same_live_after_a_reload_and_without_javascript(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    bob = live(opened(world.bob), room_id)
    fill(world, room_id)
    expect(message(bob, "And the lamp")).to_be_visible()
    expect(bob.locator(".message-pin:visible")).to_have_count(1)
    expect(bob.locator(".message-gone")).to_have_count(1)
    expect(bob.locator(".reaction:visible")).to_have_count(1)
    excerpt = bob.locator(".message-reply-excerpt:visible")
    expect(excerpt).to_have_text("The ferry leaves at seven Sunday")
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "Bob has read it")
    while_live = markup(bob)
    assert len(while_live) > 8
    live(bob, room_id)
    after_reload = markup(bob)
    plain = opened(world.bob, java_script_enabled=False)
    plain.goto(f"/rooms/{room_id}")
    without = markup(plain)
    assert differences(while_live, after_reload) == ""
    assert differences(after_reload, without) == ""


def test_messages_of_one_author_share_a_name_by_their_moments_alone_in_all_three_ways(
    opened: Opened, world: World, say_then: SayThen
) -> None:
    room_id = world.room()
    bob = live(opened(world.bob, timezone_id="UTC"), room_id)
    noon = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    for minutes in (0, 4, 10, 14, 15):
        say_then(
            world.alice, room_id, f"after {minutes} minutes", noon + timedelta(minutes=minutes)
        )
    for number in range(60):  # more than a page
        moment = noon + timedelta(minutes=29, seconds=number * 2)
        say_then(world.alice, room_id, f"number {number}", moment)
    world.carol.say(room_id, "and today")  # through the server, which finds the others by it
    expect(message(bob, "and today")).to_be_attached()
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "Bob has read it")
    names = bob.locator(".message:not(.message-continues) .message-body")
    assert names.all_inner_texts() == [f"after {minutes} minutes" for minutes in (0, 10, 15)] + [
        "number 0",
        "number 30",  # of another quarter of an hour
        "and today",
    ]
    live(bob, room_id)
    first, *others = names.all_inner_texts()
    assert first not in ("number 0", "number 30"), "the page begins there"
    assert others == ["number 30", "and today"]
    plain = opened(world.bob, java_script_enabled=False)
    plain.goto(f"/rooms/{room_id}")
    assert differences(markup(bob), markup(plain)) == ""


def test_each_message_of_an_app_has_a_name_and_a_time_of_its_own_in_all_three_ways(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    made = world.alice.post(f"/rooms/{room_id}/incoming-webhooks", {"name": "Alarms"}).json()
    bob = live(opened(world.bob), room_id)
    for text in ("Disk full", "Disk full again"):
        assert requests.post(made["url"], json={"text": text}, timeout=20).ok
    card = {"attachments": [{"color": "danger", "title": "web-01", "text": "is down"}]}
    assert requests.post(made["url"], json=card, timeout=20).ok
    world.carol.say(room_id, "I look")
    expect(message(bob, "I look")).to_be_visible()
    wait_until(lambda: world.bob.standing(room_id)["unread"] == 0, "Bob has read it")
    names = bob.locator(".message:not(.message-continues) .message-author")
    assert names.all_inner_texts()[:-1] == ["Alarms"] * 3
    while_live = markup(bob)
    live(bob, room_id)
    after_reload = markup(bob)
    plain = opened(world.bob, java_script_enabled=False)
    plain.goto(f"/rooms/{room_id}")
    assert differences(while_live, after_reload) == ""
    assert differences(after_reload, markup(plain)) == ""


def test_the_messages_of_a_room_are_a_list_within_a_log(opened: Opened, world: World) -> None:
    room_id = world.room()
    send(world.alice, room_id, "The ferry leaves at seven")
    bob = live(opened(world.bob), room_id)
    log = bob.get_by_role("log", name="Messages")
    items = log.get_by_role("list").first.get_by_role("listitem")
    expect(items).to_have_count(2)  # one of them is the line about who was added
    send(world.alice, room_id, "Bring the keys")
    expect(items).to_have_count(3)


def test_a_row_of_the_sidebar_looks_the_same_live_and_after_a_reload(
    opened: Opened, world: World
) -> None:
    page = live(opened(world.bob), world.room())
    for others in ([world.bob.id], [world.bob.id, world.carol.id]):
        talk = world.alice.post("/direct-rooms", {"user_ids": others}).json()["id"]
        send(world.alice, talk, "good morning")
    private = world.alice.make_room("Quay", kind="private")
    assert world.alice.post(f"/rooms/{private}/members", {"user_id": world.bob.id}).ok
    send(world.alice, private, f"@{world.bob.username} and now?")
    expect(page.locator(".room-item .badge:visible")).to_have_count(3)
    faces = page.locator(".room-item-direct .avatar:not(:empty)")
    expect(faces).to_have_count(3)  # one person, and two of a group
    presence = page.locator(".room-item-direct .presence[data-status=offline]")
    expect(presence).to_have_count(1)
    rows = ".room-item[data-room-id]"
    while_live = markup(page, rows)
    page.reload()
    expect(page.locator(".room-item[data-seq]")).to_have_count(4)
    expect(presence).to_have_count(1)
    assert differences(sorted(while_live), sorted(markup(page, rows))) == ""
