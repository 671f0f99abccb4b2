"""`bin/chat …`: finds the chat that a command is about, opens it, and says which it is.

It never makes one: a command that is given the wrong configuration finds nothing, and says so.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from chat import VERSION, build_app, carry, connect
from chat.models.embedded_database import EmbeddedDatabase
from chat.routes import cli
from chat.serve import SENTENCES
from chat.supervisor import sentence_of
from chat.utils import systemd
from config import HERE, Settings, load_settings

PROGRAM = "bin/chat"


def main() -> None:
    """Runs the command that this process was given, and exits with 0, 1 (it failed, or found something) or 2 (wrong usage)."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.ERROR, format="%(message)s", stream=sys.stderr)
    logging.raiseExceptions = (
        False  # a machine's log that nobody reads is no trouble of the command's
    )
    try:
        cli.chat(prog_name=PROGRAM, obj=opened)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is to close what was opened


@contextlib.contextmanager
def opened(env_file: Path | None) -> Iterator[None]:
    """The chat that the configuration names, open. Says which one it is, on standard error. Raises ClickException."""
    try:
        settings, source = _settings(env_file)
        app = build_app(settings)
        if settings.mongo_uri:
            connect(settings, settings.mongo_uri, must_exist=True)
        else:
            embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).attach_or_start()
            atexit.register(embedded.stop)
            connect(settings, embedded.uri, embedded=True, must_exist=True)
        carry(app, settings)
    except SENTENCES as error:
        raise click.ClickException(sentence_of(error)) from error
    with app.app_context():
        click.echo(
            f"real-time-chat {VERSION}, {cli.which_chat()}; configured by {source}.", err=True
        )
        yield


def _settings(env_file: Path | None) -> tuple[Settings, str]:
    """Return the settings of the chat, and by what they are given.

    The environment wins. What it leaves unset comes from `env_file`; without one from what the service reads: the systemd unit that
    runs this project, if there is one, and `.env`. Raises ConfigurationError.
    """
    dotenv, unit = HERE / ".env", systemd.unit_of(HERE)
    if env_file and not (unit and env_file.resolve() in {file.resolve() for file in unit.files}):
        return load_settings(env_file, must_exist=True), f"{env_file}"
    if unit:
        return load_settings(dotenv, unit.variables, *unit.files, must_exist=True), f"{unit.path}"
    return load_settings(
        dotenv, must_exist=True
    ), f"{dotenv}" if dotenv.exists() else "the environment"
