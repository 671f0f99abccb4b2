"""What the API says of itself in OpenAPI's terms, as those read it who generate clients.

flask-smorest makes the document from the schemas and the routes. Here is what it leaves out, or
writes so that generated clients do not work.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api
from marshmallow import fields
from werkzeug.routing import BaseConverter

from chat.routes.headers import EmojiSegment, IdSegment
from chat.schemas.errors import ErrorView
from chat.schemas.fields import Emoji, ObjectIdString, StrictString, View
from config import Settings

ABOUT = (
    "Register or log in, and send the access_token as `Authorization: Bearer …`. An unknown field "
    "of a body and an unknown parameter are refused; an empty parameter is as none. Answers may "
    "get more fields: pass over those that you do not know."
)
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]  # but where an operation says `[]`


SEGMENTS: dict[type[BaseConverter], StrictString] = {
    IdSegment: ObjectIdString(),
    EmojiSegment: Emoji(),
}


class Converter(OpenAPIConverter):
    """apispec's, which is asked about each schema, field and parameter."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """Return the schema; of an answer one to which fields may be added."""
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if isinstance(schema, View):
            found.pop("additionalProperties", None)
        return found

    def field2nullable(self, field: fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
        """Return that it may be null; of a reference in the one form that generators read so."""
        if not field.allow_none:
            return {}
        if "$ref" in ret:
            return {"allOf": [{"$ref": ret.pop("$ref")}], "nullable": True}
        return {"nullable": True}

    def field2default(self, field: fields.Field[Any], **options: Any) -> dict[str, Any]:
        """Return the default; none where that is nothing: generators have such fields sent."""
        found: dict[str, Any] = super().field2default(field, **options)
        return found if found.get("default") not in (None, "") else {}

    def field2pattern(self, field: fields.Field[Any], **_: object) -> dict[str, Any]:
        """Return nothing: ours are Python's, and `described` says them as ECMA-262 has them."""
        return {}


def _describe_field(_: Converter, field: fields.Field[Any], **__: object) -> dict[str, Any]:
    """Return what a field of ours says of itself."""
    described: dict[str, Any] = getattr(field, "described", {})
    return described


def _describe_segment(field: StrictString, _: BaseConverter) -> dict[str, Any]:
    """Return what a part of a path is: what such a field of a body would be."""
    return {"type": "string", **field.described}


def _describe_emptiness(_: Converter, __: object, ret: dict[str, Any]) -> dict[str, Any]:
    """Return that a parameter may be empty, which is as if it were not there."""
    return {"allowEmptyValue": True} if ret["in"] == "query" else {}


class Plugin(MarshmallowPlugin):
    Converter = Converter


class DescribedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's Api with our own shape of errors."""

    ERROR_SCHEMA = ErrorView

    def _register_error_handlers(self) -> None:
        """Errors are answered in routes/errors.py, for every door alike."""

    def _register_pagination_header(self) -> None:
        """Pages are told in the answers: no header of ours has this shape."""


def described(app: Flask, settings: Settings) -> DescribedApi:
    """Return the API to which blueprints are added, and which describes them."""
    app.config.update(API_TITLE="real-time-chat", API_VERSION="v1", OPENAPI_VERSION="3.0.3")
    about = {
        "info": {"description": ABOUT, "license": {"name": "MIT"}},
        "servers": [{"url": url} for url in settings.public_urls],
        "security": SECURITY,
    }
    api = DescribedApi(app, spec_kwargs={"marshmallow_plugin": Plugin(), **about})
    api.ma_plugin.converter.add_attribute_function(_describe_field)
    api.ma_plugin.converter.add_parameter_attribute_function(_describe_emptiness)
    for segment, field in SEGMENTS.items():
        api.register_converter(segment, partial(_describe_segment, field))
    scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    api.spec.components.security_scheme("bearer", scheme)
    return api
