"""`bin/chat` works on the configured chat, never creates one, and reports in one sentence."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from chat import VERSION, connect
from chat.models.database import database
from chat.models.database.deadline import OPERATION_SECONDS as PEOPLE_WAIT
from chat.models.document import new_id
from chat.models.key_ring import key_ring
from chat.utils.systemd import unit_of
from config import Settings
from tests.helpers.command_line import bin_chat
from tests.helpers.servers import (
    ROOT,
    Server,
    clean_environment,
    free_port,
    wait_until,
)
from tests.helpers.slow_wire import SlowWire
from tests.helpers.world import World

NOBODYS = 54_321  # a user id that nobody has
PASSWORD = "correct horse battery"


def command(
    *arguments: str, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "bin/chat"), *arguments],
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def secrets_of(settings: Settings) -> dict[str, str]:
    return {
        "JWT_SECRET": settings.jwt_secret,
        "SECRET_KEY": settings.secret_key,
        "SECRETS_DIR": str(settings.secrets_dir),
    }


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the data of a chat that ran once and is stopped."""
    folder = tmp_path_factory.mktemp("stopped") / "data"
    server = Server(free_port(), {"DATA_DIR": str(folder)}, folder.parent / "log").start()
    assert server.stop() == 0
    yield folder
    shutil.rmtree(folder.parent)


def test_where_there_is_no_chat_every_command_says_so_and_makes_nothing(tmp_path: Path) -> None:
    for arguments in (
        ["doctor"],
        ["verify"],
        ["sweep"],
        ["reindex"],
        ["create-admin", "bob", "--password", PASSWORD],
        ["shred-room", "x"],
        ["users", "list"],
    ):
        told = command(*arguments, DATA_DIR=str(tmp_path / "data"))
        assert (told.returncode, told.stdout) == (1, ""), arguments
        assert told.stderr == (
            f"Error: DATA_DIR: there is no chat in {tmp_path}/data; "
            "name the configuration of yours with --env-file, or start it once.\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_chat_is_left_as_it_is(
    settings: object, tmp_path: Path, own_uri: str
) -> None:
    told = command(
        "doctor",
        MONGO_URI=own_uri,
        JWT_SECRET="j" * 40,
        SECRET_KEY="s" * 40,
        SECRETS_DIR=str(tmp_path / "secrets"),
    )
    assert told.returncode == 1
    assert re.fullmatch(
        r"Error: MONGO_URI: there is no chat in the database chat_\w+ of 127\.0\.0\.1:\d+\.\n",
        told.stderr,
    )
    assert not (tmp_path / "secrets").exists()


def test_it_works_from_any_folder_and_says_first_which_chat_it_looked_at(
    data_dir: Path, tmp_path: Path
) -> None:
    made = command(
        "create-admin", "alice1", "--password", PASSWORD, cwd=tmp_path, DATA_DIR=str(data_dir)
    )
    assert (made.returncode, made.stdout) == (0, "alice1 is an administrator and can sign in.\n"), (
        made.stderr
    )
    whole = command("verify", cwd=tmp_path, DATA_DIR=str(data_dir))
    assert whole.returncode == 0
    assert re.fullmatch(
        r"0 rooms, 0 entries and 0 images verified\.\n"
        r"The audit has 1 entry; the hash of the last is [0-9a-f]{64}\.\nNo problems found\.\n",
        whole.stdout,
    )
    assert (
        whole.stderr == f"real-time-chat {VERSION}, {data_dir}: 1 person, 0 rooms, 0 messages; "
        "configured by the environment.\n"
    )
    link = command("users", "reset-link", "alice1", cwd=tmp_path, DATA_DIR=str(data_dir))
    assert re.fullmatch(r"http://localhost:\d+/reset/[\w-]{32}\n", link.stdout), link.stderr
    again = command(
        "create-admin", "alice1", "--password", PASSWORD, "--json", DATA_DIR=str(data_dir)
    )
    assert (again.returncode, json.loads(again.stdout)) == (
        1,
        {"ok": False, "problems": ["This username is taken."]},
    )


def test_a_file_that_is_named_configures_it(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "chat.env"
    file.write_text(f"DATA_DIR={data_dir}\nREGISTRATION=closed\n")
    told = command("--env-file", str(file), "doctor", "--json", cwd=tmp_path)
    found = json.loads(told.stdout)
    assert (found["ok"], found["registration"], found["version"], found["data_dir"]) == (
        True,
        "closed",
        VERSION,
        str(data_dir),
    )
    assert told.stderr.endswith(f"configured by {file}.\n")
    file.write_text("REGISTRATION: closed\n")
    wrong = command("--env-file", str(file), "doctor")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "cannot be read; write NAME=value" in wrong.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_the_files_of_another_user_are_refused(data_dir: Path, tmp_path: Path) -> None:
    theirs = shutil.copytree(data_dir, tmp_path / "data")
    os.chown(theirs, NOBODYS, NOBODYS)
    before = sorted(file.name for file in theirs.iterdir())
    told = command("verify", DATA_DIR=str(theirs))
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert f"{theirs} belongs to #{NOBODYS}; run this as #{NOBODYS}" in told.stderr
    assert sorted(file.name for file in theirs.iterdir()) == before


def test_flask_is_a_door_to_the_same(data_dir: Path) -> None:
    flask = (
        [str(ROOT / ".venv/bin/flask")]
        if (ROOT / ".venv/bin/flask").exists()
        else ["python", "-m", "flask"]
    )
    environment = clean_environment(DATA_DIR=str(data_dir))
    told = subprocess.run(
        [*flask, "chat", "verify", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (told.returncode, json.loads(told.stdout)["ok"], told.stderr.count("\n")) == (
        0,
        True,
        1,
    ), told.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["--version"], ["doctor", "--help"], ["shred-room", "--help"]]
)
def test_help_needs_no_configuration(arguments: list[str]) -> None:
    told = command(*arguments, PORT="none")
    assert (told.returncode, told.stderr) == (0, "")
    assert "..." not in told.stdout.partition("Commands:")[2], "each command is told whole"


@pytest.mark.parametrize(
    "arguments", [["doctr"], ["doctor", "--jsn"], ["shred-room"], ["--env-file", "/none", "doctor"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], tmp_path: Path) -> None:
    told = command(*arguments, DATA_DIR=str(tmp_path))
    assert (told.returncode, told.stdout) == (2, "")
    assert "Traceback" not in told.stderr


def test_a_configuration_that_is_wrong_is_one_sentence(data_dir: Path) -> None:
    for wrong in ({"PORT": "none"}, {"SECRET_KEY": "w" * 40}, {"WORKERS": "2"}):
        told = command("doctor", DATA_DIR=str(data_dir), **wrong)
        assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1), told.stderr
    as_json = command("doctor", "--json", DATA_DIR=str(data_dir), PORT="none")
    assert (as_json.returncode, json.loads(as_json.stdout)["problems"]) == (
        1,
        ["PORT: it must be a whole number from 1 to 65535."],
    )


def test_it_may_be_interrupted(data_dir: Path) -> None:
    environment = clean_environment(DATA_DIR=str(data_dir))
    for seconds in (0.2, 0.6, 1.0):
        with subprocess.Popen(
            [str(ROOT / "bin/chat"), "reindex"], env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            time.sleep(seconds)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
        # a busy machine may not have come to where Python takes the signal
        assert process.returncode in (0, 1, -signal.SIGINT)
        assert "Traceback" not in told
    assert command("verify", DATA_DIR=str(data_dir)).returncode == 0, (
        "and the database is free again"
    )


def test_a_unit_of_systemd_is_found_by_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEMD_UNIT_PATH", f"{tmp_path}/none:{tmp_path}")
    (project := tmp_path / "opt/chat").mkdir(parents=True)
    (tmp_path / "chat.env").write_text("PORT=5001\n")
    (tmp_path / "other.service").write_text(
        "[Service]\nWorkingDirectory=/opt/other\nEnvironment=DATA_DIR=/wrong\n"
    )
    assert unit_of(project) is None
    unit_file = tmp_path / "chat.service"
    unit_file.write_text(
        f"[Service]\n# Environment=DATA_DIR=/comment\nWorkingDirectory={project}\n"
        f"EnvironmentFile={tmp_path}/chat.env\nEnvironmentFile=-{tmp_path}/none.env\n"
        'Environment=DATA_DIR=/var/lib/chat "PUBLIC_URL=https://chat.example.org"\n'
    )
    (tmp_path / "chat.service.d").mkdir()
    (tmp_path / "chat.service.d/more.conf").write_text("[Service]\nEnvironment=WORKERS=2\n")
    unit = unit_of(project)
    assert unit
    assert (unit.path, unit.files) == (unit_file, (tmp_path / "chat.env",))
    assert unit.variables == {
        "DATA_DIR": "/var/lib/chat",
        "PUBLIC_URL": "https://chat.example.org",
        "WORKERS": "2",
    }


def test_there_is_one_version_number() -> None:
    package, lock = (
        json.loads((ROOT / name).read_text()) for name in ("package.json", "package-lock.json")
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = json.loads((ROOT / "sbom/browser.cdx.json").read_text())["metadata"]["component"]
    found = {
        package["version"],
        lock["version"],
        lock["packages"][""]["version"],
        project["version"],
        parts["version"],
    }
    assert found == {VERSION}


def test_a_room_is_shredded_by_its_name_and_to_repeat_it_by_id_is_no_mistake(
    world: World, app: Flask
) -> None:
    name = f"Ferry {new_id()}"
    room_id = world.alice.post("/rooms", {"name": name, "kind": "private"}).json()["id"]
    assert bin_chat(app, "shred-room", "NullTransport", "--yes").exit_code == 1
    asked = bin_chat(app, "shred-room", name.upper())
    assert (
        asked.exit_code,
        "Use --yes" in asked.output,
        world.alice.get(f"/rooms/{room_id}").status_code,
    ) == (1, True, 200)
    for _ in range(2):
        assert bin_chat(app, "shred-room", room_id, "--yes").exit_code == 0
    wait_until(
        lambda: world.alice.get(f"/rooms/{room_id}").status_code == 404, "the server knows it, too"
    )
    assert bin_chat(app, "shred-room", name, "--yes").exit_code == 1


@pytest.mark.parametrize(
    "given", [None, subprocess.DEVNULL, f"{PASSWORD}\n"], ids=["closed", "empty", "piped"]
)
def test_a_password_is_read_from_standard_input(data_dir: Path, given: str | int | None) -> None:
    name = f"piped{str(given)[:4].strip('-').lower()}".replace(" ", "x")
    command = f"'{ROOT}/bin/chat' create-admin {name} --json" + ("" if given else " <&-")
    feed = {"input": given} if isinstance(given, str) else {"stdin": given}
    environment = clean_environment(DATA_DIR=str(data_dir))
    told = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, **feed
    )
    assert json.loads(told.stdout)["ok"] is isinstance(given, str), told.stderr
    assert told.stderr.count("\n") == 1, "which chat it is"


def test_an_answer_that_nobody_reads_is_no_defect(data_dir: Path) -> None:
    environment = clean_environment(DATA_DIR=str(data_dir))
    for end, code in (("| head -0", 1), ("> /dev/full", 1)):
        told = subprocess.run(
            ["bash", "-c", f"set -o pipefail; '{ROOT}/bin/chat' doctor {end}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.returncode, "Unexpected" in told.stderr, "Traceback" in told.stderr) == (
            code,
            False,
            False,
        ), told.stderr


def test_a_service_that_could_not_start_is_not_looked_after(tmp_path: Path) -> None:
    for more, sentence in (
        (f"EnvironmentFile={tmp_path}/none.env", "is missing."),
        ('Environment="DATA_DIR=/x', "cannot be read"),
    ):
        (tmp_path / "chat.service").write_text(f"[Service]\nWorkingDirectory={ROOT}\n{more}\n")
        told = command("doctor", SYSTEMD_UNIT_PATH=str(tmp_path))
        assert (told.returncode, told.stderr.count("\n"), sentence in told.stderr) == (
            1,
            1,
            True,
        ), told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_a_start_on_the_files_of_another_user_is_refused(data_dir: Path, tmp_path: Path) -> None:
    theirs = shutil.copytree(data_dir, tmp_path / "data")
    os.chown(theirs, NOBODYS, NOBODYS)
    environment = clean_environment(DATA_DIR=str(theirs))
    told = subprocess.run(
        [sys.executable, "wsgi.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (told.returncode, f"belongs to #{NOBODYS}" in told.stderr) == (1, True)


@pytest.mark.parametrize("of", ["schema", "sealing", "search index"])
def test_data_of_an_earlier_version_is_left_to_the_chat(
    settings: Settings, own_uri: str, of: str
) -> None:
    connect(settings, own_uri, embedded=True)
    database["meta"].update_one({"_id": of}, {"$set": {"version": 0}}, upsert=True)
    told = command("verify", MONGO_URI=own_uri, **secrets_of(settings))
    assert (told.returncode, told.stdout) == (1, "")
    assert (
        told.stderr == "Error: The data is of an earlier version; "
        "start the chat once, which brings it up to date.\n"
    )
    assert (database["meta"].find_one({"_id": of}) or {})["version"] == 0


def test_rotating_says_so_while_somebody_still_makes_rooms_under_the_old_key(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "needs_retired", lambda: True)
    told = bin_chat(app, "rotate-keys", "--json")
    assert told.exit_code == 1
    assert (
        "restart every process of the chat, and run this again."
        in json.loads(told.output)["problems"][0]
    )


def test_a_command_has_the_time_that_a_busy_database_takes(
    settings: Settings, own_uri: str
) -> None:
    connect(settings, own_uri, embedded=True)
    query_of_rooms = b"find\0" + (6).to_bytes(4, "little") + b"rooms\0"
    with SlowWire(own_uri, query_of_rooms, PEOPLE_WAIT + 2) as wire:
        told = command("verify", MONGO_URI=wire.uri, **secrets_of(settings))
        assert wire.was_late
    assert told.returncode == 0, told.stderr
    assert "No problems found." in told.stdout
