"""Send mails: each waits in the outbox until the mail server has taken it."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from chat import extensions
from chat.controllers import current_chat
from chat.models import mail_outbox
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.mail_outbox import WaitingMail
from chat.utils import metrics, translation
from chat.utils.clock import now
from chat.utils.configuration.smtp import MailServer
from chat.utils.errors import Conflict
from chat.utils.letters import Envelope, Letter, written
from chat.utils.mail_delivery import Delivery, Refusal

MOST_AT_ONCE = 50  # mails that one connection takes before the job pauses

logger = logging.getLogger(__name__)


def are_on() -> bool:
    """Return whether the chat can send mails: SMTP_URL is set."""
    return extensions.settings().mail_server is not None


def post(
    kind: str,
    to: str,
    letter: Letter,
    user_id: Id | None = None,
    mail_id: Id | None = None,
    *,
    is_held: bool = False,
) -> None:
    """Let a letter wait for the mail server. Nothing happens where the chat sends no mails.

    `kind`: for the log. `user_id`: whose account it is about. `mail_id`: a mail with this id waits
    once. `is_held`: until its release.
    """
    server = extensions.settings().mail_server
    if server is None:
        return
    mail_id = mail_id or new_id()
    content = written(letter, _envelope(server, to, mail_id))
    mail_outbox.put(mail_id, kind, to, content, user_id, is_held=is_held)


def post_to_each(kind: str, addresses: list[str], letter: Letter) -> None:
    """Let the same letter wait for several addresses: for all of them, or for none."""
    server = extensions.settings().mail_server
    if server is None:
        return
    ids = {new_id(): to for to in addresses}
    contents = {each: written(letter, _envelope(server, to, each)) for each, to in ids.items()}
    for mail_id, content in contents.items():
        mail_outbox.put(mail_id, kind, ids[mail_id], content, None)


def check() -> Refusal | None:
    """Ask the mail server whether it takes mails; None if it does, or where there is none."""
    server = extensions.settings().mail_server
    if server is None:
        return None
    with Delivery(server, host()) as delivery:
        return delivery.check()


def send_test(to: str) -> Refusal | None:
    """Send a mail at once, for an operator. Return None once the server has taken it.

    Raises Conflict where the chat sends no mails.
    """
    server = extensions.settings().mail_server
    if server is None:
        raise Conflict("SMTP_URL is not set.")
    chat = current_chat.find().name
    letter = Letter(f"A test from {chat}", ("This mail shows that the chat can send mails.",))
    with Delivery(server, host()) as delivery:
        return delivery.send(to, written(letter, _envelope(server, to, new_id())))


def send_waiting() -> None:
    """Hand the mails that are due to the mail server."""
    server = extensions.settings().mail_server
    if server is None or (mail := mail_outbox.claim()) is None:
        return
    with Delivery(server, host()) as delivery:
        for left in range(MOST_AT_ONCE, 0, -1):
            refusal = delivery.send(mail.to, mail.content)
            _settle(mail, refusal)
            if refusal and not refusal.is_of_mail:
                return  # what is wrong with the server is wrong with the next mail, too
            following = mail_outbox.claim() if left > 1 else None
            if following is None:
                return
            mail = following


def _settle(mail: WaitingMail, refusal: Refusal | None) -> None:
    about = {"mail": str(mail.id), "kind": mail.kind, "tries": mail.tries}
    if refusal is None:
        mail.forget()
        metrics.mails.labels("sent").inc()
        logger.info("a mail was sent", extra=about)
    elif refusal.is_final or mail.is_too_old:
        mail.forget()
        metrics.mails.labels("given_up").inc()
        logger.warning("a mail was given up", extra=about | {"reason": refusal.reason})
    else:
        mail.put_off()
        metrics.mails.labels("put_off").inc()
        logger.warning("a mail waits for another try", extra=about | {"reason": refusal.reason})


def _envelope(server: MailServer, to: str, mail_id: Id) -> Envelope:
    return Envelope(
        server.sender,
        current_chat.find().name,
        to,
        f"{mail_id}.{database.instance}@{host()}",
        now(),
        translation.current(),
    )


def host() -> str:
    """Return the name by which the chat presents itself to mail servers."""
    return urlsplit(extensions.settings().public_url).hostname or "localhost"
