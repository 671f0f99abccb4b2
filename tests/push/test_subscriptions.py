"""Push messages reach a subscribed browser: through a push service on this machine.

It opens each message as a browser does.
"""

from __future__ import annotations

import pytest

from chat.models.database import database
from tests.helpers.form_browser import Browser as FormBrowser
from tests.helpers.push_service import PushService, subscribed
from tests.helpers.world import World


def test_a_test_reaches_the_browser_and_says_what_happened(
    here: World, service: PushService
) -> None:
    browser = subscribed(here.bob, service)
    answer = here.bob.post(f"/me/push-subscriptions/{browser.id}/test").json()
    assert answer["delivered"] is True
    assert answer["status"] == 201
    (received,) = browser.wait()
    assert received.says["tag"] == f"test-{browser.id}"
    assert "It works" in received.says["body"]
    assert int(received.headers["ttl"]) <= 300

    service.answers[browser.name] = [(503, {})]
    busy = here.bob.post(f"/me/push-subscriptions/{browser.id}/test").json()
    assert (busy["delivered"], busy["status"]) == (False, 503)
    assert "busy" in busy["sentence"]

    service.answers[browser.name] = [(410, {})]
    gone = here.bob.post(f"/me/push-subscriptions/{browser.id}/test").json()
    assert "can’t be reached" in gone["sentence"]
    assert here.bob.get("/me/push-subscriptions").json()["subscriptions"] == []


def test_a_subscription_is_listed_renewed_and_removed_by_its_person_alone(
    here: World, service: PushService
) -> None:
    browser = subscribed(here.bob, service)
    (listed,) = here.bob.get("/me/push-subscriptions").json()["subscriptions"]
    assert listed["id"] == browser.id
    assert (listed["device"], listed["current"], listed["used_at"]) == ("tests", True, None)
    again = here.bob.post("/me/push-subscriptions", browser.subscription).json()
    assert again["id"] == browser.id, "a browser has one"

    path = f"/me/push-subscriptions/{browser.id}"
    assert here.mallory.post(f"{path}/test").status_code == 404
    assert here.mallory.delete(path).status_code == 404
    assert here.bob.delete(path).status_code == 204
    assert here.bob.get("/me/push-subscriptions").json()["subscriptions"] == []


def test_a_browser_belongs_to_who_subscribed_last(here: World, service: PushService) -> None:
    browser = subscribed(here.bob, service)
    second = here.carol.post("/me/push-subscriptions", browser.subscription).json()["id"]
    assert browser.id != second
    assert here.bob.get("/me/push-subscriptions").json()["subscriptions"] == []


def test_of_a_persons_subscriptions_the_twenty_used_last_stay(
    here: World, service: PushService
) -> None:
    made = [subscribed(here.bob, service).id for _ in range(21)]
    listed = here.bob.get("/me/push-subscriptions").json()["subscriptions"]
    assert {each["id"] for each in listed} == set(made[1:])


def test_signing_out_ends_the_subscriptions_of_that_session(
    here: World, service: PushService
) -> None:
    phone = here.bob.second_device()
    subscribed(phone, service)
    kept = subscribed(here.bob, service)
    assert here.bob.delete(f"/me/sessions/{phone.session_id}").status_code == 204
    listed = here.bob.get("/me/push-subscriptions").json()["subscriptions"]
    assert [each["id"] for each in listed] == [kept.id]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/x",
        "https:///x",
        "https://somebody@push.example.org/x",
        "https://push.example.org/a b",
        "file:///etc/passwd",
        "https://push.example.org:0/x",
        "https://[::1",
    ],
)
def test_an_address_that_no_browser_has_is_refused(
    here: World, service: PushService, endpoint: str
) -> None:
    browser = service.browser(here.bob.get("/push/key").json()["key"])
    answer = here.bob.post("/me/push-subscriptions", browser.subscription | {"endpoint": endpoint})
    assert answer.status_code == 422
    assert "endpoint" in answer.json()["error"]["fields"]


def test_the_database_reveals_neither_an_address_nor_a_key(
    here: World, service: PushService
) -> None:
    browser = subscribed(here.bob, service)
    here.bob.get("/push/key")
    for collection in ("push_subscriptions", "meta"):
        stored = str(list(database[collection].find()))
        assert browser.name not in stored
        assert browser.subscription["keys"]["auth"] not in stored


def test_a_service_cannot_lead_the_chat_elsewhere(here: World, service: PushService) -> None:
    browser, other = subscribed(here.bob, service), subscribed(here.bob, service)
    service.answers[browser.name] = [(307, {"Location": other.endpoint})]
    tested = here.bob.post(f"/me/push-subscriptions/{browser.id}/test").json()
    assert (tested["delivered"], tested["status"]) == (False, 307)
    assert other.received == []


def test_the_page_tries_and_removes_a_device_without_a_script(
    here: World, service: PushService
) -> None:
    browser = subscribed(here.bob, service)
    page = FormBrowser(here.server).sign_in(here.bob)
    shown = page.get("/settings/notifications")
    assert "Devices we notify" in shown.text
    tested = page.submit(f"/settings/notifications/devices/{browser.id}/test")
    assert "Sent. It should appear" in tested.text
    assert browser.wait()[0].says["tag"] == f"test-{browser.id}"
    gone = page.submit(f"/settings/notifications/devices/{browser.id}/remove")
    assert "Devices we notify" not in gone.text
