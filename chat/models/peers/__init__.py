"""Peers: active rooms, change notices and presences, which processes store for each other.

The records are in the database, so that a process without a connection to Redis gets them too.
"""
