"""Commands about rooms."""

from __future__ import annotations

import sys

import click

from chat.controllers import rooms
from chat.models import deleted_rooms
from chat.models.document import id_from
from chat.models.room import Room
from chat.routes.cli.answer import Answer, amount, command


@command("shred-room")
@click.argument("room")
@click.option("--yes", is_flag=True, help="Do not ask.")
def shred_room(answer: Answer, room: str, yes: bool) -> None:
    """Delete the room ROOM, an id or a name, for good.

    Destroys its keys, so that nobody can read its messages any more. Safe to repeat with its id.
    """
    if found := _find(answer, room):
        if not yes:
            _confirm(answer, found)
        rooms.destroy(found)
    removed = rooms.finish_deletions()
    answer.give(f"{amount(removed, 'room', 'rooms')} deleted.", removed=removed)


def _find(answer: Answer, room: str) -> Room | None:
    """Return the room, None if its deletion is unfinished; otherwise print an error and exit."""
    room_id = id_from(room)
    if room_id is None:
        return _find_by_name(answer, room)
    found = Room.find(room_id)
    if found is None and room_id not in deleted_rooms.unfinished():
        answer.give(
            "No room has this id. If it was deleted before, nothing is left of it.",
            removed=0,
        )
    return found


def find_room(answer: Answer, room: str) -> Room:
    """Return the room with this id or name, or print an error and exit."""
    room_id = id_from(room)
    if room_id is None:
        return _find_by_name(answer, room)
    return Room.find(room_id) or answer.fail("No room has this id.")


def _find_by_name(answer: Answer, name: str) -> Room:
    found = Room.named(name)
    if not found:
        answer.fail("No room has this name.")
    if len(found) > 1:
        answer.fail(
            "Several rooms have this name. Use the id of one of them: "
            f"{', '.join(str(each.id) for each in found)}."
        )
    return found[0]


def _confirm(answer: Answer, room: Room) -> None:
    if not (sys.stdin and sys.stdin.isatty()):
        answer.fail("There is no terminal to confirm on. Use --yes.")
    click.confirm(
        f"Nobody will be able to read the messages of “{room.name or 'a direct room'}” any more. "
        "Delete it?",
        abort=True,
        err=True,
    )
