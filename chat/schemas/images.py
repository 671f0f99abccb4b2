"""Define the input and the views of images."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields

from chat.models.document import id_from
from chat.models.image import Image
from chat.models.image.listable import LONGEST_PAGE, USUAL_PAGE, Cursor
from chat.models.user import User
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import Moment, Next, StrictInteger
from chat.schemas.text_fields import Line, StrictString
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339
from chat.utils.list_page import ListPage
from chat.utils.translation import _

LONGEST_ALT = 500
THUMBNAIL = (
    "at most 800 pixels wide and high, WebP; of a picture more than 5 times as wide as high, "
    "or more than 3 times as high as wide, its beginning"
)
LONGEST_CURSOR = 50  # characters: a seq and an id
CURSOR = re.compile(r"([1-9][0-9]{0,15})(?:-([0-9a-f]{24}))?")


class ImageInput(Input):
    """The fields of the form besides the file."""

    alt = Line(
        0,
        LONGEST_ALT,
        load_default="",
        metadata={"description": "describes the picture for people who cannot see it"},
    )


class DescriptionInput(Input):
    alt = Line(0, LONGEST_ALT, required=True)


class CursorText(StrictString):
    """A message's seq, or the `next` of the previous page."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_CURSOR, **options)

    @property
    def described(self) -> dict[str, Any]:
        pattern = "^[1-9][0-9]{0,15}(-[0-9a-f]{24})?$"
        return {"maxLength": self.most, "pattern": pattern, "format": "cursor"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        parts = CURSOR.fullmatch(super()._deserialize(value, attr, data, **options))
        if parts is None:
            raise ValidationError(_("Use a seq, or `next` of the page before."))
        return Cursor(int(parts[1]), id_from(parts[2]))


class GalleryQuery(QueryInput):
    before = CursorText(metadata={"description": "a seq, or `next` of the page before"})
    limit = StrictInteger(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE)


class ImageView(View):
    id = fields.String(required=True)
    content_type = fields.String(
        required=True, metadata={"description": "image/jpeg, image/png or image/webp"}
    )
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    url = fields.String(required=True)
    thumbnail_url = fields.String(required=True, metadata={"description": THUMBNAIL})
    alt = fields.String(required=True)
    placeholder = fields.String(
        required=True,
        metadata={"description": "a tiny preview as a data URL, until the picture has loaded"},
    )


class GalleryImageView(ImageView):
    message_id = fields.String(required=True)
    seq = fields.Integer(required=True, metadata={"description": "of its message"})
    author = fields.Nested(UserView, required=True)
    created_at = Moment(required=True, metadata={"description": "when its message was sent"})


class GalleryView(View):
    images = fields.List(fields.Nested(GalleryImageView), required=True)
    next = Next("before")


def show_image(image: Image) -> dict[str, Any]:
    """Return an ImageView of an upload."""
    return show_image_reference(image.as_reference())


def show_image_reference(reference: dict[str, Any]) -> dict[str, Any]:
    """Return an ImageView of an image that a message stores."""
    url = f"/api/v1/images/{reference['id']}"
    return {**reference, "url": url, "thumbnail_url": f"{url}/thumbnail"}


def show_gallery(page: ListPage[Image, Cursor]) -> dict[str, Any]:
    """Return a GalleryView."""
    authors = User.find_many(image.uploader_id for image in page.items)
    cursor = page.following
    return {
        "images": [_show_listed(image, authors[image.uploader_id]) for image in page.items],
        "next": cursor and "-".join(str(part) for part in cursor if part is not None),
    }


def _show_listed(image: Image, author: User) -> dict[str, Any]:
    assert image.posted_at
    return show_image(image) | {
        "message_id": str(image.message_id),
        "seq": image.seq,
        "author": show_user(author),
        "created_at": rfc3339(image.posted_at),
    }
