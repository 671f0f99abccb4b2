"""The API's description: `/docs` for people, `/openapi.json` for programs.

The page is rendered here, so that it needs no script and no other host. Both are made once: anybody
may ask for them, as often as they like.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson
from flask import Blueprint, Response, render_template
from flask_smorest import Api

METHODS = ("get", "post", "put", "patch", "delete")


class Description:
    """What `api` describes itself as."""

    def __init__(self, api: Api):
        self._api = api

    @cached_property
    def for_programs(self) -> bytes:
        """Return it in OpenAPI's JSON."""
        return orjson.dumps(self._api.spec.to_dict())

    @cached_property
    def for_people(self) -> bytes:
        """Return it as a page."""
        return _page(self._api.spec.to_dict()).encode()


class Docs(Blueprint):
    description: Description


docs = Docs("docs", __name__)


@docs.get("/docs")
def show() -> Response:
    return Response(docs.description.for_people, mimetype="text/html")


@docs.get("/openapi.json")
def show_openapi() -> Response:
    return Response(docs.description.for_programs, mimetype="application/json")


def _page(spec: dict[str, Any]) -> str:
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    return render_template("api_docs.html", spec=spec, operations=operations, fields_of=lambda schema: _fields(spec, schema))


def _fields(spec: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of an object's schema, each `{name, type, required, description}`."""
    schema = _resolve(spec, schema)
    return [
        {
            "name": name, "type": _type(field),
            "required": name in schema.get("required", []), "description": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    reference = field.get("$ref") or next((part["$ref"] for part in field.get("allOf", []) if "$ref" in part), None)
    if reference:
        return str(reference).rsplit("/", 1)[-1]
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return " or ".join(f"“{word}”" for word in field["enum"]) if field.get("enum") else str(field.get("type", "any"))


def _resolve(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return spec["components"]["schemas"][name] if name else schema
