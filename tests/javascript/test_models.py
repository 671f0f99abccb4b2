"""Run the browser's models without a browser: this folder's `*.test.js` in Node's test runner."""

from __future__ import annotations

import subprocess

import pytest

from tests.helpers.node import node
from tests.helpers.servers import ROOT

FILES = sorted((ROOT / "tests/javascript").glob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_the_models_promise_holds(file) -> None:
    ended = subprocess.run(
        [node(), "--test", "--test-timeout=20000", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert ended.returncode == 0, ended.stdout
