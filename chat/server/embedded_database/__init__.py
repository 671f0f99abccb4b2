"""The database that `bin/run` starts: SecantusDB as a watched child process.

See docs/decisions/0002. One program at a time, the *owner*, runs the daemon: the one with the lock
on the data folder. Others on the same machine (the command line while the server runs) attach to
it. A new owner finds the daemon of a killed owner by its process id, and ends it first.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from pathlib import Path

from chat.server.embedded_database import processes
from chat.server.embedded_database.daemon import START_SECONDS, Daemon, free_port, uri_of
from chat.server.embedded_database.data_folder import DataFolder
from chat.server.embedded_database.errors import EmbeddedDatabaseFailed
from chat.server.embedded_database.users import create_our_user, has_our_user

__all__ = ["EmbeddedDatabase", "EmbeddedDatabaseFailed"]

ATTACH_SECONDS = 5.0  # a command waits this long for a database that another program is starting
LOOK_SECONDS = 0.25  # between two checks whether the daemon runs
PROBE_SECONDS = 2.0  # between two checks whether the daemon can read its data
LONGEST_BACKOFF = 10.0

log = logging.getLogger(__name__)


class EmbeddedDatabase:
    """The daemon of one data folder: its owner starts and watches it, others attach to it."""

    def __init__(
        self, data_dir: Path, secrets_dir: Path | None = None, *, replica_set: bool = False
    ):
        """Create the object, without starting anything.

        `replica_set`: run with an oplog, which tests of elections need. The oplog stores every
        write a second time.
        """
        self._folder = DataFolder(data_dir, secrets_dir)
        self._replica_set = replica_set
        self._daemon: Daemon | None = None  # None in a process that only attaches to the daemon
        self._stop_requested = threading.Event()
        self._watcher: threading.Thread | None = None
        self.uri = ""

    @property
    def store(self) -> Path:
        """Return the folder of the database's own files."""
        return self._folder.store

    @property
    def pid(self) -> int:
        """Return the daemon's process id. For the owner only."""
        return self._launched.pid

    def start(self) -> EmbeddedDatabase:
        """Lock the folder and start the daemon; return when the daemon answers.

        Raises EmbeddedDatabaseFailed.
        """
        return self.begin().wait()

    def begin(self) -> EmbeddedDatabase:
        """Lock the folder and launch the daemon, which starts while the caller does other things.

        The caller then calls `wait`. Raises EmbeddedDatabaseFailed.
        """
        self._folder.create()
        if not self._folder.lock():
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: {self._folder.path} is in use by another chat server; "
                "stop that one, or choose another DATA_DIR."
            )
        try:
            self._end_orphan()
            self._folder.move_password()
            if has_our_user(self._folder):
                self._launch(free_port())
        except BaseException:
            self.stop()
            raise
        return self

    def wait(self) -> EmbeddedDatabase:
        """Return when the daemon that `begin` launched answers. Raises EmbeddedDatabaseFailed."""
        try:
            if not self._daemon:
                create_our_user(self._folder)
                self._launch(free_port())
            self._launched.wait_until_it_answers(self._stop_requested)
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
        self._folder.create()
        if self._folder.lock():
            self._folder.unlock()
            return self.start()
        return self.attach()

    def attach(self) -> EmbeddedDatabase:
        """Attach to another program's daemon on this folder. Raises EmbeddedDatabaseFailed."""
        state = self._folder.state()
        give_up_at = time.monotonic() + ATTACH_SECONDS
        # the owner is still starting the daemon
        while not state.get("port") and time.monotonic() < give_up_at:
            time.sleep(0.1)
            state = self._folder.state()
        if not state.get("port"):
            raise EmbeddedDatabaseFailed(
                f"DATA_DIR: the database in {self._folder.path} is still starting; "
                "try again in a moment."
            )
        self.uri = uri_of(self._folder, int(state["port"]))
        return self

    def leave(self) -> None:
        """Forget the daemon in a forked child, which does not own it."""
        self._folder.unlock()
        self._daemon = None

    def stop(self) -> None:
        """End the daemon if we own it, and unlock the folder. Idempotent."""
        self._stop_requested.set()
        if self._watcher:
            self._watcher.join(START_SECONDS)  # the watcher may be restarting the daemon
        if self._daemon:
            self._daemon.stop()
            self._daemon = None
        if self._folder.is_locked:
            # On a full disk this fails. The next start then sees that no process with this id runs.
            with contextlib.suppress(OSError):
                self._folder.update_state(port=None, pid=None)
            self._folder.unlock()

    def _launch(self, port: int) -> None:
        # Set before the state file is written, so that a full disk leaves no daemon behind.
        self._daemon = Daemon(self._folder, port, replica_set=self._replica_set)
        self._folder.update_state(pid=self._daemon.pid, port=port)
        self.uri = self._daemon.uri

    @property
    def _launched(self) -> Daemon:
        assert self._daemon
        return self._daemon

    def _end_orphan(self) -> None:
        """End the daemon of a killed owner. We have the lock, so nobody else uses that daemon."""
        state = self._folder.state()
        pid = state.get("pid")
        if isinstance(pid, int) and str(self._folder.store) in processes.command_of(pid):
            log.warning("ending an orphaned database", extra={"orphan": pid})
            processes.end(pid, int(state.get("port") or 0))
            self._folder.update_state(pid=None, port=None)

    def _watch(self) -> None:
        """Restart the daemon, on the same port, whenever it ends or its storage fails."""
        backoff = LOOK_SECONDS
        probe_at = time.monotonic() + PROBE_SECONDS
        while not self._stop_requested.wait(LOOK_SECONDS):
            daemon = self._launched
            if daemon.exit_code is None and time.monotonic() >= probe_at:
                daemon.end_if_broken()
                probe_at = time.monotonic() + PROBE_SECONDS
            if daemon.exit_code is None or self._stop_requested.is_set():
                continue
            log.error(
                "the embedded database ended; starting it again",
                extra={"returncode": daemon.exit_code},
            )
            try:
                self._launch(int(self._folder.state()["port"]))
                self._launched.wait_until_it_answers(self._stop_requested)
                backoff = LOOK_SECONDS
            except (EmbeddedDatabaseFailed, OSError) as error:
                log.error(
                    "the embedded database did not start",
                    extra={"reason": str(error), "next_try_s": backoff},
                )
                # the daemon may run although its state file could not be written
                self._launched.kill()
                self._stop_requested.wait(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF)
