"""Serve the file of an export that somebody asked for."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from chat.models.prepared_export import PreparedExport
from chat.routes.responses import harmless


def file_answer(export: PreparedExport, content: Iterator[bytes]) -> Response:
    """Return the file, which no browser shows or keeps."""
    response = Response(content, mimetype="application/zip")
    response.content_length = export.size
    name = f"export-{export.created_at:%Y-%m-%d}-{export.id}.zip"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return harmless(response)
