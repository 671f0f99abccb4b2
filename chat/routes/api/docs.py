"""Serve the API's description: `/docs` for people, `/openapi.json` for programs.

The server renders the page, so that it needs no script and no other host. Both are made once,
because anybody may request them, as often as they like.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import orjson
from flask import Blueprint, Response, render_template
from flask_smorest import Api
from markupsafe import Markup, escape

from chat.controllers import current_chat
from chat.models.chat_settings import ChatSettings
from chat.routes.api.examples import OF_REFRESH, Examples, may_be_null, without_null
from chat.routes.encodings import PublicContent
from chat.schemas.fields import ID_PATTERN
from chat.utils import translation
from chat.utils.translation import ENGLISH

FORMATS = {
    "date-time": "a time",
    "cursor": "a cursor",
    "emoji": "an emoji",
    "binary": "a file",
}
METHODS = ("get", "post", "put", "patch", "delete")


class Description:
    """The description of `api`."""

    def __init__(self, api: Api):
        self._api = api
        self._page: tuple[ChatSettings, PublicContent] | None = None

    @cached_property
    def for_programs(self) -> PublicContent:
        """Return the description in OpenAPI's JSON."""
        return PublicContent(orjson.dumps(self._api.spec.to_dict()), "application/json")

    @property
    def for_people(self) -> PublicContent:
        """Return the description as a page, made anew once the chat has another name or icon."""
        chat = current_chat.find()
        if self._page is None or self._page[0] != chat:
            page = PublicContent(_page(self._api.spec.to_dict()).encode(), "text/html")
            self._page = (chat, page)
        return self._page[1]


class Docs(Blueprint):
    description: Description


docs = Docs("docs", __name__)


@docs.get("/docs")
def show() -> Response:
    return docs.description.for_people.answer()


@docs.get("/openapi.json")
def show_openapi() -> Response:
    return docs.description.for_programs.answer()


def _page(spec: dict[str, Any]) -> str:
    translation.use(ENGLISH)  # like the descriptions
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    return render_template(
        "api_docs.html",
        spec=spec,
        operations=operations,
        examples=Examples(spec),
        fields_of=partial(_fields, Examples(spec)),
        type_of=_type,
        needed_by=_needed_by,
        coded=_coded,
    )


def _coded(text: str) -> Markup:
    """Return a text as HTML, with what is between backticks as code."""
    code = Markup("<code>{}</code>")
    parts = text.split("`")
    return Markup("").join(
        code.format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _needed_by(operation: dict[str, Any]) -> str:
    """Return which token an operation needs."""
    if operation.get("security") == []:
        return "No token is needed."
    if operation["operationId"] in OF_REFRESH:
        return "Needs a refresh token."
    if scope := operation.get("x-scope"):
        return f"Needs a token; of API tokens, one with the scope “{scope}”."
    return "Needs a token of somebody who is signed in: API tokens cannot do this."


def _fields(examples: Examples, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of an object's schema, each `{name, type, required, description}`."""
    shape = examples.resolve(schema)
    return [
        {
            "name": name,
            "type": _type(field),
            "required": name in shape.get("required", []),
            "description": field.get("description", ""),
        }
        for name, field in shape.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    """Return a field's type and bounds."""
    described = _kind(field)
    if "default" in field:
        described += f", {orjson.dumps(field['default']).decode()} if left out"
    if may_be_null(field):
        described += ", or null"
    return described


def _kind(of: dict[str, Any]) -> str:
    field = without_null(of)
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if field.get("enum"):
        return " or ".join(orjson.dumps(word).decode() for word in field["enum"])
    if field.get("pattern") == ID_PATTERN:
        return "an id"
    if field.get("format") in FORMATS:
        return FORMATS[field["format"]]
    return BY_TYPE[field["type"]](field)


def _list(field: dict[str, Any]) -> str:
    return f"a list{_bounds(field, 'minItems', 'maxItems')}, each {_kind(field['items'])}"


def _text(field: dict[str, Any]) -> str:
    return f"a text{_bounds(field, 'minLength', 'maxLength', ' characters')}"


def _number(field: dict[str, Any]) -> str:
    return f"a number{_bounds(field, 'minimum', 'maximum')}"


def _bounds(field: dict[str, Any], low: str, high: str, what: str = "") -> str:
    if high not in field:
        return ""
    least = f"{field[low]} to" if low in field else "at most"
    return f", {least} {field[high]}{what}"


BY_TYPE: dict[str, Callable[[dict[str, Any]], str]] = {
    "array": _list,
    "string": _text,
    "integer": _number,
    "boolean": lambda _: "true or false",
    "object": lambda _: "an object",
}
