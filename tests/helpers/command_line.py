"""Run `bin/chat` commands in this process, on the chat that it has open."""

from __future__ import annotations

from contextlib import nullcontext
from typing import NoReturn

from click.testing import CliRunner, Result
from flask import Flask

from chat.routes import cli
from chat.routes.cli.doors import Doors


def bin_chat(app: Flask, *arguments: str) -> Result:
    with app.app_context():
        doors = Doors(lambda _: nullcontext(), _no_restore, _no_restore)
        return CliRunner().invoke(cli.chat, arguments, obj=doors)


def _no_restore(*_: object) -> NoReturn:
    raise AssertionError("a restore needs a process of its own")
