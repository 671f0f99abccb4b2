"""Parse a request's content: JSON, or a picture in a multipart form."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

import flask_smorest
import orjson
from flask import Request, current_app, request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from chat.routes.errors import not_accepted
from chat.schemas.base import Input
from chat.utils.errors import BadRequest, ValidationFailed
from chat.utils.text import quoted
from chat.utils.translation import _

KNOWN = "It is the one that If-None-Match names"


class Parser(FlaskParser):
    """webargs with orjson, which refuses endless nesting.

    The standard library raises RecursionError for it.
    """

    def load_json(self, req: Request, schema: Schema) -> Any:
        data = req.get_data()
        if not data:
            raise ValidationFailed(_("Send a JSON object as the body."))
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            if "surrogate" in error.msg and "UTF-8" not in error.msg:
                raise ValidationFailed(_("This has a character that cannot be stored.")) from None
            raise BadRequest(_("The request's body is not valid JSON.")) from None


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    ARGUMENTS_PARSER = Parser()

    def route(self, rule: str, *, name: str, scope: str | None = None, **options: Any) -> Any:
        """Serve `rule`; generated clients call the operation `name`, for good.

        `scope`: an API token needs it; without one only people who are signed in may do this.
        """
        decorate = super().route(rule, **options)
        described = self.doc(operationId=name, **({"x-scope": scope} if scope else {}))

        def decorate_and_note(view: Callable[..., Any]) -> Any:
            view = described(view)
            view.scope = scope  # type: ignore[attr-defined]
            return decorate(view)

        return decorate_and_note

    def conditional_response(self, schema: type[Schema]) -> Any:
        """Describe a response with an ETag, which is 304 for a client that has it already."""
        decorate = self.response(200, schema)
        decorate_known = self.alt_response(304, description=KNOWN)
        return lambda view: decorate(decorate_known(view))

    def arguments(self, schema: type[Schema], **options: Any) -> Any:
        """Use one schema for all requests: a class would be instantiated for each of them."""
        made = schema()
        decorate = super().arguments(made, **options)
        if options.get("location") != "query":
            return decorate
        names = frozenset(field.data_key or name for name, field in made.load_fields.items())

        def decorate_and_note(view: Callable[..., Any]) -> Any:
            decorated = decorate(view)
            decorated.parameters = names
            return decorated

        return decorate_and_note


def scope_of_request() -> str | None:
    """Return the scope that an API token needs for this request; None if it cannot do it."""
    view = current_app.view_functions[request.endpoint or ""]
    return getattr(view, "scope", None)


def refuse_unknown_parameters() -> None:
    """Raise ValidationFailed, which names the first unknown parameter of the query.

    Runs before every request of the API.
    """
    if not request.query_string:
        return
    view = current_app.view_functions[request.endpoint or ""]
    known: frozenset[str] = getattr(view, "parameters", frozenset())
    unknown = next((name for name in request.args if name not in known), None)
    if unknown is not None:
        raise ValidationFailed(fields={quoted(unknown): _("There is no such parameter.")})


BINARY = {"type": "string", "format": "binary"}
# All types are accepted here, because the content decides, not the type that a form names.
PICTURES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "image/avif",
    "image/heic",
)


def multipart(**fields: dict[str, Any]) -> dict[str, Any]:
    """Return OpenAPI's description of a form with a picture, the field `image`, and `fields`."""
    schema = {
        "type": "object",
        "required": ["image"],
        "properties": {"image": BINARY} | fields,
        "additionalProperties": False,
    }
    form = {"schema": schema, "encoding": {"image": {"contentType": ", ".join(PICTURES)}}}
    return {"required": True, "content": {"multipart/form-data": form}}


def picture_answers(
    *content_types: str, in_parts: bool = False, has_etag: bool = True
) -> dict[str, Any]:
    """Return OpenAPI's description of picture responses; `in_parts`: also of ranges."""
    content = {content_type: {"schema": BINARY} for content_type in content_types}
    answers: dict[str, Any] = {
        "200": {"description": "The picture", "content": content},
    }
    if has_etag:
        answers["304"] = {"description": KNOWN}
    if in_parts:
        answers["206"] = {"description": "The part that Range names", "content": content}
        answers["416"] = {"$ref": "#/components/responses/DEFAULT_ERROR"}
    return answers


def sent_picture() -> IO[bytes]:
    """Return the file of the field `image`. Raises BadRequest when there is none."""
    file = request.files.get("image")
    if file is None:
        raise BadRequest(_("Send the picture as the field “image” of a multipart form."))
    return file.stream


def sent_fields(schema: type[Input]) -> dict[str, Any]:
    """Return the form's fields other than `image`. Raises ValidationFailed."""
    others = {name: "" for name in request.files if name != "image"}
    try:
        loaded: dict[str, Any] = schema().load(request.form.to_dict() | others)
    except ValidationError as error:
        raise not_accepted(error.messages) from None
    return loaded
