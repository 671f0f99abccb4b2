"""`/rooms/<id>/images` and `/images`: pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from flask import Response, g, request

from chat.controllers import images as verbs
from chat.models.image import Image
from chat.models.image.storable import Rendition
from chat.routes.api.parsing import Blueprint, multipart, picture_answers, sent_fields, sent_picture
from chat.routes.api.reading import answer_of_one_room
from chat.routes.responses import harmless, json_answer
from chat.routes.visitors import has_hung_up
from chat.schemas.images import (
    LONGEST_ALT,
    DescriptionInput,
    GalleryQuery,
    GalleryView,
    ImageInput,
    ImageView,
    show_gallery,
    show_image,
)
from chat.schemas.text_fields import Line
from chat.utils.errors import BadRequest
from chat.utils.translation import _

images = Blueprint("images", __name__, description="Pictures")

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
UPLOAD = multipart(alt={"type": "string", **Line(0, LONGEST_ALT).described})


class Part(NamedTuple):
    """Which bytes of a file the response contains, and its status."""

    first: int
    last: int
    status: int


@images.post("/rooms/<id:room_id>/images", name="uploadImage", scope="write")
@images.doc(requestBody=UPLOAD)
@images.response(201, ImageView)
def upload(room_id: str) -> Response:
    """Upload a picture for a message

    Accepts PNG, JPEG, WebP, GIF, AVIF and HEIC; the content decides, not the file's name. The chat
    re-encodes the picture as JPEG, PNG or WebP, without the metadata of cameras.
    Only you can see it until you post a message that names it in image_ids. After a day without
    one, the chat deletes it.
    """
    file = sent_picture()
    fields = sent_fields(ImageInput)
    image = verbs.upload(g.person, room_id, file, **fields, has_hung_up=has_hung_up())
    return json_answer(show_image(image), 201)


@images.get("/rooms/<id:room_id>/images", name="listRoomImages", scope="read")
@images.arguments(GalleryQuery, location="query")
@images.conditional_response(GalleryView)
def list_of_room(query: dict[str, Any], room_id: str) -> Response:
    """List the pictures in a room's messages, newest first"""
    return answer_of_one_room(show_gallery(verbs.gallery(g.person, room_id, **query)))


@images.patch("/images/<id:image_id>", name="describeImage", scope="write")
@images.arguments(DescriptionInput)
@images.response(200, ImageView)
def describe(body: dict[str, str], image_id: str) -> Response:
    """Describe an uploaded picture, before you post it"""
    return json_answer(show_image(verbs.describe(g.person, image_id, body["alt"])))


@images.get("/images/<id:image_id>", name="getImage", scope="read")
@images.doc(responses=picture_answers(*ENDINGS, in_parts=True))
def show(image_id: str) -> Response:
    """Get a picture

    For members of its room. Accepts Range and If-None-Match.
    """
    image = verbs.show(g.person, image_id)
    return _serve(image, image.original)


@images.get("/images/<id:image_id>/thumbnail", name="getImageThumbnail", scope="read")
@images.doc(responses=picture_answers("image/webp", in_parts=True))
def show_thumbnail(image_id: str) -> Response:
    """Get a picture's thumbnail"""
    image = verbs.show(g.person, image_id)
    return _serve(image, image.thumbnail)


def _serve(image: Image, rendition: Rendition) -> Response:
    etag = f"{image.id}-{rendition.name}"  # needs no hash of the content: an image never changes
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        part = _requested_part(rendition.bytes, etag)
        body: Iterable[bytes] = ()
        if request.method == "GET":
            body = image.read(rendition, part.first, part.last)
        response = Response(body, part.status, mimetype=rendition.content_type)
        response.content_length = part.last - part.first + 1
        if part.status == 206:
            response.headers["Content-Range"] = f"bytes {part.first}-{part.last}/{rendition.bytes}"
        response.headers["Content-Disposition"] = (
            f"inline; filename={image.id}.{ENDINGS[rendition.content_type]}"
        )
    response.set_etag(etag)
    response.headers["Accept-Ranges"] = "bytes"
    # The browser stores the picture and revalidates it each time, because a person's access can
    # end.
    response.headers["Cache-Control"] = "private, no-cache"
    return harmless(response)


def _requested_part(length: int, etag: str) -> Part:
    """Return the range that the request names; the whole where it names none, or several."""
    wanted = request.range
    whole = Part(0, length - 1, 200)
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return whole
    if request.if_range.etag is not None and request.if_range.etag != etag:
        return whole
    found = wanted.range_for_length(length)
    if found is None:
        refusal = BadRequest(
            _("Ask for a range within the picture's {length} bytes.", length=length)
        )
        refusal.status = 416
        raise refusal
    return Part(found[0], found[1] - 1, 206)
