"""Make examples of requests and responses for the API's page, from the description."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

ID = "6b0b7156e4bdb3cde47bdda7"

# Example values by field name, where the type does not determine one. An example body has these
# fields and the required ones.
VALUES: dict[str, Any] = {
    "username": "alice",
    "display_name": "Alice",
    "password": "correct horse battery staple",
    "current_password": "correct horse battery staple",
    "new_password": "another horse another staple",
    "name": "Harbour",
    "topic": "Ships, and when they sail",
    "client_id": "m-1",
    "body": "Good *morning*",
    "emoji": "👍",
    "alt": "A ship at the quay",
    "note": "for the crew",
    "expires_in": 604_800,
    "keywords": ["ferry"],
    "until": "2030-01-31T09:30:00Z",
    "endpoint": "https://push.example.org/send/c4f1b2",
    "keys": {  # the example of RFC 8291
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SR"
        "pkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "address": "alice@example.org",
    "url": "https://deploys.example.org/chat",
    "events": ["message:posted"],
    "title": "Harbour pilot",
    "time_zone": "Europe/Berlin",
    "quiet_hours": {
        "from": "22:00",
        "to": "07:00",
        "days": [0, 1, 2, 3, 4],
        "time_zone": "Europe/Berlin",
    },
}
# operations that take a refresh token instead of an access token
OF_REFRESH = frozenset({"refreshTokens"})
ANSWERED: dict[str, Any] = VALUES | {
    "body_html": "<p>Good <em>morning</em></p>",
    "excerpt": "Good morning",
    "access_token": "eyJhbGciOi…",
    "refresh_token": "eyJhbGciOi…",
    "device_token": "6b0b7156…",
    "expires_in": 900,
    "device": "Firefox on Linux",
    "event": "message:posted",
    "secret": "whsec_…",
    "role": "member",
    "notifications": "all",
    "avatar_url": f"/api/v1/users/{ID}/avatar?v={ID}",
    "content_type": "image/png",
    "url": f"/api/v1/images/{ID}",
    "thumbnail_url": f"/api/v1/images/{ID}/thumbnail",
    "placeholder": "data:image/webp;base64,UklGR…",
    "highlights": [[6, 13]],
    "public_key": {"challenge": "…", "timeout": 300_000},
}
PLAIN = {"string": "…", "integer": 1, "boolean": False}
TIME = "2026-11-29T08:30:00.000Z"

Schema = dict[str, Any]


class Examples:
    """The examples of one description."""

    def __init__(self, spec: dict[str, Any]):
        self._schemas: dict[str, Schema] = spec["components"]["schemas"]

    def answer(self, schema: Schema) -> Any:
        """Return an example of a response in this shape."""
        return self._answer(schema, "")

    def answer_json(self, schema: Schema) -> str:
        """Return the example response as JSON for people."""
        return json.dumps(self.answer(schema), indent=2, ensure_ascii=False)

    def body(self, schema: Schema) -> dict[str, Any]:
        """Return an example of an accepted body."""
        shape = self.resolve(schema)
        required = shape.get("required", [])
        return {
            name: field["example"] if "example" in field else self._value(name, field)
            for name, field in shape["properties"].items()
            if name in VALUES
            or name in required
            or not (required or VALUES.keys() & shape["properties"])
        }

    def curl(self, method: str, path: str, operation: dict[str, Any]) -> str:
        """Return the shell command for an operation."""
        lines = [f'curl "$CHAT{_in_shell(path)}{_query(operation)}"']
        if operation.get("security") != []:
            token = "REFRESH_TOKEN" if operation["operationId"] in OF_REFRESH else "TOKEN"
            lines.append(f'--header "Authorization: Bearer ${token}"')
        content = operation.get("requestBody", {}).get("content", {})
        if method not in ("GET", "POST") or (method == "POST" and not content):
            lines.append(f"--request {method}")
        if "application/json" in content:
            body = self.body(content["application/json"]["schema"])
            lines.append(f"--json '{json.dumps(body, ensure_ascii=False)}'")
        lines += [f"--form {name}" for name in _form(content)]
        if _answers(operation, "image/"):
            lines.append("--output picture")
        if _answers(operation, "text/event-stream"):
            lines.append("--no-buffer")
        return " \\\n     ".join(lines)

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema that a reference points to; any other schema as it is."""
        if "$ref" not in schema:
            return schema
        return self._schemas[schema["$ref"].rpartition("/")[2]]

    def _answer(self, schema: Schema, name: str) -> Any:
        if name in ANSWERED:
            return ANSWERED[name]
        if may_be_null(schema):
            return None
        shape = self.resolve(schema)
        if shape.get("type") == "array":
            return [self._answer(shape["items"], name.removesuffix("s"))]
        if "properties" in shape:
            return {each: self._answer(field, each) for each, field in shape["properties"].items()}
        return _value(shape, name)

    def _value(self, name: str, field: Schema) -> Any:
        return VALUES[name] if name in VALUES else self._sent(field)

    def _sent(self, nullable: Schema) -> Any:
        if "$ref" in nullable:
            return self.body(nullable)
        field = without_null(nullable)
        if "enum" in field:
            return field["enum"][0]
        if field["type"] == "array":
            return [self._sent(field["items"])]
        if field["type"] == "string":
            return ID
        if field["type"] == "boolean":
            return True
        return PLAIN[field["type"]]


def may_be_null(schema: Schema) -> bool:
    return "anyOf" in schema or isinstance(schema.get("type"), list)


def without_null(schema: Schema) -> Schema:
    """Return what a schema permits beside null."""
    if "anyOf" in schema:
        return next(each for each in schema["anyOf"] if each != {"type": "null"})
    if not isinstance(schema.get("type"), list):
        return schema
    kind = next(each for each in schema["type"] if each != "null")
    words = {"enum": [each for each in schema["enum"] if each]} if "enum" in schema else {}
    return schema | {"type": kind} | words


def _value(shape: Schema, name: str) -> Any:
    """Return an example text, number or boolean."""
    if shape.get("format") == "date-time":
        return TIME
    if "enum" in shape:
        return shape["enum"][0]
    if name == "id" or (name.endswith(("_id", "mention")) and name != "request_id"):
        return ID
    return PLAIN[shape["type"]]


def _in_shell(path: str) -> str:
    """Return a path with shell variables for its parts: `{room_id}` becomes `$ROOM_ID`."""
    parts = path.replace("{emoji}", quote(VALUES["emoji"])).split("/")
    return "/".join(f"${part[1:-1].upper()}" if part.startswith("{") else part for part in parts)


def _query(operation: dict[str, Any]) -> str:
    names = [each["name"] for each in operation.get("parameters", [])]
    if operation["operationId"].startswith("search") and "q" in names:
        return "?q=morning"
    return ""


def _form(content: dict[str, Any]) -> list[str]:
    form = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    fields = {"image": "image=@ship.png", "alt": f"'alt={VALUES['alt']}'"}
    return [fields[name] for name in form]


def _answers(operation: dict[str, Any], beginning: str) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    return any(kind.startswith(beginning) for kind in content)
