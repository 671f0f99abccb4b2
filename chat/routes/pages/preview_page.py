"""Make the page of a room for somebody who is not in it yet."""

from __future__ import annotations

from flask import g, render_template

from chat.controllers import previews
from chat.models.message.bounds import FEW_BYTES
from chat.routes.pages.arranging import arrange
from chat.routes.pages.messages import names_in
from chat.schemas.previews import show_preview


def preview_page(room_id: str) -> str:
    """Return what a room's page shows before one joins. Raises NotFound, Forbidden."""
    shown = show_preview(*previews.show(g.person, room_id, most_bytes=FEW_BYTES))
    return render_template(
        "rooms/preview.html",
        previewed=shown["room"],
        has_before=shown["has_before"],
        rows=arrange(shown["messages"], [], None),
        names=names_in(shown["messages"]),
    )
