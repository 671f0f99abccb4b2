"""Commands that maintain stored data: sweep, verify, reindex, rotate-keys."""

from __future__ import annotations

from dataclasses import asdict

from chat import extensions
from chat.controllers import avatars, images, index_schedule, rooms, verification
from chat.models.key_ring import key_ring
from chat.models.key_ring.rotation import Rotation
from chat.routes.cli.answer import Answer, amount, command


@command("sweep")
def sweep(answer: Answer) -> None:
    """Delete what nothing needs.

    Deletes pictures that no message claimed for a day, what broken uploads left, and rooms that a
    restored backup brought back.
    """
    restored = rooms.delete_restored()
    lines = []
    if restored:
        rooms.finish_deletions()
        lines.append(f"{amount(restored, 'room', 'rooms')} deleted, which a backup had restored.")
    pictures = images.sweep() + avatars.sweep()
    lines.append(f"{amount(pictures, 'picture', 'pictures')} deleted.")
    answer.give("\n".join(lines), rooms=restored, pictures=pictures)


@command("verify")
def verify(answer: Answer) -> None:
    """Verify all stored data; change nothing.

    Logs have no gaps, the audit's chain is whole, texts and pictures can be decrypted, counts are
    right.
    """
    findings = verification.Findings()
    for findings in verification.verify():
        answer.progress(
            f"{findings.rooms} rooms, {findings.entries} entries, {findings.images} images"
        )
    counted = (
        amount(findings.rooms, "room", "rooms"),
        amount(findings.entries, "entry", "entries"),
        amount(findings.images, "image", "images"),
    )
    lines = [
        "{}, {} and {} verified.".format(*counted),
        _audited(findings),
        *(findings.problems or ["No problems found."]),
    ]
    answer.give("\n".join(lines), ok=not findings.problems, **asdict(findings))


def _audited(findings: verification.Findings) -> str:
    entries = amount(findings.audit_entries, "entry", "entries")
    ending = f"; the hash of the last is {findings.audit_hash}" if findings.audit_hash else ""
    return f"The audit has {entries}{ending}."


@command("reindex")
def reindex(answer: Answer) -> None:
    """Rebuild the search index, room by room.

    Needed only for a damaged index: an upgrade rebuilds it by itself. People can write and search
    meanwhile.
    """
    done = index_schedule.Progress()
    for done in index_schedule.reindex():
        answer.progress(f"{done.rooms} rooms{'.' * (done.steps % 4):4}")
    lines = [f"{amount(done.rooms, 'room', 'rooms')} reindexed.", *done.problems]
    answer.give("\n".join(lines), ok=not done.problems, rooms=done.rooms, problems=done.problems)


@command("rotate-keys")
def rotate_keys(answer: Answer) -> None:
    """Wrap every key again, under the new SECRET_KEY.

    First set the new SECRET_KEY, add the old one to SECRET_KEYS_RETIRED, and restart every process
    of the chat. People can go on writing meanwhile. Afterwards you may remove the old key. If the
    command is interrupted, run it again: it continues.
    """
    done = Rotation()
    for done in key_ring.rotate():
        answer.progress(f"{done.seen} keys, {done.rotated} of them wrapped again")
    problems = list(done.problems)
    if not problems and key_ring.needs_retired():
        problems.append(
            "Meanwhile rooms were created under the old SECRET_KEY: restart every process of the "
            "chat, and run this again."
        )
    end = (
        "Once every process of the chat runs with the new SECRET_KEY, you may remove "
        "SECRET_KEYS_RETIRED; bin/chat doctor says when. "
        "Earlier backups need the old key: store it with them."
    )
    if not extensions.settings().secret_keys_retired:
        end = "There is no other SECRET_KEY here."
    lines = [f"{done.rotated} of {done.seen} keys were wrapped again.", *(problems or [end])]
    answer.give(
        "\n".join(lines), ok=not problems, seen=done.seen, rotated=done.rotated, problems=problems
    )
