"""The address where somebody who forgot the password chooses a new one."""

from __future__ import annotations

from flask import url_for

from chat import extensions


def reset_link_of(token: str) -> str:
    """Return the link of a reset link's token: absolute, because people send it to others."""
    return extensions.settings().public_url + url_for("resetting.show", token=token)
