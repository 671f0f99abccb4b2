"""Hand mails to a mail server; a program of its own, run by mail_delivery.py.

    python -I mail_worker.py

It reads lines of JSON: first the server, then a mail each, or `{}`, which only asks whether the
server takes mails. It answers each with a line: `{}`, or what a `Refusal` has. Nothing of the chat
is loaded here, and the loop of the chat never waits for a name server or a handshake.
"""

from __future__ import annotations

import contextlib
import json
import re
import smtplib
import ssl
import sys
from typing import Any

SECONDS = 20  # for each step of the conversation
CLOSES = 421  # the answer of a server that ends the conversation, whatever it was asked
CODE = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463


class NoTls(Exception):
    """The server offers no STARTTLS, so that mails would be readable on the way."""


class Connection:
    """The connection to the server, opened when it is needed."""

    def __init__(self, server: dict[str, Any]):
        self._server = server
        self._open: smtplib.SMTP | None = None

    def use(self, mail: dict[str, Any]) -> dict[str, Any]:
        """Send a mail, or only ask. Return the answer."""
        try:
            if self._open is None:
                self._open = _connected(self._server)
            if mail:
                content = mail["content"].encode()
                self._open.sendmail(self._server["sender"], [mail["to"]], content)
            else:
                self._open.noop()
        except (OSError, smtplib.SMTPException, NoTls, ValueError) as error:
            refusal = _refusal(error)
            if not refusal.get("is_of_mail"):
                self.close()
            return refusal
        return {}

    def close(self) -> None:
        if self._open:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._open.close()
            self._open = None


def _connected(server: dict[str, Any]) -> smtplib.SMTP:
    address = server["host"], server["port"], server["hello"]
    if server["tls"] == "implicit":
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(*address, timeout=SECONDS)
    try:
        if server["tls"] == "starttls":
            smtp.ehlo()
            if not smtp.has_extn("starttls"):
                raise NoTls("it offers no STARTTLS; see tls=off in docs/operations.md")
            smtp.starttls(context=ssl.create_default_context())
        if server["user"]:
            smtp.login(server["user"], server["password"])
    except BaseException:
        smtp.close()
        raise
    return smtp


def _refusal(error: Exception) -> dict[str, Any]:
    """Return why a mail was not taken: the fields of a `Refusal`.

    What a server says about a recipient may name them, and would reach the log: only its codes do.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return _refusal_of_mail("recipient", code, text)
        case smtplib.SMTPDataError():
            return _refusal_of_mail("content", error.smtp_code, error.smtp_error)
        case smtplib.SMTPSenderRefused() | smtplib.SMTPAuthenticationError():
            kind = "sender" if isinstance(error, smtplib.SMTPSenderRefused) else "password"
            return {"reason": f"{kind}: {_codes(error.smtp_code, error.smtp_error)}"}
        case ssl.SSLCertVerificationError():
            return {"reason": f"its certificate is not valid: {error.verify_message}"}
    return {"reason": f"{type(error).__name__}: {error}"[:200]}


def _refusal_of_mail(kind: str, code: int, text: bytes | str) -> dict[str, Any]:
    return {
        "reason": f"{kind}: {_codes(code, text)}",
        "is_final": 500 <= code < 600,
        "is_of_mail": code != CLOSES,
    }


def _codes(code: int, text: bytes | str) -> str:
    found = CODE.search(text.encode() if isinstance(text, str) else text)
    return f"{code} {found[0].decode()}" if found else str(code)


def main() -> None:
    lines = sys.stdin.buffer
    connection = Connection(json.loads(lines.readline()))
    for line in lines:
        print(json.dumps(connection.use(json.loads(line))), flush=True)
    connection.close()


if __name__ == "__main__":
    main()
