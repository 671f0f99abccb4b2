"""Define the input and the view of one's own e-mail address."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from chat.models.email_addresses import EmailAddress
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment
from chat.schemas.second_factor import ProofOfPersonInput
from chat.schemas.text_fields import StrictString
from chat.utils.clock import rfc3339
from chat.utils.email_addresses import LONGEST, parsed
from chat.utils.translation import _

LONGEST_TOKEN = 100  # characters


class Email(StrictString):
    """An e-mail address, as mail servers take it."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST, **options)

    @property
    def described(self) -> dict[str, Any]:
        return super().described | {"format": "email"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        found = parsed(super()._deserialize(value, attr, data, **options))
        if found is None:
            raise ValidationError(_("Enter an e-mail address, like name@example.org."))
        return found


class EmailInput(ProofOfPersonInput):
    address = Email(required=True)


class ConfirmEmailInput(Input):
    token = StrictString(
        LONGEST_TOKEN, required=True, metadata={"description": "the end of the link in the mail"}
    )


class ForgottenInput(Input):
    account = StrictString(
        LONGEST, required=True, metadata={"description": "a username or an e-mail address"}
    )


class EmailView(View):
    address = fields.String(
        required=True, allow_none=True, metadata={"description": "null: there is none"}
    )
    verified_at = Moment(required=True, allow_none=True)
    mails = fields.Boolean(
        required=True, metadata={"description": "whether the chat sends mails at all"}
    )


def show_email(found: EmailAddress | None, *, mails: bool) -> dict[str, Any]:
    """Return an EmailView."""
    return {
        "address": found and found.text,
        "verified_at": found and rfc3339(found.verified_at),
        "mails": mails,
    }
