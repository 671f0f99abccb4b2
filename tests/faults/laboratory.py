"""The laboratory: forty devices write and read while parts of the chat fail; the oracle judges.

    .venv/bin/python -m tests.faults.laboratory --seed 7 --fault "worker killed" --times 3

The plan is a function of the seed. The processes interleave differently in each run, so a run
that found something may have to be repeated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.chat import Chat
from tests.faults.clients import Client, Person
from tests.faults.faults import FAULTS, Scene, chat_for
from tests.faults.journal import Journal
from tests.faults.oracle import Log, Verdict, judge
from tests.faults.plan import Plan
from tests.faults.proxy import Proxy

PATIENCE = 60.0  # seconds; afterwards the awaited state counts as missing
THROUGH_THE_PROXY = 4  # every so many-th client
BACK_SECONDS = 3.0  # the promise: until the first acknowledged send
CONVERGE_SECONDS = 10.0  # until every client has all
UNAVAILABLE_SECONDS = 5.0  # until a send that cannot succeed is answered with `unavailable`
UP_SECONDS = 1.0  # until /up answers, whatever has failed


@dataclass
class Blow:
    """One fault and the chat's recovery, in seconds.

    `…_back` counts from the moment at which recovery must begin.
    """

    fault: str
    struck_at: float
    healed_at: float = 0.0
    send_back: float = 0.0  # the first send after the fault is acknowledged
    everybody_back: float = 0.0  # every client is connected
    # Every client has all entries acknowledged before the next strike that did not come in time.
    caught_up_back: float = 0.0
    # The longest time between an acknowledgement and the arrival of its entry at the last client.
    behind: float = 0.0
    cut: int = 0  # clients that lost their connection
    slowest_up: float | None = None


@dataclass
class Report:
    plan: Plan
    verdict: Verdict
    blows: list[Blow]
    acknowledged: int
    retried: int
    entries: int
    seconds: float
    converged: float  # seconds after the last writer stopped until every timeline was complete
    slowest_refusal: float
    refusals: int
    silences: int
    gaps: int
    goodbyes: int
    defects: list[str] = field(default_factory=list)

    def wrong(self) -> list[str]:
        """Return sentences about entries lost, doubled or out of order, and about defects."""
        found = [
            f"{name}: {item}" for name, items in vars(self.verdict).items() for item in items[:3]
        ]
        return found + [f"the chat logged {defect}" for defect in self.defects]

    def late(self) -> list[str]:
        """Return what took longer than promised, which depends on the machine and its load."""
        found = []
        for blow in self.blows:
            if blow.send_back > BACK_SECONDS:
                found.append(
                    f"{blow.fault}: the first send was acknowledged after {blow.send_back:.1f} s"
                )
            if blow.caught_up_back > CONVERGE_SECONDS:
                found.append(
                    f"{blow.fault}: a client lacked something {blow.caught_up_back:.1f} s later"
                )
            if blow.slowest_up and blow.slowest_up > UP_SECONDS:
                found.append(f"{blow.fault}: /up took {blow.slowest_up:.1f} s")
        if self.converged > CONVERGE_SECONDS:
            found.append(
                f"the timelines were complete {self.converged:.1f} s after the last action"
            )
        if self.slowest_refusal > UNAVAILABLE_SECONDS:
            found.append(f"a send was told that it cannot be after {self.slowest_refusal:.1f} s")
        return found

    def as_dict(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "verdict": self.verdict.counts(),
            "wrong": self.wrong(),
            "late": self.late(),
        }


def run(
    plan: Plan, chat: Chat, *, repairs: bool = True, people: list[Person] | None = None
) -> Report:
    """Run the plan once on a chat of its own. `people`: those of the plan, if they are made."""
    return asyncio.run(_run(plan, chat, people or chat.people(plan), repairs=repairs))


async def _run(plan: Plan, chat: Chat, people: list[Person], *, repairs: bool) -> Report:
    journal, proxy = Journal(), await Proxy(chat.server.port).start()
    proxy_port = int(proxy.url.rpartition(":")[2])
    clients = [
        Client(
            number,
            chat.url,
            people[plan.person_of(number)],
            plan.deeds_of(number),
            journal,
            repairs=repairs,
            through=None if number % THROUGH_THE_PROXY else proxy_port,
        )
        for number in range(plan.clients)
    ]
    lives = [asyncio.create_task(client.live()) for client in clients]
    await _until(
        lambda: all(client.greeted.is_set() for client in clients), "everybody heard hello"
    )
    began, writing = time.monotonic(), [asyncio.create_task(client.write()) for client in clients]
    await asyncio.sleep(plan.calm)
    blows = []
    for strike in plan.strikes():
        await asyncio.sleep(strike.after)
        blows.append(await _strike(strike.fault, Scene(chat, clients, proxy, strike.pick), journal))
    await asyncio.sleep(plan.calm)
    for task in writing:
        task.cancel()
    seconds = time.monotonic() - began
    await asyncio.gather(*(client.finish(PATIENCE) for client in clients))
    stopped = time.monotonic()
    if repairs:
        await _until_complete(chat, people, clients)
    converged = time.monotonic() - stopped
    for task in lives:
        task.cancel()
    await asyncio.gather(*lives, *writing, return_exceptions=True)
    await proxy.stop()
    # The logs are read last: entries of later acknowledgements would seem to be missing.
    logs = await asyncio.to_thread(_logs, chat, people)
    timelines = [client.timelines for client in clients]
    _measure(blows, journal, timelines)
    return Report(
        plan,
        judge(journal, logs, timelines),
        blows,
        len(journal.acknowledged),
        sum(message.tries > 1 for message in journal.acknowledged),
        sum(map(len, logs.values())),
        seconds,
        converged,
        max(journal.refusals, default=0.0),
        len(journal.refusals),
        journal.silences,
        journal.gaps,
        journal.goodbyes,
        chat.defects(),
    )


async def _strike(fault: str, scene: Scene, journal: Journal) -> Blow:
    """Inflict the fault, then wait until people can write and all are connected again."""
    blow = Blow(fault, time.monotonic())
    blow.healed_at = await FAULTS[fault](scene)
    blow.slowest_up = scene.slowest_up

    def writes() -> bool:
        return any(
            message.began >= blow.healed_at for message in reversed(journal.acknowledged[-200:])
        )

    await _until(writes, "people can write", fails=False)
    await asyncio.sleep(0.2)  # for the clients to notice a cut
    await _until(
        lambda: all(client.greeted.is_set() for client in scene.clients),
        "everybody is there",
        fails=False,
    )
    return blow


def _measure(blows: list[Blow], journal: Journal, timelines: list[dict[str, Any]]) -> None:
    """Compute, after the run, how long it took until all were connected and complete."""
    acknowledged = sorted(journal.acknowledged, key=lambda message: message.at)
    taken = [
        {room_id: timeline.taken() for room_id, timeline in rooms.items()} for rooms in timelines
    ]
    ends = [blow.struck_at for blow in blows[1:]] + [float("inf")]
    for blow, end in zip(blows, ends, strict=False):
        within = [message for message in acknowledged if blow.struck_at <= message.at < end]
        blow.send_back = min(
            (message.at - blow.healed_at for message in within if message.began >= blow.healed_at),
            default=PATIENCE,
        )
        blow.cut = len({client for at, client in journal.cuts if blow.struck_at <= at < end})
        blow.everybody_back = max(
            (at - blow.healed_at for at, _ in journal.greetings if blow.struck_at <= at < end),
            default=0.0,
        )
        blow.caught_up_back, blow.behind = 0.0, 0.0
        for message in acknowledged:
            if message.at >= end:
                break
            for rooms in taken:
                arrived = rooms.get(message.room_id, {}).get(message.seq)
                if arrived is None or arrived < blow.struck_at:
                    continue
                if message.at <= blow.healed_at and arrived > blow.healed_at:
                    blow.caught_up_back = max(blow.caught_up_back, arrived - blow.healed_at)
                if message.at >= blow.struck_at:
                    blow.behind = max(blow.behind, arrived - message.at)


async def _until_complete(chat: Chat, people: list[Person], clients: list[Client]) -> None:
    """Return when every timeline reaches the end of its log, or after PATIENCE.

    A send that its client gave up may still be stored.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        heads = await asyncio.to_thread(
            lambda: {
                room_id: head for person in people for room_id, head in chat.heads(person).items()
            }
        )
        if all(
            timeline.last == heads[room_id]
            for client in clients
            for room_id, timeline in client.timelines.items()
        ):
            return
        await asyncio.sleep(0.1)


def _logs(chat: Chat, people: list[Person]) -> dict[str, Log]:
    """Return the log of every room, read by its owner."""
    return {person.room_ids[0]: chat.log(person, person.room_ids[0]) for person in people}


async def _until(holds: Callable[[], bool], what: str, *, fails: bool = True) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return
        await asyncio.sleep(0.02)
    if fails:
        raise AssertionError(f"not within {PATIENCE} s: {what}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--fault", action="append", choices=FAULTS, required=True, help="may be given several times"
    )
    parser.add_argument("--times", type=int, default=1, help="each of them, one after another")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument(
        "--rate", type=float, default=100.0, help="actions a second, of all clients together"
    )
    parser.add_argument(
        "--careless",
        action="store_true",
        help="clients do not repair what they lost: the oracle must find it",
    )
    given = parser.parse_args()
    plan = Plan(
        given.seed, clients=given.clients, rate=given.rate, faults=tuple(given.fault) * given.times
    )
    with (
        tempfile.TemporaryDirectory(prefix="chat-laboratory-") as folder,
        chat_for(Path(folder), given.workers, plan.faults) as chat,
    ):
        report = run(plan, chat, repairs=not given.careless)
    print(json.dumps(report.as_dict(), indent=2))
    raise SystemExit(bool(report.wrong()))


if __name__ == "__main__":
    main()
