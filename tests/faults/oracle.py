"""The oracle: compare what the chat acknowledged and clients have with what the database has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.journal import Acknowledged, Journal, Wish
from tests.faults.timeline import Copy, Timeline, copy_of, place_of

Log = list[dict[str, Any]]


@dataclass
class Verdict:
    """The judgement: lists of sentences, one for each error, all empty when the promise held."""

    # Acknowledged but not stored, or stored as something else.
    missing: list[str] = field(default_factory=list)
    # Stored twice, or acknowledged as two messages.
    doubled: list[str] = field(default_factory=list)
    # In the log, or in a client's copy of it.
    holes: list[str] = field(default_factory=list)
    # Received after a later entry.
    inversions: list[str] = field(default_factory=list)
    # A client's timeline or messages differ from the log.
    differing: list[str] = field(default_factory=list)
    # An acknowledged change without effect.
    undone: list[str] = field(default_factory=list)
    # Answers that nobody should get.
    surprises: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not any(vars(self).values())

    def counts(self) -> dict[str, int]:
        return {name: len(found) for name, found in vars(self).items()}


def judge(journal: Journal, logs: dict[str, Log], timelines: list[dict[str, Timeline]]) -> Verdict:
    """Return the verdict.

    `logs`: each room's entries in the database, in its order; `timelines`: each client's, by
    room.
    """
    verdict = Verdict(inversions=list(journal.disorders), surprises=list(journal.surprises))
    verdict.surprises += [
        f"{client_id} was never acknowledged" for client_id in sorted(journal.unacknowledged)
    ]
    for room_id, log in logs.items():
        _judge_log(verdict, room_id, log)
    _judge_acknowledged(verdict, journal.acknowledged, logs)
    messages = {
        entry["message"]["id"]: copy_of(entry["message"]) for log in logs.values() for entry in log
    }
    _judge_wishes(verdict, journal.wishes, messages)
    for number, rooms in enumerate(timelines):
        for room_id, timeline in rooms.items():
            _judge_timeline(
                verdict, f"client {number} in {room_id}", timeline, logs[room_id], messages
            )
    return verdict


def _judge_log(verdict: Verdict, room_id: str, log: Log) -> None:
    verdict.holes += [
        f"{room_id}: {found} stands where {seq} should"
        for seq, found in enumerate((entry["seq"] for entry in log), 1)
        if found != seq
    ][:1]
    posted = Counter(
        (_author(entry), entry["message"]["client_id"])
        for entry in log
        if entry["event"] == "message:posted"
    )
    verdict.doubled += [
        f"{room_id}: {client_id} of {author} is kept {n} times"
        for (author, client_id), n in posted.items()
        if n > 1
    ]


def _judge_acknowledged(
    verdict: Verdict, acknowledged: list[Acknowledged], logs: dict[str, Log]
) -> None:
    kept = {
        (room_id, _author(entry), entry["message"]["client_id"]): (
            entry["seq"],
            entry["message"]["id"],
        )
        for room_id, log in logs.items()
        for entry in log
        if entry["event"] == "message:posted"
    }
    told: dict[tuple[str, str, str], tuple[int, str]] = {}
    for message in acknowledged:
        key, place = (
            (message.room_id, message.author_id, message.client_id),
            (message.seq, message.message_id),
        )
        if kept.get(key) != place:
            verdict.missing.append(
                f"{message.client_id}: acknowledged as {place}, kept as {kept.get(key)}"
            )
        if told.setdefault(key, place) != place:
            verdict.doubled.append(
                f"{message.client_id}: acknowledged as {told[key]} and as {place}"
            )


def _judge_wishes(
    verdict: Verdict, wishes: dict[tuple[str, str], Wish], messages: dict[str, Copy]
) -> None:
    for (message_id, _), wish in wishes.items():
        message = messages.get(message_id)
        if (
            message is None
            or wish.kind == "unknown"
            or (message.deleted and wish.kind == "reaction")
        ):
            continue  # a missing one is told as such; a deletion takes the reactions along
        if wish.kind == "body":
            kept = message.body == wish.value and not message.deleted
        elif wish.kind == "deleted":
            kept = message.deleted and message.body == ""
        else:
            emoji, on = wish.value
            kept = any(shown == emoji for shown, _ in message.reactions) is on
        if not kept:
            verdict.undone.append(
                f"{message_id}: {wish.kind} {wish.value!r} was acknowledged, and it is {message}"
            )


def _judge_timeline(
    verdict: Verdict, whose: str, timeline: Timeline, log: Log, messages: dict[str, Copy]
) -> None:
    seqs = [seq for seq, _, _ in timeline.places]
    if lacking := sorted({entry["seq"] for entry in log} - set(seqs)):
        verdict.holes.append(f"{whose}: lacks {len(lacking)} entries, the first is {lacking[0]}")
    if seqs != sorted(set(seqs)):
        verdict.inversions.append(f"{whose}: not in the order of seq, or one twice")
    if not lacking and timeline.places != [place_of(entry) for entry in log]:
        verdict.differing.append(f"{whose}: other entries than the log has")
    if not lacking and (
        stale := [
            (copy, messages.get(id_))
            for id_, copy in timeline.messages.items()
            if copy != messages.get(id_)
        ]
    ):
        verdict.differing.append(
            f"{whose}: {len(stale)} messages look otherwise, {stale[0][0]} for {stale[0][1]}"
        )


def _author(entry: dict[str, Any]) -> str:
    return str(entry["message"]["author"]["id"])
