"""E-mail addresses: which texts are one, and which two are the same.

Only what every mail server takes: ASCII before the `@`, and a host name with a dot behind it. A
host name in letters of other scripts is kept in its ASCII form. What programs that show mails would
decode (RFC 2047) is no address.
"""

from __future__ import annotations

import re

LONGEST = 254  # characters, as RFC 5321 bounds a path
LONGEST_LOCAL_PART = 64
LOCAL_PART = re.compile(
    r"(?!.*=\?)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z", re.I | re.A
)
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"({LABEL}\.)+(?!\d+\Z){LABEL}\Z", re.I | re.A)


def parsed(text: str) -> str | None:
    """Return an address as mail servers take it, its host in lowercase; None if it is none."""
    local_part, at, host = text.strip().rpartition("@")
    if len(text) > 2 * LONGEST:
        return None
    try:
        host = host.encode("idna").decode().lower()
    except UnicodeError:
        return None
    address = f"{local_part}@{host}"
    is_short = len(address) <= LONGEST and len(local_part) <= LONGEST_LOCAL_PART
    is_one = at and is_short and LOCAL_PART.match(local_part) and HOST.match(host)
    return address if is_one else None


def key_of(address: str) -> str:
    """Return the same text for addresses that reach the same person, however they are written."""
    return address.casefold()
