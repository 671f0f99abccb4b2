"""Moderators look after a room's outgoing webhooks; members learn of them."""

from __future__ import annotations

import re

import pytest

from chat.controllers import rooms
from chat.controllers.outgoing_webhooks import requests
from chat.models.database import database
from chat.models.document import id_from, new_id
from chat.models.outgoing_webhook import OutgoingWebhook
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.webhook_receiver import Receiver
from tests.helpers.world import Person, World

BODY = {"name": "Deploys", "url": "https://example.org/x?y=1", "events": ["message:posted"]}


def path_of(room_id: str, hook_id: str = "") -> str:
    return f"/rooms/{room_id}/outgoing-webhooks{'/' if hook_id else ''}{hook_id}"


def stored(hook_id: str) -> int:
    """Return how many records are left of a webhook."""
    found_id = id_from(hook_id)
    return sum(
        database[name].count_documents({field: found_id})
        for name, field in (("outgoing_webhooks", "_id"), ("webhook_deliveries", "hook_id"))
    )


def test_a_secret_is_shown_once_and_can_be_replaced(here: World) -> None:
    room_id = here.room()
    made = here.carol.post(path_of(room_id), BODY).json()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made["secret"])
    (shown,) = here.alice.get(path_of(room_id)).json()["outgoing_webhooks"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    path = path_of(room_id, made["id"])
    renamed = here.alice.patch(path, {"name": "Builds"}).json()
    assert renamed["name"] == "Builds" and "secret" not in renamed
    renewed = here.alice.patch(path, {"new_secret": True}).json()
    assert renewed["secret"] not in ("", made["secret"])
    actions = here.carol.get(f"/rooms/{room_id}/audit").json()["entries"]
    assert [(each["action"], each["after"]) for each in actions[:3]] == [
        ("outgoing-webhook.changed", "Builds"),
        ("outgoing-webhook.changed", "Builds"),
        ("outgoing-webhook.made", "Deploys"),
    ]


@pytest.mark.parametrize(
    ("url", "sentence", "raw"),
    [
        ("https://gamboge.invalid/hook", "The name of the server was not found.", "gaierror"),
        ("http://127.0.0.1:9/hook", "the connection was refused.", "ConnectionRefusedError"),
    ],
)
def test_what_kept_a_delivery_is_said_in_words(
    here: World, url: str, sentence: str, raw: str
) -> None:
    room_id = here.room()
    made = here.carol.post(path_of(room_id), BODY | {"url": url}).json()
    page = Browser(here.server).sign_in(here.carol)
    text = page.submit(f"{path_of(room_id, made['id'])}/test").text
    assert sentence in text and raw not in text
    assert re.search(r">\s*Test ·", text)


def test_members_read_who_gets_their_messages_and_change_nothing(here: World) -> None:
    room_id, other_id = here.room(), here.alice.make_room("Cellar")
    made = here.carol.post(path_of(room_id), BODY).json()
    assert here.bob.get(f"/rooms/{room_id}/readers").json()["hooks"] == [
        {"id": made["id"], "name": "Deploys"}
    ]
    page = Browser(here.server).sign_in(here.bob).get(f"/rooms/{room_id}/readers").text
    assert "Deploys: an outgoing webhook." in page
    deliveries = f"/outgoing-webhooks/{made['id']}/deliveries"
    for ask in (
        here.bob.get(path_of(room_id)),
        here.bob.post(path_of(room_id), BODY),
        here.bob.patch(path_of(room_id, made["id"]), {"enabled": False}),
        here.bob.delete(path_of(room_id, made["id"])),
        here.bob.post(path_of(room_id, made["id"]) + "/test"),
        here.bob.get(deliveries),
    ):
        assert ask.status_code == 403
    assert here.mallory.get(deliveries).status_code == 404
    assert here.alice.delete(path_of(other_id, made["id"])).status_code == 404
    assert here.mallory.get(path_of(room_id)).status_code == 404


def test_a_token_that_may_not_read_sends_no_messages_elsewhere(here: World) -> None:
    room_id = here.room()
    made = here.carol.post(path_of(room_id), BODY).json()
    for scopes, status in ((["manage"], 403), (["manage", "read"], 201)):
        token = here.carol.post("/me/tokens", {"name": "x", "scopes": scopes}).json()["token"]
        answer = here.carol.ask("POST", path_of(room_id), json=BODY, token=token)
        assert answer.status_code == status, answer.text
        changed = here.carol.ask(
            "PATCH", path_of(room_id, made["id"]), json={"url": "https://x.org"}, token=token
        )
        assert changed.status_code == (status if status == 403 else 200)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "https://",
        "https://alice:secret@example.org/",
        "https://example.org:0/",
        "https://example.org/a b",
        "https://exämple.org/",
        "https://example.org/" + "x" * 1000,
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0xa000001/",
        "http://167772161/",
        "http://10.1/",
        "http://012.0.0.1/",
        "http://10.0.0.1./",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fd00::1]/",
    ],
)
def test_an_address_that_is_none_for_a_webhook_is_refused(here: World, url: str) -> None:
    refused = here.alice.post(path_of(here.alice.make_room()), BODY | {"url": url})
    assert refused.status_code == 422
    assert list(refused.json()["error"]["fields"]) == ["url"]


def test_a_room_has_a_bounded_number_of_webhooks(here: World) -> None:
    room_id = here.alice.make_room()
    for number in range(20):
        assert here.alice.post(path_of(room_id), BODY | {"name": f"{number}"}).status_code == 201
    assert here.alice.post(path_of(room_id), BODY).status_code == 409
    assert len(here.alice.get(path_of(room_id)).json()["outgoing_webhooks"]) == 20


def test_a_request_names_who_made_the_webhook_and_takes_turns_with_others(here: World) -> None:
    room_id = here.room()
    hook_id = id_from(here.carol.post(path_of(room_id), BODY).json()["id"])
    hook = OutgoingWebhook.find(hook_id) if hook_id else None
    assert hook
    assert requests.of_test(hook)["owner"] == here.carol.id


def test_a_person_makes_a_bounded_number_of_webhooks(here: World) -> None:
    room_id = here.room()
    first = here.carol.post(path_of(room_id), BODY).json()
    hooks = database["outgoing_webhooks"]
    record = hooks.find_one({"_id": id_from(first["id"])}) or {}
    off = record | {"off_why": "person"}
    others = [off | {"_id": new_id(), "room_id": new_id()} for _ in range(49)]
    hooks.insert_many(others)
    refused = here.carol.post(path_of(room_id), BODY)
    assert refused.status_code == 409
    assert "at most 50 outgoing webhooks in all rooms" in refused.json()["error"]["message"]
    assert here.alice.post(path_of(room_id), BODY).status_code == 201
    hooks.delete_many({"_id": {"$in": [each["_id"] for each in others[:1]]}})
    assert here.carol.post(path_of(room_id), BODY).status_code == 201
    hooks.delete_many({"_id": {"$in": [each["_id"] for each in others]}})


def test_a_removed_webhook_a_deleted_room_and_an_erased_person_leave_nothing(
    here: World, receiver: Receiver
) -> None:
    dave = Person(here, "dave")
    room_ids = [here.room(), here.room(), dave.make_room("Cellar")]
    makers = [here.carol, here.carol, dave]
    boxes = [receiver.hooked(maker, each) for maker, each in zip(makers, room_ids, strict=True)]
    for maker, room_id, box in zip(makers, room_ids, boxes, strict=True):
        maker.say(room_id, "heliotrope")
        box.wait()
        wait_until(lambda box=box: stored(box.hook_id) == 2, "the delivery is noted")  # type: ignore[misc]
    assert here.carol.delete(path_of(room_ids[0], boxes[0].hook_id)).status_code == 204
    assert here.alice.delete(f"/rooms/{room_ids[1]}").status_code == 204
    erased = here.alice.ask("DELETE", f"/admin/users/{dave.id}", json={"messages": "keep"})
    assert erased.status_code in (202, 204), erased.text
    rooms.finish_deletions()
    for box in boxes:
        wait_until(lambda box=box: stored(box.hook_id) == 0, "nothing is left")  # type: ignore[misc]


def test_pages_do_all_of_this_without_a_script(here: World, receiver: Receiver) -> None:
    room_id = here.room()
    page = Browser(here.server).sign_in(here.carol)
    address = path_of(room_id)
    assert f'href="{address}"' in page.get(f"/rooms/{room_id}/integrations").text
    box = receiver.box()
    refused = page.submit(address, name="Deploys", url="https://", events="message:posted")
    assert refused.status_code == 422 and "begins with https:// or http://" in refused.text
    secret_url = "https://user:secret@example.org/"
    refused = page.submit(address, name="Deploys", url=secret_url, events="message:posted")
    assert refused.status_code == 422 and "Leave out the username" in refused.text
    made = page.submit(address, name="Deploys", url=box.url, events="message:posted")
    secret = re.search(r'value="(whsec_[^"]+)"', made.text)
    assert secret
    box.secret = secret[1]
    (hook,) = here.alice.get(address).json()["outgoing_webhooks"]
    own = path_of(room_id, hook["id"])
    assert f'href="{own}"' in page.get(address).text
    assert "whsec_" not in page.get(own).text
    assert "Delivered." in page.submit(f"{own}/test").text
    here.alice.say(room_id, "heliotrope")
    box.wait(2)
    wait_until(lambda: "New message · 1" in page.get(own).text, "the delivery is shown")
    assert "Turn on from now" in page.submit(f"{own}/off").text
    assert "Turn off" in page.submit(f"{own}/on", from_now="true").text
    saved = page.submit(own, name="Builds", url=box.url, events="message:pinned")
    assert "<h2>Builds</h2>" in saved.text
    asked = page.get(f"{own}/secret").text
    assert "A new secret for Builds?" in asked and "whsec_" not in asked
    assert "whsec_" in page.submit(f"{own}/secret").text
    assert "Remove Builds?" in page.get(f"{own}/remove").text
    assert "No webhooks yet." in page.submit(f"{own}/remove").text
    audit = page.get(f"/rooms/{room_id}/audit").text
    assert "turned off the outgoing webhook" in audit
    member = Browser(here.server).sign_in(here.bob)
    assert member.get(address).status_code == 403
