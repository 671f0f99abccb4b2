"""The command line `bin/chat …`: open the configured chat, and print where its data is.

The command line never creates a chat: with a wrong configuration it finds none, and reports that.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from chat import VERSION, attach_socketio, build_app, connect
from chat.models.database import database
from chat.routes import cli
from chat.routes.cli.doors import Chat, Doors
from chat.routes.cli.which_chat import place, which_chat
from chat.server.embedded_database import EmbeddedDatabase
from chat.server.serve import START_ERRORS
from chat.server.supervisor import sentence_of
from chat.utils import systemd
from config import HERE, Settings, load_settings

PROGRAM = "bin/chat"
# The limit of one operation: a command has the time that a busy database takes, and a page has not.
OPERATION_SECONDS = 30


class _Configured(NamedTuple):
    settings: Settings
    source: str  # the name of the place that the settings come from


def main() -> None:
    """Run the command of this process, and exit.

    Exit codes: 0, 1 (the command failed, or found a fault), 2 (wrong usage).
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.ERROR, format="%(message)s", stream=sys.stderr)
    database.operation_seconds = OPERATION_SECONDS
    logging.raiseExceptions = False  # an error in writing the log must not disturb a command
    try:
        cli.chat(prog_name=PROGRAM, obj=Doors(opened, settings_of_restore, opened_empty))
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C must not interrupt the closing


@contextlib.contextmanager
def opened(env_file: Path | None) -> Iterator[None]:
    """Open the configured chat, and name it on standard error.

    Raises ClickException.
    """
    try:
        configured = _configured(env_file)
        settings = configured.settings
        app = build_app(settings)
        if settings.mongo_uri:
            connect(settings, settings.mongo_uri, must_exist=True)
        else:
            embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).attach_or_start()
            atexit.register(embedded.stop)
            connect(settings, embedded.uri, embedded=True, must_exist=True)
        attach_socketio(app, settings)
    except START_ERRORS as error:
        raise click.ClickException(sentence_of(error)) from error
    with app.app_context():
        which = f"real-time-chat {VERSION}, {which_chat()}; configured by {configured.source}."
        click.echo(which, err=True)
        yield


def settings_of_restore(env_file: Path | None, secrets: Mapping[str, str]) -> Settings:
    """Return the settings of a chat that does not exist yet.

    `secrets`: those of the backup, used where the configuration has none. Raises ClickException.
    """
    try:
        return _configured(env_file, secrets).settings
    except START_ERRORS as error:
        raise click.ClickException(sentence_of(error)) from error


@contextlib.contextmanager
def opened_empty(settings: Settings) -> Iterator[Callable[[], Chat]]:
    """Open a database that has no chat yet, or an interrupted restore.

    Yields the function that opens the chat, once a backup is loaded. Raises ClickException.
    """
    with contextlib.ExitStack() as stack:
        try:
            app = build_app(settings)
            uri, embedded = settings.mongo_uri, settings.mongo_uri is None
            if uri is None:
                owned = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).attach_or_start()
                stack.callback(owned.stop)
                uri = owned.uri
            stack.callback(database.close)
            database.connect_for_restore(uri, embedded=embedded)
        except START_ERRORS as error:
            raise click.ClickException(sentence_of(error)) from error

        @contextlib.contextmanager
        def restored() -> Iterator[None]:
            try:
                connect(settings, uri, embedded=embedded, finishes_restore=True)
                attach_socketio(app, settings)
            except START_ERRORS as error:
                raise click.ClickException(sentence_of(error)) from error
            with app.app_context():
                yield

        click.echo(f"real-time-chat {VERSION}, {place()}: a backup is restored.", err=True)
        yield restored


def _configured(env_file: Path | None, secrets: Mapping[str, str] | None = None) -> _Configured:
    """Return the settings of the chat, and the name of their source.

    The environment has precedence, then `env_file`. Without `env_file` the settings are those of
    the service: from the systemd unit that runs this project, if there is one, and from `.env`.
    `secrets`: those of a chat that does not exist yet. Without them it must exist.
    Raises ConfigurationError.
    """
    dotenv = HERE / ".env"
    unit = systemd.unit_of(HERE)
    load = partial(load_settings, must_exist=secrets is None, secrets_of_backup=secrets)
    if env_file and not (unit and env_file.resolve() in {file.resolve() for file in unit.files}):
        return _Configured(load(env_file), str(env_file))
    if unit:
        return _Configured(load(dotenv, unit.variables, *unit.files), str(unit.path))
    settings = load(dotenv)
    if dotenv.exists():
        return _Configured(settings, str(dotenv))
    return _Configured(settings, "the environment")
