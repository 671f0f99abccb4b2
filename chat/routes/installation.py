"""Serve how browsers install the chat: its manifest, its icon, and its service worker.

Their addresses are for everybody, so that the pages to sign in show the icon, too.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Flask, Response, request, url_for

from chat.controllers import chat_settings, current_chat
from chat.routes.encodings import PublicContent
from chat.routes.responses import harmless
from chat.routes.static_files import ADDRESS, REVALIDATED, STORED, WORKER, files
from chat.utils import translation
from chat.utils.errors import NotFound
from chat.utils.numbers import whole_number
from chat.utils.pictures import ICON_SIZES
from chat.utils.sentences import N_
from chat.utils.translation import said

MANIFEST = "manifest.webmanifest"
USUAL_SIZE = 192  # px
INSTALLED_SIZES = tuple(size for size in ICON_SIZES if size >= USUAL_SIZE)
DESCRIPTION = N_("Rooms and direct messages of a team")
# What the icon of the installed chat offers: name, endpoint, and its own icon (bin/shortcut-icons).
SHORTCUTS = (
    (N_("New message"), "pages.direct_rooms.new", "new-message"),
    (N_("Unread rooms"), "pages.rooms.list_mine", "unread-rooms"),
    (N_("Search"), "pages.search.find", "search"),
)
SHORTCUT_SIZE = 96  # px


def set_up(app: Flask) -> None:
    # These addresses stay: browsers ask for them again.
    app.add_url_rule(f"/{MANIFEST}", "manifest", show_manifest)
    app.add_url_rule("/icon/<id:icon_id>", "icon", show_icon)
    app.add_url_rule("/service-worker.js", "service_worker", show_worker)


def show_manifest() -> Response:
    """Return the web app manifest, with the chat's own name and icon, in the browser's language."""
    chat = current_chat.find()
    icon = url_for("icon", icon_id=chat.icon_id) if chat.icon_id else ""
    response = _manifest(chat.name, icon, translation.current()).answer()
    response.headers["Cache-Control"] = REVALIDATED
    response.vary.add("Accept-Language")
    return response


def show_icon(icon_id: str) -> Response:
    """Return the chat's icon as PNG. Browsers store it, because the next icon has another id."""
    given = request.args.get("size", str(USUAL_SIZE))
    size = whole_number(given, len(str(max(ICON_SIZES))))
    if size is None:
        raise NotFound
    response = Response(chat_settings.icon(icon_id, size), mimetype="image/png")
    response.headers["Cache-Control"] = STORED
    return harmless(response)


def show_worker() -> Response:
    """Return the service worker, which lies at the top, so that it serves all pages."""
    response = files()[WORKER].answer()
    response.headers["Cache-Control"] = REVALIDATED
    return response


@lru_cache(len(translation.languages()))
def _manifest(name: str, icon: str, language: str) -> PublicContent:
    usual = files()[MANIFEST]
    manifest: dict[str, Any] = json.loads(usual.body) | {
        "name": name,
        "short_name": name,
        "description": said(DESCRIPTION),
        "lang": language,
        "shortcuts": [_shortcut(*each) for each in SHORTCUTS],
    }
    if icon:
        manifest["icons"] = [
            {"src": f"{icon}?size={size}", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in INSTALLED_SIZES
        ]
    return PublicContent(json.dumps(manifest, ensure_ascii=False).encode(), usual.mimetype)


def _shortcut(name: str, endpoint: str, icon: str) -> dict[str, Any]:
    """Return a shortcut of the manifest, in the language of the request."""
    size = f"{SHORTCUT_SIZE}x{SHORTCUT_SIZE}"
    source = f"{ADDRESS}icons/shortcut-{icon}.png"
    icons = [{"src": source, "sizes": size, "type": "image/png"}]
    return {"name": said(name), "url": url_for(endpoint), "icons": icons}
