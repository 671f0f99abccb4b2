"""A start that migrates data of an earlier version, and is killed while it does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping

from tests.helpers.servers import ROOT, clean_environment, free_port

# What the log says as a step begins: chat/models/migrations, resealing.py and derived.py
BEGINNINGS = {
    "data of an older version is migrated": "step",
    "data of an earlier version is sealed anew": "step",
    "derived data is rebuilt": "what",
}


def killed_in(environment: Mapping[str, str], number: int, after: float = 0.0) -> str | None:
    """Start the chat, and kill it in its `number`th step of migration, counted from 0.

    `after`: seconds from the beginning of the step. Return the step's name; None if there are not
    so many: then the chat served, and was stopped.
    """
    process = subprocess.Popen(
        [sys.executable, "wsgi.py"],
        cwd=ROOT,
        env=clean_environment(**environment, PORT=str(free_port()), HOST="127.0.0.1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    seen = 0
    lines = []
    try:
        for line in process.stderr:
            lines.append(line)
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("message") == "serving":
                process.terminate()
                return None
            named = BEGINNINGS.get(told.get("message"))
            if named and seen == number:
                time.sleep(after)
                process.kill()
                return str(told[named])
            seen += bool(named)
        raise AssertionError(f"the start ended: {''.join(lines)[-2000:]}")
    finally:
        process.communicate()
