"""Define the input and the views of passkeys (WebAuthn).

An input has what `PublicKeyCredential.toJSON()` of a browser returns. A form has the parts of it
that count, each as a field.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Any

from marshmallow import fields

from chat.models.passkey import Passkey
from chat.schemas.base import Input, View
from chat.schemas.fields import Inner, ListOf, Moment, Next, OneOf, StrictBoolean, StrictInteger
from chat.schemas.text_fields import Name, StrictString
from chat.utils.clock import rfc3339
from chat.utils.sentences import N_, Later
from chat.utils.webauthn import Assertion, Options, Registration

LONGEST_NAME = 64
LONGEST_TOKEN = 1000  # characters; ours have less than 300
# Characters of base64url. An id has up to 1023 bytes, and a public key of Windows (RSA) some 300.
LONGEST_ID = 1400
LONGEST_CLIENT_DATA = 2000
LONGEST_ATTESTATION = 3000
LONGEST_AUTHENTICATOR_DATA = 3000
LONGEST_SIGNATURE = 1000
LONGEST_HANDLE = 100
LONGEST_WORD = 40  # of the words that describe a device
MOST_TRANSPORTS = 20
TRANSPORTS = Later("Send at most {most} of these.", most=MOST_TRANSPORTS)
BIGGEST_ALGORITHM = 100_000
PATTERN = "^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$"
BASE64 = re.compile(PATTERN.removesuffix("$") + r"\Z")


class Base64Url(StrictString):
    """Bytes in base64url without padding, as browsers send them."""

    default_error_messages = {"not_base64": N_("This must be base64url without padding.")}

    @property
    def described(self) -> dict[str, Any]:
        return {"maxLength": self.most, "pattern": PATTERN}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        if not BASE64.match(text):
            raise self.make_error("not_base64")
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Word(StrictString):
    """A word about the device, which the chat does not need."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_WORD, **options)


class CredPropsInput(Input):
    rk = StrictBoolean()


class ExtensionsInput(Input):
    """What extensions say; the chat asks for none, and some programs answer this one unasked."""

    cred_props = Inner(CredPropsInput, data_key="credProps")


class CredentialInput(Input):
    """What both kinds of answers have. The chat needs their `response`, and `rawId` to sign in."""

    id = Base64Url(LONGEST_ID, required=True)
    raw_id = Base64Url(LONGEST_ID, required=True, data_key="rawId")
    type = OneOf(("public-key",), required=True)
    attachment = Word(allow_none=True, data_key="authenticatorAttachment")
    extensions = Inner(ExtensionsInput, data_key="clientExtensionResults")


class AttestationInput(Input):
    """An AuthenticatorAttestationResponseJSON."""

    client_data = Base64Url(LONGEST_CLIENT_DATA, required=True, data_key="clientDataJSON")
    attestation = Base64Url(LONGEST_ATTESTATION, required=True, data_key="attestationObject")
    authenticator_data = Base64Url(LONGEST_AUTHENTICATOR_DATA, data_key="authenticatorData")
    transports = ListOf(Word(), 0, MOST_TRANSPORTS, error=TRANSPORTS)
    public_key = Base64Url(LONGEST_SIGNATURE, allow_none=True, data_key="publicKey")
    algorithm = StrictInteger(-BIGGEST_ALGORITHM, BIGGEST_ALGORITHM, data_key="publicKeyAlgorithm")


class AssertionInput(Input):
    """An AuthenticatorAssertionResponseJSON."""

    client_data = Base64Url(LONGEST_CLIENT_DATA, required=True, data_key="clientDataJSON")
    authenticator_data = Base64Url(
        LONGEST_AUTHENTICATOR_DATA, required=True, data_key="authenticatorData"
    )
    signature = Base64Url(LONGEST_SIGNATURE, required=True)
    user_handle = Base64Url(LONGEST_HANDLE, required=True, data_key="userHandle")
    attestation = Base64Url(LONGEST_ATTESTATION, allow_none=True, data_key="attestationObject")


class NewCredentialInput(CredentialInput):
    """A RegistrationResponseJSON."""

    response = Inner(AttestationInput, required=True)


class UsedCredentialInput(CredentialInput):
    """An AuthenticationResponseJSON."""

    response = Inner(AssertionInput, required=True)


class Token(StrictString):
    """What came with the options."""

    def __init__(self) -> None:
        super().__init__(
            LONGEST_TOKEN,
            required=True,
            metadata={"description": "what came with the options; it counts once, for 5 minutes"},
        )


class PasskeyLoginInput(Input):
    token = Token()
    credential = Inner(UsedCredentialInput, required=True)


class AddPasskeyInput(Input):
    token = Token()
    credential = Inner(NewCredentialInput, required=True)
    name = Name(
        1, LONGEST_NAME, metadata={"description": "what you call it; without one, the device"}
    )


class RenamePasskeyInput(Input):
    name = Name(1, LONGEST_NAME, required=True)


class AddPasskeyForm(Input):
    """What a script makes of a new credential."""

    token = Token()
    client_data = Base64Url(LONGEST_CLIENT_DATA, required=True)
    attestation = Base64Url(LONGEST_ATTESTATION, required=True)
    name = Name(1, LONGEST_NAME, required=True)


class PasskeyLoginForm(Input):
    """What a script makes of a used credential."""

    token = Token()
    raw_id = Base64Url(LONGEST_ID, required=True)
    client_data = Base64Url(LONGEST_CLIENT_DATA, required=True)
    authenticator_data = Base64Url(LONGEST_AUTHENTICATOR_DATA, required=True)
    signature = Base64Url(LONGEST_SIGNATURE, required=True)
    user_handle = Base64Url(LONGEST_HANDLE, required=True)


class PasskeyOptionsView(View):
    token = fields.String(
        required=True,
        metadata={"description": "send it back with the credential; it counts once, for 5 minutes"},
    )
    public_key = fields.Dict(
        required=True,
        metadata={
            "description": "for `PublicKeyCredential.parseCreationOptionsFromJSON()` or "
            "`parseRequestOptionsFromJSON()` of browsers"
        },
    )


class PasskeyView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    created_at = Moment(required=True)
    used_at = Moment(
        required=True, allow_none=True, metadata={"description": "when it last signed you in"}
    )


class PasskeysView(View):
    passkeys = fields.List(fields.Nested(PasskeyView), required=True)
    next = Next()


def registration_of(sent: dict[str, Any]) -> Registration:
    """Return what a loaded NewCredentialInput or AddPasskeyForm says."""
    found = sent.get("response", sent)
    return Registration(found["client_data"], found["attestation"])


def assertion_of(sent: dict[str, Any]) -> Assertion:
    """Return what a loaded UsedCredentialInput or PasskeyLoginForm says."""
    found = sent.get("response", sent)
    return Assertion(
        sent["raw_id"],
        found["client_data"],
        found["authenticator_data"],
        found["signature"],
        found["user_handle"],
    )


def show_passkey_options(begun: tuple[str, Options]) -> dict[str, Any]:
    """Return a PasskeyOptionsView."""
    token, public_key = begun
    return {"token": token, "public_key": public_key}


def show_passkey(passkey: Passkey) -> dict[str, Any]:
    """Return a PasskeyView."""
    return {
        "id": str(passkey.id),
        "name": passkey.name(),
        "created_at": rfc3339(passkey.created_at),
        "used_at": passkey.used_at and rfc3339(passkey.used_at),
    }
