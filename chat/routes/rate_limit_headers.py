"""How much of a rate limit somebody has left, told with the API's answers.

By draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy` says what a budget is, `RateLimit`
what is left of it. What is charged before the work is told, so changes and searches; of a refusal
the budget that refused, unless it is one of CPU time, for which the draft has no unit.
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
    app.after_request(_tell)


def note(name: str, who: budgets.Who) -> None:
    """Have told with the answer what is left of a budget that the request is charged to."""
    g.counted = name, who


def note_refusal(refusal: RateLimited) -> None:
    """Have told which budget is used up, in place of what the request was charged to."""
    g.refusal = refusal


def _tell(response: Response) -> Response:
    if not extensions.settings().rate_limits or not request.path.startswith(API):
        return response
    refusal: RateLimited | None = g.get("refusal")
    if refusal is not None:
        if refusal.budget and refusal.budget not in OF_TIME:
            _write(response, refusal.budget, 0, refusal.retry_after or 1)
    elif "counted" in g:
        name, who = g.counted
        _write(response, name, *budgets.left(name, who))
    return response


def _write(response: Response, name: str, left: int, seconds: int) -> None:
    """`seconds`: until there is more again, which in a sliding window is soon."""
    amount, window = budgets.quota(name)
    unit = ';qu="content-bytes"' if name in BYTES else ""
    called = name.replace("'", "").replace(" ", "-")
    response.headers["RateLimit-Policy"] = f'"{called}";q={amount}{unit};w={window}'
    response.headers["RateLimit"] = f'"{called}";r={left};t={seconds}'
