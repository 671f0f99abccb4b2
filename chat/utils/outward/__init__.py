"""Requests to addresses that people choose, made by programs of their own beside the chat.

networks.py   the only addresses that may be connected to
addresses.py  connecting to such a one
names.py      looking up the addresses of a name, with an end
posting.py    one request, with an end
lines.py      which message goes next: no slow receiver delays others
serving.py    what each of the programs does: reads messages, and prints what became of them
program.py    such a program, as the chat's process sees it

The chat's process imports `program` and `networks` alone. Everything else runs in the programs,
which are utils/pushing/worker.py and utils/webhooks/worker.py.
"""
