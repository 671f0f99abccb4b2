"""The wall clock of some processes: ahead, behind, or set while they run.

Their monotonic clock is unchanged.

Threads that wait for the interpreter wake at once there, not after 5 ms, and disturb each other:
such a process is slower.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

CAN_BE_FAKED = sys.platform == "linux" and platform.machine() == "x86_64"
_SETTINGS: dict[str, str] = {}

if CAN_BE_FAKED:
    import libfaketime

    _LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
    _SETTINGS |= {"LD_PRELOAD": str(_LIBRARY), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def clock_ahead(seconds: int) -> dict[str, str]:
    """Return the environment of a process whose clock is so far ahead.

    Where clocks cannot be faked, the environment is unchanged.
    """
    return _SETTINGS | {"FAKETIME": f"{seconds:+d}s"}


class Clock:
    """A settable clock of all processes that are started with its `environment`."""

    def __init__(self, file: Path):
        self._file = file
        self.environment = _SETTINGS | {
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
        }
        self.set(0)

    def set(self, seconds: int) -> None:
        """Set the clock so far ahead of the true time; the processes notice within a second."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}s\n")
        beside.replace(self._file)
