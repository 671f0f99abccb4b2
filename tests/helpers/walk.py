"""A random walk of people with several devices each, beside a naive recount of unread messages.

The walk is a function of its seed: `python -m bench walk --seed 7`. It does one action at a time,
through a socket or the API. After each action the chat's counts must equal the recount. At the
end every device must have the whole log.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.faults.sockets import Cut, Socket
from tests.faults.timeline import Place, place_of
from tests.helpers.world import Person, World

NAMES = ("alice", "bob", "carol", "dave", "eve")
DEVICES = 3  # of each
EMOJIS = "👍🎉👀"
SECONDS = 10.0  # for an answer, and until a device is complete

Shown = dict[str, Any]


@dataclass
class Said:
    """A message as a person with pen and paper would note it."""

    id: str
    seq: int
    by: str
    body: str
    named: set[str]  # names, or "room"
    deleted: bool = False
    pinned: bool = False
    reactions: set[tuple[str, str]] = field(default_factory=set)  # emoji, name


@dataclass
class Ledger:
    """A room on paper: its people, its messages, and how far each has read. It counts naively."""

    id: str
    kind: str
    roles: dict[str, str]
    read: dict[str, int]
    places: list[Place] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)

    @property
    def head(self) -> int:
        return len(self.places)

    def note(self, event: str, message_id: str) -> None:
        self.places.append((self.head + 1, event, message_id))

    def enter(self, name: str, role: str = "member") -> None:
        self.roles[name], self.read[name] = role, self.head
        self.removed.discard(name)

    def leave(self, name: str) -> None:
        del self.roles[name], self.read[name]

    def standing(self, name: str) -> tuple[int, int, int, int]:
        """Return head_seq, read_seq, unread, mentions."""
        waiting = [
            said
            for said in self.said
            if said.by != name and not said.deleted and said.seq > self.read[name]
        ]
        return (
            self.head,
            self.read[name],
            len(waiting),
            sum(bool({name, "room"} & said.named) for said in waiting),
        )


class Device:
    """One device of a person, which follows its rooms by the rules of docs/events.md."""

    def __init__(self, person: Person):
        self.person = person
        self.places: dict[str, list[Place]] = {}
        self.messages: dict[str, dict[str, Shown]] = {}
        self.read: dict[str, int] = {}
        self.wanted: dict[str, int] = {}
        self._repairing: set[str] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._greeted = asyncio.Event()
        self.socket: Socket | None = None

    async def come(self) -> None:
        self.socket = await Socket.open(
            self.person.server.url, self.person.access_token, self._hear
        )
        self._start(self.socket.listen())
        await asyncio.wait_for(self._greeted.wait(), SECONDS)

    async def go(self) -> None:
        assert self.socket
        self.socket.hang_up()
        self.socket = None
        self._greeted.clear()
        await asyncio.gather(*self._work, return_exceptions=True)
        self._repairing.clear()

    @property
    def is_complete(self) -> bool:
        return not self._repairing and all(
            len(places) == self.wanted[room_id] for room_id, places in self.places.items()
        )

    def counts(self, room_id: str) -> tuple[int, int, int, int]:
        """Return head_seq, read_seq, unread and mentions as this device shows them.

        It computes them only from the events that it received.
        """
        me, read = self.person.id, self.read[room_id]
        waiting = [
            message
            for message in self.messages[room_id].values()
            if message["author"]["id"] != me and not message["deleted_at"] and message["seq"] > read
        ]
        return (
            len(self.places[room_id]),
            read,
            len(waiting),
            sum(me in each["mentions"] or each["mentions_room"] for each in waiting),
        )

    def _hear(self, event: str, payload: Any) -> None:
        if event == "hello":
            items = {item["room"]["id"]: item for item in payload["rooms"]}
            for room_id in self.places.keys() - items.keys():
                self._drop(room_id)
            for item in items.values():
                self._take_in(item)
            self._greeted.set()
        elif event == "room:added":
            self._take_in(payload)
        elif event == "room:removed":
            self._drop(payload["room_id"])
        elif event == "room:read" and payload["user_id"] == self.person.id:
            self.read[payload["room_id"]] = payload["seq"]
        elif event == "room:heads":
            for room_id, head_seq in payload.items():
                self._told(room_id, head_seq)
        elif event.startswith("message:"):
            if event == "message:posted" and payload["message"]["author"]["id"] == self.person.id:
                self.read[payload["room_id"]] = payload["seq"]
            self._take(payload)
            self._told(payload["room_id"], payload["seq"])

    def _take_in(self, item: Shown) -> None:
        room_id = item["room"]["id"]
        self.places.setdefault(room_id, [])
        self.messages.setdefault(room_id, {})
        self.wanted.setdefault(room_id, 0)
        self.read[room_id] = item["read_seq"]
        self._told(room_id, item["head_seq"])

    def _drop(self, room_id: str) -> None:
        for kept in (self.places, self.messages, self.read, self.wanted):
            kept.pop(room_id, None)

    def _told(self, room_id: str, head_seq: int) -> None:
        self.wanted[room_id] = max(self.wanted[room_id], head_seq)
        if len(self.places[room_id]) < self.wanted[room_id] and room_id not in self._repairing:
            self._repairing.add(room_id)
            self._start(self._repair(room_id))

    async def _repair(self, room_id: str) -> None:
        with contextlib.suppress(Cut):
            while (
                room_id in self.places
                and len(self.places[room_id]) < self.wanted[room_id]
                and self.socket
            ):
                answer = await self.socket.call(
                    "room:catch_up",
                    {"room_id": room_id, "after": len(self.places[room_id])},
                    SECONDS,
                )
                for entry in answer.get("entries", ()):
                    self._take(entry)
                if not answer["ok"]:
                    break  # put out while it asked
        self._repairing.discard(room_id)

    def _take(self, entry: Shown) -> None:
        room_id, message = entry["room_id"], entry["message"]
        if room_id in self.places and entry["seq"] == len(self.places[room_id]) + 1:
            self.places[room_id].append(place_of(entry))
            known = self.messages[room_id].get(message["id"])
            if known is None or known["version"] <= message["version"]:
                self.messages[room_id][message["id"]] = message

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)


class Walk:
    """Two rooms, five people, three devices each. alice owns both rooms and stays."""

    def __init__(self, world: World, seed: int):
        self._dice = random.Random(seed)
        self.people = {"alice": world.alice, "bob": world.bob, "carol": world.carol} | {
            name: Person(world, name) for name in NAMES[3:]
        }
        self._names = {person.id: name for name, person in self.people.items()}
        self._numbers = iter(range(1, 1_000_000))
        self.rooms = [self._make("public"), self._make("private")]
        self.devices = {
            name: [Device(person), *(Device(person.second_device()) for _ in range(DEVICES - 1))]
            for name, person in self.people.items()
        }

    async def go(self, actions: int) -> dict[str, int]:
        """Return how often each action was done.

        Raises AssertionError with the number of the step whose result differs from the recount.
        """
        done = dict.fromkeys(self._deeds, 0)
        try:
            await asyncio.gather(
                *(device.come() for devices in self.devices.values() for device in devices)
            )
            for step in range(actions):
                name = await self._step()
                done[name] += 1
                self._compare(f"step {step}, {name}")
            await self._compare_devices()
        finally:
            await asyncio.gather(
                *(
                    device.go()
                    for devices in self.devices.values()
                    for device in devices
                    if device.socket
                )
            )
        return done

    @property
    def _deeds(self) -> dict[str, tuple[int, Callable[[Ledger, str], Coroutine[Any, Any, bool]]]]:
        """Return name: (how often, what).

        An action that is impossible now returns False, and the walk chooses another one.
        """
        return {
            "post": (24, self._post),
            "reply": (6, self._reply),
            "edit": (12, self._edit),
            "delete": (7, self._delete),
            "react": (8, self._react),
            "pin": (8, self._pin),
            "read": (10, self._read),
            "mark unread": (9, self._mark_unread),
            "join": (14, self._join),
            "leave": (5, self._leave),
            "invite": (14, self._invite),
            "remove": (9, self._remove),
            "role": (5, self._change_role),
            "go away": (8, self._go_away),
            "come back": (8, self._come_back),
        }

    async def _step(self) -> str:
        names, weights = list(self._deeds), [weight for weight, _ in self._deeds.values()]
        while True:
            name, room, who = (
                self._dice.choices(names, weights)[0],
                self._dice.choice(self.rooms),
                self._dice.choice(NAMES),
            )
            if await self._deeds[name][1](room, who):
                return name

    # what is compared

    def _compare(self, when: str) -> None:
        for name, person in self.people.items():
            shown = {
                item["room"]["id"]: (
                    item["head_seq"],
                    item["read_seq"],
                    item["unread"],
                    item["mentions"],
                )
                for item in person.get("/rooms").json()["rooms"]
            }
            assert shown == {
                room.id: room.standing(name) for room in self.rooms if name in room.roles
            }, f"{when}: {name}'s counts"

    async def _compare_devices(self) -> None:
        everyone = [(name, device) for name, devices in self.devices.items() for device in devices]
        await asyncio.gather(*(device.come() for _, device in everyone if not device.socket))
        async with asyncio.timeout(SECONDS):
            while not all(device.is_complete for _, device in everyone):
                await asyncio.sleep(0.02)
        for room in self.rooms:
            log, truth = self._log(room), {}
            assert [place_of(entry) for entry in log] == room.places
            for entry in log:
                truth[entry["message"]["id"]] = entry["message"]
            for said in room.said:
                assert self._as_noted(truth[said.id]) == said, (
                    f"{said.id} is not what was done to it"
                )
            for name, device in everyone:
                assert (room.id in device.places) == (name in room.roles), (
                    f"{name} is in the room or is not"
                )
                if name in room.roles:
                    assert device.places[room.id] == room.places
                    assert device.counts(room.id) == room.standing(name), (
                        f"what {name}'s device shows as waiting"
                    )
                    for message_id, message in device.messages[room.id].items():
                        assert message | {"reply_to": None} == truth[message_id] | {
                            "reply_to": None
                        }

    def _log(self, room: Ledger) -> list[Shown]:
        entries: list[Shown] = []
        while len(entries) < room.head:
            entries += (
                self.people["alice"]
                .get(f"/rooms/{room.id}/log?after={len(entries)}&limit=500")
                .json()["entries"]
            )
        return entries

    def _as_noted(self, message: Shown) -> Said:
        named = {self._names[user_id] for user_id in message["mentions"]} | (
            {"room"} if message["mentions_room"] else set()
        )
        reactions = {
            (each["emoji"], self._names[user_id])
            for each in message["reactions"]
            for user_id in each["user_ids"]
        }
        gone, pinned = bool(message["deleted_at"]), bool(message["pinned_at"])
        return Said(
            message["id"],
            message["seq"],
            self._names[message["author"]["id"]],
            message["body"],
            named,
            gone,
            pinned,
            reactions,
        )

    # the doors

    async def _do(
        self, who: str, event: str, payload: Shown, method: str, path: str, body: Any = None
    ) -> Shown:
        """Do it through a socket of one of their devices, or the API; return the message."""
        sockets = [device.socket for device in self.devices[who] if device.socket]
        if sockets and self._dice.random() < 0.5:
            answer = await self._dice.choice(sockets).call(event, payload, SECONDS)
            assert answer["ok"], answer
            return answer.get("message", answer)
        return await self._ask(who, method, path, body)

    async def _ask(self, who: str, method: str, path: str, body: Any = None) -> Shown:
        answer = self.people[who].ask(method, path, json=body)
        assert answer.ok, answer.text
        await asyncio.sleep(0)
        return answer.json() if answer.content else {}

    # the actions

    async def _post(self, room: Ledger, who: str, answered: Said | None = None) -> bool:
        if who not in room.roles:
            return False
        body, named = self._text(room)
        content = {"client_id": f"{who}-{next(self._numbers)}", "body": body} | (
            {"reply_to_id": answered.id} if answered else {}
        )
        message = await self._do(
            who,
            "message:send",
            {"room_id": room.id, **content},
            "POST",
            f"/rooms/{room.id}/messages",
            content,
        )
        room.note("message:posted", message["id"])
        room.said.append(Said(message["id"], room.head, who, body, named))
        room.read[who] = room.head
        assert message["seq"] == room.head
        return True

    async def _reply(self, room: Ledger, who: str) -> bool:
        answered = self._pick(room, lambda said: not said.deleted)
        return answered is not None and await self._post(room, who, answered)

    async def _edit(self, room: Ledger, who: str) -> bool:
        said = self._pick(room, lambda said: said.by == who and not said.deleted)
        if who not in room.roles or said is None:
            return False
        said.body, said.named = self._text(room)
        await self._change(
            room, who, said, "message:edit", {"body": said.body}, "PATCH", "", {"body": said.body}
        )
        return True

    async def _delete(self, room: Ledger, who: str) -> bool:
        said = self._pick(
            room,
            lambda said: (
                (said.by == who or room.roles.get(who) in ("moderator", "owner"))
                and not said.deleted
            ),
        )
        if who not in room.roles or said is None:
            return False
        said.deleted, said.body, said.named, said.pinned, said.reactions = (
            True,
            "",
            set(),
            False,
            set(),
        )
        await self._change(room, who, said, "message:delete", {}, "DELETE", "")
        return True

    async def _react(self, room: Ledger, who: str) -> bool:
        said, emoji = self._pick(room, lambda said: not said.deleted), self._dice.choice(EMOJIS)
        if who not in room.roles or said is None:
            return False
        on = (emoji, who) not in said.reactions
        said.reactions ^= {(emoji, who)}
        await self._change(
            room,
            who,
            said,
            "message:react",
            {"emoji": emoji, "on": on},
            "PUT" if on else "DELETE",
            f"/reactions/{emoji}",
            told_as="message:reacted",
        )
        return True

    async def _pin(self, room: Ledger, who: str) -> bool:
        said = self._pick(room, lambda said: not said.deleted)
        if room.roles.get(who) not in ("moderator", "owner") or said is None:
            return False
        said.pinned = not said.pinned
        method = "PUT" if said.pinned else "DELETE"
        await self._change(
            room,
            who,
            said,
            "message:pin",
            {"on": said.pinned},
            method,
            "/pin",
            told_as="message:pinned",
        )
        return True

    async def _change(
        self,
        room: Ledger,
        who: str,
        said: Said,
        event: str,
        payload: Shown,
        method: str,
        path: str,
        body: Any = None,
        told_as: str = "",
    ) -> None:
        message = await self._do(
            who, event, {"id": said.id, **payload}, method, f"/messages/{said.id}{path}", body
        )
        room.note(
            told_as
            or {"message:edit": "message:edited", "message:delete": "message:deleted"}[event],
            said.id,
        )
        assert message["version"] == room.head, f"{event} is the next entry"

    async def _read(self, room: Ledger, who: str) -> bool:
        if who not in room.roles:
            return False
        await self._do(
            who,
            "room:read",
            {"room_id": room.id, "seq": room.head},
            "PUT",
            f"/rooms/{room.id}/read",
            {"seq": room.head},
        )
        room.read[who] = room.head
        return True

    async def _mark_unread(self, room: Ledger, who: str) -> bool:
        if who not in room.roles or not room.said:
            return False
        room.read[who] = min(self._dice.choice(room.said[-40:]).seq - 1, room.read[who])
        await self._ask(who, "PUT", f"/rooms/{room.id}/read", {"seq": room.read[who]})
        return True

    async def _join(self, room: Ledger, who: str) -> bool:
        if who in room.roles | dict.fromkeys(room.removed) or room.kind != "public":
            return False
        await self._do(who, "room:join", {"room_id": room.id}, "POST", f"/rooms/{room.id}/join")
        room.enter(who)
        return True

    async def _leave(self, room: Ledger, who: str) -> bool:
        if who not in room.roles or who == "alice":
            return False
        await self._do(who, "room:leave", {"room_id": room.id}, "POST", f"/rooms/{room.id}/leave")
        room.leave(who)
        return True

    async def _invite(self, room: Ledger, who: str) -> bool:
        guest = self._dice.choice(NAMES)
        moderates = room.roles.get(who) in ("moderator", "owner")
        if (
            who not in room.roles
            or guest in room.roles
            or (guest in room.removed and not moderates)
        ):
            return False
        added = await self._ask(
            who, "POST", f"/rooms/{room.id}/members", {"user_id": self.people[guest].id}
        )
        if invitation := added.get("invitation"):
            await self._ask(guest, "POST", f"/me/room-invitations/{invitation['id']}/accept")
        room.enter(guest)
        return True

    async def _remove(self, room: Ledger, who: str) -> bool:
        other = self._dice.choice(NAMES[1:])
        if (
            room.roles.get(who) not in ("moderator", "owner")
            or other not in room.roles
            or other == who
        ):
            return False
        await self._ask(who, "DELETE", f"/rooms/{room.id}/members/{self.people[other].id}")
        room.leave(other)
        room.removed.add(other)
        return True

    async def _change_role(self, room: Ledger, who: str) -> bool:
        if who == "alice" or who not in room.roles:
            return False
        room.roles[who] = self._dice.choice(("member", "moderator"))
        await self._ask(
            "alice",
            "PATCH",
            f"/rooms/{room.id}/members/{self.people[who].id}",
            {"role": room.roles[who]},
        )
        return True

    async def _go_away(self, _: Ledger, who: str) -> bool:
        device = self._dice.choice(self.devices[who])
        if device.socket:
            await device.go()
            return True
        return False

    async def _come_back(self, _: Ledger, who: str) -> bool:
        device = self._dice.choice(self.devices[who])
        if device.socket is None:
            await device.come()
            return True
        return False

    def _make(self, kind: str) -> Ledger:
        alice = self.people["alice"]
        room = Ledger(alice.make_room(kind=kind), kind, {}, {})
        room.enter("alice", "owner")
        for name in NAMES[1:]:
            assert (
                alice.post(
                    f"/rooms/{room.id}/members", {"user_id": self.people[name].id}
                ).status_code
                == 201
            )
            room.enter(name)
        return room

    def _pick(self, room: Ledger, fits: Callable[[Said], bool]) -> Said | None:
        fitting = [said for said in room.said if fits(said)]
        return self._dice.choice(fitting) if fitting else None

    def _text(self, room: Ledger) -> tuple[str, set[str]]:
        """Return a text, and whom it mentions: only people who are in the room at this moment."""
        wanted = self._dice.sample([*NAMES, "room"], self._dice.choice((0, 0, 1, 2)))
        words = [
            f"@{self.people[name].username if name in self.people else name}" for name in wanted
        ]
        return " ".join([f"{next(self._numbers)}", *words]), {
            name for name in wanted if name == "room" or name in room.roles
        }
