"""What a provider of OpenID Connect may say, and how long it may take."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from chat.utils import outgoing
from chat.utils.configuration.providers import Provider
from chat.utils.openid import discovery, id_tokens
from chat.utils.openid.id_tokens import InvalidToken
from chat.utils.outgoing import NoAnswer
from tests.helpers.false_provider import CLIENT_ID, CLIENT_SECRET, Asked, FalseProvider

ASKED = Asked("", "a state", "a nonce", "", "")


@pytest.fixture
def acme() -> Iterator[FalseProvider]:
    with FalseProvider() as provider:
        yield provider


def configured(acme: FalseProvider, **other: Any) -> Provider:
    usual = {"id": "acme", "label": "Acme", "issuer": acme.issuer, "client_id": CLIENT_ID}
    usual |= {"client_secret": CLIENT_SECRET, "scopes": "openid", "creates": True}
    return Provider(**usual | {"admin_claim": None} | other)


def subject_of(acme: FalseProvider, key: Any = None, alg: str = "RS256") -> str:
    """Return the subject of a new ID token that is signed so. Raises InvalidToken."""
    code = acme.code_for(acme.claims(ASKED, "bob"), key, alg)
    token = acme.answers[code][1]["id_token"]
    claims = id_tokens.claims_of(
        configured(acme), token, nonce=ASKED.nonce, access_token=acme.answers[code][1]
    )
    return str(claims["sub"])


def test_a_new_key_counts_at_once_and_unknown_ones_do_not_make_us_ask_ever_again(
    acme: FalseProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert subject_of(acme) == "bob"
    second = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    acme.published.append(second)
    read = acme.asked.count("/keys")
    with pytest.raises(InvalidToken):
        subject_of(acme, second)
    assert acme.asked.count("/keys") == read, "the keys were read just now"
    monkeypatch.setattr(discovery, "KEYS_AGAIN_AFTER", 0.0)
    assert subject_of(acme, second) == subject_of(acme) == "bob"
    acme.published.remove(acme.key)
    assert subject_of(acme, second) == "bob"


def test_keys_of_elliptic_curves_count_and_shared_secrets_never(acme: FalseProvider) -> None:
    curve = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
    shared = OctKey.generate_key(256, {"kid": "shared", "use": "sig"})
    acme.published += [curve, shared]
    assert subject_of(acme, curve, "ES256") == "bob"
    with pytest.raises(InvalidToken):
        subject_of(acme, shared, "HS256")


@pytest.mark.parametrize(
    "announced",
    [
        {"issuer": "https://acme.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://acme.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": ["https://acme.example"]},
    ],
)
def test_a_provider_that_announces_nonsense_is_not_asked(
    acme: FalseProvider, announced: dict[str, Any]
) -> None:
    acme.metadata = announced
    with pytest.raises(NoAnswer):
        discovery.metadata_of(configured(acme))


def test_the_chat_proves_to_be_the_client_as_the_provider_wants_it(acme: FalseProvider) -> None:
    acme.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert discovery.metadata_of(configured(acme)).auth_method == "client_secret_post"


# the other side of a connection


def answering(*parts: bytes, pause: float = 0.0) -> str:
    """Return the address of a server that answers once with these bytes, with pauses between."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection, listener:
            connection.recv(65_536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                time.sleep(pause)

    threading.Thread(target=answer, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",),
        (HEAD + b"\r\n", b"x" * (outgoing.LONGEST_ANSWER + 1)),
        (b"nonsense\r\n\r\n",),
        (HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n",),
        (HEAD + b"Content-Length: 900\r\n\r\n", b"{}"),
        (),
    ],
    ids=["redirect", "large", "no HTTP", "long header", "cut short", "nothing"],
)
def test_an_answer_of_no_use_is_none(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(NoAnswer):
        outgoing.ask(answering(*parts))


@pytest.mark.parametrize("begins", [HEAD + b"X: ", HEAD + b"Content-Length: 900\r\n\r\n"])
def test_a_server_that_answers_drop_by_drop_is_not_waited_for(begins: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        outgoing.ask(answering(begins, *[b"x"] * 100, pause=0.1), seconds=0.5)
    assert time.monotonic() - began < 5, "and not for the ten seconds of all drops"


def test_no_json_and_no_object_are_no_answer() -> None:
    for body in (b"nonsense", b"[]", b'"text"', b""):
        answer = outgoing.Answer(200, body)
        with pytest.raises(NoAnswer):
            answer.object()
