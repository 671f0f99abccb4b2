"""Take what programs post, signed in as nobody: `/hooks/<secret>`, `/commands/answers/<token>`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request
from marshmallow import ValidationError

from chat import extensions
from chat.controllers import incoming_webhooks
from chat.controllers.commands import programs
from chat.routes import bodies
from chat.routes.errors import not_accepted
from chat.schemas.incoming_webhooks import LONGEST_KEY, SaidInput
from chat.utils import hook_payloads
from chat.utils.errors import ValidationFailed
from chat.utils.translation import _

hooks = Blueprint("hooks", __name__)


def set_up(app: Flask) -> None:
    app.register_blueprint(hooks)


def url_of(secret: str) -> str:
    """Return the address at which a tool posts."""
    return f"{extensions.settings().public_url}/hooks/{secret}"


@hooks.post("/hooks/<secret>")
def post(secret: str) -> Response:
    """Post a message in Slack's format, and answer as Slack does. Raises ChatError."""
    hook = incoming_webhooks.admit(secret)
    sent = bodies.receive_raw()
    longest = extensions.settings().max_message_chars
    said = hook_payloads.read(request.headers.get("Content-Type", ""), sent, longest)
    try:
        body = SaidInput().take({"body": said.text})["body"]
    except ValidationError as error:
        raise not_accepted(error.messages) from None
    incoming_webhooks.post(hook, said, body, _key())
    return Response("ok", mimetype="text/plain")


@hooks.post("/commands/answers/<token>")
def answer(token: str) -> Response:
    """Take what the program of a command answers later. Raises ChatError."""
    content_type = request.headers.get("Content-Type", "")
    programs.answer_later(token, content_type, bodies.receive_raw())
    return Response("ok", mimetype="text/plain")


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY:
        raise ValidationFailed(_("An Idempotency-Key has at most {most} signs.", most=LONGEST_KEY))
    return key
