"""The embedded database never listens without a password.

That holds at its first start, and after its password was lost.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chat.server.embedded_database import EmbeddedDatabase

LOOPBACK, LISTENS = "0100007F", "0A"  # as /proc/net/tcp writes them


def ports_that_listen() -> set[int]:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(line[1][9:], 16) for line in lines if line[1][:8] == LOOPBACK and line[3] == LISTENS
    }


class Mallory(threading.Thread):
    """A user of the machine who tries each opened port, to create a database user of her own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.known = ports_that_listen()
        self.refused: dict[int, str] = {}
        self.made: list[int] = []
        self.go_on = True

    def run(self) -> None:
        while self.go_on:
            for port in ports_that_listen() - self.known - self.refused.keys():
                self._try(port)

    def _try(self, port: int) -> None:
        with MongoClient(
            f"mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=200"
        ) as client:
            try:
                client.admin.command("createUser", "mallory", pwd="x", roles=["root"])
                self.made.append(port)
            except OperationFailure as error:
                self.refused[port] = str(error)
            except PyMongoError:
                pass  # another program's, or not ready yet: asked again


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="nobody sees ports so elsewhere")
def test_nobody_gets_in_while_the_database_starts_for_the_first_time(folder: Path) -> None:
    mallory = Mallory()
    mallory.start()
    database = EmbeddedDatabase(folder / "first").start()
    try:
        port = int(database.uri.rpartition(":")[2].partition("/")[0])
        for _ in range(200):
            if port in mallory.refused:
                break
            threading.Event().wait(0.05)
        mallory.go_on = False
        mallory.join(10)
        assert mallory.made == []
        assert "auth" in mallory.refused[port].lower(), "she saw it and asked"
        with MongoClient(database.uri) as client:
            assert [user["user"] for user in client.admin["system.users"].find()] == ["chat"]
    finally:
        database.stop()


def test_a_password_that_was_lost_is_made_anew_and_users_of_others_are_dropped(
    folder: Path,
) -> None:
    data = folder / "lost"
    database = EmbeddedDatabase(data).start()
    with MongoClient(database.uri) as client:
        client["chat"]["notes"].insert_one({"_id": "kept"})
        client["chat"].command(
            "createUser", "mallory", pwd="x", roles=[{"role": "root", "db": "admin"}]
        )
    port = int(database.uri.rpartition(":")[2].partition("/")[0])
    with MongoClient(f"mongodb://mallory:x@127.0.0.1:{port}/?authSource=chat") as client:
        assert client["chat"]["notes"].count_documents({}) == 1, (
            "she is in, as she could be in earlier versions"
        )
    database.stop()
    (folder / "lost-secrets/database-password").unlink()
    database = EmbeddedDatabase(data).start()
    try:
        with MongoClient(database.uri) as client:
            assert client["chat"]["notes"].count_documents({}) == 1
            assert [user["user"] for user in client.admin["system.users"].find()] == ["chat"]
    finally:
        database.stop()


def notes_in(database: EmbeddedDatabase) -> int:
    with MongoClient[dict[str, object]](database.start().uri) as client:
        client["chat"]["notes"].insert_one({})
        count = client["chat"]["notes"].count_documents({})
    database.stop()
    return count


def test_data_and_password_need_not_be_of_the_same_age(folder: Path) -> None:
    """An operator who removed DATA_DIR to begin anew waited a minute for a useless sentence."""
    data, passwords = folder / "began", folder / "passwords"
    assert notes_in(EmbeddedDatabase(data, passwords)) == 1
    shutil.rmtree(data)
    assert notes_in(EmbeddedDatabase(data, passwords)) == 1, (
        "new data, with the password that was there"
    )
    assert notes_in(EmbeddedDatabase(folder / "beside", passwords)) == 1, (
        "another chat's, in the same folder of secrets"
    )
    (passwords / "database-password").write_text("of another backup")
    assert notes_in(EmbeddedDatabase(data, passwords)) == 2, "old data, with another password"
    (data / "database.json").unlink()
    assert notes_in(EmbeddedDatabase(data, passwords)) == 3


def test_what_is_deleted_does_not_lie_in_an_oplog(folder: Path) -> None:
    before = EmbeddedDatabase(
        folder / "oplog", replica_set=True
    ).start()  # as earlier versions ran it
    with MongoClient(before.uri) as client:
        client["chat"]["notes"].insert_one({"_id": "heliotrope"})
        assert client["local"]["oplog.rs"].find_one({"o._id": "heliotrope"})
    before.stop()
    after = EmbeddedDatabase(folder / "oplog").start()
    try:
        with MongoClient(after.uri) as client:
            client["chat"]["notes"].insert_one({"_id": "quincunx"})
            assert client["local"]["oplog.rs"].count_documents({}) == 0
    finally:
        after.stop()
    again = EmbeddedDatabase(folder / "oplog", replica_set=True).start()
    with MongoClient(again.uri) as client:
        assert not list(client["local"]["oplog.rs"].find({"ns": "chat.notes"})), (
            "it was taken away, not only out of sight"
        )
    again.stop()
