"""A chat that sends mails, and the addresses that its people have there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat.models import email_addresses
from chat.models.document import Id
from tests.helpers.mail_server import MailServer, Received
from tests.helpers.servers import Server, new_chat
from tests.helpers.world import Person, World


class MailingWorld(World):
    """The people, in a chat that sends mails to `post`."""

    def __init__(self, server: Server, post: MailServer):
        super().__init__(server)
        self.post = post

    def address_of(self, person: Person) -> str:
        """Give a person an address, and return it."""
        address = f"{person.username}@example.org"
        assert email_addresses.keep_verified(Id(person.id), address)
        return address


@contextmanager
def mailing_chat(
    folder: Path, mongo_uri: str | None, **variables: str
) -> Iterator[tuple[Server, MailServer]]:
    """Start a chat that sends mails, on the database of this run."""
    with (
        MailServer() as post,
        new_chat(folder, mongo_uri, SMTP_URL=post.url, **variables) as server,
    ):
        yield server, post
        assert not server.errors()


def link_in(received: Received, path: str) -> str:
    """Return the path of the link in a mail that begins with `path`; its text has it once."""
    links = re.findall(r"https?://\S+", received.text)
    (found,) = [each for each in links if path in each]
    assert found in received.html.replace("&amp;", "&")
    return str(found[found.index(path) :])
