"""Define the shapes of push subscriptions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validates

from chat.models.push_subscription import PushSubscription
from chat.models.session import Session
from chat.schemas.base import Input, View
from chat.schemas.fields import BIGGEST_SEQ, Inner, Moment, Next, StrictInteger
from chat.schemas.text_fields import StrictString
from chat.utils.clock import rfc3339
from chat.utils.outward.program import Outcome
from chat.utils.pushing.encryption import BadKey, decoded, encoded, must_be_keys
from chat.utils.translation import _

LONGEST_ENDPOINT = 1000  # characters
LONGEST_KEY = 100


class KeysInput(Input):
    p256dh = StrictString(LONGEST_KEY, required=True)
    auth = StrictString(LONGEST_KEY, required=True)


class PushSubscriptionInput(Input):
    """What `PushSubscription.toJSON()` of a browser returns."""

    endpoint = StrictString(LONGEST_ENDPOINT, required=True)
    expirationTime = StrictInteger(  # noqa: N815  browsers name it so
        0,
        BIGGEST_SEQ,
        allow_none=True,
        metadata={"description": "browsers send it; the chat does not need it"},
    )
    keys = Inner(KeysInput, required=True)

    @validates("endpoint")
    def must_be_an_address(self, value: str, **_options: object) -> None:
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), 0
        is_named = bool(parts.hostname) and "@" not in parts.netloc and port != 0
        if parts.scheme != "https" or not is_named or not value.isascii() or not _is_line(value):
            raise ValidationError(_("This must be an address that begins with https://."))

    @validates("keys")
    def must_be_keys(self, value: dict[str, str], **_options: object) -> None:
        try:
            must_be_keys(decoded(value["p256dh"]), decoded(value["auth"]))
        except (BadKey, ValueError):
            raise ValidationError(_("These are not the keys of a browser.")) from None


class PushKeyView(View):
    key = fields.String(
        required=True,
        metadata={"description": "the `applicationServerKey` of browsers, in base64url"},
    )


class PushSubscriptionView(View):
    id = fields.String(required=True)
    device = fields.String(required=True)
    created_at = Moment(required=True)
    used_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "when a message last reached its push service, within an hour"},
    )
    current = fields.Boolean(
        required=True, metadata={"description": "whether this request's session made it"}
    )


class PushSubscriptionsView(View):
    subscriptions = fields.List(fields.Nested(PushSubscriptionView), required=True)
    next = Next()


class PushTestView(View):
    delivered = fields.Boolean(required=True)
    status = fields.Integer(
        required=True,
        metadata={"description": "of the push service's answer; 0: there was none"},
    )
    sentence = fields.String(required=True)


def _is_line(text: str) -> bool:
    return text.isprintable() and " " not in text


def show_key(key: bytes) -> dict[str, str]:
    """Return a PushKeyView."""
    return {"key": encoded(key)}


def show_subscription(
    subscription: PushSubscription, device: str, current: Session
) -> dict[str, Any]:
    """Return a PushSubscriptionView. `device`: the User-Agent of its session."""
    return {
        "id": str(subscription.id),
        "device": device,
        "created_at": rfc3339(subscription.created_at),
        "used_at": subscription.used_at and rfc3339(subscription.used_at),
        "current": subscription.session_id == current.id,
    }


def show_subscriptions(
    subscriptions: list[PushSubscription], sessions: list[Session], current: Session
) -> list[dict[str, Any]]:
    """Return PushSubscriptionViews. `sessions`: of the same person."""
    devices = {session.id: session.device for session in sessions}
    return [
        show_subscription(each, devices[each.session_id], current)
        for each in subscriptions
        if each.session_id in devices
    ]


def show_test(outcome: Outcome, sentence: str) -> dict[str, Any]:
    """Return a PushTestView."""
    return {"delivered": outcome.is_delivered, "status": outcome.status, "sentence": sentence}
