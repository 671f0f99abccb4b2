"""Reading the JSON of a request."""

from __future__ import annotations

from typing import Any

import flask_smorest
import orjson
from flask import Request
from marshmallow import Schema, missing
from webargs.flaskparser import FlaskParser

from chat.utils.errors import BadRequest


class Parser(FlaskParser):
    """webargs with orjson: nesting without end is a refusal, where the standard library raises RecursionError."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        data = req.get_data()
        if not data or not req.is_json:
            return missing
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            raise BadRequest("The request's body is not valid JSON.") from None


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    ARGUMENTS_PARSER = Parser()
