"""The plan of a run: who does what and when, and when which fault strikes.

It is a function of the seed alone, so that a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

ROOMS_OF_ONE = 4  # rooms that a person is in, unless there are fewer
ACTIONS = {"send": 84, "send over the API": 4, "edit": 5, "react": 5, "delete": 2}  # of a hundred


@dataclass(frozen=True)
class Action:
    """An action of a client.

    `room` is an index of its person's rooms; `pick` (0 to 1) chooses among its own messages
    there.
    """

    after: float  # seconds since its action before this one
    kind: str
    number: int
    room: int
    pick: float


@dataclass(frozen=True)
class Strike:
    """A fault. `after`: seconds since everything had recovered from the previous one."""

    after: float
    fault: str
    pick: float  # 0 to 1: which of several victims


@dataclass(frozen=True)
class Plan:
    """The plan. People and clients are counted from 0.

    A person has `clients / people` devices, and owns the room of the same number.
    """

    seed: int
    clients: int = 40
    people: int = 10
    rate: float = 100.0  # actions a second, of all clients together
    faults: tuple[str, ...] = ()
    every: float = 3.0  # seconds between two strikes, more or less
    calm: float = 2.0  # seconds of writing before the first strike and after the last recovery

    def person_of(self, client: int) -> int:
        return client % self.people

    def rooms_of(self, person: int) -> list[int]:
        return [(person + step) % self.people for step in range(min(ROOMS_OF_ONE, self.people))]

    def strikes(self) -> list[Strike]:
        dice = random.Random(f"{self.seed} faults")
        return [
            Strike(self.every * dice.uniform(0.7, 1.3), fault, dice.random())
            for fault in self.faults
        ]

    def deeds_of(self, client: int) -> Iterator[Action]:
        """Yield a client's actions without end."""
        dice = random.Random(f"{self.seed} client {client}")
        rooms, kinds, weights, number = (
            len(self.rooms_of(self.person_of(client))),
            list(ACTIONS),
            list(ACTIONS.values()),
            0,
        )
        while True:
            number += 1
            pause = dice.expovariate(self.rate / self.clients)
            yield Action(
                pause, dice.choices(kinds, weights)[0], number, dice.randrange(rooms), dice.random()
            )
