"""`/docs`: the API's description as a page. Rendered here, so that it needs no script and no other host."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_smorest import Api


class Docs(Blueprint):
    api: Api


docs = Docs("docs", __name__)
METHODS = ("get", "post", "put", "patch", "delete")


@docs.get("/docs")
def show() -> str:
    spec = docs.api.spec.to_dict()
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
