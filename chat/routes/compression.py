"""Compress responses where their length reveals nothing.

The length of a compressed response reveals whether two of its parts are alike (BREACH). So nothing
that a person writes is compressed together with what that person may not read: docs/security.md.

- Only responses about one room are compressed: who writes in it reads it anyway. On a page the list
  of rooms is not about that room, so each of its entries is compressed by itself.
- Only for a bearer token, or when the browser says that one of our pages, or its person, asks.
- Tokens are in no such response. The CSRF token of a page is masked anew each time.
"""

from __future__ import annotations

import re
import zlib

from flask import Flask, Response, request

from chat.extensions import socketio
from chat.routes.encodings import LEAST_BYTES, chosen

PAGES_OF_ONE_ROOM = frozenset(
    {
        "pages.rooms.show",
        "pages.rooms.list_images",
        "pages.details.about",
        "pages.members.show",
        "pages.room_settings.show",
        "pages.messages.show",
        "pages.messages.list_pinned",
    }
)
OWN_SITES = frozenset({"same-origin", "none"})  # `none`: a bookmark, or a typed address
LEVEL = 4  # of a room's page 21.0 kB in 1.2 ms; level 3: 23.5 kB in 0.8 ms, 6: 19.8 kB in 2.0 ms
PIECE_BYTES = 65_536  # bytes compressed at a time, after which the loop runs other work
GZIP = 16 + zlib.MAX_WBITS
MAIN = b"<main"
ENTRY = re.compile(rb"(?=<li\b)")


def set_up(app: Flask) -> None:
    @app.after_request
    def _compress_page(response: Response) -> Response:
        if request.endpoint in PAGES_OF_ONE_ROOM and response.mimetype == "text/html":
            compress(response)
        return response


def compress(response: Response) -> None:
    """Compress a response about one room, if that is safe and the client accepts it. Yields."""
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or not _is_asked_by_us() or not chosen(("gzip",)):
        return
    body = response.get_data()
    if len(body) >= LEAST_BYTES:
        parts = parts_of_page(body) if response.mimetype == "text/html" else [body]
        response.set_data(gzipped(parts))
        response.headers["Content-Encoding"] = "gzip"


def parts_of_page(page: bytes) -> list[bytes]:
    """Return the parts of a room's page, none of which mixes rooms: entries of lists, and `main`.

    What precedes the first entry, and follows the last, names no other room.
    """
    around, main, content = page.partition(MAIN)
    return [*ENTRY.split(around), main + content]


def gzipped(parts: list[bytes]) -> bytes:
    """Return the parts in gzip's format, each compressed without regard to the others. Yields."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    packed = []
    for part in parts:
        for start in range(0, len(part), PIECE_BYTES):
            if start:
                socketio.sleep(0)
            packed.append(packer.compress(part[start : start + PIECE_BYTES]))
        packed.append(packer.flush(zlib.Z_FULL_FLUSH))  # forgets the part
    return b"".join([*packed, packer.flush()])


def _is_asked_by_us() -> bool:
    """Return whether no page of others can have made a browser send this request.

    They know no bearer token. They can open a page of ours with its cookies, as often as they like;
    then the browser says so.
    """
    environ = request.environ
    return "HTTP_AUTHORIZATION" in environ or environ.get("HTTP_SEC_FETCH_SITE") in OWN_SITES
