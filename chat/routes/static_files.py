"""Let browsers store stylesheets for a year: another content has another address.

Other static files have one address each. Browsers revalidate them, so they see an upgrade at once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, request

FOLDER = Path(__file__).parent.parent / "static"
STORED = "public, max-age=31536000, immutable"  # a year
REVALIDATED = "no-cache"

# By the path under FOLDER.
_versions = {
    f"css/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    for file in (FOLDER / "css").glob("*.css")
}


def set_up(app: Flask) -> None:
    app.add_template_global(stylesheet)


def stylesheet(name: str) -> str:
    """Return the address of a stylesheet by its name, like `message`."""
    path = f"css/{name}.css"
    return f"/static/{path}?v={_versions[path]}"


def cache_control() -> str:
    """Return the Cache-Control of the static file that the request asks for.

    During an upgrade, the page of another version may ask for content that is not here.
    """
    version = _versions.get((request.view_args or {})["filename"])
    return STORED if version and request.args.get("v") == version else REVALIDATED
