"""Reading what a request carries: JSON, or a picture in a multipart form."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

import flask_smorest
import orjson
from flask import Request, current_app, request
from marshmallow import Schema, missing
from webargs.flaskparser import FlaskParser

from chat.utils.errors import BadRequest, ValidationFailed
from chat.utils.text import quoted


class Parser(FlaskParser):
    """webargs with orjson: nesting without end is a refusal, where the standard library raises RecursionError."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        data = req.get_data()
        if not data or not req.is_json:
            return missing
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            if "surrogate" in error.msg and "UTF-8" not in error.msg:
                raise ValidationFailed("A character here cannot be stored.") from None
            raise BadRequest("The request's body is not valid JSON.") from None


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: type[Schema], **options: Any) -> Any:
        """One schema for all requests: from a class, each would make one of its own."""
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


def refuse_unknown_parameters() -> None:
    """Before every request of the API. Raises ValidationFailed, which names the first one."""
    if not request.query_string or request.method == "OPTIONS":
        return
    view = current_app.view_functions[request.endpoint or ""]
    known: frozenset[str] = getattr(view, "parameters", frozenset())
    unknown = next((name for name in request.args if name not in known), None)
    if unknown is not None:
        raise ValidationFailed(fields={quoted(unknown): "There is no such parameter."})


def multipart(fields: dict[str, Any]) -> dict[str, Any]:
    """How OpenAPI describes a form with a picture, the field `image`."""
    schema = {"type": "object", "required": ["image"], "properties": fields}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def sent_picture() -> IO[bytes]:
    """The file of the field `image`. Raises BadRequest when there is none."""
    file = request.files.get("image")
    if file is None:
        raise BadRequest("Send the picture as the field “image” of a multipart form.")
    return file.stream
