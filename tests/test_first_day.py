"""The commands for operators' first day in docs/operations.md work, one by one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.nginx import nginx
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import ROOT, clean_environment, free_port


@pytest.mark.timeout(300)
def test_the_commands_of_the_first_day_work_one_after_the_other(tmp_path: Path) -> None:
    nginx()
    if not shutil.which("curl"):
        assert not os.environ.get("CI"), "CI must never skip the first day"
        pytest.skip("there is no curl here; on Debian: apt-get install curl")
    with RedisServer() as redis:
        ports = [str(port) for port in (free_port(), free_port(), redis.port)]
        run = subprocess.run(
            [ROOT / "tests/first_day.sh", tmp_path, *ports],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert re.search(
        r"Become its first administrator, once: https://localhost:\d+/setup/\w+", run.stdout
    ), "journalctl shows it"
    assert '"parts":' in run.stdout, "through nginx"
    assert run.stdout.count("No problems found.") == 6
    assert "alice is an administrator and can sign in." in run.stdout
    assert "you may remove SECRET_KEYS_RETIRED; bin/chat doctor says when." in run.stdout
    told = [line for line in run.stderr.splitlines() if line.startswith("real-time-chat ")]
    assert len(told) == 9
    (restore,) = (line for line in told if line.endswith(": a backup is restored."))
    told.remove(restore)
    unit = f"configured by {tmp_path}/etc/systemd/system/chat.service."
    assert all(f"{tmp_path}/var/lib/chat: " in line and line.endswith(unit) for line in told)
    people = [re.search(r"(\d+) pe", line) for line in told]
    assert [found and found[1] for found in people] == ["0"] * 2 + ["1"] * 6
