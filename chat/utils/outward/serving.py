"""What each of the programs does that send: read messages, and print what became of each.

Its first line of input is an object that says how to begin. Each further line is a message, an
object with an `id`; `was_quick` says whether its service answered quickly the last time. For each
message the program prints `{"id", "status", "retry_after", "said", "is_quick"}`, whose status is 0
if no receiver answered.

It ends when its input does, at once, because another process sends again what it had not sent.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from chat.utils.outward.lines import Lines, Message
from chat.utils.outward.posting import Answer, watch

QUICK_SECONDS = 2.0  # a receiver that answers within them is quick
LONGEST_REASON = 200  # characters

_printing = threading.Lock()


def serve(
    make: Callable[[dict[str, Any]], Callable[[Message, str], Answer]],
    service_of: Callable[[Message], str],
    owner_of: Callable[[Message], str],
) -> None:
    """Send the messages that come in, until the input ends.

    `make` gets the first line, and returns what sends a message to its service, which may raise
    OSError, HTTPException, and ValueError for a message that no receiver can get. `service_of`,
    `owner_of`: whose turn a message is.
    """
    os.nice(10)  # the chat's own processes run first
    send = make(json.loads(sys.stdin.readline()))
    lines = Lines(lambda message, service: _handle(send, message, service))
    watch()
    for line in sys.stdin:
        message = json.loads(line)
        was_quick = bool(message.get("was_quick"))
        lines.put(service_of(message), message, owner_of(message), was_quick=was_quick)
    os._exit(0)


def _handle(send: Callable[[Message, str], Answer], message: Message, service: str) -> bool:
    """Send a message, and print what became of it. Return whether it was quickly answered."""
    began = time.monotonic()
    try:
        answer = send(message, service)
    except (OSError, http.client.HTTPException) as problem:
        answer = Answer(0, 0, f"{type(problem).__name__}: {problem}"[:LONGEST_REASON])
    except ValueError as problem:
        answer = Answer(400, 0, type(problem).__name__)
    except Exception as problem:  # noqa: BLE001  who gave the message must hear of it, to go on
        answer = Answer(0, 0, f"{type(problem).__name__}: {problem}"[:LONGEST_REASON])
    is_quick = bool(answer.status) and time.monotonic() - began < QUICK_SECONDS
    _say({"id": message["id"], **answer._asdict(), "is_quick": is_quick})
    return is_quick


def _say(answer: dict[str, Any]) -> None:
    with _printing:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
