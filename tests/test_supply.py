"""What is installed is what was locked, by version and hash; a list has all the parts."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("requirements", "requirements-embedded", "requirements-node", "requirements-test")
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Return package -> version, with names as the index normalises them."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


@pytest.mark.parametrize("name", NAMES)
def test_the_lock_has_what_is_pinned_and_a_hash_for_each_package(name: str) -> None:
    pinned, lock = pins((ROOT / f"{name}.txt").read_text()), (ROOT / f"{name}.lock").read_text()
    locked = pins(lock)
    assert pinned.items() <= locked.items(), "run bin/lock"
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    assert len(entries) == len(PIN.findall(lock))
    assert all("--hash=sha256:" in entry for entry in entries)


def test_two_locks_never_name_two_versions_of_one_package() -> None:
    versions: dict[str, set[str]] = {}
    for name in NAMES:
        lock = (ROOT / f"{name}.lock").read_text()
        everywhere = "\n".join(
            line for line in lock.splitlines() if ";" not in line
        )  # others depend on Python's version
        for package, version in pins(everywhere).items():
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_the_list_of_parts_names_every_installed_package_and_every_browser_library() -> None:
    listed = {
        part["name"].lower()
        for part in json.loads((ROOT / "sbom/python.cdx.json").read_text())["components"]
    }
    listed = {re.sub(r"[-_.]+", "-", name) for name in listed}
    lock = (ROOT / "requirements.lock").read_text()
    everywhere = pins("\n".join(line for line in lock.splitlines() if ";" not in line)).keys()
    assert everywhere <= listed, "run bin/lock"
    browser = {
        part["name"]
        for part in json.loads((ROOT / "sbom/browser.cdx.json").read_text())["components"]
    }
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert browser == {
        path.rpartition("node_modules/")[2]
        for path, package in packages.items()
        if path and not package.get("dev")
    }
    assert all(package.get("integrity") for path, package in packages.items() if path)


def test_nothing_is_installed_without_its_hash() -> None:
    for path in ("bin/setup.sh", "deploy/Dockerfile"):
        text = (ROOT / path).read_text()
        installs = re.findall(r"pip install .*", text)
        assert installs
        for line in installs:
            assert "--require-hashes --only-binary :all:" in line, f"{path}: {line}"


def test_what_the_scanner_for_weak_code_finds_stops_the_check() -> None:
    check = (ROOT / "bin/check").read_text()
    assert "bandit" in check
    weak = subprocess.run(
        [ROOT / ".venv/bin/bandit", "--quiet", "--configfile", "pyproject.toml", "-"],
        cwd=ROOT,
        text=True,
        capture_output=True,
        input="import pickle\npickle.loads(open('x','rb').read())\n",
    )
    assert weak.returncode == 1, weak.stdout
