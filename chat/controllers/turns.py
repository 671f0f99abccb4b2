"""Queue work that takes a whole CPU: one queue for each kind, and the lines of people in it."""

from __future__ import annotations

import os

from chat.utils.fair_queue import FairQueue, Line
from chat.utils.pictures import WORKERS

# Hashing takes a whole CPU for a quarter of a second: one CPU stays free for everybody else.
PASSWORDS = FairQueue(max(1, (os.cpu_count() or 2) - 1), patience=20, retry_after=3)
STRANGERS = Line("strangers", running_each=1, waiting_each=8, waiting_in_all=8)  # by network
KNOWN_DEVICES = Line(
    "known devices", running_each=1, waiting_each=2, waiting_in_all=64
)  # by person
SIGNED_IN = Line("signed in", running_each=1, waiting_each=2, waiting_in_all=64)  # by person

# Each image is decoded in a process of its own. One person may use all while nobody else waits.
PICTURES = FairQueue(WORKERS, patience=30, retry_after=5)
PEOPLE = Line("people", running_each=WORKERS, waiting_each=2, waiting_in_all=32)

# Bodies with images, which are on the disk while they arrive: bounded by person, then by network.
UPLOADS_OF_PEOPLE = FairQueue(10_000, patience=60, retry_after=5)
UPLOADS_OF_NETWORKS = FairQueue(10_000, patience=60, retry_after=5)
UPLOADS_OF_ONE = Line("uploads", running_each=1, waiting_each=2, waiting_in_all=2_000)
UPLOADS_OF_OFFICE = Line("uploads", running_each=3, waiting_each=36, waiting_in_all=2_000)
