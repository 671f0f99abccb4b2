"""The OpenAPI document."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema


def fits(view: type[Schema], shown: Any) -> None:
    problems = view(unknown=RAISE).validate(shown)
    assert not problems, (view.__name__, problems)
