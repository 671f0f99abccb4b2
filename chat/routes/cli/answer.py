"""Open the chat for a command, print its answer, and report its errors in one sentence."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, NoReturn

import click

from chat.models.database import DatabaseError
from chat.models.database.errors import RestoreUnfinished
from chat.routes.cli.doors import Doors
from chat.utils import logs
from chat.utils.archive import ArchiveUnusable, SealingUnusable
from chat.utils.errors import ChatError
from chat.utils.imports.past import ImportUnusable

PLAIN_EVERY = 10.0  # seconds between two lines of progress in a log


class Answer:
    """The output of a command: lines for people, one JSON object for programs."""

    def __init__(self, *, as_json: bool):
        self._as_json = as_json
        self._told_at = time.monotonic()

    def progress(self, line: str) -> None:
        """Print the progress of a long command.

        On a terminal each line replaces the one before; elsewhere there is one every PLAIN_EVERY.
        """
        if self._as_json:
            return
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)
        elif time.monotonic() - self._told_at >= PLAIN_EVERY:
            self._told_at = time.monotonic()
            click.echo(line, err=True)

    def give(self, lines: str, *, ok: bool = True, **found: object) -> NoReturn:
        """Print the result, and exit."""
        if sys.stderr.isatty() and not self._as_json:
            click.echo("\r\x1b[K", nl=False, err=True)
        if self._as_json:
            lines = json.dumps({"ok": ok, **found}, default=str)
        click.echo(lines)
        sys.exit(0 if ok else 1)

    def fail(self, sentence: str) -> NoReturn:
        if self._as_json:
            self.give("", ok=False, problems=[sentence])
        raise click.ClickException(sentence)


def command(
    name: str, *, opens: bool = True, hidden: bool = False
) -> Callable[[Callable[..., None]], click.Command]:
    """Define a command of `chat`, which opens the chat and prints its answer.

    The command prints for people or for programs, and reports an error in one sentence. `opens`:
    whether it opens the chat; otherwise its function opens what it needs, by `doors`. `hidden`:
    the chat runs it by itself, and no help names it.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @click.command(name, hidden=hidden)
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
        @wraps(function)
        def run(*, as_json: bool, **arguments: Any) -> None:
            context = click.get_current_context()
            answer = Answer(as_json=as_json)
            _log_run(_name_of(context), arguments)
            try:
                with opened_chat() if opens else nullcontext():
                    function(answer, **arguments)
            except (click.Abort, click.exceptions.Exit, click.UsageError):
                raise
            except BrokenPipeError:  # the program that reads our standard output has ended
                sys.stdout = None
                sys.exit(1)
            except Exception as error:  # noqa: BLE001  every error is reported in one sentence
                answer.fail(_sentence_of(error, context))

        return run

    return decorate


def opened_chat() -> AbstractContextManager[None]:
    """Return a context in which the configured chat is open. Raises ClickException."""
    context = click.get_current_context()
    return doors().chat(context.meta.get("env_file"))


def doors() -> Doors:
    """Return how the running command opens its chat."""
    found: Doors = click.get_current_context().obj
    return found


def amount(number: int, one: str, several: str) -> str:
    """Return a number with its noun, like `1 room` or `1,204 rooms`."""
    return f"{number:,} {one if number == 1 else several}"


def megabytes(size: int) -> str:
    """Return a number of bytes like `1,204.5 MB`."""
    return f"{size / 1e6:,.1f} MB"


def _name_of(context: click.Context) -> str:
    """Return the command as it follows `bin/chat`: `doctor`, `users list`."""
    group = context.parent
    own = context.info_name or ""
    return f"{group.info_name} {own}" if group and group.parent and group.info_name else own


def _log_run(name: str, arguments: dict[str, Any]) -> None:
    """Write into the machine's log who runs a command, and for which room or person."""
    about = {key: value for key, value in arguments.items() if key in ("room", "username")}
    who = {"uid": os.getuid(), "sudo_user": os.environ.get("SUDO_USER")}
    logs.system_logger(__name__).info("a command was run", extra={"command": name, **who, **about})


def _sentence_of(error: Exception, context: click.Context) -> str:
    """Return the sentence for an error; if wanted, print the traceback of an unexpected error."""
    match error:
        case ChatError():
            return " ".join(dict.fromkeys([error.message, *(error.fields or {}).values()]))
        case DatabaseError():
            return (
                f"The database operation failed ({type(error).__name__}). If the chat is starting "
                "or stopping, try again in a moment."
            )
        case (
            ArchiveUnusable()
            | SealingUnusable()
            | RestoreUnfinished()
            | ImportUnusable()
            | click.ClickException()
        ):
            return str(error)
        case UnicodeEncodeError():
            return "An argument contains a character that cannot be stored."
        case OSError():
            return (
                f"{error.filename or 'Standard output'} cannot be read or written "
                f"({error.strerror})."
            )
    if context.meta.get("shows_traceback"):
        traceback.print_exception(error)
    return (
        f"Unexpected error ({type(error).__name__}: {error}); bin/chat "
        f"--traceback {_name_of(context)} … prints the traceback."
    )
