"""The database's errors: errors of an operation, and errors that make the chat's start fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConfigurationError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

# The driver's errors that no model expects: the operation failed, or its outcome is unknown.
DatabaseError = PyMongoError


class DataFromNewerProgram(Exception):
    """A newer program than this one wrote the database. The exception's text is one sentence."""


class DataFromOlderProgram(Exception):
    """The data is of an earlier version, and this process must not migrate it."""

    def __init__(self) -> None:
        super().__init__(
            "The data is of an earlier version; start the chat once, which brings it up to date."
        )


class NoChatThere(Exception):
    """The database contains no chat, and this process must not create one.

    The exception's text says so in one sentence.
    """


class RestoreUnfinished(Exception):
    """The database contains a part of a backup. The exception's text says what to do."""


class ChatThere(Exception):
    """The database is not empty, and a backup is restored only into an empty one.

    The exception's text says so in one sentence.
    """


class DatabaseUnreachable(Exception):
    """The database did not answer when the chat started.

    The exception's text is one sentence, without the password of the URI.
    """


def is_own_deadline(error: PyMongoError) -> bool:
    """Return whether an operation ended at our own deadline, while its server was available."""
    return error.timeout and not isinstance(error, ServerSelectionTimeoutError)


@contextmanager
def as_unreachable() -> Iterator[None]:
    """Turn the driver's errors into DatabaseUnreachable, with a sentence for the operator."""
    try:
        yield
    except (ConfigurationError, ValueError) as error:
        raise DatabaseUnreachable(
            f"MONGO_URI: it is not a MongoDB connection string ({error})."
        ) from error
    except OperationFailure as error:
        raise DatabaseUnreachable(
            f"MONGO_URI: the database refused ({(error.details or {}).get('errmsg')})."
        ) from error
    except PyMongoError as error:
        raise DatabaseUnreachable(
            "MONGO_URI: the database does not answer; does it run, is the address right?"
        ) from error
