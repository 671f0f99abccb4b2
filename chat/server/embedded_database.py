"""The database that `bin/run` starts: SecantusDB as a watched child process.

See docs/decisions/0002. One program owns the daemon at a time: the one with the lock on the data
folder. Others on the same machine (the command line while the server runs) attach to it. A new
owner finds the daemon of a killed owner by its process id and ends it before starting its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chat.server import die_with_parent
from chat.utils import database_user, private_files

log = logging.getLogger(__name__)

NAME = "chat"
OPTIONS = "authSource=admin&retryWrites=false&journal=true&serverSelectionTimeoutMS=3000"
START_SECONDS = 60.0  # opening a large store after a crash replays its journal
ATTACH_SECONDS = 5.0  # how long a command waits for a database that another program is starting
STOP_SECONDS = 4.0
LOOK_SECONDS = 0.25  # between two checks whether the child is alive
PROBE_SECONDS = 2.0  # between two checks whether it can read its data
LONGEST_BACKOFF = 10.0
REFUSED_SECONDS = 2.0  # a database that refuses our user for longer is damaged, not starting
WRONG_PASSWORD = 18  # MongoDB's error code
INTERNAL_ERROR = 1  # MongoDB's error code: the storage engine has given up, as after a full disk
DAEMON = "secantusd-py"


class EmbeddedDatabaseFailed(Exception):
    """The embedded database is not available; the text says in one sentence why and what to do."""


class EmbeddedDatabase:
    """The daemon of one data folder: its owner starts and watches it, others attach to it."""

    def __init__(
        self, data_dir: Path, secrets_dir: Path | None = None, *, replica_set: bool = False
    ):
        """Name the files of the data folder.

        `replica_set`: run with an oplog, as tests of elections need it. The oplog stores every
        write a second time.
        """
        self._dir = data_dir
        self._store = data_dir / "database"
        self._log_file = data_dir / "database.log"
        self._state_file = data_dir / "database.json"  # port, pid
        self._password_file = (
            secrets_dir or private_files.secrets_beside(data_dir)
        ) / "database-password"
        self._replica_set = replica_set
        self._lock_file: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._port = 0
        self.uri = ""

    @property
    def owned(self) -> bool:
        return self._lock_file is not None

    def start(self) -> EmbeddedDatabase:
        """Lock the folder and start the daemon; return when it answers.

        Raises EmbeddedDatabaseFailed.
        """
        return self.begin().wait()

    def begin(self) -> EmbeddedDatabase:
        """Lock the folder and launch the daemon, which starts while the caller does other things.

        The caller then calls `wait`. Raises EmbeddedDatabaseFailed.
        """
        self._make_folders()
        if not self._take_lock():
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {self._dir} is in use by another chat server; "
                "stop that one, or choose another DATA_DIR."
            )
        try:
            self._end_orphan()
            self._move_password()
            if self._has_our_user():
                self._launch(_free_port())
        except BaseException:
            self.stop()
            raise
        return self

    def wait(self) -> EmbeddedDatabase:
        """Return when the daemon that `begin` launched answers. Raises EmbeddedDatabaseFailed."""
        try:
            if not self._process:
                self._provision()
                self._launch(_free_port())
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(
            target=self._watch, name="embedded-database-watcher", daemon=True
        )
        self._watcher.start()
        return self

    def attach_or_start(self) -> EmbeddedDatabase:
        """Attach to another program's running daemon on this folder, or start our own."""
        self._make_folders()
        if self._take_lock():
            self._release_lock()
            return self.start()
        return self.attach()

    def attach(self) -> EmbeddedDatabase:
        """Attach to another program's daemon on this folder. Raises EmbeddedDatabaseFailed."""
        state = self._state()
        end = time.monotonic() + ATTACH_SECONDS
        while not state.get("port") and time.monotonic() < end:  # it is starting
            time.sleep(0.1)
            state = self._state()
        if not state.get("port"):
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: the database in {self._dir} is still starting; try again in a moment."
            )
        self.uri = self._uri(int(state["port"]))
        return self

    def leave(self) -> None:
        """Give up the daemon in a process that the owner forked: it does not own the daemon."""
        self._release_lock()
        self._process = None

    def stop(self) -> None:
        """End the daemon if it is ours, and unlock the folder. Idempotent."""
        self._stopping.set()
        if self._watcher:
            self._watcher.join(START_SECONDS)  # it may be restarting the daemon
        if self._process:
            _end(self._process.pid, self._port, self._process)
            self._process = None
        if self.owned:
            # A full disk: the next start finds that there is no such process.
            with contextlib.suppress(OSError):
                self._remember(port=None, pid=None)
            self._release_lock()

    # Files in the data folder.

    def _make_folders(self) -> None:
        try:
            for folder in (self._dir, self._store, self._password_file.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            name = "SECRETS_DIR" if folder == self._password_file.parent else "DATA_DIR"
            raise EmbeddedDatabaseFailed(
                f"{name}: {folder} cannot be made ({error.strerror})."
            ) from error

    def _take_lock(self) -> bool:
        try:
            file = (self._dir / "database.lock").open("a")
        except OSError as error:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {error.filename} cannot be written ({error.strerror})."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock_file = file
        return True

    def _release_lock(self) -> None:
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {self._state_file} cannot be read ({error.strerror})."
            ) from error
        except ValueError as error:
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {self._state_file} is damaged; remove it, and it is made anew."
            ) from error
        return state if isinstance(state, dict) else {}

    def _remember(self, **changes: object) -> None:
        private_files.write(self._state_file, json.dumps(self._state() | changes).encode())

    def _password(self) -> str:
        """Return the database's password; empty before the first start."""
        try:
            return self._password_file.read_text()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise EmbeddedDatabaseFailed(
                f"SECRETS_DIR: {self._password_file} cannot be read ({error})."
            ) from error

    def _has_our_user(self) -> bool:
        """Return whether our user was created in this store with the password that we have.

        It was not before the first start, nor where somebody replaced or removed one of the two
        folders.
        """
        password = self._password()
        return bool(password) and self._state().get("user_made_with") == _fingerprint(password)

    def _move_password(self) -> None:
        """Move the password out of DATA_DIR, where earlier versions store it.

        A password that is there is the valid one.
        """
        state = self._state()
        if password := state.pop("password", None):
            private_files.write(self._password_file, str(password).encode())
            log.info(
                "the database's password was moved out of DATA_DIR",
                extra={"to": str(self._password_file)},
            )
            private_files.write(self._state_file, json.dumps(state).encode())

    def _end_orphan(self) -> None:
        """End the daemon that a killed owner left; we hold the lock, so it serves nobody."""
        pid = self._state().get("pid")
        if isinstance(pid, int) and str(self._store) in _command_of(pid):
            log.warning("ending an orphaned database", extra={"orphan": pid})
            _end(pid, int(self._state().get("port") or 0))
            self._remember(pid=None, port=None)

    # The daemon.

    def _provision(self) -> None:
        """Create our user in a store that no daemon has open, so that none listens without it."""
        password = self._password() or secrets.token_urlsafe(32)
        made = subprocess.run(
            [sys.executable, database_user.__file__, str(self._store), NAME],
            input=password,
            capture_output=True,
            text=True,
            check=False,
            timeout=START_SECONDS,
        )
        if made.returncode:
            reason = (made.stderr.strip().splitlines() or [""])[-1]
            raise EmbeddedDatabaseFailed(f"The embedded database's user cannot be made ({reason}).")
        private_files.write(self._password_file, password.encode())
        self._remember(user_made_with=_fingerprint(password))

    def _launch(self, port: int) -> None:
        daemon = shutil.which(DAEMON, path=str(Path(sys.executable).parent)) or shutil.which(DAEMON)
        if not daemon:
            raise EmbeddedDatabaseFailed(
                "The embedded database is not installed; start with bin/run, "
                "or pip install -r requirements-embedded.txt, or set MONGO_URI."
            )
        config = self._dir / "database.toml"
        config.write_text(
            '[server]\nhost = "127.0.0.1"\nlog_level = "WARNING"\n[oplog]\nretention_seconds = 0\n'
        )
        command = [
            daemon,
            "--config",
            str(config),
            "--port",
            str(port),
            "--storage-path",
            str(self._store),
            "--auth",
        ]
        if not self._replica_set:
            # Without an oplog, which would store deleted data for another hour.
            command.append("--standalone")
        with (self._log_file).open("ab") as output:
            # A session of its own: Ctrl-C in the terminal must reach us first, and the daemon only
            # after our last write. If we are killed, the kernel kills the daemon too. Its journal
            # preserves what it wrote.
            self._process = subprocess.Popen(
                [sys.executable, "-S", die_with_parent.__file__, str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._remember(pid=self._process.pid, port=port)
        self._port = port
        self.uri = self._uri(port)

    def _uri(self, port: int) -> str:
        return f"mongodb://{NAME}:{self._password()}@127.0.0.1:{port}/{NAME}?{OPTIONS}"

    def _wait_until_it_answers(self) -> None:
        assert self._process
        end = time.monotonic() + START_SECONDS
        refused_since = None
        with contextlib.closing(
            MongoClient[dict[str, Any]](self.uri, serverSelectionTimeoutMS=250)
        ) as client:
            while time.monotonic() < end:
                if self._process.poll() is not None:
                    raise EmbeddedDatabaseFailed(
                        f"DATA_DIR: the database in {self._store} ended at once "
                        f"({self._log_file} says why); make room, or restore it from a backup."
                    )
                if self._stopping.is_set():
                    return
                try:
                    client.admin.command("ping")
                    _drop_others(client)
                    # Earlier versions had an oplog and may have left one.
                    client.admin.command("secantusAdmin.pruneOplog")
                    return
                except OperationFailure as error:
                    if error.code in (WRONG_PASSWORD, INTERNAL_ERROR):
                        refused_since = refused_since or time.monotonic()
                        if time.monotonic() - refused_since > REFUSED_SECONDS:
                            raise EmbeddedDatabaseFailed(
                                f"DATA_DIR: files of the database in {self._store} "
                                "are missing, damaged or cannot be written "
                                f"({self._log_file} says why); "
                                "make room, or restore it from a backup."
                            ) from error
                except PyMongoError:
                    pass  # it does not listen yet
                time.sleep(0.02)
        raise EmbeddedDatabaseFailed(
            f"The embedded database did not answer within {START_SECONDS:.0f} s."
        )

    def _watch(self) -> None:
        """Restart the daemon, on the same port, whenever it dies or loses its storage."""
        backoff = LOOK_SECONDS
        probe_at = time.monotonic() + PROBE_SECONDS
        while not self._stopping.wait(LOOK_SECONDS):
            assert self._process
            if self._process.poll() is None and time.monotonic() >= probe_at:
                self._end_if_broken()
                probe_at = time.monotonic() + PROBE_SECONDS
            if self._process.poll() is None or self._stopping.is_set():
                continue
            log.error(
                "the embedded database ended; starting it again",
                extra={"returncode": self._process.returncode},
            )
            try:
                self._launch(int(self._state()["port"]))
                self._wait_until_it_answers()
                backoff = LOOK_SECONDS
            except (EmbeddedDatabaseFailed, OSError) as error:
                log.error(
                    "the embedded database did not start",
                    extra={"reason": str(error), "next_try_s": backoff},
                )
                self._kill()  # the daemon may run although its state file could not be written
                self._stopping.wait(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF)

    def _end_if_broken(self) -> None:
        """End the daemon when its storage engine has failed.

        After a full disk the storage engine refuses everything until it is opened anew.
        """
        with contextlib.closing(MongoClient[dict[str, Any]](self.uri, timeoutMS=1000)) as client:
            try:
                client[NAME]["meta"].find_one({"_id": "schema"})
            except PyMongoError as error:
                # Not when it is frozen, dying or slow: it may recover by itself.
                if isinstance(error, OperationFailure) and error.code == INTERNAL_ERROR:
                    log.error("the embedded database cannot read its data; ending it")
                    self._kill()

    def _kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()


def _fingerprint(password: str) -> str:
    """Return a hash that identifies a password and does not reveal it: ours are 32 random bytes."""
    return hashlib.sha256(password.encode()).hexdigest()


def _drop_others(client: MongoClient[dict[str, Any]]) -> None:
    """Drop every user but ours.

    Earlier versions ran for a moment without a password, and others could create users then.
    """
    for user in list(client.admin["system.users"].find()):
        if (user["db"], user["user"]) != ("admin", NAME):
            client[user["db"]].command("dropUser", user["user"])
            log.warning(
                "a database user that is not the chat's was dropped", extra={"user": user["user"]}
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command_of(pid: int) -> str:
    """Return the command line of a process; empty when there is no such process."""
    if Path("/proc/self").is_dir():
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        except OSError:
            return ""
    return subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def _end(pid: int, port: int, child: subprocess.Popen[bytes] | None = None) -> None:
    """Send SIGTERM to a process, and SIGKILL if it still runs after STOP_SECONDS."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        _wake_acceptor(port)
        end = time.monotonic() + STOP_SECONDS
        while time.monotonic() < end:
            if child.poll() is not None if child else not _command_of(pid).strip():
                return
            time.sleep(0.02)


def _wake_acceptor(port: int) -> None:
    """Connect to a stopping daemon so that it stops at once.

    Without a connection it waits two seconds for the thread that accepts connections.
    """
    time.sleep(0.05)
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        pass
