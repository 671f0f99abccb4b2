"""Run the tests of the database and the fault laboratory on a database of yours.

    MONGO_URI='mongodb://user:password@host:27017/chat_proof?replicaSet=rs0' deploy/prove-database

For whoever wants to see, before people use it, that the chat keeps its promises on their MongoDB:
docs/reliability.md says what it must show. It needs bin/test to have run once, some 20 minutes, and
a user that may make and drop databases. All databases that it makes are named after the one in
MONGO_URI (chat_proof_…), and dropped at the end; it refuses to begin where one of them is there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.helpers.servers import ROOT, clean_environment

TESTS = ("tests/models", "tests/controllers", "tests/routes/api", "tests/routes/sockets")
# What is killed and cut without a right on the machine of the database.
FAULTS = (
    "worker killed",
    "master killed",
    "chat asked to go",
    "redis killed",
    "clock set",
    "lines dead",
    "client away",
)
ELECTION = "primary steps down"
WAIT_MS = 5_000

Client = MongoClient[dict[str, Any]]


def main() -> None:
    options = argparse.ArgumentParser(
        prog="deploy/prove-database",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--only", choices=("tests", "faults"), help="one of the two")
    options.add_argument("--times", type=int, default=3, help="each fault; usually 3")
    options.add_argument(
        "--elections",
        action="store_true",
        help="let the primary step down, too: it needs the role clusterManager, and a database "
        "that nobody else uses",
    )
    options.add_argument("tests", nargs="*", default=TESTS, help="of pytest, instead of these")
    given = options.parse_args()
    uri = os.environ.get("MONGO_URI", "")
    name = urlsplit(uri).path.strip("/")
    if not uri.startswith("mongodb") or not name:
        raise SystemExit("Set MONGO_URI to your MongoDB, with the name of a new database in it.")
    with Client(uri, serverSelectionTimeoutMS=WAIT_MS) as client:
        try:
            _introduce(client)
            _refuse_what_is_there(client, name)
        except PyMongoError as error:
            raise SystemExit(f"MONGO_URI: the database does not answer ({error}).") from None
        try:
            failed = [
                what for what, command in _steps(given, uri) if not _passes(what, command, uri)
            ]
        finally:
            for each in _of_ours(client, name):
                client.drop_database(each)
    print("Failed: " + ", ".join(failed) if failed else "Everything held.")
    raise SystemExit(bool(failed))


def _introduce(client: Client) -> None:
    hello, build = client.admin.command("hello"), client.server_info()
    members = len(hello.get("hosts", ()))
    print(f"MongoDB {build['version']}, replica set {hello.get('setName')} of {members} members")


def _of_ours(client: Client, name: str) -> list[str]:
    """Return the databases that are named after the given one."""
    return [
        each for each in client.list_database_names() if each == name or each.startswith(f"{name}_")
    ]


def _refuse_what_is_there(client: Client, name: str) -> None:
    there = [each for each in _of_ours(client, name) if client[each].list_collection_names()]
    if there:
        raise SystemExit(
            f"MONGO_URI: the database {there[0]} is not empty; name one that does not exist."
        )


def _steps(given: argparse.Namespace, uri: str) -> Iterator[tuple[str, list[str]]]:
    if given.only != "faults":
        yield "the tests", ["-m", "pytest", "-q", *given.tests]
    if given.only != "tests":
        for fault in (*FAULTS, *([ELECTION] if given.elections else [])):
            yield (
                fault,
                ["-m", "tests.faults.laboratory", "--fault", fault, "--times", str(given.times)],
            )


def _passes(what: str, command: list[str], uri: str) -> bool:
    print(f"== {what}", flush=True)
    environment = clean_environment(TESTS_MONGO_URI=uri)
    return not subprocess.run([sys.executable, *command], cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    main()
