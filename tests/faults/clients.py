"""The clients of the laboratory: send by the plan, repair gaps in their rooms, and reconnect."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from tests.faults.journal import Acknowledged, Journal, Wish
from tests.faults.plan import Action
from tests.faults.sockets import Cut, Socket
from tests.faults.timeline import Timeline

ACKNOWLEDGE_SECONDS = 6.0  # the chat answers within 5; a connection silent for so long is dead
AT_ONCE = 4  # actions in progress; others wait in the outbox, so that no client floods the chat
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 0.5  # before coming back, or sending again
EMOJIS = "👍🎉🚀👀🔥💡✅🙏"


@dataclass(frozen=True)
class Person:
    id: str
    token: str
    room_ids: list[str]


class Client:
    """One device of a person. `through`: the port of a proxy for its sockets.

    Without `repairs` it accepts what comes and requests nothing, so that the oracle has something
    to find.
    """

    def __init__(
        self,
        number: int,
        url: str,
        person: Person,
        actions: Iterator[Action],
        journal: Journal,
        *,
        repairs: bool = True,
        through: int | None = None,
    ):
        self.number, self._url, self._person, self._deeds, self._journal, self._repairs = (
            number,
            url,
            person,
            actions,
            journal,
            repairs,
        )
        self._through = through
        self.timelines = {room_id: Timeline() for room_id in person.room_ids}
        self.greeted = asyncio.Event()
        self.stays_away = asyncio.Event()
        self._socket: Socket | None = None
        self._heads: dict[str, int] = {}  # on this connection: each room's last known head
        self._own: dict[str, list[str]] = defaultdict(list)  # room id -> own messages
        # message id -> its changes, one after another
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._repairing: set[str] = set()
        self._under_way: set[asyncio.Task[None]] = set()  # actions
        self._repairs_under_way: set[asyncio.Task[None]] = set()
        self._dice = random.Random(number)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._begins_no_more = False
        self._http = requests.Session()
        self._emoji = EMOJIS[number % len(EMOJIS)]

    # coming and going

    async def live(self) -> None:
        """Connect, and reconnect after each cut, until cancelled."""
        while True:
            if self.stays_away.is_set():
                await asyncio.sleep(0.02)
                continue
            with contextlib.suppress(Cut):
                token = self._person.token
                self._socket = await Socket.open(self._url, token, self._hear, self._through)
                await self._socket.listen()
                self._journal.goodbyes += self._socket.told_to_go
            if self.greeted.is_set():
                self._journal.cuts.append((time.monotonic(), self.number))
            self.greeted.clear()
            self._socket = None
            await asyncio.sleep(self._dice.uniform(FIRST_PAUSE, LONGEST_PAUSE))

    def go_away(self) -> None:
        self.stays_away.set()
        if self._socket:
            self._socket.hang_up()

    def come_back(self) -> None:
        self.stays_away.clear()

    # what is heard

    def _hear(self, event: str, payload: Any) -> None:
        if event == "hello":
            self._hello({item["room"]["id"]: item["head_seq"] for item in payload["rooms"]})
        elif event == "room:heads":
            for room_id, head_seq in payload.items():
                self._told(room_id, head_seq)
        elif event.startswith("message:"):
            self._entry(payload)

    def _hello(self, heads: dict[str, int]) -> None:
        self._heads = heads
        for room_id, timeline in self.timelines.items():
            if heads.get(room_id, -1) < timeline.last:
                self._journal.surprises.append(
                    f"hello tells the head {heads.get(room_id)} of a room "
                    f"whose entry {timeline.last} was heard"
                )
            self._told(room_id, heads.get(room_id, 0))
        self.greeted.set()
        self._journal.greetings.append((time.monotonic(), self.number))

    def _entry(self, entry: dict[str, Any]) -> None:
        room_id, seq = entry["room_id"], entry["seq"]
        before = self._heads.get(room_id, 0)
        if seq <= before:
            self._journal.disorders.append(f"client {self.number} heard {seq} after {before}")
        self._journal.gaps += seq > before + 1
        self._heads[room_id] = max(seq, before)
        self.timelines[room_id].hear(entry, gaps_too=not self._repairs)
        self._told(room_id, seq)

    def _told(self, room_id: str, head_seq: int) -> None:
        timeline = self.timelines[room_id]
        timeline.wanted = max(timeline.wanted, head_seq)
        if self._repairs and timeline.lacks and room_id not in self._repairing:
            self._repairing.add(room_id)
            self._start(self._repair(room_id, timeline), self._repairs_under_way)

    async def _repair(self, room_id: str, timeline: Timeline) -> None:
        try:
            while timeline.lacks:
                answer = await self._insist(
                    "room:catch_up", {"room_id": room_id, "after": timeline.last}
                )
                for entry in answer["entries"]:
                    timeline.hear(entry)
        finally:
            self._repairing.discard(room_id)

    # what is done

    async def write(self) -> None:
        """Do the client's actions at their times, however long each takes, until cancelled."""
        due = time.monotonic()
        for action in self._deeds:
            due += action.after
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._start(self._do(action), self._under_way)

    async def finish(self, seconds: float) -> None:
        """Wait until all sent actions are acknowledged; give up those that are late.

        Afterwards the client only receives.
        """
        self._begins_no_more = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for action in late:
                action.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _do(self, action: Action) -> None:
        room_id = self._person.room_ids[action.room]
        async with self._slots:
            if self._begins_no_more:
                return
            own = self._own[room_id]
            if not own or action.kind.startswith("send"):
                await self.say(
                    room_id,
                    f"{self.number}-{action.number}",
                    over_the_api=action.kind == "send over the API",
                )
                return
            message_id = own[int(action.pick * len(own))]
            async with self._turns[message_id]:
                await self._change(message_id, action)

    async def say(self, room_id: str, client_id: str, *, over_the_api: bool = False) -> None:
        """Send until the chat acknowledges it."""
        body = f"{client_id}: what was said"
        payload = {"client_id": client_id, "body": body}
        self._journal.unacknowledged.add(client_id)
        tries = 0
        while True:
            tries, began = tries + 1, time.monotonic()
            message = await (
                self._post(room_id, payload) if over_the_api else self._send(room_id, payload)
            )
            if message:
                break
            await self._pause()
        self._journal.unacknowledged.discard(client_id)
        self._journal.acknowledged.append(
            Acknowledged(
                began,
                time.monotonic(),
                self.number,
                tries,
                room_id,
                message["seq"],
                message["id"],
                message["author"]["id"],
                message["client_id"],
                body,
            )
        )
        self._journal.wishes[message["id"], "body"] = Wish("body", body)
        self._own[room_id].append(message["id"])

    async def _send(self, room_id: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        answer = await self._ask("message:send", {"room_id": room_id, **payload})
        return answer and answer["message"]

    async def _post(self, room_id: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        headers, began = {"Authorization": f"Bearer {self._person.token}"}, time.monotonic()
        address = f"{self._url}/api/v1/rooms/{room_id}/messages"
        try:
            answer = await asyncio.to_thread(
                self._http.post, address, json=payload, headers=headers, timeout=ACKNOWLEDGE_SECONDS
            )
        except requests.RequestException:
            return None
        if answer.status_code in (200, 201):
            return answer.json()
        self._refused("POST messages", answer.json()["error"], began)
        return None

    async def _change(self, message_id: str, action: Action) -> None:
        wishes = self._journal.wishes
        if wishes[message_id, "body"].kind == "deleted":
            return
        # The state is unknown during the change, because a change that is given up may be stored.
        wishes[message_id, "reaction" if action.kind == "react" else "body"] = Wish("unknown", None)
        if action.kind == "edit":
            body = f"edited by {self.number}-{action.number}"
            await self._insist("message:edit", {"id": message_id, "body": body})
            wishes[message_id, "body"] = Wish("body", body)
        elif action.kind == "delete":
            await self._insist("message:delete", {"id": message_id})
            wishes[message_id, "body"] = Wish("deleted", True)
        else:
            on = action.pick < 0.8
            await self._insist("message:react", {"id": message_id, "emoji": self._emoji, "on": on})
            wishes[message_id, "reaction"] = Wish("reaction", (self._emoji, on))

    async def _insist(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the answer, after as many tries as it needs."""
        while (answer := await self._ask(event, payload)) is None:
            await self._pause()
        return answer

    async def _ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer to one try; None: try again."""
        await self.greeted.wait()
        socket, began = self._socket, time.monotonic()
        if socket is None:
            return None
        try:
            answer = await socket.call(event, payload, ACKNOWLEDGE_SECONDS)
        except Cut:
            return None
        except TimeoutError:
            self._journal.silences += 1
            if socket.heard_at < began:
                socket.hang_up()
            return None
        if answer["ok"]:
            return answer
        self._refused(event, answer["error"], began)
        return None

    def _refused(self, what: str, error: dict[str, Any], began: float) -> None:
        if error["code"] == "unavailable":
            self._journal.refusals.append(time.monotonic() - began)
        else:
            self._journal.surprises.append(f"{what}: {error}")

    async def _pause(self) -> None:
        await asyncio.sleep(self._dice.uniform(FIRST_PAUSE, LONGEST_PAUSE))

    def _start(self, work: Any, among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(lambda task: self._ended(task, among))

    def _ended(self, task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
        among.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._journal.surprises.append(repr(error))
