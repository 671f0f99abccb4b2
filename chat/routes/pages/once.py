"""Handle a form once, however often somebody presses its button: on a slow line people press again.

The random mask of a page's CSRF token names the page. So the same token with the same fields is the
same form; a page that is fetched again has another token. Only forms that would do something twice,
or fail the second time, need this.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import wraps

from flask import g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.models import sent_form
from chat.routes import csrf_masks
from chat.routes.authentication import CSRF_FIELD
from chat.utils.errors import Unavailable

LONGEST_SECONDS = 20.0  # for which a form waits for the same form, which is being handled
STEP_SECONDS = 0.05


def once(handle: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
    """Handle a form that was sent before as a redirect to where it led.

    A form that is refused is handled again. Raises Unavailable.
    """

    @wraps(handle)
    def handle_once(**values: str) -> AnyResponse:
        key = _key()
        if key is None:
            return handle(**values)
        if address := _begin(key):
            return redirect(address, 303)
        done = False
        try:
            response = handle(**values)
            if done := response.status_code == 303:
                sent_form.finish(key, response.headers["Location"])
        finally:
            if not done:
                sent_form.forget(key)
        return response

    return handle_once


def _key() -> str | None:
    """Return the key of the form, which tells nothing of what it says: nobody stores the mask."""
    token = request.form.get(CSRF_FIELD, "")
    if not csrf_masks.is_masked(token):
        return None
    fields = sorted(request.form.items(multi=True))
    described = json.dumps([str(g.session.id), request.path, fields])
    return hashlib.sha256(described.encode()).hexdigest()


def _begin(key: str) -> str | None:
    """Begin to handle a form, or return where it led, once it has. Raises Unavailable."""
    end = time.monotonic() + LONGEST_SECONDS
    while not sent_form.begin(key):
        if address := sent_form.led_to(key):
            return address
        if time.monotonic() > end:
            raise Unavailable(reason="the same form is being handled")
        extensions.socketio.sleep(STEP_SECONDS)
    return None
