"""A real OpenID Connect provider (npm: oidc-provider), in a process of its own, and its people."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import requests

from tests.helpers.form_browser import Browser
from tests.helpers.node import node
from tests.helpers.servers import ROOT, free_port, wait_until

SECRET = "a secret of the tests: 50%"


class OidcProvider:
    """The provider on 127.0.0.1. `with` starts it for chats at some addresses, and stops it."""

    def __init__(self, folder: Path, *callbacks: str):
        self.issuer = f"http://127.0.0.1:{free_port()}"
        self._callbacks = callbacks
        self._log = folder / f"provider-{self.issuer.rpartition(':')[2]}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> OidcProvider:
        port = self.issuer.rpartition(":")[2]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [node(), "tests/helpers/oidc_provider.mjs", port, *self._callbacks],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: b"listening" in self._log.read_bytes(), "the provider listens", 30)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait(20)

    def variables(self, name: str, **more: str) -> dict[str, str]:
        """Return the configuration of a chat that signs in by this provider."""
        given = {"ISSUER": self.issuer, "CLIENT_ID": "chat", "CLIENT_SECRET": SECRET} | more
        return {f"OIDC_{name}_{part}": value for part, value in given.items()}

    def knows(self, **people: dict[str, Any]) -> None:
        """Set the claims of people by what they enter as login; anybody else has none."""
        requests.post(f"{self.issuer}/test/accounts", json=people, timeout=10).raise_for_status()


def sign_in_there(browser: Browser, page: requests.Response, login: str) -> requests.Response:
    """Fill the provider's form in, and return the chat's page where that leads."""
    assert "/interaction/" in page.url, page.text[:500]
    body = {"prompt": "login", "login": login, "password": "anything"}
    return browser.http.post(page.url, data=body, timeout=20)
