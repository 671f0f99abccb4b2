"""The log has one line for each event, without a secret and without what people wrote."""

from __future__ import annotations

import json
import logging
import re
import signal
from pathlib import Path

import pytest
import requests
from flask import Flask

from chat import VERSION
from chat.routes import headers
from chat.utils import logs
from config import Settings
from tests.helpers.servers import GUNICORN, Server, new_chat, wait_until
from tests.helpers.world import PASSWORD

AT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
MISCHIEF = 'two\r\nlines "and" a=b \x1b[31m\u2028\u202e'


def lines_of(server: Server) -> list[dict[str, object]]:
    return [
        json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")
    ]


def said(server: Server, message: str) -> list[dict[str, object]]:
    return [line for line in lines_of(server) if line["message"] == message]


def lived(server: Server) -> None:
    """Let alice register, sign in, fail to sign in, send, and delete her message and room."""
    api, account = f"{server.url}/api/v1", {"username": "alice1", "password": PASSWORD}
    session = requests.Session()
    session.headers["Authorization"] = (
        "Bearer " + session.post(f"{api}/auth/register", json=account).json()["access_token"]
    )
    room = session.post(f"{api}/rooms", json={"name": "Ferry", "kind": "private"}).json()["id"]
    message = session.post(
        f"{api}/rooms/{room}/messages", json={"client_id": "c1", "body": "cormorant"}
    ).json()["id"]
    assert session.delete(f"{api}/messages/{message}").ok
    assert session.delete(f"{api}/rooms/{room}").ok
    assert requests.post(f"{api}/auth/login", json=account).ok
    assert (
        requests.post(
            f"{api}/auth/login", json=account | {"password": "hunter2hunter2"}
        ).status_code
        == 401
    )
    assert (
        requests.post(
            f"{api}/auth/login", json={"username": "nobody1", "password": "hunter2hunter2"}
        ).status_code
        == 401
    )
    assert requests.get(f"{server.url}/socket.io/?EIO=4&transport=polling").ok


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_chats_life_is_in_its_log(tmp_path: Path, number: signal.Signals) -> None:
    with new_chat(tmp_path, LOG_LEVEL="debug", RATE_LIMITS="on") as server:
        lived(server)
        assert server.stop(number) == 0
    (start,) = said(server, "the chat starts")
    assert start["version"] == VERSION
    assert start["address"] == f"127.0.0.1:{server.port}"
    assert (start["database"], start["workers"], start["queue"]) == (
        f"{server.data} (embedded)",
        1,
        "none",
    )
    assert [line["signal"] for line in said(server, "the chat stops")] == [number.name]
    assert len(said(server, "the chat has stopped")) == 1
    (made,) = said(server, "an account was made")
    assert made["network"] == "127.0.0.1"
    assert [line["user_id"] for line in said(server, "somebody signed in")] == [made["user_id"]] * 2
    assert [line["user_id"] for line in said(server, "a sign-in failed")] == [made["user_id"], None]
    assert [line["user_id"] for line in said(server, "a room was deleted")] == [made["user_id"]]
    assert [line["author_id"] for line in said(server, "a message was deleted")] == [
        made["user_id"]
    ]
    assert {"auth.register", "auth.log_in", "messages.post"} <= {
        line["endpoint"]
        for sentence in ("a request", "a slow request")
        for line in said(server, sentence)
    }
    whole = server.log.read_text()
    for secret in (PASSWORD, "hunter2", "cormorant", "Ferry", "nobody1", "Bearer"):
        assert secret not in whole
    assert {line["pid"] for line in lines_of(server)} == {start["pid"]}
    assert all(line["request_id"] for line in said(server, "a sign-in failed"))


def test_under_gunicorn_the_log_is_the_same_and_the_first_administrators_link_is_printed_once(
    settings: Settings, tmp_path: Path, own_uri: str
) -> None:
    with new_chat(tmp_path, own_uri, GUNICORN, RATE_LIMITS="on") as server:
        wait_until(lambda: "/setup/" in server.log.read_text(), "the link is printed")
        lived(server)
        assert server.stop() == 0
    assert server.log.read_text().count("/setup/") == 1
    assert len(said(server, "the chat starts")) == len(said(server, "an account was made")) == 1
    others = [
        line
        for line in server.log.read_text().splitlines()
        if not line.startswith(("{", "  ")) and line
    ]
    assert others == []


@pytest.mark.parametrize("form", logs.FORMATS)
def test_a_line_is_a_line_whatever_is_in_it(form: str) -> None:
    formatter = logs.FORMATTERS[form]()
    record = logging.makeLogRecord(
        {"msg": MISCHIEF, "name": "chat", "levelname": "INFO", "address": MISCHIEF, "number": 5}
    )
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    if form == "json":
        assert json.loads(line)["address"] == MISCHIEF
    if form == "text":
        assert re.match(rf'{AT} INFO \d+ chat: two\\r\\nlines "and"', line)
        assert line.endswith(" number=5")


def test_a_slow_request_is_told_and_a_quick_one_is_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = app.test_client()
    client.get("/up", base_url="http://localhost")
    assert "a slow request" not in caplog.messages
    monkeypatch.setattr(headers, "SLOW_SECONDS", -1.0)
    client.get("/up", base_url="http://localhost")
    (slow,) = [record for record in caplog.records if record.message == "a slow request"]
    assert (slow.levelname, slow.status, slow.endpoint) == ("WARNING", 200, "health.up")  # type: ignore[attr-defined]
