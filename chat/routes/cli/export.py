"""The command that writes rooms, or what is kept about a person, into a readable file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from chat import VERSION
from chat.controllers import exports, prepared_exports
from chat.models.export.progress import Progress
from chat.models.export.taking import KINDS
from chat.routes.cli.answer import Answer, amount, command, megabytes
from chat.routes.cli.rooms import find_room
from chat.routes.cli.sealed_files import FILE, stoppable
from chat.routes.cli.users import find_person


@command("export")
@click.option("--room", metavar="ROOM", help="Export one room, by its id or its name.")
@click.option("--person", metavar="USERNAME", help="Export what is kept about one person.")
@click.option("--all", "takes_all", is_flag=True, help="Export all rooms, also private ones.")
@click.argument("file", type=FILE)
def export(
    answer: Answer, file: Path, room: str | None, person: str | None, takes_all: bool
) -> None:
    """Write what people wrote into FILE, readable for everybody.

    By its ending FILE is one JSON document (.json), one page (.html), or both for each room with
    all pictures (.zip). Nothing in it is sealed: keep it as safe as the chat. A FILE that exists is
    replaced once the new one is whole. The audit notes the export, for each room.

    --person writes what the chat keeps about somebody, what they wrote, and their direct
    conversations.
    """
    if file.suffix not in KINDS or file.name == file.suffix:
        raise click.UsageError("FILE must end with .json, .html or .zip.")
    if [bool(room), bool(person), takes_all].count(True) != 1:
        raise click.UsageError("Name what to export: --room ROOM, --person USERNAME, or --all.")
    os.nice(10)  # people who write come first
    if room:
        steps = exports.take_room(file, find_room(answer, room), VERSION)
    elif person:
        steps = exports.take_person(file, find_person(answer, person), VERSION)
    else:
        steps = exports.take_all(file, VERSION)
    done = Progress()
    with stoppable() as check_stop:
        for done in steps:
            answer.progress(
                f"{done.rooms:,} of {done.of_rooms:,} rooms, {done.messages:,} messages, "
                f"{amount(done.pictures, 'picture', 'pictures')}"
            )
            check_stop()
    size = file.stat().st_size
    counted = (
        amount(done.rooms, "room", "rooms"),
        amount(done.messages, "message", "messages"),
        amount(done.pictures, "picture", "pictures"),
        amount(done.people, "person", "people"),
    )
    answer.give(
        "\n".join([f"{file}: {', '.join(counted)}, {megabytes(size)}.", *done.problems]),
        ok=not done.problems,
        rooms=done.rooms,
        messages=done.messages,
        pictures=done.pictures,
        people=done.people,
        bytes=size,
        problems=done.problems,
    )


@command("make-exports", hidden=True)
def make_exports(answer: Answer) -> None:
    """Make the exports that people asked for in the chat, which runs this command by itself."""
    os.nice(10)  # people who write come first
    made = prepared_exports.make_waiting(VERSION)
    answer.give(f"{amount(made, 'export', 'exports')} made.", exports=made)
