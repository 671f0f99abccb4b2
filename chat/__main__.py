"""Run the command line: bin/chat runs `python -m chat …`."""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
from __future__ import annotations

import os
import signal
import sys
import warnings

signal.signal(signal.SIGINT, lambda *_: os._exit(1))  # no traceback while the program loads
# The deprecation is known: docs/decisions/0001 decides for eventlet.
warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
try:
    import eventlet
except ImportError:
    sys.exit("What the chat needs is not installed; run bin/setup, which does it.")

eventlet.monkey_patch()

from chat.command_line import main

main()
