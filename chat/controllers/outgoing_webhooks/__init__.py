"""Outgoing webhooks: other servers get the entries of a room's log, signed, in order.

hooks.py       the verbs of moderators: list, make, change, remove
trying.py      tests, the list of deliveries, and another try of one
delivering.py  the job that delivers, in one process
deliverer.py   following the rooms' logs, and who gets what next
results.py     what becomes of a webhook after a try
requests.py    what a request says
programs.py    this process's program that signs and sends

One process at a time delivers, the one with the lease (models/lease.py).
"""
