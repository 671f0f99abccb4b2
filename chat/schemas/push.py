"""Define the shapes of push subscriptions."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from chat.models.push_subscription import PushSubscription
from chat.models.session import Session
from chat.schemas.addresses import ServerAddress
from chat.schemas.base import Input, View
from chat.schemas.fields import BIGGEST_SEQ, Inner, Moment, Next, StrictInteger
from chat.schemas.text_fields import StrictString
from chat.utils.clock import rfc3339
from chat.utils.outward.program import Outcome
from chat.utils.pushing.encryption import BadKey, decoded, encoded, must_be_keys
from chat.utils.translation import _

LONGEST_KEY = 100  # characters
POINT_LETTERS = 87  # of base64url: 65 bytes
AUTH_LETTERS = 22  # 16 bytes


class Key(StrictString):
    """A key of a browser, in base64url, with or without padding."""

    def __init__(self, letters: int):
        super().__init__(LONGEST_KEY, required=True)
        self._letters = letters

    @property
    def described(self) -> dict[str, Any]:
        pattern = f"^[A-Za-z0-9_-]{{{self._letters}}}=*$"
        return {"maxLength": self.most, "pattern": pattern}


class KeysInput(Input):
    p256dh = Key(POINT_LETTERS)
    auth = Key(AUTH_LETTERS)

    @validates_schema  # marshmallow leaves it out where a key is missing or no text
    def must_be_keys(self, data: dict[str, str], **_options: object) -> None:
        try:
            must_be_keys(decoded(data["p256dh"]), decoded(data["auth"]))
        except (BadKey, ValueError):
            raise ValidationError(_("These are not the keys of a browser.")) from None


class PushSubscriptionInput(Input):
    """What `PushSubscription.toJSON()` of a browser returns."""

    endpoint = ServerAddress(required=True)
    expirationTime = StrictInteger(  # noqa: N815  browsers name it so
        0,
        BIGGEST_SEQ,
        allow_none=True,
        metadata={"description": "browsers send it; the chat does not need it"},
    )
    keys = Inner(KeysInput, required=True)


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
