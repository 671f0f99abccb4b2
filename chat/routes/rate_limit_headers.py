"""Report in the API's responses how much of a rate limit is left.

By draft-ietf-httpapi-ratelimit-headers-11, `RateLimit-Policy` describes a budget, and `RateLimit`
its rest. Responses report budgets that are charged before the work: those of changes and
searches. A refusal reports the exhausted budget, unless it is one of CPU time, for which the draft
has no unit.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from chat import extensions
from chat.controllers import budgets
from chat.utils.errors import RateLimited

API = "/api/"
BYTES = frozenset({"bytes answered", "picture bytes"})
OF_TIME = frozenset({"a person's time", "a network's time", "strangers' time"})


def set_up(app: Flask) -> None:
    app.after_request(_add_headers)


def note(name: str, who: budgets.Who) -> None:
    """Report in the response a budget that the request is charged to."""
    g.counted_budget = name
    g.counted_for = who


def note_refusal(refusal: RateLimited) -> None:
    """Report in the response the exhausted budget instead of the charged one."""
    g.refusal = refusal


def _add_headers(response: Response) -> Response:
    if not extensions.settings().rate_limits or not request.path.startswith(API):
        return response
    refusal: RateLimited | None = g.get("refusal")
    if refusal is not None:
        if refusal.budget and refusal.budget not in OF_TIME:
            _write(response, refusal.budget, 0, refusal.retry_after or 1)
    elif "counted_budget" in g:
        name = g.counted_budget
        _write(response, name, *budgets.left(name, g.counted_for))
    return response


def _write(response: Response, name: str, left: int, seconds: int) -> None:
    """Add the headers of a budget.

    `seconds`: until more is available, which in a sliding window is soon.
    """
    quota = budgets.quota(name)
    unit = ';qu="content-bytes"' if name in BYTES else ""
    called = name.replace("'", "").replace(" ", "-")
    response.headers["RateLimit-Policy"] = f'"{called}";q={quota.amount}{unit};w={quota.seconds}'
    response.headers["RateLimit"] = f'"{called}";r={left};t={seconds}'
