"""The options of sealed backups, and what opens or seals one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from chat.utils.archive import Opening

FILE = click.Path(path_type=Path, dir_okay=False)
SHORTEST_PASSPHRASE = 12  # characters: whoever has the file can try as many as they like
STOP = (signal.SIGINT, signal.SIGTERM)


def sealed_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that open a sealed backup."""
    for option in (
        click.option("--passphrase", is_flag=True, help="Ask for the passphrase."),
        click.option(
            "--passphrase-file", type=FILE, metavar="FILE", help="The passphrase is there."
        ),
        click.option(
            "--identity", type=FILE, metavar="FILE", help="A private key of age or SSH opens it."
        ),
    ):
        function = option(function)
    return function


def opening_of(options: dict[str, Any]) -> Opening:
    """Return what opens a sealed backup, by its options. Raises OSError, ClickException."""
    identity: Path | None = options["identity"]
    text = identity.read_text(errors="replace") if identity else ""
    return Opening(text, passphrase_of(options))


def passphrase_of(options: dict[str, Any], *, is_new: bool = False) -> str:
    """Return the passphrase that the options name; empty if they name none.

    `is_new`: it seals a backup. Raises OSError, ClickException.
    """
    file: Path | None = options["passphrase_file"]
    if file:
        found = file.read_text().rstrip("\r\n")
        if not found:
            raise click.ClickException(f"--passphrase-file: {file} is empty.")
    elif options["passphrase"]:
        if not sys.stdin.isatty():
            raise click.ClickException(
                "--passphrase: there is no terminal to ask at; use --passphrase-file FILE."
            )
        found = click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True)
    else:
        return ""
    if is_new and len(found) < SHORTEST_PASSPHRASE:
        raise click.ClickException(
            f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters."
        )
    return str(found)


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Yield a function that raises Abort once somebody stopped the command.

    Python raises KeyboardInterrupt anywhere, also where it is swallowed, and ends at SIGTERM
    without removing an unfinished file.
    """
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    def check() -> None:
        if asked:
            raise click.Abort

    before = {number: signal.signal(number, note) for number in STOP}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
