"""After kill -9 every acknowledged message is there, none twice, and `seq` has no hole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import socketio

from tests.helpers.kills import daemons, prepare
from tests.helpers.metrics import scrape, value
from tests.helpers.servers import ROOT, Server, free_port, new_chat, wait_until

WRITERS = 6


@pytest.fixture
def own_server(folder: Path) -> Iterator[Server]:
    """Start a chat with an embedded database of its own, as bin/run does."""
    with new_chat(folder) as server:
        yield server
    wait_until(lambda: not daemons(server.data), "the database ended with the server")


class Writer(threading.Thread):
    """A client that sends without pause, each message until it is acknowledged."""

    def __init__(self, server: Server, room_id: str, token: str, name: str):
        super().__init__(name=name, daemon=True)
        self.server, self.path, self.token = server, f"/api/v1/rooms/{room_id}/messages", token
        self.acknowledged: dict[str, tuple[int, str]] = {}  # client_id -> (seq, body)
        self.go_on = True
        self.surprises: list[str] = []

    def run(self) -> None:
        number = 0
        while self.go_on:
            number += 1
            self.send(f"{self.name}-{number}")

    def send(self, client_id: str) -> None:
        while True:
            try:
                answer = requests.post(
                    self.server.url + self.path,
                    json={"client_id": client_id, "body": f"body of {client_id}"},
                    headers={"Authorization": f"Bearer {self.token}"},
                    timeout=10,
                )
            except requests.RequestException:
                time.sleep(0.05)
                continue
            if answer.status_code in (200, 201):
                self.acknowledged[client_id] = (answer.json()["seq"], answer.json()["body"])
                return
            if answer.status_code != 503:
                self.surprises.append(answer.text)
            time.sleep(0.05)


def check_log(server: Server, token: str, room_id: str, writers: list[Writer]) -> int:
    """Return the number of entries, after checking them.

    They are dense, once each, and hold all that was acknowledged.
    """
    entries, after, more = [], 0, True
    while more:
        answer = requests.get(
            f"{server.url}/api/v1/rooms/{room_id}/log?after={after}&limit=500",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        ).json()
        entries += answer["entries"]
        after, more = entries[-1]["seq"], answer["has_more"]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    kept = {
        entry["message"]["client_id"]: (entry["seq"], entry["message"]["body"]) for entry in entries
    }
    assert len(kept) == len(entries), "none twice"
    for writer in writers:
        assert not writer.surprises
        missing = {
            client_id
            for client_id, place in writer.acknowledged.items()
            if kept.get(client_id) != place
        }
        assert not missing
    return len(entries)


@pytest.mark.parametrize("victim", ["server", "database"])
def test_nothing_acknowledged_is_lost_when_it_is_killed(own_server: Server, victim: str) -> None:
    server = own_server
    token, room_id = prepare(server)
    writers = [Writer(server, room_id, token, f"w{i}") for i in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        before = sum(len(writer.acknowledged) for writer in writers)
        wait_until(
            lambda before=before: sum(len(writer.acknowledged) for writer in writers) > before + 50,
            "they write",
            30,
        )
        if victim == "server":
            assert server.process
            server.process.kill()
            server.process.wait()
            server.start()
        else:
            state = json.loads((server.data / "database.json").read_text())
            os.kill(state["pid"], signal.SIGKILL)
    before = sum(len(writer.acknowledged) for writer in writers)
    wait_until(
        lambda: sum(len(writer.acknowledged) for writer in writers) > before + 50,
        "they write on",
        30,
    )
    for writer in writers:
        writer.go_on = False
    for writer in writers:
        writer.join(20)
    assert check_log(server, token, room_id, writers) > 200
    server.stop()
    server.start()
    check_log(server, token, room_id, writers)


def test_a_server_stops_cleanly_and_starts_again_with_everything_there(own_server: Server) -> None:
    server = own_server
    token, room_id = prepare(server)
    headers = {"Authorization": f"Bearer {token}"}
    requests.post(
        f"{server.url}/api/v1/rooms/{room_id}/messages",
        json={"client_id": "c", "body": "kept"},
        headers=headers,
        timeout=5,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        assert server.stop(number) == 0
        assert not daemons(server.data), "nothing is left behind"
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url + "/up", timeout=1)
        server.start()
        page = requests.get(
            f"{server.url}/api/v1/rooms/{room_id}/messages", headers=headers, timeout=5
        ).json()
        assert [message["body"] for message in page["messages"]] == ["kept"]


def run(*command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_second_chat_on_the_same_data_is_refused_and_the_command_line_shares_it(
    own_server: Server,
) -> None:
    environment = own_server.environment | {"PORT": str(free_port())}
    second = run("wsgi.py", environment=environment)
    assert second.returncode == 1
    assert "is in use by another chat server" in second.stderr
    doctor = run("-m", "flask", "chat", "doctor", "--json", environment=environment)
    found = json.loads(doctor.stdout)
    state = json.loads((own_server.data / "database.json").read_text())
    assert found["database"]["address"] == f"127.0.0.1:{state['port']}"
    assert own_server.answers(), "and the server lives on"


def test_a_wrong_secret_key_stops_the_start(own_server: Server) -> None:
    prepare(own_server)
    assert own_server.stop() == 0
    ended = run("wsgi.py", environment=own_server.environment | {"SECRET_KEY": "w" * 40})
    assert ended.returncode == 1
    assert "SECRET_KEY: it cannot open the messages" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_frozen_database_is_told_at_every_door_in_time_and_all_goes_on_when_it_thaws(
    own_server: Server,
) -> None:
    server = own_server
    token, room_id = prepare(server)
    headers = {"Authorization": f"Bearer {token}"}
    state = json.loads((server.data / "database.json").read_text())
    socket, greeted = socketio.Client(), threading.Event()
    socket.on("hello", lambda _: greeted.set())
    socket.connect(server.url, auth={"token": token}, transports=["websocket"])
    assert greeted.wait(5)
    os.kill(state["pid"], signal.SIGSTOP)
    try:
        # An empty room whose head is known needs no database; a search for people does.
        api = requests.get(f"{server.url}/api/v1/users?q=bob", headers=headers, timeout=5.5)
        assert (api.status_code, api.json()["error"]["code"]) == (503, "unavailable")
        assert int(api.headers["Retry-After"]) > 0
        assert "Traceback" not in api.text
        sent = {"room_id": room_id, "client_id": "c1", "body": "while it is frozen"}
        assert socket.call("message:send", sent, timeout=6)["error"]["code"] == "unavailable"
        begun, answers = time.monotonic(), []
        for number in range(5):
            message = sent | {"client_id": f"d{number}"}
            socket.emit(
                "message:send",
                message,
                callback=lambda answer: answers.append((answer, time.monotonic())),
            )
        wait_until(lambda: len(answers) == 5, "all of them are answered", 5)
        assert {answer["error"]["code"] for answer, _ in answers} == {"unavailable"}
        assert max(at for _, at in answers) - begun < 5, (
            "whoever comes next does not wait for all who came before"
        )
        # The page of the error asks for the chat's name and icon, and waits once for them.
        assert requests.get(f"{server.url}/login", timeout=10).status_code == 503
        page = requests.get(
            f"{server.url}/rooms", cookies={server.cookie("chat_access"): token}, timeout=10
        )
        assert (page.status_code, "Temporarily unavailable" in page.text) == (503, True)
        assert f"<code>{page.headers['X-Request-ID']}</code>" in page.text, "to find it in the log"
        assert requests.get(f"{server.url}/up", timeout=1).status_code == 200, "nobody else waits"
        ready = requests.get(f"{server.url}/ready", timeout=6)
        assert (ready.status_code, ready.json()["missing"]) == (503, ["database"])
        figures = scrape(server)  # it asks no database for what this process knows
        assert value(figures, "chat_database_up") == 0
        assert value(figures, "chat_database_failures_total") > 0
        assert "chat_mails_waiting" not in figures
    finally:
        os.kill(state["pid"], signal.SIGCONT)
    wait_until(lambda: socket.call("message:send", sent, timeout=6)["ok"], "it goes on")
    page_of_messages = requests.get(
        f"{server.url}/api/v1/rooms/{room_id}/messages", headers=headers, timeout=5
    ).json()
    assert [(message["seq"], message["body"]) for message in page_of_messages["messages"]] == [
        (1, "while it is frozen")
    ]
    socket.disconnect()
