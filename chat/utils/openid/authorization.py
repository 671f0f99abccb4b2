"""Send people to a provider, and exchange the code that they come back with."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from chat.utils import outgoing
from chat.utils.configuration.providers import Provider
from chat.utils.openid import discovery, id_tokens
from chat.utils.openid.discovery import Metadata
from chat.utils.openid.id_tokens import InvalidToken
from chat.utils.outgoing import NoAnswer

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Secrets:
    """What binds a provider's answer to one browser and one request."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Secrets:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


class CodeRefused(Exception):
    """The provider does not accept the code: it was used, is too old, or is somebody else's."""


def address(provider: Provider, flow: Secrets, redirect_uri: str) -> str:
    """Return where to send somebody who wants to sign in. Raises NoAnswer."""
    found: str = prepare_grant_uri(
        discovery.metadata_of(provider).authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=provider.scopes,
        state=flow.state,
        nonce=flow.nonce,
        code_challenge=create_s256_code_challenge(flow.verifier),
        code_challenge_method="S256",
    )
    return found


def sign_out_address(provider: Provider, redirect_uri: str) -> str:
    """Return where people sign out of the provider, too; empty if it announces none.

    Raises NoAnswer.
    """
    endpoint = discovery.metadata_of(provider).end_session_endpoint
    if not endpoint:
        return ""
    parameters = [("client_id", provider.client_id), ("post_logout_redirect_uri", redirect_uri)]
    found: str = add_params_to_uri(endpoint, parameters)
    return found


def claims_for(provider: Provider, flow: Secrets, code: str, redirect_uri: str) -> dict[str, Any]:
    """Exchange a code. Return what the provider says about the person, checked.

    Raises CodeRefused, InvalidToken, NoAnswer.
    """
    metadata = discovery.metadata_of(provider)
    tokens = _exchange(provider, metadata, flow, code, redirect_uri)
    access_token = tokens.get("access_token")
    claims = id_tokens.claims_of(
        provider, tokens.get("id_token"), nonce=flow.nonce, access_token=access_token
    )
    if metadata.userinfo_endpoint and isinstance(access_token, str):
        return _userinfo(metadata, access_token, claims["sub"]) | claims
    return claims


def _exchange(
    provider: Provider, metadata: Metadata, flow: Secrets, code: str, redirect_uri: str
) -> dict[str, Any]:
    body = prepare_token_request(
        "authorization_code", "", redirect_uri, code=code, code_verifier=flow.verifier
    )
    method = metadata.auth_method
    client = ClientAuth(
        provider.client_id,
        provider.client_secret,
        _basic if method == "client_secret_basic" else method,
    )
    url, headers, body = client.prepare(
        "POST", metadata.token_endpoint, {"Content-Type": FORM}, body
    )
    answer = outgoing.ask(url, body=body.encode(), headers=headers)
    if answer.status >= 500:
        raise NoAnswer(f"status {answer.status} of the token endpoint")
    found = answer.object()
    if answer.status != 200:
        raise CodeRefused(f"status {answer.status}: {str(found.get('error'))[:60]!r}")
    return found


def _basic(
    client: ClientAuth, method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Prove to be the client as RFC 6749 says in 2.3.1, which Authlib does without the encoding."""
    text = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(text.encode()).decode()}"
    return uri, headers, body


def _userinfo(metadata: Metadata, access_token: str, subject: str) -> dict[str, Any]:
    """Return what the provider's second source says about the same person."""
    if not (access_token.isascii() and access_token.isprintable()):
        raise InvalidToken("an access token with strange characters")
    answer = outgoing.ask(
        metadata.userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"}
    )
    if answer.status != 200:
        raise NoAnswer(f"status {answer.status} of the userinfo endpoint")
    found = answer.object()
    if found.get("sub") != subject:
        raise InvalidToken("userinfo is about somebody else")
    return found
