"""What the processes of one chat store for each other: active rooms, change notices, presences.

They need no queue for it: a process that Redis does not reach reads the database.
"""
