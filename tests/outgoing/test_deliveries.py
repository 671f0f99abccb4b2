"""Entries of a room reach its webhooks: signed, in order, at least once."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from flask import Flask

from chat.controllers import audit, broadcasts
from chat.controllers.outgoing_webhooks import results
from chat.controllers.outgoing_webhooks.results import Try
from chat.models.database import database
from chat.models.document import id_from
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.room_line import RoomLine
from chat.models.webhook_standing import Untold
from chat.utils.clock import now
from chat.utils.outward.program import Outcome
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.webhook_receiver import ALL, Box, Receiver, answered
from tests.helpers.world import Person, World


def tries(person: Person, box: Box) -> list[Any]:
    """Return a webhook's deliveries, the first one first."""
    found = person.get(f"/outgoing-webhooks/{box.hook_id}/deliveries")
    assert found.status_code == 200, found.text
    return list(reversed(found.json()["deliveries"]))


def state(person: Person, room_id: str, box: Box) -> Any:
    found = person.get(f"/rooms/{room_id}/outgoing-webhooks").json()["outgoing_webhooks"]
    return next(each for each in found if each["id"] == box.hook_id)


def delay(failed: Any) -> timedelta:
    """Return for how long the next try waits after a delivery that failed."""
    return datetime.fromisoformat(failed["next_try_at"]) - datetime.fromisoformat(failed["at"])


def try_at_once(person: Person, room_id: str, box: Box) -> None:
    """Let a webhook's next try be due, as if its time had come."""
    query = {"_id": id_from(box.hook_id), "due_at": {"$ne": None}}
    wait_until(lambda: database["outgoing_webhooks"].find_one(query), "it waits for its next try")
    database["outgoing_webhooks"].update_one(query, {"$set": {"due_at": None}})
    path = f"/rooms/{room_id}/outgoing-webhooks/{box.hook_id}"
    assert person.patch(path, {"events": ALL}).status_code == 200  # the job hears of it


def test_every_change_of_a_room_reaches_its_webhook_as_the_log_shows_it(
    here: World, receiver: Receiver
) -> None:
    room_id = here.room()
    here.alice.say(room_id, "before there was a webhook")
    box = receiver.hooked(here.carol, room_id)
    said = here.alice.say(room_id, "heliotrope")
    box.wait(1)
    here.bob.put(f"/messages/{said['id']}/reactions/👍")
    here.alice.put(f"/messages/{said['id']}/pin")
    here.alice.patch(f"/messages/{said['id']}", {"body": "gamboge"})
    here.alice.delete(f"/messages/{said['id']}")
    taken = box.wait(5)
    assert [each.entry for each in taken] == [
        ("message:posted", 2),
        ("message:reacted", 3),
        ("message:pinned", 4),
        ("message:edited", 5),
        ("message:deleted", 6),
    ]
    last = taken[-1].says
    (entry,) = here.alice.get(f"/rooms/{room_id}/log", params={"after": 5}).json()["entries"]
    assert last["data"].pop("room")["id"] == room_id
    assert last["data"] == entry
    assert last["type"] == "message:deleted"
    assert taken[0].says["data"]["message"]["body"] == "heliotrope"
    assert len({each.id for each in taken}) == 5


def test_a_webhook_gets_the_events_that_it_wants(here: World, receiver: Receiver) -> None:
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id, events=["message:deleted"])
    said = here.alice.say(room_id, "heliotrope")
    here.alice.delete(f"/messages/{said['id']}")
    assert box.wait()[0].entry == ("message:deleted", 2)
    assert len(box.received) == 1


def test_later_entries_wait_for_one_that_fails_and_come_in_order(
    here: World, receiver: Receiver
) -> None:
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id, 500, 404, 503)
    here.alice.say(room_id, "heliotrope")
    here.alice.say(room_id, "gamboge")
    for _failure in range(3):
        try_at_once(here.alice, room_id, box)
    assert [each.entry[1] for each in box.wait(2)] == [1, 2]
    assert [each.status for each in box.received] == [500, 404, 503, 204, 204]
    assert len({each.id for each in box.received[:4]}) == 1, "the receiver knows it again"
    wait_until(lambda: len(tries(here.alice, box)) == 5, "all tries are noted")
    first, second, third, fourth, fifth = tries(here.alice, box)
    assert (first["status"], first["tries"], first["delivered"]) == (500, 1, False)
    assert (second["status"], second["tries"]) == (404, 2)
    assert (fourth["status"], fourth["tries"], fourth["next_try_at"]) == (204, 4, None)
    assert (fifth["seq"], fifth["tries"]) == (2, 1)
    assert timedelta() < delay(first) <= timedelta(seconds=60)
    assert delay(third) > 2 * delay(first)
    log = here.server.log.read_text()
    assert "a webhook was not taken" in log
    assert box.secret not in log and str(receiver.port) not in log
    assert state(here.alice, room_id, box)["failing_since"] is None


def test_a_slow_receiver_holds_up_nobody(here: World, receiver: Receiver) -> None:
    room_id = here.room()
    let = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> int:
        let.wait(20)
        return answered(handler, 204)

    hangs = receiver.hooked(here.alice, room_id, slow)
    other = receiver.hooked(here.alice, room_id)
    here.alice.say(room_id, "heliotrope")
    wait_until(lambda: hangs.received, "one is asked")
    for word in ("gamboge", "zaffre"):
        here.alice.say(room_id, word)
    assert [each.entry[1] for each in other.wait(3)] == [1, 2, 3]
    assert len(hangs.received) == 1
    let.set()
    hangs.wait(3)


def test_a_receiver_has_five_seconds_and_redirects_are_not_followed(
    here: World, receiver: Receiver
) -> None:
    room_id = here.room()
    let = threading.Event()

    def drips(handler: BaseHTTPRequestHandler) -> int:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not let.wait(0.2):
            handler.wfile.write(b".")
        return 0

    def redirects(handler: BaseHTTPRequestHandler) -> int:
        return answered(handler, 307, Location=elsewhere.url)

    def floods(handler: BaseHTTPRequestHandler) -> int:
        return answered(handler, 200, b"zaffre " * 100_000)

    def says_nothing(_handler: BaseHTTPRequestHandler) -> int:
        let.wait(20)
        return 0

    elsewhere = receiver.box()
    silent = receiver.hooked(here.alice, room_id, says_nothing)
    dripping = receiver.hooked(here.alice, room_id, drips)
    redirecting = receiver.hooked(here.alice, room_id, redirects)
    flooding = receiver.hooked(here.alice, room_id, floods)
    here.alice.say(room_id, "heliotrope")
    for box in (dripping, silent):
        wait_until(lambda box=box: tries(here.alice, box), "it is noted")  # type: ignore[misc]
        (late,) = tries(here.alice, box)
        assert (late["status"], late["delivered"]) == (0, False)
        assert late["milliseconds"] > 4_900
        assert late["sentence"] == "The server didn’t answer within 5 seconds."
    let.set()
    (redirected,) = tries(here.alice, redirecting)
    assert (redirected["status"], redirected["delivered"]) == (307, False)
    assert "redirect" in redirected["sentence"]
    assert elsewhere.received == []
    (flooded,) = tries(here.alice, flooding)
    assert flooded["delivered"]
    assert flooded["answer"] == ("zaffre " * 100)[:500]


def test_410_switches_a_webhook_off_and_the_room_learns_of_it(
    here: World, receiver: Receiver
) -> None:
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id, 410)
    listening = here.bob.listen()
    here.alice.say(room_id, "heliotrope")
    line = listening.next("room:line")["line"]
    assert (line["kind"], line["text"], line["actor"]["id"]) == (
        "webhook",
        "Deploys",
        here.alice.id,
    )
    shown = state(here.alice, room_id, box)
    assert (shown["enabled"], shown["off_reason"]) == (False, "gone")
    actions = [
        each["action"] for each in here.alice.get(f"/rooms/{room_id}/audit").json()["entries"]
    ]
    assert actions[:2] == ["outgoing-webhook.off", "outgoing-webhook.made"]
    assert here.bob.get(f"/rooms/{room_id}/readers").json()["hooks"] == []


@pytest.mark.parametrize("told", [[], ["audit"], ["audit", "line"]])
def test_a_room_learns_of_its_webhook_though_the_process_dies_between_the_steps(
    here: World, receiver: Receiver, app: Flask, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process of these tests switches it off and fails; the one that delivers tells it."""
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id)
    hook_id = id_from(box.hook_id)
    hook = OutgoingWebhook.find(hook_id) if hook_id else None
    assert hook

    class Died(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise Died

    steps = {
        "audit": (audit, "note_in_room"),
        "line": (RoomLine, "note"),
        "event": (broadcasts, "line_added"),
    }
    failing = next(step for step in steps if step not in told)
    with app.app_context(), monkeypatch.context() as dying:
        dying.setattr(*steps[failing], die)
        with contextlib.suppress(Died):  # unless the other process was faster
            results.take(Try(hook, 1, "message:posted", Outcome(410), 10))

    def lines() -> list[Any]:
        found = here.bob.get(f"/rooms/{room_id}/lines").json()["lines"]
        return [each["text"] for each in found if each["kind"] == "webhook"]

    def noted() -> list[Any]:
        entries = here.alice.get(f"/rooms/{room_id}/audit").json()["entries"]
        return [each["before"] for each in entries if each["action"] == "outgoing-webhook.off"]

    query = {"_id": hook_id, "off_why": "gone", "untold_id": None}
    wait_until(lambda: database["outgoing_webhooks"].find_one(query), "its room was told")
    assert (lines(), noted()) == (["Deploys"], ["gone"]), "once"
    line = database["lines"].find_one({"room_id": hook.room_id, "kind": "webhook"})
    assert line
    with app.app_context():
        results.tell(dataclasses.replace(hook, untold=Untold(line["_id"], "gone")))
    assert (lines(), noted()) == (["Deploys"], ["gone"]), "and not again"


def test_a_webhook_that_failed_for_a_day_is_off_and_goes_on_where_it_stopped(
    here: World, receiver: Receiver
) -> None:
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id, 500, 500)
    here.alice.say(room_id, "heliotrope")
    query = {"_id": id_from(box.hook_id), "due_at": {"$ne": None}}
    wait_until(lambda: database["outgoing_webhooks"].find_one(query), "it failed")
    a_day_ago = now() - timedelta(hours=24, seconds=1)
    database["outgoing_webhooks"].update_one(query, {"$set": {"failing_since": a_day_ago}})
    try_at_once(here.alice, room_id, box)
    wait_until(lambda: not state(here.alice, room_id, box)["enabled"], "it is switched off")
    assert state(here.alice, room_id, box)["off_reason"] == "failing"
    here.alice.say(room_id, "gamboge")
    path = f"/rooms/{room_id}/outgoing-webhooks/{box.hook_id}"
    assert here.alice.patch(path, {"enabled": True}).json()["enabled"]
    assert [each.entry[1] for each in box.wait(2)] == [1, 2]
    here.alice.patch(path, {"enabled": False})
    here.alice.say(room_id, "zaffre")
    here.alice.patch(path, {"enabled": True, "from_now": True})
    here.alice.say(room_id, "celadon")
    assert [each.entry[1] for each in box.wait(3)] == [1, 2, 4]


def test_the_tries_of_one_delivery_are_numbered_whoever_asks_for_them(
    here: World, receiver: Receiver
) -> None:
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id, 500, 500, 500, 500)
    here.alice.say(room_id, "heliotrope")
    wait_until(lambda: tries(here.alice, box), "it failed")
    (failed,) = tries(here.alice, box)
    path = f"/outgoing-webhooks/{box.hook_id}/deliveries/{failed['id']}/retry"
    assert [here.alice.post(path).json()["tries"] for _ in range(2)] == [2, 3]
    try_at_once(here.alice, room_id, box)
    wait_until(lambda: len(tries(here.alice, box)) == 4, "the job tried again")
    own = f"/rooms/{room_id}/outgoing-webhooks/{box.hook_id}"
    for enabled in (False, True):
        assert here.alice.patch(own, {"enabled": enabled}).status_code == 200
    box.wait()
    wait_until(lambda: len(tries(here.alice, box)) == 5, "it is noted")
    here.alice.say(room_id, "gamboge")
    box.wait(2)
    wait_until(lambda: len(tries(here.alice, box)) == 6, "it is noted")
    found = tries(here.alice, box)
    assert [(each["seq"], each["tries"]) for each in found] == [
        *((1, number) for number in (1, 2, 3, 4, 5)),
        (2, 1),
    ]
    page = Browser(here.server).sign_in(here.alice).get(own).text
    assert re.findall(r"\btry (\d) ·", page) == ["5", "4", "3", "2", "1"]
    assert page.count("tried again later") == 4, "all but the last one"


def test_a_delivery_and_a_test_can_be_tried_by_hand(here: World, receiver: Receiver) -> None:
    room_id = here.room()
    box = receiver.hooked(here.alice, room_id, 500)
    here.alice.say(room_id, "heliotrope")
    wait_until(lambda: tries(here.alice, box), "it failed")
    (failed,) = tries(here.alice, box)
    path = f"/rooms/{room_id}/outgoing-webhooks/{box.hook_id}/test"
    assert here.bob.post(path).status_code == 403
    tested = here.alice.post(path).json()
    assert (tested["event"], tested["seq"], tested["delivered"]) == ("test", None, True)
    assert [each.says["type"] for each in box.wait(2)] == ["test", "message:posted"], (
        "a receiver that answers gets what waits for it"
    )
    again = here.alice.post(f"/outgoing-webhooks/{box.hook_id}/deliveries/{failed['id']}/retry")
    assert again.json()["delivered"]
    first, _test, second, third = box.received
    assert first.id == second.id == third.id
