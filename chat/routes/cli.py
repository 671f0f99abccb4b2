"""`flask chat …`: for operators, who have a shell on the machine."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup

from chat import extensions
from chat.controllers import accounts, avatars, images, rooms, searches, storage, verification
from chat.models.database import INDEXES, DatabaseError, database
from chat.models.document import id_from
from chat.models.migrations import SCHEMA_VERSION
from chat.models.room import Room
from chat.realtime import QueueAway
from chat.realtime.descriptors import most_sockets
from chat.routes.errors import sentences
from chat.schemas.users import RegisterInput
from chat.utils.errors import ChatError

chat = AppGroup("chat", help="Run and look after the chat.")

FEW_SOCKETS = 500  # two or three for each person who is there


@chat.command("create-admin")
@click.argument("username")
@click.password_option(help="Asked for, when it is not given.")
def create_admin(username: str, password: str) -> None:
    """Make an administrator called USERNAME."""
    if mistakes := RegisterInput().validate({"username": username, "password": password}):
        raise click.ClickException(" ".join(sentences(mistakes).values()))
    try:
        user = accounts.create_admin(username, password)
    except ChatError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{user.username} is an administrator and can sign in.")


@chat.command("shred-room")
@click.argument("room_id")
@click.confirmation_option(prompt="What was said there can then be read by nobody any more. Go on?")
def shred_room(room_id: str) -> None:
    """Delete the room ROOM_ID for good: its keys are destroyed, and what is left is taken away. Safe to repeat."""
    found_id = id_from(room_id)
    room = Room.find(found_id) if found_id else None
    if found_id is None or (room is None and found_id not in Room.graves()):
        raise click.ClickException("There is no such room.")
    if room:
        rooms.destroy(room)
    click.echo(f"{rooms.clear_away()} rooms were taken away.")


@chat.command("sweep")
def sweep() -> None:
    """Take away pictures that no message claimed for a day, what broken uploads left, and what a restored backup brought back."""
    if rooms.bury_shredded():
        click.echo(f"{rooms.clear_away()} rooms were taken away, which had been deleted since the backup.")
    click.echo(f"{images.sweep() + avatars.sweep()} pictures were taken away.")


@chat.command("verify")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(as_json: bool) -> None:
    """Look whether all that is kept is whole: logs without holes, texts and pictures that open."""
    findings = verification.Findings()
    for findings in verification.verify():
        if not as_json:
            click.echo(f"\r{findings.rooms} rooms, {findings.entries} entries, {findings.images} images", nl=False, err=True)
    if as_json:
        click.echo(json.dumps({"ok": not findings.problems, **asdict(findings)}))
    else:
        click.echo("\n".join(["", *findings.problems]) if findings.problems else "\nAll is whole.")
    sys.exit(1 if findings.problems else 0)


@chat.command("reindex")
def reindex() -> None:
    """Make the index that messages are found by anew, room by room; people may go on, and search, meanwhile."""
    done = searches.Progress()
    for done in searches.reindex():
        click.echo(f"\r{done.rooms} rooms{'.' * (done.steps % 4):4}", nl=False, err=True)
    click.echo("\n".join(["", *done.problems]) if done.problems else f"\n{done.rooms} rooms are indexed anew.")
    sys.exit(1 if done.problems else 0)


@chat.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look whether all is in order: database, indexes, keys, disk, sockets."""
    settings = extensions.settings()
    try:
        database.ping()
        missing = [name for name, indexes in INDEXES.items() if indexes and len(list(database[name].list_indexes())) <= len(indexes)]
        problems = [f"indexes of {name} are missing" for name in missing]
    except DatabaseError as error:
        problems = [f"the database does not answer: {type(error).__name__}"]
    try:
        extensions.socketio.ping_queue()
    except QueueAway as error:
        problems.append(f"REDIS_URL: no Redis answers there ({error}); processes hear of each other only every few seconds")
    free = _free_bytes()
    if storage.is_low(free):
        problems.append(
            f"only {(free or 0) // 1_000_000} MB are free on the database's disk;"
            f" below {settings.free_disk_bytes // 1_000_000} MB nobody can write any more"
        )
    sockets = most_sockets()
    if sockets < FEW_SOCKETS:
        problems.append(
            f"only {sockets} sockets can be open at once: raise the hard limit of open files"
        )
    found = {
        "ok": not problems, "problems": problems,
        "database": {"address": database.address, "embedded": database.embedded, "schema_version": SCHEMA_VERSION},
        "keys": {"proved": True, "retired": len(settings.secret_keys_retired)},
        "disk": {"free_bytes": free},
        "sockets": {"most": sockets},
        "public_url": settings.public_url, "registration": settings.registration, "workers": settings.workers,
    }
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(f"database   {database.address}{' (embedded)' if database.embedded else ''}")
        click.echo("queue      " + ("answers" if settings.redis_url else "none, as for one process"))
        click.echo("keys       open the data")
        click.echo("disk       " + ("the database does not tell" if free is None else f"{free // 1_000_000} MB free"))
        click.echo(f"sockets    {sockets} at once, as this command is limited; the chat logs its own")
        click.echo("\n".join(f"problem    {problem}" for problem in problems) or "All is in order.")
    sys.exit(1 if problems else 0)


def _free_bytes() -> int | None:
    try:
        return storage.free_bytes()
    except DatabaseError:
        return None
