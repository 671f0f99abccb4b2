"""Serve stylesheets that browsers store for a year: changed content has a new address.

`chat/static/css/` has a file for each component. The chat joins a page's files into one stylesheet
when it starts: a request for each file would delay the first page (decision 25).

Other static files have one address each. Browsers revalidate them, so they see an upgrade at once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

CSS = Path(__file__).parent.parent / "static" / "css"
STORED = "public, max-age=31536000, immutable"  # a year
REVALIDATED = "no-cache"

EVERYWHERE = ("tokens", "base", "controls")
COMPONENTS = {
    "sign_in": ("sign_in",),
    "docs": ("docs",),
    "app": (
        "layout",
        "sidebar",
        "lists",
        "people",
        "dialogs",
        "room",
        "message",
        "message_body",
        "message_tools",
        "images",
        "composer",
    ),
}


class Stylesheet(NamedTuple):
    content: bytes
    version: str


def _joined(names: tuple[str, ...]) -> Stylesheet:
    content = b"\n".join((CSS / f"{name}.css").read_bytes() for name in names)
    return Stylesheet(content, hashlib.sha256(content).hexdigest()[:16])


_stylesheets = {name: _joined(EVERYWHERE + more) for name, more in COMPONENTS.items()}
PATHS = {f"/static/stylesheets/{name}.css" for name in COMPONENTS}


def set_up(app: Flask) -> None:
    app.add_template_global(stylesheet)
    app.add_url_rule("/static/stylesheets/<name>.css", "stylesheet", show_stylesheet)


def stylesheet(name: str) -> str:
    """Return the address of a page's stylesheet: `app`, `sign_in` or `docs`."""
    return f"/static/stylesheets/{name}.css?v={_stylesheets[name].version}"


def show_stylesheet(name: str) -> Response:
    """Return a stylesheet. During an upgrade, the other version's page may ask for one we lack."""
    found = _stylesheets.get(name)
    if found is None:
        raise NotFound
    response = Response(found.content, mimetype="text/css")
    response.set_etag(found.version)
    is_asked_for = request.args.get("v") == found.version
    response.headers["Cache-Control"] = STORED if is_asked_for else REVALIDATED
    response.make_conditional(request)
    return response
