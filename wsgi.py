"""Start the chat: bin/run runs `python wsgi.py`; gunicorn uses `create_app` (gunicorn.conf.py)."""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
from __future__ import annotations

import gc
import os
import sys
import warnings

# No garbage collection while the program loads: it took a sixth of the start, and everything stays.
gc.disable()
if __name__ == "__main__":
    from chat.server import supervisor

    settings = supervisor.supervise()  # the parent never returns, and loads no more modules

# The deprecation is known: docs/decisions/0001 decides for eventlet.
warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
import eventlet

# No monkey patch under `flask …`, which has loaded too much already. Its only command executes
# another program.
under_flask = (
    __name__ != "__main__"
    and "click" in sys.modules
    and sys.modules["click"].get_current_context(silent=True)
)
if not under_flask:
    eventlet.monkey_patch()

import atexit
from typing import TYPE_CHECKING

from chat.server.embedded_database import EmbeddedDatabase, EmbeddedDatabaseFailed
from chat.server.master import lifeline_to_master
from chat.server.supervisor import give_up, sentence_of
from chat.utils import logs
from config import HERE, ConfigurationError, load_settings

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app() -> Flask:
    """Return the application for gunicorn.

    It shares the embedded database with a running server, or starts it until the process ends.
    """
    from chat import create_app as chat_app
    from chat.server.serve import START_ERRORS

    gc.enable()
    try:
        settings = load_settings()
        if settings.mongo_uri:
            return chat_app(settings, settings.mongo_uri)
        embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).attach_or_start()
        atexit.register(embedded.stop)
        return chat_app(settings, embedded.uri, embedded=True)
    except START_ERRORS as error:
        give_up(sentence_of(error))


def flask_app() -> Flask:
    """Return an application for the `flask` command: `flask chat …` executes `bin/chat …`."""
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
    """Serve the chat on HOST and PORT.

    The embedded database starts while the rest of the program, which is most of it, is imported.
    """
    logs.set_up()
    lifeline = lifeline_to_master()
    embedded = None
    mistake = ""
    try:
        settings = settings or load_settings()
        logs.set_up(settings.log_level, settings.log_format)
        if not settings.mongo_uri and not lifeline:
            embedded = EmbeddedDatabase(settings.data_dir, settings.secrets_dir).begin()
    except (ConfigurationError, EmbeddedDatabaseFailed, OSError) as error:
        mistake = sentence_of(error)
    from chat.server.serve import serve

    gc.enable()
    if mistake:
        give_up(mistake)
    serve(settings, embedded, lifeline)


if __name__ == "__main__":
    main(settings)
elif under_flask:
    app = flask_app()
