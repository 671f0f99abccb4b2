"""The address where somebody who forgot the password chooses a new one."""

from __future__ import annotations

from chat import extensions


def reset_link_of(token: str) -> str:
    """Return the link of a reset link's token: absolute, because people send it to others.

    `bin/chat` prints it, too, where no request says what the address of a route is.
    """
    return f"{extensions.settings().public_url}/reset/{token}"
