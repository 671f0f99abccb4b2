"""Define the input and the views of the second factor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from chat.schemas.base import Input, View
from chat.schemas.fields import FormBoolean
from chat.schemas.text_fields import StrictString
from chat.schemas.users import LONGEST_CODE, LONGEST_PASSWORD
from chat.utils import qr_codes, recovery_codes


class OwnPasswordInput(Input):
    """One's own password, as a proof."""

    password = StrictString(LONGEST_PASSWORD, required=True)


class CodeOfAppInput(Input):
    otp = StrictString(
        LONGEST_CODE, required=True, metadata={"description": "a code of the authenticator app"}
    )


class ProofInput(OwnPasswordInput):
    """One's own password and a code, as a proof."""

    otp = StrictString(
        LONGEST_CODE,
        required=True,
        metadata={"description": "a code of the authenticator app, or a recovery code"},
    )


class ProofOfPersonInput(OwnPasswordInput):
    """One's own password, and a code where the second factor is on."""

    otp = StrictString(
        LONGEST_CODE,
        load_default="",
        metadata={"description": "a code of the second factor, where it is on"},
    )


class SecondStepForm(Input):
    """The second step of signing in."""

    otp = StrictString(LONGEST_CODE, load_default="")
    remember = FormBoolean(load_default=False)


class SecretView(View):
    secret = fields.String(required=True, metadata={"description": "in base32, to type"})
    uri = fields.String(required=True, metadata={"description": "otpauth://, as apps read it"})
    qr_svg = fields.String(required=True, metadata={"description": "the uri as a QR code"})


class RecoveryCodesView(View):
    recovery_codes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "each works once, in place of a code; no other answer has them"},
    )


def show_secret(secret: str, uri: str) -> dict[str, Any]:
    """Return a SecretView."""
    return {"secret": secret, "uri": uri, "qr_svg": qr_codes.svg(uri)}


def show_recovery_codes(codes: Iterable[str]) -> dict[str, Any]:
    """Return a RecoveryCodesView."""
    return {"recovery_codes": [recovery_codes.shown(code) for code in codes]}
