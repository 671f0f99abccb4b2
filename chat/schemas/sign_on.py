"""Define the input and the views of single sign-on."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.identity import Identity
from chat.schemas.base import Input, View
from chat.schemas.fields import FormBoolean, Moment, Next
from chat.schemas.text_fields import StrictString
from chat.schemas.users import LONGEST_CODE, LONGEST_PASSWORD
from chat.utils.clock import rfc3339
from chat.utils.configuration.providers import Provider


class ConnectForm(Input):
    """The proof that one may connect an account."""

    password = StrictString(LONGEST_PASSWORD, load_default="")
    otp = StrictString(LONGEST_CODE, load_default="")


class ConsentForm(ConnectForm):
    """Of somebody whose address a provider verified; or `create`: it is not them."""

    create = FormBoolean(load_default=False)


class ProviderView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    url = fields.String(
        required=True,
        metadata={"description": "open it in a browser, which is signed in when it comes back"},
    )


class ProvidersView(View):
    passwords = fields.Boolean(
        required=True,
        metadata={"description": "whether people can log in with a password, of LDAP included"},
    )
    providers = fields.List(fields.Nested(ProviderView), required=True)
    next = Next()


class IdentityView(View):
    provider = fields.String(required=True)
    name = fields.String(required=True)
    connected_at = Moment(required=True)
    used_at = Moment(required=True)


class IdentitiesView(View):
    identities = fields.List(fields.Nested(IdentityView), required=True)
    next = Next()


def show_provider(provider: Provider, public_url: str) -> dict[str, Any]:
    """Return a ProviderView."""
    url = f"{public_url}/auth/{provider.id}"
    return {"id": provider.id, "name": provider.label, "url": url}


def show_identity(provider: Provider, identity: Identity) -> dict[str, Any]:
    """Return an IdentityView."""
    return {
        "provider": provider.id,
        "name": provider.label,
        "connected_at": rfc3339(identity.created_at),
        "used_at": rfc3339(identity.used_at),
    }
