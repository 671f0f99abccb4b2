"""The shipped nginx configuration, in a real nginx in front of a real chat."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import socketio
from flask import Flask
from requests.adapters import HTTPAdapter

from config import Settings
from tests.helpers.nginx import nginx
from tests.helpers.pictures import gradient, written
from tests.helpers.servers import ROOT, Server, free_port, new_chat, wait_until
from tests.helpers.world import PASSWORD, Person, World

SHIPPED = ROOT / "deploy/nginx.conf"
REGISTRATIONS = 3


class From(HTTPAdapter):
    """Requests from an address of their own."""

    def __init__(self, address: str):
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)  # type: ignore[arg-type]


class Proxy:
    """nginx with the shipped configuration, which differs only in addresses and certificates."""

    def __init__(self, folder: Path, upstream: int, *, tls: bool = False):
        self.port, self._folder = free_port(), folder
        text = SHIPPED.read_text().replace("web:5000", f"127.0.0.1:{upstream}")
        if tls:
            text = text.replace("listen 80;", "").replace("# ssl_", "ssl_")
            text = text.replace("# listen 443 ", f"listen 127.0.0.1:{self.port} ")
            text = text.replace("/etc/nginx/chat", str(folder / "chat"))
        else:
            text = text.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        self.url = f"http{'s' if tls else ''}://localhost:{self.port}"
        temporary = " ".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; pid {folder}/pid; "
            f"error_log {folder}/error.log;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; {temporary}\n{text}\n}}\n"
        )

    def start(self) -> Proxy:
        command = [nginx(), "-e", "stderr", "-p", str(self._folder), "-c", "nginx.conf"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)
        wait_until(self.answers, "nginx answers")
        return self

    def answers(self) -> bool:
        assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
        try:
            return requests.get(self.url, timeout=2, verify=False).status_code > 0
        except requests.RequestException:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def chat_behind(proxy: Proxy, port: int, settings: Settings, folder: Path) -> Server:
    variables = {
        "PUBLIC_URL": proxy.url,
        "TRUSTED_PROXIES": "1",
        "RATE_LIMITS": "on",
        "LIMIT_REGISTER": f"{REGISTRATIONS} per hour",
    }
    return new_chat(folder, settings.mongo_uri, port=port, **variables)


@pytest.fixture(scope="module")
def proxied(
    app: Flask, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Proxy, Server]]:
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    proxy = Proxy(folder, port)
    with chat_behind(proxy, port, settings, folder) as chat:
        yield proxy.start(), chat
        proxy.stop()


def register(proxy: Proxy, address: str, number: int, **headers: str) -> int:
    with requests.Session() as session:
        session.mount("http://", From(address))
        body = {"username": f"nginx{address[-1]}x{number}x{proxy.port}", "password": PASSWORD}
        url = f"{proxy.url.replace('localhost', '127.0.0.1')}/api/v1/auth/register"
        headers |= {"Host": f"localhost:{proxy.port}"}
        return session.post(url, json=body, headers=headers, timeout=20).status_code


def test_each_client_has_its_own_limits_and_cannot_claim_to_be_another(
    proxied: tuple[Proxy, Server],
) -> None:
    """One client's limit locked everybody out, and a client with a forged address had none."""
    proxy, _ = proxied
    for number in range(REGISTRATIONS):
        assert register(proxy, "127.0.0.5", number) == 201
    assert register(proxy, "127.0.0.5", 10) == 429
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert register(proxy, "127.0.0.5", 11, **{name: "198.51.100.7"}) == 429
    assert register(proxy, "127.0.0.6", 0) == 201
    assert register(proxy, "127.0.0.6", 1, **{"X-Forwarded-Host": "evil.example"}) == 201


def test_sockets_pages_and_pictures_go_through(app: Flask, proxied: tuple[Proxy, Server]) -> None:
    proxy, chat = proxied
    through = copy.copy(chat)
    through.url = proxy.url
    with app.app_context():
        world = World(through)
        room_id = world.room()
        heard: list[str] = []
        for transports in (["websocket"], ["polling"]):
            client = socketio.Client(reconnection=False)
            client.on("message:posted", lambda posted: heard.append(posted["message"]["body"]))
            client.connect(proxy.url, auth={"token": world.bob.access_token}, transports=transports)
            world.alice.say(room_id, f"by {transports[0]}")
            wait_until(lambda said=f"by {transports[0]}": said in heard, "it is heard")
            client.disconnect()
        picture = world.bob.ask(
            "POST",
            f"/rooms/{room_id}/images",
            files={"image": ("a.png", written(gradient(400, 400), "PNG"))},
        )
        assert picture.status_code == 201, picture.text
        for encoding in ("br", "gzip"):
            style = requests.get(
                f"{proxy.url}/static/css/base.css", headers={"Accept-Encoding": encoding}, timeout=5
            )
            assert style.headers["Content-Encoding"] == encoding
        page = requests.get(f"{proxy.url}/login", timeout=5)
        assert page.ok
        assert "Content-Encoding" not in page.headers, "it holds a secret"


def test_an_office_has_more_streams_than_other_connections(
    app: Flask, proxied: tuple[Proxy, Server]
) -> None:
    proxy, chat = proxied
    host = f"localhost:{proxy.port}"
    with app.app_context(), contextlib.ExitStack() as stack:
        world = World(chat)
        for number in range(26):
            token = Person(world, f"p{number}").access_token
            for _ in range(20):
                line = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), 15))
                line.sendall(
                    f"GET /api/v1/stream HTTP/1.1\r\nHost: {host}\r\n"
                    f"Authorization: Bearer {token}\r\n\r\n".encode()
                )
                assert line.recv(15) == b"HTTP/1.1 200 OK"
        assert requests.get(f"{proxy.url}/up", timeout=5).ok


def test_while_the_chat_is_away_people_and_programs_are_told_so(
    proxied: tuple[Proxy, Server],
) -> None:
    proxy, chat = proxied
    chat.stop()
    try:
        page = requests.get(f"{proxy.url}/login", timeout=5)
        answer = requests.get(f"{proxy.url}/api/v1/rooms", timeout=5)
    finally:
        chat.start()
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "is being restarted" in page.text
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert answer.json()["error"]["code"] == "unavailable"


def test_a_form_that_is_too_large_is_refused_in_the_chats_words(
    proxied: tuple[Proxy, Server],
) -> None:
    proxy, _ = proxied
    # Only the length is said: nginx reads nothing of it.
    for path, kind in (
        ("/api/v1/rooms/x/images", "application/json"),
        ("/rooms/x/messages", "text/html"),
    ):
        told = subprocess.run(
            [
                "curl",
                "-s",
                "-i",
                "-X",
                "POST",
                "-H",
                "Content-Length: 200000000",
                f"{proxy.url}{path}",
            ],
            capture_output=True,
            text=True,
            timeout=20,
        ).stdout
        assert " 413 " in told.splitlines()[0]
        assert kind in told
        if kind == "application/json":
            assert json.loads(told.split("\n\n", 1)[-1])["error"]["code"] == "too_large"


def test_with_tls_it_speaks_http_2_and_the_chat_knows_that_it_is_secure(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            tmp_path / "chat.key",
            "-out",
            tmp_path / "chat.crt",
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    proxy = Proxy(tmp_path, port, tls=True)
    with chat_behind(proxy, port, settings, tmp_path):
        proxy.start()
        try:
            told = subprocess.run(
                ["curl", "-s", "-k", "-i", "--http2", f"{proxy.url}/login"],
                capture_output=True,
                text=True,
                timeout=20,
            ).stdout
        finally:
            proxy.stop()
    assert told.startswith("HTTP/2 200"), told[:200]
    assert "strict-transport-security" in told.lower()
