"""Programs that are fetched from PyPI and npm, and run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LONGEST = 600  # seconds, a fetch over a slow line included


def run(*command: str | Path, folder: Path) -> None:
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])


def python_with(folder: Path, *packages: str) -> Path:
    run(sys.executable, "-m", "venv", "venv", folder=folder)
    run("venv/bin/pip", "install", "--quiet", *packages, folder=folder)
    return folder / "venv/bin"
