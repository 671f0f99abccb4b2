"""The database of the tests: an embedded one, or what TESTS_MONGO_URI names.

deploy/prove-database sets that variable. Every database that the tests make on it has a name that
begins with the one in the address.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient

from chat import connect
from chat.models.app_account import APP_ACCOUNT
from chat.models.document import new_id
from chat.models.user import User
from config import Settings

GIVEN = os.environ.get("TESTS_MONGO_URI", "")
IS_EMBEDDED = not GIVEN


def another(uri: str) -> str:
    """Return the address of a new database beside the one of `uri`."""
    parts = urlsplit(uri)
    return parts._replace(path=f"{parts.path}_{new_id()}").geturl()


def drop(uri: str) -> None:
    with MongoClient[dict[str, Any]](uri) as client:
        client.drop_database(client.get_default_database())


class GivenDatabase:
    """A database of TESTS_MONGO_URI, in place of an embedded one."""

    def __init__(self) -> None:
        self.uri = another(GIVEN)

    def start(self) -> GivenDatabase:
        return self

    def stop(self) -> None:
        drop(self.uri)


@contextlib.contextmanager
def of_its_own(settings: Settings, secrets_dir: Path) -> Iterator[None]:
    """Connect to a database that no other process works on; afterwards to the usual one."""
    assert settings.mongo_uri
    uri = another(settings.mongo_uri)
    connect(replace(settings, secrets_dir=secrets_dir), uri, embedded=IS_EMBEDDED)
    User.forget(APP_ACCOUNT)  # it has the same id in each chat
    yield
    drop(uri)
    connect(settings, settings.mongo_uri, embedded=IS_EMBEDDED)
    User.forget(APP_ACCOUNT)
