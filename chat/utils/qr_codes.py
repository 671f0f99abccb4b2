"""QR codes, as an SVG that scales."""

from __future__ import annotations

import io

import segno


def svg(text: str) -> str:
    """Return the QR code of a text: black on white, with the quiet zone around it."""
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing, kind="svg", light="white", omitsize=True, xmldecl=False, nl=False
    )
    return drawing.getvalue().decode()
