"""A provider of OpenID Connect that says whatever a test wants: wrong, old, or somebody else's."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.helpers.form_browser import Browser

CLIENT_ID, CLIENT_SECRET = "chat", "a secret"


class Asked(NamedTuple):
    """What the chat asks a provider for, in the address where it sends a browser."""

    address: str
    state: str
    nonce: str
    challenge: str
    redirect_uri: str


class FalseProvider:
    """The provider on 127.0.0.1, in a thread. `with` starts it, and stops it."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.published = [self.key]
        self.answers: dict[str, tuple[int, dict[str, Any]]] = {}  # by code
        self.people: dict[str, dict[str, Any]] = {}  # userinfo, by access token
        self.exchanged: list[dict[str, str]] = []  # forms that the token endpoint received
        self.asked: list[str] = []  # paths
        self.metadata: dict[str, Any] = {}  # what it announces otherwise
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FalseProvider:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def variables(self, name: str, **more: str) -> dict[str, str]:
        """Return the configuration of a chat that signs in by this provider."""
        given = {"ISSUER": self.issuer, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
        return {f"OIDC_{name}_{part}": value for part, value in (given | more).items()}

    # what it says

    def claims(self, asked: Asked, sub: str, **other: Any) -> dict[str, Any]:
        """Return right claims; `other` replaces some, and None leaves one out."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT_ID, "sub": sub, "nonce": asked.nonce}
        usual |= {"iat": now, "exp": now + 300} | other
        return {name: value for name, value in usual.items() if value is not None}

    def code_for(
        self, claims: dict[str, Any], key: RSAKey | OctKey | None = None, alg: str = "RS256"
    ) -> str:
        """Return a code, which is exchanged for an ID token with these claims."""
        key = key or self.key
        header = {"alg": alg, "kid": key.kid or "first"}
        return self.code_for_token(jwt.encode(header, claims, key, algorithms=[alg]))

    def code_for_token(self, token: str) -> str:
        code, access = secrets.token_hex(8), secrets.token_hex(8)
        self.answers[code] = (
            200,
            {
                "token_type": "Bearer",
                "access_token": access,
                "id_token": token,
            },
        )
        return code

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                if self.path.endswith("/openid-configuration"):
                    self._answer(200, provider._announced())
                elif self.path == "/keys":
                    keys = [key.as_dict(private=False) for key in provider.published]
                    self._answer(200, {"keys": keys})
                else:
                    token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                    known = provider.people.get(token)
                    self._answer(200 if known else 401, known or {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                provider.exchanged.append(form)
                refused = 400, {"error": "invalid_grant"}
                self._answer(*provider.answers.pop(form.get("code", ""), refused))

            def _answer(self, status: int, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", content["location"])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _announced(self) -> dict[str, Any]:
        announced = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return announced | self.metadata


def ask(browser: Browser, provider: str, query: str = "") -> Asked:
    """Begin to sign in, and return what the chat asks the provider for."""
    sent = browser.get(f"/auth/{provider}{query}", allow_redirects=False)
    assert sent.status_code == 303, sent.text
    query = urlsplit(sent.headers["Location"]).query
    said = {name: values[0] for name, values in parse_qs(query).items()}
    return Asked(
        sent.headers["Location"],
        said["state"],
        said["nonce"],
        said["code_challenge"],
        said["redirect_uri"],
    )


def come_back(browser: Browser, provider: str, **answer: str) -> requests.Response:
    """Follow the provider's redirect to the chat, and return the page where that leads."""
    return browser.get(f"/auth/{provider}/callback", params=answer)
