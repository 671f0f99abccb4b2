"""nginx in front of a chat."""

from __future__ import annotations

import os
import shutil

import pytest


def nginx() -> str:
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        assert not os.environ.get("CI"), "CI must never skip the proxy's tests"
        pytest.skip("there is no nginx here; on Debian: apt-get install nginx-light")
    return path
