"""Queue work that takes a whole CPU: a FairQueue for each kind of work, with Lines for people."""

from __future__ import annotations

import os

from chat.utils.fair_queue import FairQueue, Line
from chat.utils.pictures import WORKERS

# Hashing takes a whole CPU for a quarter of a second, so one CPU stays free for other requests.
PASSWORDS = FairQueue(max(1, (os.cpu_count() or 2) - 1), patience=20, retry_after=3)
STRANGERS = Line("strangers", running_each=1, waiting_each=8, waiting_in_all=8)  # by network
KNOWN_DEVICES = Line(
    "known devices", running_each=1, waiting_each=2, waiting_in_all=64
)  # by person
SIGNED_IN = Line("signed in", running_each=1, waiting_each=2, waiting_in_all=64)  # by person

# Questions to the LDAP directory, which wait for another machine.
DIRECTORY = FairQueue(8, patience=20, retry_after=3)

# Each image is decoded in a process of its own. While nobody else waits, one person may use all of
# these processes.
PICTURES = FairQueue(WORKERS, patience=30, retry_after=5)
PEOPLE = Line("people", running_each=WORKERS, waiting_each=2, waiting_in_all=32)

# Requests with images, whose bodies are on the disk while they arrive. The first limit is for each
# person, the second for each network.
UPLOADS_OF_PEOPLE = FairQueue(10_000, patience=60, retry_after=5)
UPLOADS_OF_NETWORKS = FairQueue(10_000, patience=60, retry_after=5)
UPLOADS_OF_ONE = Line("uploads", running_each=1, waiting_each=2, waiting_in_all=2_000)
UPLOADS_OF_OFFICE = Line("uploads", running_each=3, waiting_each=36, waiting_in_all=2_000)
