"""What notifies somebody who looks at no page reaches their browsers, once each."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chat.controllers.pushes.sending import MANY_UNDER_WAY
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.push_delivery import NEVER
from chat.models.push_subscription import PushSubscription, Target
from chat.utils.clock import now
from tests.helpers.push_service import Browser, PushService, subscribed
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World


def mention(author: Person, room_id: str, person: Person, more: str = "") -> dict[str, Any]:
    return author.say(room_id, f"@{person.username} zaffre {more}")


def bodies(browser: Browser) -> list[str]:
    return [received.says["body"] for received in browser.received]


def test_a_mention_reaches_every_browser_of_a_person_and_says_nothing_of_it(
    here: World, service: PushService
) -> None:
    room_id = here.room()
    phone = subscribed(here.bob, service)
    tablet = subscribed(here.bob, service)
    others = subscribed(here.carol, service)
    message = mention(here.alice, room_id, here.bob)
    for browser in (phone, tablet):
        (received,) = browser.wait(1)
        says = received.says
        assert (says["tag"], says["room_id"]) == (message["id"], room_id)
        assert says["url"] == f"/rooms/{room_id}?around={message['seq']}#message-{message['seq']}"
        assert "zaffre" not in str(says)
        assert here.alice.username not in str(says)
        assert received.headers["urgency"] == "high"
        assert message["id"] not in str(received.headers)
    mention(here.alice, room_id, here.carol)
    others.wait(1)
    assert len(phone.received) == len(tablet.received) == 1, "each once, and to nobody else"


def test_who_wants_it_gets_the_room_the_author_and_what_was_written_in_their_language(
    here: World, service: PushService
) -> None:
    room_id = here.room(name="Wharf")
    browser = subscribed(here.bob, service)
    answer = here.bob.patch("/me/preferences", {"push_content": True, "language": "de"})
    assert answer.json()["push_content"] is True
    mention(here.alice, room_id, here.bob)
    says = browser.wait()[0].says
    assert "zaffre" in says["body"]
    assert "Wharf" in says["title"]
    assert "Alice" in says["title"]
    assert "hat dich" in says["title"]


def test_the_rules_of_notifications_decide(here: World, service: PushService) -> None:
    room_id = here.room()
    browser = subscribed(here.bob, service)
    quiet = subscribed(here.carol, service)
    here.carol.patch("/me/preferences", {"notify": "nothing"})
    here.bob.patch("/me/preferences", {"keywords": ["gamboge"]})
    mention(here.alice, room_id, here.carol)
    here.alice.say(room_id, "to nobody")
    here.bob.say(room_id, "gamboge of my own")
    keyword = here.alice.say(room_id, "a gamboge sail")
    assert browser.wait()[0].says["tag"] == keyword["id"]
    direct = here.alice.post("/direct-rooms", {"user_ids": [here.bob.id]}).json()["id"]
    written = here.alice.say(direct, "hello")
    assert browser.wait(2)[1].says["tag"] == written["id"]
    here.bob.put(f"/rooms/{room_id}/notifications", {"level": "all"})
    everything = here.alice.say(room_id, "to whom it may concern")
    assert browser.wait(3)[2].says["tag"] == everything["id"]
    assert quiet.received == []


def test_who_looks_at_a_page_or_has_read_it_is_not_called(
    here: World, service: PushService
) -> None:
    room_id = here.room()
    browser = subscribed(here.bob, service)
    page = here.bob.listen()
    seen = mention(here.alice, room_id, here.bob)
    others = subscribed(here.carol, service)
    mention(here.alice, room_id, here.carol)
    others.wait()  # so the one before was decided, too
    page.call("presence:be", {"status": "away"})
    missed = mention(here.alice, room_id, here.bob)
    assert browser.wait()[0].says["tag"] == missed["id"]
    assert seen["id"] not in {received.says["tag"] for received in browser.received}


def test_a_service_that_is_busy_gets_the_message_later_and_once(
    here: World, service: PushService
) -> None:
    room_id = here.room()
    browser = subscribed(here.bob, service)
    service.answers[browser.name] = [(429, {"Retry-After": "1"})]
    mention(here.alice, room_id, here.bob)
    wait_until(lambda: delay_of(browser), "it is delayed")
    make_due(browser)
    browser.wait(1, 20)
    mention(here.alice, room_id, here.bob)
    assert len(browser.wait(2)) == 2


def test_what_was_read_or_deleted_meanwhile_is_not_sent_again(
    here: World, service: PushService
) -> None:
    room_id = here.room()
    browser = subscribed(here.bob, service)
    service.answers[browser.name] = [(503, {}), (503, {})]
    read = mention(here.alice, room_id, here.bob)
    deleted = mention(here.alice, room_id, here.bob)
    wait_until(lambda: delay_of(browser) == 2, "both are delayed")
    here.bob.put(f"/rooms/{room_id}/read", {"seq": read["seq"]})
    assert here.alice.delete(f"/messages/{deleted['id']}").ok
    make_due(browser)
    wait_until(lambda: delay_of(browser) == 0, "both have ended", 20)
    assert browser.received == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_ends(here: World, service: PushService, status: int) -> None:
    room_id = here.room()
    browser = subscribed(here.bob, service)
    service.answers[browser.name] = [(status, {})]
    mention(here.alice, room_id, here.bob)
    wait_until(
        lambda: here.bob.get("/me/push-subscriptions").json()["subscriptions"] == [], "it ended"
    )


def test_a_deactivated_persons_browsers_are_called_no_more(
    here: World, service: PushService
) -> None:
    room_id = here.room()
    subscribed(here.bob, service)
    answer = here.alice.patch(f"/admin/users/{here.bob.id}", {"deactivated": True})
    assert answer.ok, answer.text
    assert database["push_subscriptions"].count_documents({"user_id": id_from(here.bob.id)}) == 0
    assert room_id


def test_more_than_are_sent_at_a_time_reach_their_browser(
    here: World, service: PushService
) -> None:
    room_id = here.room()
    browser = subscribed(here.bob, service)
    keys = browser.subscription["keys"]
    clones = []
    for number in range(MANY_UNDER_WAY + 10):
        target = Target(f"{browser.endpoint}?{number}", keys["p256dh"], keys["auth"])
        clones.append(PushSubscription.record(id_from(here.bob.id), session_of(browser), target))
    database["push_subscriptions"].insert_many(clones)
    mention(here.alice, room_id, here.bob)
    assert len(browser.wait(len(clones) + 1, 60)) == len(clones) + 1


def test_a_service_that_does_not_answer_delays_no_other(here: World, service: PushService) -> None:
    room_id = here.room()
    silent, quick = subscribed(here.bob, service), subscribed(here.carol, service)
    service.held[silent.name] = threading.Event()
    mention(here.alice, room_id, here.bob)
    silent.wait()
    mention(here.alice, room_id, here.carol)
    quick.wait()
    service.held.pop(silent.name).set()


def session_of(browser: Browser) -> Id:
    stored = PushSubscription.find(id_from(browser.id))
    assert stored
    return stored.session_id


def delay_of(browser: Browser) -> int:
    """Return how many deliveries wait to be tried again."""
    query = {"subscription_id": id_from(browser.id), "tries": {"$gte": 1}}
    found = database["push_deliveries"].find(query)
    return sum(record["due_at"].year < 9000 for record in found)


def make_due(browser: Browser) -> None:
    """Let the time pass for which its deliveries wait."""
    database["push_deliveries"].update_many(
        {"subscription_id": id_from(browser.id), "due_at": {"$lt": NEVER}},
        {"$set": {"due_at": now()}},
    )
