"""Starts the chat: `python wsgi.py` (what bin/run does), and gunicorn (`gunicorn.conf.py`)."""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
from __future__ import annotations

import gc
import os
import sys
import warnings

gc.disable()  # while the program is loaded, of which all stays: looking through it again and again took a sixth of the start
if __name__ == "__main__":
    from chat import supervisor

    settings = supervisor.stand_by()  # from here on we are what serves: our parent stays small

warnings.filterwarnings(
    "ignore", message="\nEventlet is deprecated"
)  # known, and decided: docs/decisions/0001
import eventlet

# `flask …` has loaded too much to be made cooperative; it has one command, which is another program.
under_flask = (
    __name__ != "__main__"
    and "click" in sys.modules
    and sys.modules["click"].get_current_context(silent=True)
)
if not under_flask:
    eventlet.monkey_patch()

import atexit
from typing import TYPE_CHECKING

from chat import workers
from chat.models.embedded_database import EmbeddedDatabase, EmbeddedDatabaseFailed
from chat.supervisor import give_up, sentence_of
from chat.utils import logs
from config import HERE, ConfigurationError, load_settings

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app() -> Flask:
    """The chat for gunicorn: the embedded database is shared with a running server, or started for a while."""
    from chat import create_app as chat_app
    from chat.serve import SENTENCES

    gc.enable()
    try:
        settings = load_settings()
        if settings.mongo_uri:
            return chat_app(settings, settings.mongo_uri)
        embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).attach_or_start()
        atexit.register(embedded.stop)
        return chat_app(settings, embedded.uri, embedded=True)
    except SENTENCES as error:
        give_up(sentence_of(error))


def flask_door() -> Flask:
    """What `flask` gets: `flask chat …`, which is `bin/chat …`."""
    import click

    from chat.application import Application

    app = Application("chat")

    @app.cli.command(
        "chat", context_settings={"ignore_unknown_options": True}, add_help_option=False
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def chat(arguments: tuple[str, ...]) -> None:
        """Run and look after the chat: the same as bin/chat."""
        program = str(HERE / "bin/chat")
        os.execv(program, [program, *arguments])  # noqa: S606  a program of ours

    return app


def main(settings: Settings | None = None) -> None:
    """The chat on HOST and PORT. The embedded database comes up while the rest of the program, which is most of it, is loaded."""
    logs.set_up()
    embedded, lifeline, mistake = None, workers.hold_lifeline(), ""
    try:
        settings = settings or load_settings()
        logs.set_up(settings.log_level, settings.log_format)
        if not settings.mongo_uri and not lifeline:
            embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).begin()
    except (ConfigurationError, EmbeddedDatabaseFailed, OSError) as error:
        mistake = sentence_of(error)
    from chat.serve import serve

    gc.enable()
    if mistake:
        give_up(mistake)
    serve(settings, embedded, lifeline)


if __name__ == "__main__":
    main(settings)
elif under_flask:
    app = flask_door()
