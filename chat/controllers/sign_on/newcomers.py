"""Create the account of somebody who comes by a provider for the first time."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator

from chat.controllers import default_rooms, storage
from chat.controllers.sign_on.vouched import Vouched
from chat.controllers.visitors import Visitor
from chat.models import email_addresses
from chat.models.identity import Identity
from chat.models.user import User
from chat.utils.configuration.providers import Provider
from chat.utils.errors import Conflict
from chat.utils.lookalikes import is_reserved, looks_like_nobody
from chat.utils.names import clean_name, is_username
from chat.utils.passwords import hash_of_nothing
from chat.utils.text import is_stream_safe, normalize

LONGEST_USERNAME = 32
LONGEST_DISPLAY_NAME = 64
NUMBERS = range(2, 10)
NOT_IN_USERNAMES = re.compile(r"[^\w.-]+")

logger = logging.getLogger(__name__)


def create(provider: Provider, person: Vouched, visitor: Visitor) -> User:
    """Return the account of a newcomer, without a password, in the default rooms.

    However many requests and processes create it at the same time, there is one.
    """
    storage.require_space()
    identity = Identity.reserve(provider.issuer, person.subject, provider.id)
    user = _register(identity, person)
    default_rooms.join(user)
    if person.email:
        email_addresses.keep_verified(user.id, person.email)
    identity.note_use()
    logger.info(
        "an account was made by a provider",
        extra={"user_id": str(user.id), "provider": provider.id, "network": visitor.network},
    )
    return user


def _register(identity: Identity, person: Vouched) -> User:
    """Return the account of an identity, under the first username that nobody's looks like."""
    for username in usernames(person.names):
        if made := User.find_now(identity.user_id):  # another request was faster
            return made
        try:
            return User.register(
                username,
                _display_name(person.display_name) or username,
                hash_of_nothing(),
                user_id=identity.user_id,
            )
        except Conflict:
            continue
    raise Conflict


def usernames(names: tuple[str, ...]) -> Iterator[str]:
    """Yield usernames to try: each name made valid, the first with numbers, then by chance."""
    found = [username for name in names if (username := _username(name))] or ["user"]
    yield from dict.fromkeys(found)
    first = found[0][: LONGEST_USERNAME - 8]
    yield from (f"{first}{number}" for number in NUMBERS)
    yield from (f"{first}-{secrets.token_hex(3)}" for _try in range(20))


def _username(name: str) -> str:
    """Return a name as a username; empty if it cannot be one."""
    if not is_stream_safe(name):
        return ""
    username = NOT_IN_USERNAMES.sub(".", normalize("NFKC", name))
    username = username[:LONGEST_USERNAME].strip(".-_")
    return username if is_username(username) and not is_reserved(username) else ""


def _display_name(name: str) -> str:
    try:
        cleaned = clean_name(name)
    except ValueError:
        return ""
    if len(cleaned) > LONGEST_DISPLAY_NAME or looks_like_nobody(cleaned):
        return ""
    return cleaned
