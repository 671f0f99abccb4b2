"""Commands that keep what is stored in order: sweep, verify, reindex, rotate-keys."""

from __future__ import annotations

from dataclasses import asdict

from chat import extensions
from chat.controllers import avatars, images, rooms, searches, verification
from chat.models.key_ring import Rotation, key_ring
from chat.routes.cli.answer import Answer, amount, command


@command("sweep")
def sweep(answer: Answer) -> None:
    """Take away what nothing needs.

    That is pictures that no message claimed for a day, what broken uploads left, and what a
    restored backup brought back.
    """
    removed_rooms = 0
    lines = []
    if rooms.bury_shredded():
        removed_rooms = rooms.clear_away()
        lines.append(
            f"{amount(removed_rooms, 'room', 'rooms')} taken away, deleted since the backup."
        )
    pictures = images.sweep() + avatars.sweep()
    lines.append(f"{amount(pictures, 'picture', 'pictures')} taken away.")
    answer.give("\n".join(lines), rooms=removed_rooms, pictures=pictures)


@command("verify")
def verify(answer: Answer) -> None:
    """Look whether all that is kept is whole.

    Logs have no holes, texts and pictures open, counts are right. Nothing is changed.
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
        "{}, {} and {} looked at.".format(*counted),
        *(findings.problems or ["All is whole."]),
    ]
    answer.give("\n".join(lines), ok=not findings.problems, **asdict(findings))


@command("reindex")
def reindex(answer: Answer) -> None:
    """Make the search index anew, room by room.

    Needed only if it was damaged: an upgrade does it by itself. People may go on, and
    search, meanwhile.
    """
    done = searches.Progress()
    for done in searches.reindex():
        answer.progress(f"{done.rooms} rooms{'.' * (done.steps % 4):4}")
    lines = [f"{amount(done.rooms, 'room', 'rooms')} indexed anew.", *done.problems]
    answer.give("\n".join(lines), ok=not done.problems, rooms=done.rooms, problems=done.problems)


@command("rotate-keys")
def rotate_keys(answer: Answer) -> None:
    """Wrap every key anew, under SECRET_KEY.

    First set the new SECRET_KEY, add the old one to SECRET_KEYS_RETIRED, and restart every process
    of the chat. People may go on meanwhile. Once this is done the old one may be left out. It may
    be interrupted, and goes on when it is repeated.
    """
    done = Rotation()
    for done in key_ring.rotate():
        answer.progress(f"{done.seen} keys, {done.rotated} of them wrapped anew")
    problems = list(done.problems)
    if not problems and key_ring.needs_retired():
        problems.append(
            "Rooms were made under the old SECRET_KEY meanwhile: restart every process of the "
            "chat, and repeat this."
        )
    end = (
        "Once every process of the chat runs with the new SECRET_KEY, SECRET_KEYS_RETIRED may be "
        "left out; bin/chat doctor says so. "
        "Backups from before need the old key: keep it with them."
    )
    if not extensions.settings().secret_keys_retired:
        end = "There is no other SECRET_KEY here."
    lines = [f"{done.rotated} of {done.seen} keys were wrapped anew.", *(problems or [end])]
    answer.give(
        "\n".join(lines), ok=not problems, seen=done.seen, rotated=done.rotated, problems=problems
    )
