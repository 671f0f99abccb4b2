"""Commands about accounts."""

from __future__ import annotations

import sys

import click

from chat.controllers import accounts
from chat.routes.cli.answer import Answer, command
from chat.routes.errors import sentences
from chat.schemas.users import RegisterInput


@command("create-admin")
@click.argument("username")
@click.option(
    "--password",
    help=(
        "Other users of this machine can see it. Without this option the command asks for the "
        "password, or reads it from standard input."
    ),
)
def create_admin(answer: Answer, username: str, password: str | None) -> None:
    """Create an administrator called USERNAME."""
    if password is None:
        password = _ask_for_password()
    if mistakes := RegisterInput().validate({"username": username, "password": password}):
        answer.fail(" ".join(sentences(mistakes).values()))
    user = accounts.create_admin(username, password)
    answer.give(f"{user.username} is an administrator and can sign in.", username=user.username)


def _ask_for_password() -> str:
    """Return the password from the terminal, or from standard input; empty without one."""
    if not sys.stdin:
        return ""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
