"""Whom a provider vouches for, out of what it says about a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from chat.controllers.sign_on import sealing
from chat.utils.configuration.providers import AdminClaim, Provider
from chat.utils.email_addresses import parsed

LASTS = timedelta(minutes=10)  # until consent
LONGEST = 200  # characters of a claim that names somebody
_PURPOSE = "identity"


@dataclass(frozen=True)
class Vouched:
    """A person, as a provider knows them.

    `email`: an address that the provider verified; else empty. `names`: what could become the
    username, the best first. `has_two_factors`: the provider asked for a second factor.
    `administers`: None if the provider does not decide that.
    """

    provider: str
    subject: str
    email: str
    display_name: str
    names: tuple[str, ...]
    has_two_factors: bool
    administers: bool | None


def of_claims(provider: Provider, claims: dict[str, Any]) -> Vouched:
    """Return whom checked claims are about. Texts of no use count as missing."""
    address = _text(claims, "email")
    is_verified = claims.get("email_verified") is True
    display_name = _text(claims, "name")
    names = (
        _text(claims, "preferred_username").partition("@")[0],
        address.partition("@")[0],
        display_name,
    )
    methods = claims.get("amr")
    return Vouched(
        provider=provider.id,
        subject=claims["sub"],
        email=(parsed(address) or "") if is_verified else "",
        display_name=display_name,
        names=tuple(name for name in names if name),
        has_two_factors=isinstance(methods, list) and "mfa" in methods,
        administers=_has(claims, provider.admin_claim) if provider.admin_claim else None,
    )


def seal(person: Vouched, session_id: str = "") -> str:
    """Return what the browser keeps until somebody consents.

    `session_id`: of somebody signed in, whose account is to be connected.
    """
    return sealing.seal(f"{_PURPOSE} {session_id}", asdict(person))


def unseal(text: str, session_id: str = "") -> Vouched | None:
    """Return who was sealed for this session; None if that is too long ago."""
    content = sealing.unseal(f"{_PURPOSE} {session_id}", text, LASTS)
    if content is None:
        return None
    return Vouched(**content | {"names": tuple(content["names"])})


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or len(value) > LONGEST:
        return ""
    return value.strip()


def _has(claims: dict[str, Any], wanted: AdminClaim) -> bool:
    """Return whether a claim is the wanted value, or a list with it.

    Dots lead into objects, unless a claim has the whole name: `realm_access.roles`.
    """
    value: Any = claims
    if wanted.name in claims:
        value = claims[wanted.name]
    else:
        for part in wanted.name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    found = value if isinstance(value, list) else [value]
    return any(isinstance(each, str) and each == wanted.value for each in found)
