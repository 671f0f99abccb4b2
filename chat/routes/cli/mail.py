"""Commands about mails: mail test."""

from __future__ import annotations

import click

from chat.controllers import mails
from chat.routes.cli.answer import Answer, command
from chat.utils.email_addresses import parsed


@click.group("mail")
def mail() -> None:
    """Try the mail server of SMTP_URL."""


@command("test")
@click.argument("address")
def test(answer: Answer, address: str) -> None:
    """Send a mail to ADDRESS, and say whether the mail server took it."""
    to = parsed(address) or answer.fail("ADDRESS: an address like ada@example.org is needed.")
    if refusal := mails.send_test(to):
        answer.fail(f"The mail server did not take it ({refusal.reason}).")
    answer.give("The mail server took it. If it does not arrive, ask there.", sent=True)


mail.add_command(test)
