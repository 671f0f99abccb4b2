"""The address that lets people in by an invite."""

from __future__ import annotations

from flask import url_for

from chat import extensions


def link_of(code: str) -> str:
    """Return the link of an invite's code: absolute, because people send it to others."""
    return extensions.settings().public_url + url_for("joining.show", code=code)
