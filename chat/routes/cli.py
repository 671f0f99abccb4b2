"""Define the commands of `bin/chat`, for operators, who have a shell on the machine.

Each command reports progress on standard error and its result on standard output. It exits with 0,
or with 1 if it failed or found something. It may be interrupted and repeated.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from chat import VERSION, extensions
from chat.controllers import accounts, avatars, images, rooms, searches, storage, verification
from chat.models.database import INDEXES, DatabaseError, database
from chat.models.document import id_from
from chat.models.key_ring import Rotation, key_ring
from chat.models.log import log_of
from chat.models.migrations import SCHEMA_VERSION
from chat.models.room import Room
from chat.models.user import User
from chat.realtime import QueueAway
from chat.realtime.descriptors import most_sockets
from chat.routes.errors import sentences
from chat.schemas.users import RegisterInput
from chat.utils import logs
from chat.utils.errors import ChatError

FEW_SOCKETS = 500  # two or three for each connected person
MOST_COUNTED = 1_000  # rooms whose messages are counted


@click.group(
    "chat", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=False),
    metavar="FILE",
    help="Where the chat's configuration is.",
)
@click.option(
    "--traceback", "shows_traceback", is_flag=True, help="Show where a defect of a command lies."
)
@click.version_option(VERSION, prog_name="real-time-chat")
@click.pass_context
def chat(context: click.Context, env_file: Path | None, shows_traceback: bool) -> None:
    """Look after the chat, beside the running one or while it is stopped.

    The configuration is the environment; what it leaves unset comes from FILE. Without FILE it
    comes from what the service reads: the systemd unit that runs the project, if there is one, and
    .env. Each command says first which chat it found.
    """
    context.meta["env_file"], context.meta["shows_traceback"] = env_file, shows_traceback


class Answer:
    """What a command prints: lines for people, one JSON object for programs."""

    def __init__(self, *, as_json: bool):
        self._as_json = as_json

    def progress(self, line: str) -> None:
        """Print the progress of a long command; on a terminal a line replaces the last one."""
        if not self._as_json and sys.stderr.isatty():
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)

    def give(self, lines: str, *, ok: bool = True, **found: object) -> NoReturn:
        """Print the result, and exit."""
        if sys.stderr.isatty() and not self._as_json:
            click.echo("\r\x1b[K", nl=False, err=True)
        click.echo(json.dumps({"ok": ok, **found}, default=str) if self._as_json else lines)
        sys.exit(0 if ok else 1)

    def fail(self, sentence: str) -> NoReturn:
        if self._as_json:
            self.give("", ok=False, problems=[sentence])
        raise click.ClickException(sentence)


def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Define a command of `chat`, which opens the chat and prints its answer.

    It answers as people or programs want it, and reports an error in one sentence.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @chat.command(name)
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
        @wraps(function)
        def run(*, as_json: bool, **arguments: Any) -> None:
            context = click.get_current_context()
            answer = Answer(as_json=as_json)
            _note(name, arguments)
            try:
                with context.obj(context.meta.get("env_file")):
                    function(answer, **arguments)
            except (click.Abort, click.exceptions.Exit):
                raise
            except ChatError as error:
                answer.fail(
                    " ".join(dict.fromkeys([error.message, *(error.fields or {}).values()]))
                )
            except DatabaseError as error:
                answer.fail(
                    f"The database did not do it ({type(error).__name__}); does the chat start or "
                    "stop just now? Try again."
                )
            except click.ClickException as error:
                answer.fail(error.message)
            except UnicodeEncodeError:
                answer.fail("A character here cannot be stored.")
            except BrokenPipeError:  # the reader of standard output has gone
                sys.stdout = None
                sys.exit(1)
            except OSError as error:
                answer.fail(
                    f"{error.filename or 'Standard output'} cannot be read or written "
                    f"({error.strerror})."
                )
            except Exception as error:  # noqa: BLE001  a defect, reported as one
                if context.meta.get("shows_traceback"):
                    traceback.print_exc()
                answer.fail(
                    f"This command has a defect ({type(error).__name__}: {error}); bin/chat "
                    f"--traceback {name} … shows where."
                )

        return run

    return decorate


def _note(name: str, arguments: dict[str, Any]) -> None:
    """Write into the machine's log who runs a command, and for which room or person."""
    about = {key: value for key, value in arguments.items() if key in ("room", "username")}
    who = {"uid": os.getuid(), "sudo_user": os.environ.get("SUDO_USER")}
    logs.system_logger(__name__).info("a command was run", extra={"command": name, **who, **about})


def which_chat() -> str:
    """Describe a chat so that an operator recognises it: where its data is, and how much."""
    settings = extensions.settings()
    where = (
        str(settings.data_dir)
        if database.embedded
        else f"the database {database.name} of {database.address}"
    )
    room_ids = Room.all_ids()
    amounts = [_amount(User.count(), "person", "people"), _amount(len(room_ids), "room", "rooms")]
    if len(room_ids) <= MOST_COUNTED:
        amounts.append(
            _amount(
                sum(log_of(room_id).head().ordinal for room_id in room_ids), "message", "messages"
            )
        )
    return f"{where}: {', '.join(amounts)}"


def _amount(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


@command("create-admin")
@click.argument("username")
@click.option(
    "--password",
    help=(
        "Others on this machine can see it. Without it the command asks, or reads it from "
        "standard input."
    ),
)
def create_admin(answer: Answer, username: str, password: str | None) -> None:
    """Make an administrator called USERNAME."""
    if password is None and sys.stdin and sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    elif password is None:
        password = sys.stdin.readline().rstrip("\n") if sys.stdin else ""
    if mistakes := RegisterInput().validate({"username": username, "password": password}):
        answer.fail(" ".join(sentences(mistakes).values()))
    user = accounts.create_admin(username, password)
    answer.give(f"{user.username} is an administrator and can sign in.", username=user.username)


@command("shred-room")
@click.argument("room")
@click.option("--yes", is_flag=True, help="Do not ask.")
def shred_room(answer: Answer, room: str, yes: bool) -> None:
    """Delete the room ROOM, an id or a name, for good.

    Its keys are destroyed: what was said there can be read by nobody any more. Safe to repeat, by
    its id.
    """
    room_id = id_from(room)
    found = [Room.find(room_id)] if room_id else Room.named(room)
    there = [each for each in found if each]
    if len(there) > 1:
        answer.fail(
            "There are several rooms of this name; give the id of one: "
            f"{', '.join(str(each.id) for each in there)}."
        )
    if not there and room_id is None:
        answer.fail("There is no room of this name.")
    if not there and room_id not in Room.graves():
        answer.give(
            "There is no room with this id; if it was shredded before, nothing is left of it.",
            removed=0,
        )
    if there and not yes and not (sys.stdin and sys.stdin.isatty()):
        answer.fail("Nobody is there to be asked; give --yes.")
    if there and not yes:
        name = there[0].name or "a direct room"
        click.confirm(
            f"What was said in “{name}” can then be read by nobody any more. Go on?",
            abort=True,
            err=True,
        )
    if there:
        rooms.destroy(there[0])
    removed = rooms.clear_away()
    answer.give(f"{_amount(removed, 'room', 'rooms')} taken away.", removed=removed)


@command("sweep")
def sweep(answer: Answer) -> None:
    """Take away what nothing needs.

    That is pictures that no message claimed for a day, what broken uploads left, and what a
    restored backup brought back.
    """
    removed_rooms = rooms.clear_away() if rooms.bury_shredded() else 0
    pictures = images.sweep() + avatars.sweep()
    told = (
        f"{_amount(removed_rooms, 'room', 'rooms')} taken away, deleted since the backup.\n"
        if removed_rooms
        else ""
    )
    answer.give(
        f"{told}{_amount(pictures, 'picture', 'pictures')} taken away.",
        rooms=removed_rooms,
        pictures=pictures,
    )


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
    rooms, entries = (
        _amount(findings.rooms, "room", "rooms"),
        _amount(findings.entries, "entry", "entries"),
    )
    told = f"{rooms}, {entries} and {_amount(findings.images, 'image', 'images')} looked at."
    lines = [told, *(findings.problems or ["All is whole."])]
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
    lines = [f"{_amount(done.rooms, 'room', 'rooms')} indexed anew.", *done.problems]
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


@command("doctor")
def doctor(answer: Answer) -> None:
    """Look whether everything is in order.

    That is the database, its indexes, the keys, the queue, the disk, and how many sockets
    there can be.
    """
    settings = extensions.settings()
    database.ping()
    missing = [
        name
        for name, indexes in INDEXES.items()
        if indexes and len(list(database[name].list_indexes())) <= len(indexes)
    ]
    problems = [f"indexes of {name} are missing" for name in missing]
    queue = "answers" if settings.redis_url else "none, as for one process"
    try:
        extensions.socketio.ping_queue()
    except QueueAway as error:
        queue = "does not answer"
        problems.append(
            f"REDIS_URL: no Redis answers there ({error}); processes hear of each other only "
            "every few seconds"
        )
    free = _free_bytes()
    if storage.is_low(free):
        problems.append(
            f"only {(free or 0) // 1_000_000} MB are free on the database's disk;"
            f" below {settings.free_disk_bytes // 1_000_000} MB nobody can write any more"
        )
    retired = len(settings.secret_keys_retired)
    needs_retired = key_ring.needs_retired()
    keys = "open the data"
    if retired:
        keys += (
            "; some need SECRET_KEYS_RETIRED until rotate-keys has run"
            if needs_retired
            else "; SECRET_KEYS_RETIRED may be left out"
        )
    sockets = most_sockets()
    if sockets < FEW_SOCKETS:
        problems.append(
            f"only {sockets} sockets can be open at once: raise the hard limit of open files"
        )
    lines = [
        f"database   {database.address}{' (embedded)' if database.embedded else ''}",
        f"queue      {queue}",
        f"keys       {keys}",
        "disk       "
        + ("the database does not tell" if free is None else f"{free // 1_000_000} MB free"),
        f"sockets    {sockets} at once, as this command is limited; the chat logs its own",
        *(f"problem    {problem}" for problem in problems),
    ]
    answer.give(
        "\n".join(lines if problems else [*lines, "All is in order."]),
        ok=not problems,
        problems=problems,
        version=VERSION,
        database={
            "address": database.address,
            "embedded": database.embedded,
            "schema_version": SCHEMA_VERSION,
        },
        data_dir=settings.data_dir if database.embedded else None,
        keys={"proved": True, "retired": retired, "needs_retired": needs_retired},
        disk={"free_bytes": free},
        sockets={"most": sockets},
        public_url=settings.public_url,
        registration=settings.registration,
        workers=settings.workers,
    )


def _free_bytes() -> int | None:
    """Return the free bytes; None where the database refuses: not everybody may ask it."""
    try:
        return storage.free_bytes()
    except DatabaseError:
        return None
