"""Commands about rooms."""

from __future__ import annotations

import sys

import click

from chat.controllers import rooms
from chat.models.document import id_from
from chat.models.room import Room
from chat.routes.cli.answer import Answer, amount, command


@command("shred-room")
@click.argument("room")
@click.option("--yes", is_flag=True, help="Do not ask.")
def shred_room(answer: Answer, room: str, yes: bool) -> None:
    """Delete the room ROOM, an id or a name, for good.

    Its keys are destroyed: what was said there can be read by nobody any more. Safe to repeat, by
    its id.
    """
    if found := _find(answer, room):
        if not yes:
            _confirm(answer, found)
        rooms.destroy(found)
    removed = rooms.clear_away()
    answer.give(f"{amount(removed, 'room', 'rooms')} taken away.", removed=removed)


def _find(answer: Answer, room: str) -> Room | None:
    """Return the room, or None for one whose deletion was not finished; else answer and exit."""
    room_id = id_from(room)
    if room_id is None:
        return _find_by_name(answer, room)
    found = Room.find(room_id)
    if found is None and room_id not in Room.graves():
        answer.give(
            "There is no room with this id; if it was shredded before, nothing is left of it.",
            removed=0,
        )
    return found


def _find_by_name(answer: Answer, name: str) -> Room:
    found = Room.named(name)
    if not found:
        answer.fail("There is no room of this name.")
    if len(found) > 1:
        answer.fail(
            "There are several rooms of this name; give the id of one: "
            f"{', '.join(str(each.id) for each in found)}."
        )
    return found[0]


def _confirm(answer: Answer, room: Room) -> None:
    if not (sys.stdin and sys.stdin.isatty()):
        answer.fail("Nobody is there to be asked; give --yes.")
    click.confirm(
        f"What was said in “{room.name or 'a direct room'}” can then be read by nobody any more. "
        "Go on?",
        abort=True,
        err=True,
    )
