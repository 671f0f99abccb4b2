"""Webhooks in the laboratory: the receivers of every room, and what they lack at the end.

One person makes all webhooks. So nobody's turn keeps the good receiver from waiting for the others.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler

from tests.faults import laboratory
from tests.faults.chat import Chat
from tests.faults.clients import Person
from tests.faults.laboratory import Report
from tests.faults.oracle import Log
from tests.faults.plan import Plan
from tests.helpers.servers import wait_until
from tests.helpers.webhook_receiver import (
    ALL,
    Answer,
    Box,
    Received,
    Receiver,
    answered,
    hanging_up,
)

DAY = 24 * 3600
SLOW_SECONDS = (2.0, 4.0)
PATIENCE = 300.0  # seconds; what was not delivered by then is missing
GOOD, SLOW, FAILING, CLOSING = "good", "slow", "failing", "closing"
LOCAL = "127.0.0.1"
REFUSING = (FAILING, CLOSING)
EVERY_ONE = (SLOW, *REFUSING, GOOD)  # the slow one first: after a kill it is asked first


def slow(handler: BaseHTTPRequestHandler) -> int:
    time.sleep(random.uniform(*SLOW_SECONDS))
    return answered(handler, 200)


ANSWERS: dict[str, int | Answer] = {GOOD: 200, SLOW: slow, FAILING: 500, CLOSING: hanging_up}


@dataclass
class Verdict:
    """What one receiver got of all rooms. The lists are sentences, empty if the promise held."""

    entries: int = 0
    requests: int = 0
    again: int = 0  # requests about an entry that it had got before
    missing: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)

    def wrong(self) -> list[str]:
        return self.missing + self.disordered + self.differing + self.unsigned


@dataclass(frozen=True)
class Delay:
    """When an entry was written, and when it first came, by the monotonic clock."""

    written_at: float
    came_at: float


class Receivers:
    """A server for each of these names, which gets all of every room. `with` starts them."""

    def __init__(self, chat: Chat, plan: Plan, names: Collection[str] = EVERY_ONE):
        self.chat = chat
        self.boxes: dict[str, dict[str, Box]] = {name: {} for name in names}  # by room
        self.people = chat.people(plan)
        self._plan = plan
        self._receivers = {name: Receiver() for name in names}
        self._stack = ExitStack()
        maker = self.people[0]
        wanted = {"name": "webhooks", "scopes": ["read", "write", "manage"]}  # for ever
        self._maker = replace(maker, token=chat.post("/me/tokens", wanted, maker.token)["token"])

    def __enter__(self) -> Receivers:
        for receiver in self._receivers.values():
            self._stack.enter_context(receiver)
        for number, owner in enumerate(self.people):
            # One address in several forms: to the chat these are several servers.
            self._hook(owner, f"127.0.0.{'0' * number}1")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self) -> Report:
        """Run the plan. Then the slow receiver recovers, and it and the good one get the rest."""
        report = laboratory.run(self._plan, self.chat, people=self.people)
        self._recover(SLOW)
        self._drain(GOOD, SLOW)
        return report

    def a_day_later(self) -> list[str]:
        """Move the chat's clock by a day, and return what is not as promised then.

        The receivers that refuse everything are off, and their rooms know; the others are on, and
        get what is said. Back in the present all are on again, and get the rest.
        """
        self._set_ahead(DAY)
        with self.chat.ahead(DAY):
            ends = time.monotonic() + PATIENCE
            while (wrong := self._not_off()) and time.monotonic() < ends:
                time.sleep(0.2)
            for room_id in self.boxes[GOOD]:
                wrong += self._untold(room_id)
                said = {"client_id": secrets.token_hex(8), "body": "a day later"}
                path = f"/rooms/{room_id}/messages"
                self.chat.post(path, said, self._maker.token, insists=True)
            self._drain(GOOD, SLOW)
        self._set_ahead(0)
        for name in REFUSING:
            self._recover(name)
            for room_id, box in self.boxes[name].items():
                path = f"/rooms/{room_id}/outgoing-webhooks/{box.hook_id}"
                self.chat.patch(path, {"enabled": True}, self._maker.token)
        self._drain(*REFUSING)
        return wrong

    def judge(self, name: str) -> Verdict:
        """Compare what a receiver got with the rooms' logs."""
        problems = self._receivers[name].problems
        verdict = Verdict(unsigned=[f"{name}: {problem}" for problem in problems])
        problems.clear()
        for room_id, box in self.boxes[name].items():
            compare(verdict, f"{name} of {room_id}", self.chat.log(self._maker, room_id), box)
        return verdict

    def delays(self, name: str) -> list[Delay]:
        """Return the delay of each entry that a receiver got."""
        began = time.time() - time.monotonic()
        return [
            Delay(datetime.fromisoformat(first.says["timestamp"]).timestamp() - began, first.at)
            for box in self.boxes[name].values()
            for first in first_ones(box)
        ]

    def _hook(self, owner: Person, host: str) -> None:
        """Let the maker make a webhook of a person's own room for each receiver.

        `host`: of the slow one, which is another server for each room.
        """
        room_id = owner.room_ids[0]
        if owner.id != self._maker.id:
            path = f"/rooms/{room_id}/members/{self._maker.id}"
            self.chat.patch(path, {"role": "moderator"}, owner.token)
        for name, receiver in self._receivers.items():
            box = self.boxes[name][room_id] = receiver.box(host if name == SLOW else LOCAL)
            box.usually = ANSWERS[name]
            path, wanted = f"/rooms/{room_id}/outgoing-webhooks", {"name": name, "events": ALL}
            made = self.chat.post(path, {**wanted, "url": box.url}, self._maker.token)
            box.secret, box.hook_id = made["secret"], made["id"]

    def _set_ahead(self, seconds: int) -> None:
        for boxes in self.boxes.values():
            for box in boxes.values():
                box.ahead = seconds

    def _recover(self, name: str) -> None:
        for box in self.boxes.get(name, {}).values():
            box.usually = 200

    def _drain(self, *names: str) -> None:
        """Wait until these receivers have all; the judgement says what is missing in the end."""
        ends = time.monotonic() + PATIENCE
        for name in names:
            for room_id, box in self.boxes.get(name, {}).items():
                wanted = {entry["seq"] for entry in self.chat.log(self._maker, room_id)}
                with suppress(AssertionError):
                    left = ends - time.monotonic()
                    wait_until(lambda: wanted <= seqs(box.taken), "it has all", left)

    def _not_off(self) -> list[str]:
        """Return which webhooks are on and should be off, or the other way round."""
        return [
            f"{hook['name']} of {room_id} is {hook['off_reason'] or 'on'} after a day"
            for room_id in self.boxes[GOOD]
            for hook in self.chat.get(f"/rooms/{room_id}/outgoing-webhooks", self._maker.token)[
                "outgoing_webhooks"
            ]
            if hook["off_reason"] != ("failing" if hook["name"] in REFUSING else None)
        ]

    def _untold(self, room_id: str) -> list[str]:
        """Return what a room's lines or its audit do not say of the webhooks that are off."""
        token, off = self._maker.token, ("outgoing-webhook.off", "failing")
        lines = self.chat.get(f"/rooms/{room_id}/lines", token)["lines"]
        audit = self.chat.get(f"/rooms/{room_id}/audit", token)["entries"]
        said = {
            "lines": [line["text"] for line in lines if line["kind"] == "webhook"],
            "audit": [each["after"] for each in audit if (each["action"], each["before"]) == off],
        }
        return [
            f"the {what} of {room_id} name {names}"
            for what, names in said.items()
            if sorted(names) != sorted(REFUSING)
        ]


def first_ones(box: Box) -> list[Received]:
    """Return what a receiver got of a room, each entry as it first came."""
    found: dict[int, Received] = {}
    for received in list(box.received):
        found.setdefault(received.entry[1], received)
    return list(found.values())


def seqs(many: list[Received]) -> set[int]:
    return {received.entry[1] for received in many}


def compare(verdict: Verdict, whose: str, log: Log, box: Box) -> None:
    """Add what a receiver got of a room. An entry must not come until the one before was taken."""
    firsts = first_ones(box)
    verdict.entries += len(log)
    verdict.requests += len(box.received)
    verdict.again += len(box.received) - len(firsts)
    known = {entry["seq"]: (entry["event"], entry["message"]["id"]) for entry in log}
    if lacking := sorted(set(known) - seqs(box.taken)):
        verdict.missing.append(f"{whose} lacks {len(lacking)}, the first is {lacking[0]}")
    taken = {0}
    for received in box.received:
        event, seq = received.entry
        if seq - 1 not in taken:
            verdict.disordered.append(f"{whose} got {seq} before it took {seq - 1}")
        if known.get(seq) != (event, received.says["data"]["message"]["id"]):
            verdict.differing.append(f"{whose} got {event} {seq}, which is no such entry")
        if 200 <= received.status < 300:
            taken.add(seq)
