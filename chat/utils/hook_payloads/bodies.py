"""The bodies that tools send: JSON, a form with JSON in it, or plain text."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from chat.utils.errors import ValidationFailed
from chat.utils.sentences import N_

BROKEN_JSON = N_("This JSON is broken.")
NO_OBJECT = N_("Send a JSON object that has a text.")
NOTHING_TO_SHOW = N_("There is nothing to show: send text, attachments or blocks.")

MOST_FORM_FIELDS = 100
_KEYS = ("text", "attachments", "blocks")
_OF_FORMS = ("text", "username", "icon_emoji")
_PLAIN = "text/plain"
_FORM = "application/x-www-form-urlencoded"


class UnreadablePayload(ValidationFailed):
    """A body in which there is no message. Its sentence is for the person who set up the tool."""

    sentence = NOTHING_TO_SHOW
    for_programs = ""


def payload_of(content_type: str, body: bytes) -> dict[str, Any] | str:
    """Return the JSON object of a request, or the text that came instead.

    Many tools send JSON under another content type or none (`curl -d` says that it is a form), so
    what begins like an object is one. Plain text remains text if it is no object with a message.
    """
    kind = content_type.partition(";")[0].strip().lower()
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    begins = text.lstrip()[:1]
    if kind == _PLAIN:
        return _message_in(text) if begins == "{" else text
    if begins == "{":
        return _object_in(text)
    if kind == _FORM:
        return _of_form(text)
    if begins == "[" or "json" in kind:
        return _object_in(text)
    return text


def _message_in(text: str) -> dict[str, Any] | str:
    try:
        payload = _object_in(text)
    except UnreadablePayload:
        return text
    return payload if any(key in payload for key in _KEYS) else text


def _object_in(text: str) -> dict[str, Any]:
    """Return the object of a JSON text; line breaks within its strings are taken, too."""
    try:
        payload = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise UnreadablePayload(BROKEN_JSON) from None
    if not isinstance(payload, dict):
        raise UnreadablePayload(NO_OBJECT)
    return payload


def _of_form(text: str) -> dict[str, Any] | str:
    """Return the object in a form's `payload`, the form's own fields, or what is no form."""
    try:
        form = parse_qs(text, max_num_fields=MOST_FORM_FIELDS)
    except ValueError:
        return text
    if "payload" in form:
        return _object_in(form["payload"][0])
    fields: dict[str, Any] = {key: form[key][0] for key in _OF_FORMS if key in form}
    return fields if "text" in fields else text
