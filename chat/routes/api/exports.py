"""`/rooms/<id>/exports`, `/me/exports` and `/exports`: files of a room, or of one's own data."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import prepared_exports as verbs
from chat.models.prepared_export import PreparedExport
from chat.routes.api.parsing import BINARY, Blueprint
from chat.routes.export_file import file_answer
from chat.routes.responses import json_answer
from chat.schemas.exports import ExportsView, ExportView, show_exports

exports = Blueprint("exports", __name__, description="Exports")


@exports.post("/rooms/<id:room_id>/exports", name="exportRoom")
@exports.response(202, ExportView)
def ask_for_room(room_id: str) -> Response:
    """Ask for a file of a room

    For its owners. The file is a .zip with all messages and pictures, readable for everybody; the
    room says who exported it. Programs cannot ask for exports, nor get them.
    """
    return json_answer(_shown(verbs.ask_for_room(g.person, room_id)), 202)


@exports.post("/me/exports", name="exportMyData")
@exports.response(202, ExportView)
def ask_for_own() -> Response:
    """Ask for a file of your data

    What the chat keeps about you, what you wrote, and your direct conversations, as a .zip.
    """
    return json_answer(_shown(verbs.ask_for_own(g.person)), 202)


@exports.get("/exports", name="listMyExports")
@exports.response(200, ExportsView)
def list_mine() -> Response:
    """List the exports that you asked for, the newest first"""
    found = verbs.list_of(g.person)
    shown = show_exports(found, verbs.rooms_of(g.person, found))
    return json_answer({"exports": shown, "next": None})


@exports.get("/exports/<id:export_id>", name="getExport")
@exports.response(200, ExportView)
def show(export_id: str) -> Response:
    """Get how far an export is

    conflict on its file until `state` is "ready". The chat deletes it at `expires_at`.
    """
    return json_answer(_shown(verbs.find(g.person, export_id)))


@exports.get("/exports/<id:export_id>/file", name="getExportFile")
@exports.doc(
    responses={
        "200": {
            "description": "The file",
            "content": {"application/zip": {"schema": BINARY}},
        }
    }
)
def show_file(export_id: str) -> Response:
    """Get the file of an export

    Of a room only while you may export it.
    """
    return file_answer(*verbs.file_of(g.person, export_id))


@exports.delete("/exports/<id:export_id>", name="deleteExport")
@exports.response(204)
def delete(export_id: str) -> tuple[Any, int]:
    """Delete an export, also one that is not ready yet"""
    verbs.delete(g.person, export_id)
    return "", 204


def _shown(export: PreparedExport) -> dict[str, Any]:
    (shown,) = show_exports([export], verbs.rooms_of(g.person, [export]))
    return shown
