"""Serve static files from addresses that change with the content: browsers store them for a year.

The addresses are `/static/<version>/<file>`, for which `url_for("static", filename=…)` knows the
version: a digest of all files. So the relative addresses in a file lead to the same version.
Under another version's address, which a page of before or after an upgrade asks for, and under
`/static/<file>`, is the present file, which browsers revalidate.

The chat reads all files when it starts. It joins the stylesheets that a kind of page needs into one
(decision 25), and the modules of the pages as well (decision 27): a request for each of them would
delay the first page.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from chat.routes.encodings import PublicContent
from chat.utils import module_joiner, script_catalogue, translation
from chat.utils.translation import ENGLISH

FOLDER = Path(__file__).parent.parent / "static"
ADDRESS = "/static/"
STORED = "public, max-age=31536000, immutable"  # a year
REVALIDATED = "no-cache"
EVERYWHERE = ("tokens", "preferences", "base", "controls")
COMPONENTS = {
    "sign_in": ("sign_in",),
    "docs": ("docs",),
    "app": (
        "layout",
        "panel",
        "details",
        "search",
        "search_names",
        "sidebar",
        "unread_beyond",
        "room_item",
        "account_menu",
        "tab_bar",
        "lists",
        "list_filter",
        "people",
        "reports",
        "webhooks",
        "dialogs",
        "picker",
        "room_bell",
        "room_header",
        "favourite",
        "profile",
        "status",
        "chips",
        "preview",
        "room",
        "beginning",
        "first_steps",
        "message",
        "message_day",
        "room_line",
        "command_answer",
        "message_body",
        "message_fold",
        "message_tools",
        "images",
        "image_viewer",
        "composer",
        "uploads",
        "suggestions",
        "switcher",
        "key_sheet",
        "message_editor",
        "settings",
        "overview",
        "room_choice",
        "invites",
        "share",
        "install_hint",
        "security",
        "programs",
        "setting_controls",
        "themes",
        "avatar_editor",
    ),
}


# Joined modules, each of an entry and of all modules that it imports.
# In each language: `scripts/app.js`, `scripts/app.de.js`.
SCRIPTS = {"scripts/app.js": "js/main.js", "scripts/sign_in.js": "js/sign_in.js"}
# What a joined module imports when a page needs it: the first page has to arrive soon.
LATER = "scripts/later/"
LATER_SCRIPTS = {
    "scripts/app.js": {
        "js/other_pages.js": f"{LATER}other_pages.js",
        "js/on_demand.js": f"{LATER}on_demand.js",
        "js/sounds.js": f"{LATER}sounds.js",
    }
}
# It says nothing, so it has no language.
WORKER = "scripts/service_worker.js"
CATALOGUE = "js/models/catalogue.js"
TYPES = {
    ".js": "text/javascript",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class Version(BaseConverter):
    regex = "[0-9a-f]{16}"


def set_up(app: Flask) -> None:
    files()
    app.url_map.converters["version"] = Version
    app.add_url_rule(f"{ADDRESS}<version:version>/<path:filename>", "static", show)
    app.add_url_rule(f"{ADDRESS}<path:filename>", "static", show)
    app.url_defaults(_add_version)


def show(filename: str, version: str = "") -> Response:
    """Return a file, which browsers store if `version` is the present one."""
    file = files().get(filename)
    if file is None:
        raise NotFound
    if filename.startswith(LATER) and version != current_version():
        raise NotFound  # it fits only what is of the same version
    response = file.answer()
    response.headers["Cache-Control"] = STORED if version == current_version() else REVALIDATED
    return response


@cache
def files() -> dict[str, PublicContent]:
    """Return all static files by their names, like `icons/chat.svg`.

    Raises module_joiner.Refused.
    """
    contents = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for folder, _, names in os.walk(FOLDER, followlinks=True)
        for path in (Path(folder, name) for name in names if not name.startswith("."))
    }
    for name, components in COMPONENTS.items():
        styles = [contents[f"css/{each}.css"] for each in EVERYWHERE + components]
        contents[f"stylesheets/{name}.css"] = _without_comments(b"\n".join(styles))
    for language in translation.languages():
        replaced = {} if language == ENGLISH else {CATALOGUE: script_catalogue.module(language)}
        for english_name, entry in SCRIPTS.items():
            later = {
                later_entry: script(later_name, language)
                for later_entry, later_name in LATER_SCRIPTS.get(english_name, {}).items()
            }
            name = script(english_name, language)
            joined = module_joiner.join_with_later_ones(FOLDER, entry, name, later, replaced)
            for address, module in joined.items():
                contents[address] = module.text.encode()
                contents[f"{address}.map"] = module.source_map.encode()
    contents[WORKER] = module_joiner.join(FOLDER, "js/service_worker.js", WORKER).text.encode()
    return {name: PublicContent(contents[name], _type_of(name)) for name in sorted(contents)}


def _without_comments(styles: bytes) -> bytes:
    """Return stylesheets without comments and lines: a quarter of the bytes on the wire."""
    lines = re.sub(rb"\n\s*", b"\n", re.sub(rb"/\*.*?\*/", b"", styles, flags=re.DOTALL))
    return re.sub(rb"(?<=[{};,])\n", b"", lines)


def script(name: str, language: str) -> str:
    """Return the name of a joined module of `SCRIPTS` in a language."""
    return name if language == ENGLISH else f"{name.removesuffix('.js')}.{language}.js"


@cache
def current_version() -> str:
    """Return the version of the static files that this chat serves."""
    described = "".join(f"{name} {file.tag}\n" for name, file in files().items())
    return hashlib.sha256(described.encode()).hexdigest()[:16]


def is_file(path: str) -> bool:
    """Return whether `path`, of a request, leads to a static file, of whatever version."""
    if not path.startswith(ADDRESS):
        return False
    name = path.removeprefix(ADDRESS)
    version, _, rest = name.partition("/")
    return name in files() or (rest in files() and bool(re.fullmatch(Version.regex, version)))


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static":
        values.setdefault("version", current_version())


def _type_of(name: str) -> str:
    kind = TYPES.get(PurePosixPath(name).suffix) or mimetypes.guess_type(name)[0]
    return kind or "application/octet-stream"
