"""A bundle installs the chat without a network, with every package as it was locked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chat import VERSION
from tests.helpers.servers import ROOT, clean_environment, free_port, wait_until

# What leads nowhere, where a process cannot be kept off the network altogether.
NOWHERE = dict.fromkeys(
    ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"
)
BUNDLE_SECONDS = 280  # with all packages, which may have to be fetched


def without_network() -> list[str]:
    """Return what runs a command in a network of its own, where that is permitted."""
    alone = ["unshare", "--net"]
    has_it = shutil.which("unshare") and not subprocess.run([*alone, "true"]).returncode
    return alone if has_it else []


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bundle")
    made = subprocess.run(
        [ROOT / "deploy/bundle", folder / "chat.tar.gz"],
        env=clean_environment(
            GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*"
        ),
        capture_output=True,
        text=True,
        timeout=BUNDLE_SECONDS,
    )
    if "with git" in made.stderr:
        pytest.skip("this is no clone of the repository")
    assert made.returncode == 0, made.stderr
    with tarfile.open(folder / "chat.tar.gz") as archive:
        archive.extractall(folder)
    yield folder / f"chat-{VERSION}"
    shutil.rmtree(folder)


@pytest.mark.timeout(600)  # it makes a bundle, installs it and starts a chat
def test_a_bundle_is_installed_and_serves_without_a_network(extracted: Path) -> None:
    environment = clean_environment(PYTHON=os.path.realpath(sys.executable), **NOWHERE)
    run = subprocess.run(
        [*without_network(), extracted / "bin/setup"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUNDLE_SECONDS,
    )
    assert run.returncode == 0, run.stderr
    version = subprocess.run(
        [extracted / "bin/chat", "--version"], env=environment, capture_output=True, text=True
    )
    assert VERSION in version.stdout
    port = free_port()
    serves = {"PORT": str(port), "DATA_DIR": str(extracted.parent / "data"), "FREE_DISK_BYTES": "0"}
    chat = subprocess.Popen(
        [extracted / "bin/run"],
        env=environment | serves,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _gets(port, "/ready"), "the chat serves", 60)
        assert "socket.io" in _gets(port, "/static/vendor/socket.io.js").lower()
    finally:
        chat.terminate()
        chat.wait(30)


def test_a_bundle_says_when_another_python_meets_it(extracted: Path, tmp_path: Path) -> None:
    other = shutil.copytree(extracted, tmp_path / "chat", ignore=shutil.ignore_patterns(".venv"))
    (other / "wheels/python").write_text("7\n")
    run = subprocess.run(
        [other / "bin/setup"], env=clean_environment(PYTHON=None), capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "Python 3.7 with its venv module is needed" in run.stderr


def _gets(port: int, path: str) -> str:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}{path}", timeout=5)
    except requests.RequestException:
        return ""
    return answer.text if answer.ok else ""
