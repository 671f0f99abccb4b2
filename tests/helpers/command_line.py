"""Run `bin/chat` commands in this process, on the chat that it has open."""

from __future__ import annotations

from contextlib import nullcontext

from click.testing import CliRunner, Result
from flask import Flask

from chat.routes import cli


def bin_chat(app: Flask, *arguments: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(cli.chat, arguments, obj=lambda _: nullcontext())
