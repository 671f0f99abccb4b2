"""The chat as one process: restarted when it ends by a defect, and stopped on request."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.helpers.kills import daemons, prepare
from tests.helpers.raw_http import open_line
from tests.helpers.servers import (
    ROOT,
    WSGI,
    Server,
    free_port,
    is_alive,
    new_chat,
    run_to_its_end,
    wait_until,
)

DESCRIPTORS = 300
WITH_FEW_DESCRIPTORS = (
    "-c",
    "import resource, runpy; "
    f"resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS})); "
    "runpy.run_path('wsgi.py', run_name='__main__')",
)


@pytest.fixture
def chat(folder: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    with new_chat(folder, command=getattr(request, "param", WSGI)) as server:
        yield server
    wait_until(lambda: not daemons(server.data), "the database ended with the chat")


def database_pid(server: Server) -> int:
    return int(json.loads((server.data / "database.json").read_text())["pid"])


def said(server: Server, token: str, room_id: str) -> list[str]:
    headers = {"Authorization": f"Bearer {token}"}
    page = requests.get(
        f"{server.url}/api/v1/rooms/{room_id}/messages", headers=headers, timeout=10
    ).json()
    return [message["body"] for message in page["messages"]]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_chat_that_ends_by_a_defect_is_started_again_with_all_that_it_had(
    chat: Server, number: signal.Signals
) -> None:
    token, room_id = prepare(chat)
    for body in ("one", "two"):
        answer = requests.post(
            f"{chat.url}/api/v1/rooms/{room_id}/messages",
            json={"client_id": body, "body": body},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.status_code == 201
        ended = chat.serving_pid
        os.kill(ended, number)
        wait_until(lambda ended=ended: not is_alive(ended), "it ends")
        wait_until(chat.answers, "it is there again", 30)
        assert chat.serving_pid != ended
    assert said(chat, token, room_id) == ["one", "two"]
    assert chat.log.read_text().count("the chat ended; starting it again") == 2
    assert chat.stop() == 0


def test_when_the_parent_is_killed_nothing_is_left_and_the_next_start_finds_all(
    chat: Server,
) -> None:
    token, room_id = prepare(chat)
    left = [chat.serving_pid, database_pid(chat)]
    assert chat.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not any(map(is_alive, left)), "no orphan is left", 2)
    chat.start()
    assert said(chat, token, room_id) == []


def test_with_nohup_it_outlives_its_terminal(chat: Server) -> None:
    chat.stop()
    chat.process = subprocess.Popen(
        ["nohup", sys.executable, "wsgi.py"],
        cwd=ROOT,
        env=chat.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(chat.answers, "it serves", 60)
    os.killpg(chat.process.pid, signal.SIGHUP)
    time.sleep(0.5)
    assert chat.answers()
    assert chat.stop() == 0


UNDER_NOHUP = pytest.mark.skipif(
    signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, reason="the tests themselves run under nohup"
)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, pytest.param(signal.SIGHUP, marks=UNDER_NOHUP)]
)
def test_it_ends_when_it_is_asked_to_and_is_not_started_again(
    chat: Server, number: signal.Signals
) -> None:
    left = [chat.serving_pid, database_pid(chat)]
    assert chat.stop(number) == 0
    assert not any(map(is_alive, left))
    assert "starting it again" not in chat.log.read_text()


def test_ctrl_c_in_the_terminal_reaches_both_and_ends_them_cleanly(folder: Path) -> None:
    server = new_chat(folder)
    with server.log.open("ab") as output:
        server.process = subprocess.Popen(
            [sys.executable, "wsgi.py"],
            cwd=ROOT,
            env=server.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    wait_until(server.answers, "it answers", 30)
    left = [server.serving_pid, database_pid(server)]
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.process.wait(20) == 0
    assert not any(map(is_alive, left))
    assert "Traceback" not in server.log.read_text()


def test_a_chat_that_is_itself_asked_to_end_takes_its_parent_with_it(chat: Server) -> None:
    assert chat.process
    os.kill(chat.serving_pid, signal.SIGTERM)
    assert chat.process.wait(20) == 0


def test_a_mistake_in_the_configuration_is_told_once(folder: Path, chat: Server) -> None:
    for mistake, sentence in (
        ({"PORT": "none"}, "PORT:"),  # found before there is a child
        (
            {"PORT": str(chat.port), "DATA_DIR": str(folder / "other")},
            "another program listens on",
        ),  # and by it
        (
            {
                "MONGO_URI": "mongodb://127.0.0.1:1/chat",
                "JWT_SECRET": "j" * 40,
                "SECRET_KEY": "s" * 40,
            },
            "MONGO_URI",
        ),
    ):
        ended = run_to_its_end(
            **{"PORT": str(free_port()), "DATA_DIR": str(folder / "mistaken")} | mistake
        )
        assert (ended.returncode, ended.stderr.count("The chat cannot start.")) == (1, 1), (
            ended.stderr
        )
        assert sentence in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("chat", [WITH_FEW_DESCRIPTORS], indirect=True)
def test_more_connections_than_there_are_descriptors_do_not_end_it(chat: Server) -> None:
    """The chat ended with exit code 1, its database with it, and nobody started it again."""
    pid = chat.serving_pid
    with contextlib.ExitStack() as stack:
        for _ in range(DESCRIPTORS + 30):
            stack.enter_context(open_line(chat.port)).sendall(b"GET /up HTTP/1.1\r\nX-Slow: ")
        token, room_id = prepare(chat)
        assert said(chat, token, room_id) == []
    assert chat.serving_pid == pid
    assert '"most_sockets":150' in chat.log.read_text(), "the limit is told at the start"


def test_who_never_ends_a_request_does_not_keep_it_from_ending(chat: Server) -> None:
    with open_line(chat.port) as line, open_line(chat.port) as half:
        half.sendall(b"GET /up HTTP/1.1\r\nX-Slow: ")
        line.sendall(
            f"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost:{chat.port}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{".encode()
        )
        time.sleep(0.5)
        began = time.monotonic()
        assert chat.stop() == 0
        assert time.monotonic() - began < 10
