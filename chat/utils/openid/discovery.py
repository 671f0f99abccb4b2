"""Read what a provider announces about itself: its addresses and its keys. Both are cached."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chat.utils import outgoing
from chat.utils.configuration.providers import MOST_PROVIDERS, Provider, is_address
from chat.utils.outgoing import NoAnswer
from chat.utils.ttl_cache import TtlCache

CACHED_SECONDS = 600.0
KEYS_AGAIN_AFTER = 30.0  # seconds: so often at most an unknown key makes us read the keys again
# Signatures by a provider's own key. HS256 would make the client's secret one, and none is none.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Metadata:
    """What a provider announces. `userinfo_endpoint`, `end_session_endpoint`: empty without one.

    `names_issuer`: whether its answers name it (RFC 9207).
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    auth_method: str
    names_issuer: bool


def metadata_of(provider: Provider) -> Metadata:
    """Return what a provider announces. Raises NoAnswer."""
    found = _metadata.get_or_load(provider.issuer, lambda: _read(provider))
    assert found
    return found


def keys_of(provider: Provider) -> KeySet:
    """Return the keys of a provider. Raises NoAnswer."""
    found = _keys.get_or_load(provider.issuer, lambda: _read_keys(provider))
    assert found is not None
    return found


def read_keys_again(provider: Provider) -> bool:
    """Forget the keys, as one was not among them. Return False if they were read just now."""
    if time.monotonic() - _keys_read_at.get(provider.issuer, 0.0) < KEYS_AGAIN_AFTER:
        return False
    _keys.invalidate(provider.issuer)
    return True


def _read(provider: Provider) -> Metadata:
    url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    announced = _object_at(url)
    if announced.get("issuer") != provider.issuer:
        raise NoAnswer(f"the provider names itself {announced.get('issuer')!r}: set that as ISSUER")
    return Metadata(
        authorization_endpoint=_address(provider, announced, "authorization_endpoint"),
        token_endpoint=_address(provider, announced, "token_endpoint"),
        jwks_uri=_address(provider, announced, "jwks_uri"),
        userinfo_endpoint=_address(provider, announced, "userinfo_endpoint", is_needed=False),
        end_session_endpoint=_address(provider, announced, "end_session_endpoint", is_needed=False),
        auth_method=_auth_method(provider, announced),
        names_issuer=announced.get("authorization_response_iss_parameter_supported") is True,
    )


def _object_at(url: str) -> dict[str, Any]:
    answer = outgoing.ask(url)
    if answer.status != 200:
        raise NoAnswer(f"status {answer.status} of {url}")
    return answer.object()


def _address(
    provider: Provider, announced: dict[str, Any], name: str, *, is_needed: bool = True
) -> str:
    url = announced.get(name, "")
    if isinstance(url, str) and is_address(url, may_be_plain=provider.is_loopback):
        return url
    if is_needed:
        raise NoAnswer(f"the provider announces no usable {name}")
    return ""


def _auth_method(provider: Provider, announced: dict[str, Any]) -> str:
    """Return how the chat proves to be the client: basic, which is usual, unless only post is."""
    if not provider.client_secret:
        return "none"
    methods = announced.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" not in methods and "client_secret_post" in methods:
        return "client_secret_post"
    return "client_secret_basic"


def _read_keys(provider: Provider) -> KeySet:
    found = _object_at(metadata_of(provider).jwks_uri)
    try:
        keys = KeySet.import_key_set({"keys": _signing(found)})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NoAnswer(f"the provider's keys cannot be read: {error!r}") from None
    _keys_read_at[provider.issuer] = time.monotonic()
    return keys


def _signing(found: dict[str, Any]) -> list[Any]:
    """Return the public keys of a key set that sign. Others, such as shared secrets, are left."""
    keys = found.get("keys")
    if not isinstance(keys, list):
        return []
    return [
        each
        for each in keys
        if isinstance(each, dict)
        and each.get("kty") in ("RSA", "EC")
        and each.get("use", "sig") == "sig"
    ]


_metadata: TtlCache[str, Metadata] = TtlCache(MOST_PROVIDERS, CACHED_SECONDS)
_keys: TtlCache[str, KeySet] = TtlCache(MOST_PROVIDERS, CACHED_SECONDS)
_keys_read_at: dict[str, float] = {}
