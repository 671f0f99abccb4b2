"""orjson in the shape of the standard library's json module, for Socket.IO."""

from __future__ import annotations

import json
from typing import Any

import orjson

JSONDecodeError = orjson.JSONDecodeError


def dumps(value: Any, **_: Any) -> str:
    """`value` as JSON without spaces; the options of json.dumps are accepted and not needed."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # a lone surrogate, in what we quote from a client
        return json.dumps(value, separators=(",", ":"))


def loads(text: str | bytes, **_: Any) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # half an emoji is JSON to the standard library: it is answered, not dropped
        return json.loads(text)
