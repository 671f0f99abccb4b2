"""Read forms, and redirect after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, redirect, request
from marshmallow import EXCLUDE, RAISE, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from chat.routes.authentication import CSRF_FIELD
from chat.routes.errors import not_accepted
from chat.schemas.base import Input
from chat.utils.errors import ChatError, NotFound, ValidationFailed
from chat.utils.translation import _


def read_form(schema: type[Input], **given: object) -> dict[str, Any]:
    """Return the form, validated by `schema`; `given` provides missing fields.

    Raises ValidationFailed.
    """
    values = given | {name: value for name, value in request.form.items() if name != CSRF_FIELD}
    return load(schema, values)


def read_query(schema: type[Input], page: str = "") -> dict[str, Any]:
    """Return a page's query, validated by `schema`.

    Ignores unknown parameters, which other sites add to links. `page`: its path; then a form's
    answer gets the query of the page that the form was on, which `next` names. Raises
    ValidationFailed.
    """
    before = urlsplit(own_path(request.form.get("next"), ""))
    if request.method == "GET":
        values = request.args.to_dict()
    else:
        values = dict(parse_qsl(before.query)) if page and before.path == page else {}
    return load(schema, values, unknown=EXCLUDE)


def load(
    schema: type[Input], values: dict[str, Any], unknown: Literal["raise", "exclude"] = RAISE
) -> dict[str, Any]:
    """Return `values`, validated by `schema`. Raises ValidationFailed."""
    try:
        loaded: dict[str, Any] = schema().load(values, unknown=unknown)
        return loaded
    except ValidationError as error:
        raise not_accepted(error.messages) from None


def address_with(path: str, **values: str) -> str:
    """Return the address of a page with more in its query."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode(values)}"


def change_or_explain(
    change: Callable[[], object], page: Callable[[ChatError], str], done: str
) -> AnyResponse:
    """Make a change, and redirect to `done`. If it is refused, return the page that says why.

    Raises NotFound: then there is no such page.
    """
    try:
        change()
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(page(mistake), mistake)
    return redirect(done, 303)


def sent_picture() -> IO[bytes]:
    """Return the picture of the form. Raises ValidationFailed."""
    file = request.files.get("image")
    if not file or not file.filename:
        raise ValidationFailed(fields={"image": _("Choose a picture first.")})
    return file.stream


def refuse(page: str, mistake: ChatError) -> Response:
    """Return the page that shows the error, with its status and `Retry-After`."""
    response = Response(page, mistake.status, mimetype="text/html")
    if mistake.retry_after:
        response.headers["Retry-After"] = str(mistake.retry_after)
    return response


def own_path(target: str | None, otherwise: str) -> str:
    """Return `target` if it is a path of ours, so that no link of ours sends people elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    # urlsplit drops line breaks, after which `target` could name another host
    if not target.isprintable():
        return otherwise
    url = urlsplit(target)
    if url.scheme or url.netloc:
        return otherwise
    return target
