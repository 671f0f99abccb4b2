"""A webhook whose turn did not come keeps its place: nobody with many slow ones starves some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from chat.controllers.outgoing_webhooks import programs
from chat.controllers.outgoing_webhooks.deliverer import Deliverer
from chat.models.lease import WEBHOOKS, Lease
from chat.models.message import Message
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.outgoing_webhook_sealed import Sealed
from chat.utils.outward.program import NO_ANSWER, Outcome
from chat.utils.webhooks.signing import new_secret
from config import Settings
from tests.helpers.rooms import make_room


class Sender:
    """Asks nobody; the test says what became of each request."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._done: list[Callable[[Outcome], None]] = []

    def send(self, request: dict[str, Any], done: Callable[[Outcome], None]) -> None:
        self.sent.append(request)
        self._done.append(done)

    def end(self, outcome: Outcome) -> None:
        self._done.pop(0)(outcome)


def test_what_was_not_sent_in_time_is_due_since_before(
    app: Flask, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender()
    monkeypatch.setattr(programs, "sender", lambda: sender)
    with app.app_context():
        room, people = make_room("alice")
        opened = Sealed("Deploys", "https://example.org/", new_secret())
        hook = OutgoingWebhook.make(room.id, people["alice"].id, ["message:posted"], opened, 0)
        for number in range(2):
            Message.post(room.id, people["alice"], f"say-{number}", "tea", charge=lambda _: None)
        lease = Lease.acquire(WEBHOOKS)
        assert lease
        deliverer = Deliverer(lease)
        for outcome in (Outcome(0, said=NO_ANSWER), Outcome(204), Outcome(204)):
            deliverer.forget_looks()
            deliverer.learn([room.id])
            deliverer._resting.clear()
            deliverer._ready[hook.id] = None
            deliverer.hand_over()
            sender.end(outcome)
            deliverer.store_ended()
        lease.release()
    first, again, following = sender.sent
    assert first["since"] == again["since"] < following["since"]
    assert first["webhook_id"] == again["webhook_id"] != following["webhook_id"]
