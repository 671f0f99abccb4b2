"""The database: each process has one connection, through which its models read and write.

`connection`: the client, its collections and their operations. `deadline`: the time limit of an
event or request. `circuit_breaker`: who may use the database after a failure. `insert_connection`:
cheap inserts into the log. `indexes`: every index. `schema`: the version of the stored data.
`errors`: the exceptions of an operation and of the start.
"""

from __future__ import annotations

from chat.models.database.connection import Database
from chat.models.database.deadline import seconds_left
from chat.models.database.errors import DatabaseError
from chat.models.database.record import Record

__all__ = ["DatabaseError", "Record", "database", "seconds_left"]

database = Database()
