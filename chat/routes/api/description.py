"""Describe the API in OpenAPI's terms, for people who generate clients.

flask-smorest generates the document from the schemas and the routes. This module adds missing
parts, and corrects parts that break generated clients.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api
from marshmallow import fields
from werkzeug.routing import BaseConverter

from chat.routes.api.header_descriptions import HEADERS, OF_ERRORS, describe_headers, references
from chat.routes.headers import EmojiSegment, IdSegment
from chat.schemas.base import View
from chat.schemas.errors import ErrorView
from chat.schemas.fields import Emoji, NumberCursor, ObjectIdString
from chat.schemas.text_fields import StrictString
from config import Settings

ABOUT = (
    "Register or log in, and send the access_token as `Authorization: Bearer …`. The chat refuses "
    "unknown fields and parameters; an empty parameter is the same as none. Later versions may add "
    "fields to responses: ignore those that you do not know."
)
# 3.1, because 3.0 cannot say that a reference may be null: `nullable` needs a `type` beside it.
OPENAPI = "3.1.0"
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]  # except where an operation has `[]`

# (endpoint, method) -> whether the request is charged to a budget
IsCounted = Callable[[str, str], bool]
# endpoint -> whether it needs somebody who is signed in
NeedsPerson = Callable[[str], bool]
FOR_PEOPLE_ALONE = (
    "Needs a person's sign-in (`POST /auth/login`): no API token may do this, no bot."
)

SEGMENTS: dict[type[BaseConverter], StrictString] = {
    IdSegment: ObjectIdString(),
    EmojiSegment: Emoji(),
}


class Converter(OpenAPIConverter):
    """apispec's converter, which apispec calls for each schema, field and parameter."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """Return the schema; a response's schema allows additional fields."""
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if isinstance(schema, View):
            found.pop("additionalProperties", None)
        return found

    def field2default(self, field: fields.Field[Any], **options: Any) -> dict[str, Any]:
        """Return the default; none for an empty one: generators would send such fields."""
        found: dict[str, Any] = super().field2default(field, **options)
        is_empty = found.get("default") in (None, "")
        return {} if is_empty or isinstance(field, NumberCursor) else found

    def field2range(
        self, field: fields.Field[Any], ret: dict[str, Any], **options: Any
    ) -> dict[str, Any]:
        """Return the bounds of a number; a cursor is described as a text."""
        if isinstance(field, NumberCursor):
            return {}
        found: dict[str, Any] = super().field2range(field, ret, **options)
        return found

    def field2pattern(self, field: fields.Field[Any], **_: object) -> dict[str, Any]:
        """Return nothing: these patterns are Python's, and `described` has those of ECMA-262."""
        return {}


def _describe_field(_: Converter, field: fields.Field[Any], **__: object) -> dict[str, Any]:
    """Return the description of a field of ours."""
    described: dict[str, Any] = getattr(field, "described", {})
    return described


def _describe_segment(field: StrictString, _: BaseConverter) -> dict[str, Any]:
    """Return the description of a part of a path, as of the same field in a body."""
    return {"type": "string", **field.described}


def _describe_emptiness(_: Converter, __: object, ret: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI field that lets a query parameter be empty, as if left out."""
    return {"allowEmptyValue": True} if ret["in"] == "query" else {}


class Plugin(MarshmallowPlugin):
    """apispec's plugin, which apispec calls for each path and each shared response."""

    Converter = Converter

    def __init__(self, is_counted: IsCounted, needs_person: NeedsPerson):
        super().__init__()
        self._is_counted = is_counted
        self._needs_person = needs_person

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **options: Any
    ) -> None:
        """Complete the operations of a path."""
        endpoint = options["rule"].endpoint
        for method, operation in (operations or {}).items():
            describe_headers(operation, self._is_counted(endpoint, method.upper()))
            if "x-scope" not in operation and self._needs_person(endpoint):
                told = operation.get("description", "")
                operation["description"] = f"{told}\n\n{FOR_PEOPLE_ALONE}".strip()
        super().operation_helper(path, operations, **options)

    def response_helper(self, response: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Complete a shared response; all of them are errors."""
        complete = response | {"headers": references(OF_ERRORS)}
        helper: Callable[..., dict[str, Any]] = super().response_helper
        return helper(complete, **options)


class DescribedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's Api with our own shape of errors."""

    ERROR_SCHEMA = ErrorView

    def _register_error_handlers(self) -> None:
        """Register none: routes/errors.py answers all errors."""

    def _register_pagination_header(self) -> None:
        """Register none: responses describe pages in their bodies, not in this header."""


def described(
    app: Flask, settings: Settings, is_counted: IsCounted, needs_person: NeedsPerson
) -> DescribedApi:
    """Return the API that describes the blueprints added to it."""
    app.config.update(API_TITLE="real-time-chat", API_VERSION="v1", OPENAPI_VERSION=OPENAPI)
    about = {
        "info": {"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": url} for url in settings.public_urls],
        "security": SECURITY,
    }
    api = DescribedApi(
        app, spec_kwargs={"marshmallow_plugin": Plugin(is_counted, needs_person), **about}
    )
    api.ma_plugin.converter.add_attribute_function(_describe_field)
    api.ma_plugin.converter.add_parameter_attribute_function(_describe_emptiness)
    for segment, field in SEGMENTS.items():
        api.register_converter(segment, partial(_describe_segment, field))
    scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    api.spec.components.security_scheme("bearer", scheme)
    for name, header in HEADERS.items():
        api.spec.components.header(name, header)
    return api
