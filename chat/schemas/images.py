"""Pictures: what is accepted, what is shown."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.image import Image
from chat.schemas.fields import Input, Text, View

LONGEST_ALT = 500


class ImageInput(Input):
    """The form's fields beside the file."""

    alt = Text(0, LONGEST_ALT, load_default="", metadata={"description": "what the picture shows, for who cannot see it"})


class DescriptionInput(Input):
    alt = Text(0, LONGEST_ALT, required=True)


class ImageView(View):
    id = fields.String(required=True)
    content_type = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    url = fields.String(required=True)
    thumbnail_url = fields.String(required=True, metadata={"description": "at most 800 pixels wide and high, WebP"})
    alt = fields.String(required=True)
    placeholder = fields.String(required=True, metadata={"description": "a few pixels as a data URL, until the picture is there"})


def show_image(image: Image) -> dict[str, Any]:
    """An ImageView of an upload."""
    return show_kept_image(image.as_kept())


def show_kept_image(kept: dict[str, Any]) -> dict[str, Any]:
    """An ImageView of what a message keeps of its image."""
    url = f"/api/v1/images/{kept['id']}"
    return {**kept, "url": url, "thumbnail_url": f"{url}/thumbnail"}
