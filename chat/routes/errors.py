"""Answer errors: in HTML for pages, in JSON for the API.

`sockets/event_guard.py` answers the errors of events.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from chat.models.database import DatabaseError, database
from chat.routes import authentication, rate_limit_headers
from chat.routes.responses import json_answer
from chat.utils.encryption import CannotOpen
from chat.utils.errors import (
    BadRequest,
    ChatError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    SecondFactorMissing,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedType,
    ValidationFailed,
)
from chat.utils.text import quoted
from chat.utils.translation import _, said

BY_STATUS: dict[int, type[ChatError]] = {
    400: BadRequest,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedType,
    422: ValidationFailed,
    429: RateLimited,
    503: Unavailable,
}

# Paths below which programs ask, not people: they read no pages.
FOR_PROGRAMS = ("/api/", "/hooks/", "/commands/answers/")

logger = logging.getLogger(__name__)


def set_up(app: Flask) -> None:
    app.register_error_handler(Exception, answer_error)


def describe(error: BaseException) -> ChatError:
    """Return the error to show to people; log an error of ours or of the database."""
    if isinstance(error, Unavailable):
        logger.warning("unavailable was answered", extra=_where() | {"reason": error.reason})
    if isinstance(error, ChatError):
        return error
    if isinstance(error, HTTPException):
        return _describe_http(error)
    if isinstance(error, DatabaseError):
        database.failed(error)
        logger.error(
            "database operation failed", extra=_where() | {"reason": database.last_failure}
        )
        return Unavailable(reason=database.last_failure)
    if isinstance(error, CannotOpen):
        logger.error("a sealed record cannot be opened", extra=_where() | {"reason": str(error)})
        return InternalError(
            _("This cannot be decrypted. Ask an administrator to look into the log.")
        )
    logger.error("unhandled exception", exc_info=error, extra=_where())
    return InternalError()


def answer_error(error: Exception) -> AnyResponse:
    if isinstance(error, NotFound) or getattr(error, "code", None) in (404, 405):
        _recognize_person()
    mistake = describe(error)
    if _is_for_programs():
        response: AnyResponse = json_answer(
            {"error": mistake.as_dict() | {"request_id": g.get("request_id")}}, mistake.status
        )
    elif isinstance(mistake, Unauthenticated) and "pages" in request.blueprints:
        authentication.sign_out()
        shown_next = request.full_path.rstrip("?") if request.method == "GET" else None
        response = redirect(url_for("sign_in.log_in", next=shown_next))
    elif isinstance(mistake, MethodNotAllowed) and (place := _page_above()):
        response = redirect(place)
    elif isinstance(mistake, SecondFactorMissing) and "pages" in request.blueprints:
        response = redirect(url_for("pages.security.show", first=1), 303)
    else:
        response = Response(_page(mistake), mistake.status)
    if isinstance(mistake, Unauthenticated) and response.status_code == mistake.status:
        response.headers["WWW-Authenticate"] = _challenge()
    if isinstance(mistake, RateLimited):
        rate_limit_headers.note_refusal(mistake)
    if mistake.retry_after:
        response.headers["Retry-After"] = str(mistake.retry_after)
    if isinstance(error, HTTPException) and error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods(error)))
    return response


def _is_for_programs() -> bool:
    """Return whether the answer is JSON; no blueprint knows a method that a route does not take."""
    return request.path.startswith(FOR_PROGRAMS) or request.blueprint == "health"


def _page(mistake: ChatError) -> str:
    """Return the page of an error: beside their rooms for people who are signed in.

    Where the chat itself fails, it shows nothing more than the error.
    """
    layout = "sign_in/_sign_in.html"
    if mistake.status < RateLimited.status and "person" in g:
        layout = "app.html"
    return render_template("error.html", mistake=mistake, layout=layout)


def _page_above() -> str | None:
    """Return the page that the form of this path is on: the nearest path above it that is a page.

    Somebody who reloads what a form answered asks for the path of the form.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    adapter = current_app.url_map.bind("")
    path = request.path
    while path := path.rpartition("/")[0]:
        with suppress(HTTPException):
            adapter.match(path, method="GET")
            return path
    return None


def _recognize_person() -> None:
    """Recognize whoever asked for a path or a method that does not exist: no route did it.

    So the error is in their language, and its page looks as they prefer.
    """
    if "person" in g or request.path.startswith("/api/"):
        return
    with suppress(ChatError):
        authentication.recognize_person_of_page()


def _challenge() -> str:
    """Return the challenge of RFC 6750 to a client without a token, or with an invalid one."""
    if "Authorization" in request.headers:
        return 'Bearer error="invalid_token"'
    return "Bearer"


def sentences(messages: object) -> dict[str, str]:
    """Flatten marshmallow's messages to one sentence for each field.

    `{"user_ids": {0: ["…"]}}` becomes `{"user_ids.0": "…"}`.
    """
    found: dict[str, str] = {}

    def walk(name: str, part: object) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                walk(f"{name}.{key}" if name else str(key), value)
        elif isinstance(part, list) and part:
            found[quoted(name.removesuffix("._schema")) or "_schema"] = said(part[0])

    walk("", messages)
    return found


def not_accepted(messages: object) -> ValidationFailed:
    """Return the error of what a schema refused. `messages`: marshmallow's.

    What is wrong with the whole is the error's sentence.
    """
    fields = sentences(messages)
    return ValidationFailed(fields.pop("_schema", None), fields=fields or None)


def _describe_http(error: HTTPException) -> ChatError:
    status = error.code or 500
    kind = BY_STATUS.get(status)
    if kind is None:
        mistake = InternalError() if status >= 500 else BadRequest(error.description)
        mistake.status = status
        return mistake
    if kind is ValidationFailed:
        messages = getattr(error, "data", {}).get("messages", {})
        return not_accepted(
            messages.get("json", messages.get("query", messages.get("form", messages)))
        )
    if kind is Unavailable:
        return Unavailable(reason=str(error.description))
    if kind is TooLarge and request.max_content_length:
        most = f"{request.max_content_length:,}"
        return TooLarge(_("This is too large: here a request has at most {most} bytes.", most=most))
    if kind is MethodNotAllowed and _is_for_programs():
        methods = ", ".join(sorted(_methods(error) - {"HEAD", "OPTIONS"}))
        return MethodNotAllowed(_("This cannot be done here. Use {methods}.", methods=methods))
    return kind()


def _methods(error: HTTPException) -> set[str]:
    return set(getattr(error, "valid_methods", None) or ())


def _where() -> dict[str, object]:
    if not has_request_context():
        return {}
    # Without the path: it may contain a secret (/setup/<token>), or any text of a stranger.
    asked = {"method": request.method, "endpoint": request.endpoint}
    return {"request_id": g.get("request_id"), **asked}
