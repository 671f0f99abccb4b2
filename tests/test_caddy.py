"""The shipped Caddyfile, in a real Caddy in front of two workers."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from config import Settings
from tests.helpers.pictures import gradient, written
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import ROOT, Server, free_port, new_chat, wait_until
from tests.helpers.world import World

SHIPPED = ROOT / "deploy/Caddyfile"
CADDY = ROOT / ".venv/bin/caddy"
REGISTRATIONS = 3


class Caddy:
    """Caddy with the shipped configuration, which differs only in addresses. `with` runs it."""

    def __init__(self, folder: Path, upstream: int):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        text = re.sub(
            r"dynamic a web 5000 \{[^}]*\}", f"to 127.0.0.1:{upstream}", SHIPPED.read_text()
        )
        (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
        self._folder = folder

    def __enter__(self) -> Caddy:
        homes = {name: str(self._folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        self._process = subprocess.Popen(
            [CADDY, "run", "--adapter", "caddyfile", "--config", self._folder / "Caddyfile"],
            env=os.environ | homes | {"CHAT_HOST": self.url},
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(self.answers, "Caddy answers")
        except AssertionError:
            self._process.kill()  # nobody else would end it
            self._process.wait()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    def answers(self) -> bool:
        assert self._process.poll() is None, "Caddy ended"
        try:
            return requests.get(self.url, timeout=10).status_code > 0
        except requests.RequestException:
            return False


@pytest.fixture(scope="module")
def behind(
    app: Flask, settings: Settings, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Caddy, Server]]:
    with RedisServer() as redis:
        server = new_chat(
            folder,
            settings.mongo_uri,
            WORKERS="2",
            REDIS_URL=redis.url,
            TRUSTED_PROXIES="1",
            RATE_LIMITS="on",
            LIMIT_REGISTER=f"{REGISTRATIONS} per hour",
        )
        caddy = Caddy(tmp_path_factory.mktemp("caddy"), server.port)
        server.environment["PUBLIC_URL"] = caddy.url
        with server, caddy:
            yield caddy, server
            server.stop()
            assert not server.errors()


@pytest.fixture
def world(app: Flask, behind: tuple[Caddy, Server]) -> Iterator[World]:
    caddy, server = behind
    with app.app_context():
        direct, server.url = server.url, caddy.url
        world = World(server)
        yield world
        world.hang_up()
        server.url = direct


def test_the_file_is_written_as_caddy_writes_it() -> None:
    run = subprocess.run([CADDY, "fmt", "--diff", SHIPPED], capture_output=True, text=True)
    changed = [line for line in run.stdout.splitlines() if line.startswith(("-", "+"))]
    assert run.returncode == 0 and not changed, run.stdout + run.stderr


def test_people_talk_through_it_and_send_pictures(world: World) -> None:
    room_id = world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    sent = {"room_id": room_id, "client_id": "c", "body": "through Caddy"}
    assert alice.call("message:send", sent)["ok"]
    assert bob.next("message:posted")["message"]["body"] == "through Caddy"
    picture = {"image": ("p.png", written(gradient(600, 400), "PNG"))}
    assert world.alice.ask("POST", f"/rooms/{room_id}/images", files=picture).status_code == 201


def test_what_a_client_claims_about_itself_counts_for_nothing(behind: tuple[Caddy, Server]) -> None:
    caddy, _ = behind
    forged = [
        {"X-Forwarded-For": "192.0.2.{}"},
        {"X-Forwarded-For": "10.0.0.{}, 192.0.2.1"},
        {"X-Real-IP": "192.0.2.{}", "Forwarded": "for=192.0.2.{}"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/e"},
    ]
    statuses = []
    for number in range(REGISTRATIONS + 4):
        account = {"username": f"caddy-{caddy.port}-{number}", "password": "correct horse battery"}
        headers = {name: text.format(number) for name, text in forged[number % 4].items()}
        url = f"{caddy.url}/api/v1/auth/register"
        statuses.append(requests.post(url, json=account, headers=headers, timeout=20).status_code)
    assert statuses == [201] * REGISTRATIONS + [429] * 4, "all of them are one client"


def test_nobody_reads_the_metrics_through_it_without_the_token(
    behind: tuple[Caddy, Server],
) -> None:
    caddy, server = behind
    assert requests.get(f"{caddy.url}/metrics", timeout=5).status_code == 404
    assert requests.get(f"http://127.0.0.1:{server.port}/metrics", timeout=5).status_code == 200


def test_a_page_that_reloads_itself_stands_in_while_the_chat_restarts(tmp_path: Path) -> None:
    with Caddy(tmp_path, free_port()) as caddy:
        page = requests.get(f"{caddy.url}/rooms", timeout=10)
        assert (page.status_code, page.headers["Refresh"]) == (503, "3")
        assert "being restarted" in page.text
        answer = requests.get(f"{caddy.url}/api/v1/me", timeout=10)
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "unavailable"
