"""`python -m chat …`, which is what bin/chat runs."""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
from __future__ import annotations

import os
import signal
import sys
import warnings

signal.signal(signal.SIGINT, lambda *_: os._exit(1))  # while the program is loaded
warnings.filterwarnings(
    "ignore", message="\nEventlet is deprecated"
)  # known, and decided: docs/decisions/0001
try:
    import eventlet
except ImportError:
    sys.exit("What the chat needs is not installed; run bin/setup, which does it.")

eventlet.monkey_patch()

from chat.command_line import main

main()
