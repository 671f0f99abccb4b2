"""A browser without JavaScript: it fetches pages and submits their forms."""

from __future__ import annotations

import requests

from tests.helpers.servers import Server
from tests.helpers.world import Person, csrf_of


class Browser:
    """A browser that follows redirects, keeps cookies, and sends forms and the Origin."""

    def __init__(self, server: Server):
        self.server = server
        self.http = requests.Session()

    def get(self, path: str, **options: object) -> requests.Response:
        return self.http.get(self.server.url + path, timeout=20, **options)

    def submit(
        self,
        path: str,
        *,
        origin: str | None = "own",
        csrf: bool = True,
        follow: bool = True,
        **fields: str,
    ) -> requests.Response:
        headers = {"Origin": self.server.url if origin == "own" else origin} if origin else {}
        if csrf and (cookie := self.http.cookies.get(self.server.cookie("chat_csrf"))):
            fields["csrf_token"] = cookie
        return self.http.post(
            self.server.url + path, data=fields, headers=headers, timeout=20, allow_redirects=follow
        )

    def sign_in(self, person: Person) -> Browser:
        for name, value in {
            "chat_access": person.access_token,
            "chat_refresh": person.refresh_token,
        }.items():
            self.http.cookies.set(self.server.cookie(name), value)
        self.http.cookies.set(self.server.cookie("chat_csrf"), csrf_of(person.access_token))
        return self
