"""The site that passkeys are for, and its challenges, which count for a while and once."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from chat import extensions
from chat.controllers import current_chat, signed_tokens
from chat.models import used_states
from chat.utils import webauthn
from chat.utils.webauthn import Options, Site

LASTS = timedelta(seconds=webauthn.SECONDS)


class Beginning(NamedTuple):
    """What a browser needs. `token`: comes back with its answer; `public_key`: its options."""

    token: str
    public_key: Options


def site() -> Site:
    """Return the site of the first address of PUBLIC_URL."""
    origin = extensions.settings().origin
    return Site(urlsplit(origin).hostname or "", origin, current_chat.find().name)


def obstacle(host: str) -> str:
    """Return why browsers let nobody use passkeys: "https" or "address"; empty if they do.

    `host`: the one of the page, as the header Host has it.
    """
    url = urlsplit(extensions.settings().origin)
    name = url.hostname or ""
    is_secure = url.scheme == "https" or name == "localhost" or name.endswith(".localhost")
    if not is_secure or _is_number(name):
        return "https"
    return "" if host.lower() == url.netloc else "address"


def sign(purpose: str, challenge: str, *texts: str) -> str:
    """Return the token of a challenge."""
    return signed_tokens.sign(purpose, challenge, *texts)


def read(purpose: str, token: str) -> list[str]:
    """Return the challenge of a token and the other texts; nothing if it is over."""
    return signed_tokens.read(purpose, token, LASTS)


def use_up(challenge: str) -> bool:
    """Use a challenge up. Return False if it was answered before, to whichever process."""
    return used_states.use(f"passkey {challenge}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
