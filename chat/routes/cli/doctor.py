"""The command that checks every part of the chat."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat import VERSION, extensions
from chat.controllers import mails, storage
from chat.models.database import DatabaseError, database
from chat.models.database.indexes import INDEXES
from chat.models.key_ring import key_ring
from chat.models.migrations import SCHEMA_VERSION
from chat.realtime import QueueAway
from chat.realtime.descriptors import most_sockets
from chat.routes.cli.answer import Answer, command

FEW_SOCKETS = 500  # a connected person has two or three


@dataclass(frozen=True)
class Part:
    """A part of the chat: its state for people, facts for programs, and its fault, if any."""

    name: str
    state: str
    facts: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@command("doctor")
def doctor(answer: Answer) -> None:
    """Check every part of the chat.

    Checks the database, its indexes, the queue, the mail server, the keys, the disk, and how many
    sockets can be open.
    """
    settings = extensions.settings()
    parts = [
        _check_database(),
        _check_queue(),
        _check_mail(),
        _check_keys(),
        _check_disk(),
        _check_sockets(),
    ]
    problems = [problem for part in parts for problem in part.problems]
    lines = [f"{part.name:10} {part.state}" for part in parts]
    lines += [f"problem    {problem}" for problem in problems] or ["No problems found."]
    answer.give(
        "\n".join(lines),
        ok=not problems,
        problems=problems,
        version=VERSION,
        data_dir=settings.data_dir if database.embedded else None,
        public_url=settings.public_url,
        registration=settings.registration,
        workers=settings.workers,
        **{part.name: part.facts for part in parts if part.facts},
    )


def _check_database() -> Part:
    database.ping()
    state = str(database.address)
    if database.embedded:
        state += " (embedded)"
    facts: dict[str, object] = {
        "address": database.address,
        "embedded": database.embedded,
        "schema_version": SCHEMA_VERSION,
    }
    problems = [
        f"indexes of {name} are missing"
        for name, indexes in INDEXES.items()
        if indexes and len(list(database[name].list_indexes())) <= len(indexes)
    ]
    return Part("database", state, facts, problems)


def _check_queue() -> Part:
    try:
        extensions.socketio.ping_queue()
    except QueueAway as error:
        problem = (
            f"REDIS_URL: Redis does not answer ({error}), so processes learn of each other's "
            "changes only every few seconds"
        )
        return Part("queue", "does not answer", problems=[problem])
    if extensions.settings().redis_url:
        return Part("queue", "answers")
    return Part("queue", "none, which is enough for one process")


def _check_mail() -> Part:
    server = extensions.settings().mail_server
    if server is None:
        return Part("mail", "none: without SMTP_URL the chat sends no mails")
    address = f"{server.host}:{server.port}"
    facts: dict[str, object] = {"server": address, "tls": server.tls, "sender": server.sender}
    if refusal := mails.check():
        problem = f"SMTP_URL: {address} takes no mails ({refusal.reason})"
        return Part("mail", "refused", facts, [problem])
    return Part("mail", f"{address} takes mails from {server.sender}", facts)


def _check_keys() -> Part:
    retired = len(extensions.settings().secret_keys_retired)
    needs_retired = key_ring.needs_retired()
    state = "decrypt the data"
    if retired and needs_retired:
        state += "; some need SECRET_KEYS_RETIRED until rotate-keys has run"
    elif retired:
        state += "; you may remove SECRET_KEYS_RETIRED"
    facts: dict[str, object] = {
        "proved": True,
        "retired": retired,
        "needs_retired": needs_retired,
    }
    return Part("keys", state, facts)


def _check_disk() -> Part:
    try:
        free = storage.free_bytes()
    except DatabaseError:  # the database may not permit our user to ask
        free = None
    if free is None:
        return Part("disk", "unknown to the database", {"free_bytes": None})
    problems = []
    if storage.is_low(free):
        least = extensions.settings().free_disk_bytes
        problems.append(
            f"only {free // 1_000_000} MB are free on the database's disk; "
            f"below {least // 1_000_000} MB nobody can write"
        )
    return Part("disk", f"{free // 1_000_000} MB free", {"free_bytes": free}, problems)


def _check_sockets() -> Part:
    sockets = most_sockets()
    problems = []
    if sockets < FEW_SOCKETS:
        problems.append(
            f"only {sockets} sockets can be open at once: raise the hard limit of open files"
        )
    state = f"{sockets} at once, by the limit of this command; the chat logs its own"
    return Part("sockets", state, {"most": sockets}, problems)
