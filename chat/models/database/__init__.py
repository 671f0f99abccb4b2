"""The database: one connection a process, whose models read and write its collections.

`connection`: the client, its collections and their operations. `deadline`: the time that an event
or request has. `circuit_breaker`: what happens after a failure. `insert_connection`: cheap inserts
into the log. `indexes`: every index. `schema`: the version of the stored data. `errors`: what an
operation and the start may raise.
"""

from __future__ import annotations

from chat.models.database.connection import Database
from chat.models.database.deadline import seconds_left
from chat.models.database.errors import DatabaseError
from chat.models.database.record import Record

__all__ = ["DatabaseError", "Record", "database", "seconds_left"]

database = Database()
