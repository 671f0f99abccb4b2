"""Prometheus reads /metrics on this machine or with the token; for everybody else it is no page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from chat.routes.metrics import MetricsMiddleware
from config import Settings
from tests.helpers.metrics import scrape, value
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.world import World

TOKEN = "t" * 40
LABELS = {"route", "method", "status", "event", "outcome", "job", "budget", "kind", "process", "le"}
LABELS |= {"version", "python"}


@pytest.fixture(scope="module")
def with_token(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    with new_chat(folder, settings.mongo_uri, METRICS_TOKEN=TOKEN, TRUSTED_PROXIES="1") as server:
        yield server


def plain(response: requests.Response) -> tuple[int, str, set[str]]:
    """Return what a stranger sees of a page, without what differs each time."""
    text = re.sub(r"/metrics|/nothing", "PATH", response.text)
    text = re.sub(r'(csrf_token" value|name="form_id" value)="[^"]*"', r"\1", text)
    return response.status_code, text, set(response.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "127.0.0.1, 127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Authorization": f"Bearer {'x' * 40}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {TOKEN}"},
        {"Host": "evil.example"},
    ],
)
def test_for_everybody_else_it_is_a_page_that_does_not_exist(
    with_token: Server, headers: dict[str, str]
) -> None:
    for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "BREW"):
        asked, other = (
            requests.request(method, with_token.url + path, headers=headers, timeout=10)
            for path in ("/metrics", "/nothing")
        )
        assert plain(asked) == plain(other)
        assert asked.status_code in (404, 421), method


def test_who_is_on_this_machine_reads_it_without_a_token(with_token: Server) -> None:
    families = scrape(with_token)
    assert value(families, "chat_database_up") == 1
    assert value(families, "chat_processes") == 1


def test_whoever_has_the_token_reads_it_from_anywhere(with_token: Server) -> None:
    far = {"X-Forwarded-For": "192.0.2.7", "Host": "chat.example.org"}
    assert scrape(with_token, Authorization=f"Bearer {TOKEN}", **far)
    assert scrape(with_token, Authorization=f"bearer {TOKEN}", **far)


@pytest.mark.parametrize(
    ("peer", "may"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("", False),
    ],
)
def test_the_address_of_the_connection_decides_and_no_header_of_a_proxy(
    app: Flask, settings: Settings, peer: str, may: bool
) -> None:
    def nothing(_environ: Any, start: Any) -> list[bytes]:
        start("404 Not Found", [])
        return [b""]

    said = []
    environ = {"PATH_INFO": "/metrics", "REQUEST_METHOD": "GET", "HTTP_HOST": "localhost:5000"}
    # as ProxyFix leaves it: the client's word in place of the proxy's address
    environ |= {"REMOTE_ADDR": "127.0.0.1", "werkzeug.proxy_fix.orig": {"REMOTE_ADDR": peer}}
    answer = MetricsMiddleware(app, nothing, settings)
    with app.app_context():
        list(answer(environ, lambda status, _headers: said.append(status)))
    assert said == ["200 OK" if may else "404 Not Found"]


def test_what_people_do_shows_in_it(world: World) -> None:
    before = scrape(world.server)
    room_id = world.room()
    phone, heard = world.alice.listen(), world.bob.listen()
    sent = {"room_id": room_id, "client_id": "c1", "body": "a gull"}
    assert phone.call("message:send", sent)["ok"]
    assert phone.call("message:send", sent)["ok"], "again, which posts nothing"
    assert not phone.call("message:send", {})["ok"]
    assert not phone.call("nonsense", {})["ok"]
    heard.next("message:posted")
    assert world.bob.get(f"/rooms/{room_id}/log").ok
    wrong = {"username": world.bob.username, "password": "something else entirely"}
    assert world.bob.post("/auth/login", wrong).status_code == 401

    def rose(sample: str, **labels: str) -> float:
        now = scrape(world.server)
        return value(now, sample, **labels) - value(before, sample, **labels)

    assert rose("chat_messages_posted_total") == 1
    assert rose("chat_socket_events_total", event="message:send", outcome="ok") == 2
    assert rose("chat_socket_events_total", event="message:send", outcome="refused") == 1
    assert rose("chat_socket_events_total", event="unknown", outcome="refused") == 1
    assert rose("chat_socket_event_duration_seconds_count", event="message:send") == 3
    assert rose("chat_http_requests_total", route="auth.log_in", status="4xx", method="POST") == 1
    assert rose("chat_http_request_duration_seconds_count", route="auth.log_in") == 1
    assert rose("chat_sign_ins_total", outcome="failed") == 1
    assert rose("chat_catch_ups_total") == 1
    assert rose("chat_deliveries_total") >= 2
    assert rose("chat_delivery_duration_seconds_count") == 1
    assert value(scrape(world.server), "chat_connections", kind="websocket") >= 2
    wait_until(lambda: rose("chat_job_runs_total", job="index_schedule.index_news"), "a job ran")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells")
def test_the_embedded_database_is_a_process_of_the_chat_too(folder: Path) -> None:
    with new_chat(folder) as server:
        families = scrape(server)
        for process in ("worker 0", "database"):
            memory = value(families, "chat_process_resident_memory_bytes", process=process)
            assert 10e6 < memory < 1e9, process
            assert value(families, "chat_process_cpu_seconds_total", process=process) > 0


def test_a_path_that_somebody_made_up_makes_no_series(world: World) -> None:
    before = scrape(world.server)["chat_http_requests"].samples
    for number in range(20):
        requests.get(f"{world.server.url}/made-up-{number}", timeout=10)
        requests.request(f"BREW{number}", f"{world.server.url}/up", timeout=10)
    after = scrape(world.server)["chat_http_requests"].samples
    assert len(after) - len(before) <= 3
    assert not [sample for sample in after if "made-up" in str(sample) or "BREW" in str(sample)]


def test_nothing_of_a_person_is_in_it(world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "whisperwort")
    scraped = requests.get(f"{world.server.url}/metrics", timeout=10).text
    people = (world.alice, world.bob, world.carol, world.mallory)
    secrets = [each for person in people for each in (person.id, person.username, person.name)]
    for secret in [*secrets, room_id, "whisperwort", "127.0.0.1", world.alice.access_token]:
        assert secret not in scraped
    for family in scrape(world.server).values():
        assert family.name.startswith("chat_")
        for sample in family.samples:
            assert set(sample.labels) <= LABELS, sample
            assert re.fullmatch(r"[A-Za-z0-9_:. +'-]{1,60}", "".join(sample.labels.values()) or "x")
