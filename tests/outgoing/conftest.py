"""A chat that may reach the receiver of these tests, on a database of its own.

On the common database another test's server could be the one that delivers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pymongo import MongoClient

from chat import connect
from chat.models.document import new_id
from config import Settings
from tests.helpers.servers import Server, new_chat
from tests.helpers.webhook_receiver import NETWORK, Receiver
from tests.helpers.world import World


@pytest.fixture(scope="package")
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture(scope="module")
def own_settings(
    app: Flask, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Return the settings of the chat, whose database this process is connected to as well."""
    assert settings.mongo_uri
    uri = settings.mongo_uri.replace("/chat?", f"/chat_{new_id()}?")
    secrets = tmp_path_factory.mktemp("secrets")
    own = dataclasses.replace(settings, mongo_uri=uri, secrets_dir=secrets)
    connect(own, uri, embedded=True)
    yield own
    with MongoClient[dict[str, object]](uri) as client:
        client.drop_database(client.get_default_database())
    connect(settings, settings.mongo_uri, embedded=True)


@pytest.fixture(scope="module")
def chat(own_settings: Settings, folder: Path) -> Iterator[Server]:
    variables = {"WEBHOOK_NETWORKS": NETWORK, "SECRETS_DIR": str(own_settings.secrets_dir)}
    with new_chat(folder, own_settings.mongo_uri, **variables) as running:
        yield running
    assert not running.errors()


@pytest.fixture
def here(app: Flask, chat: Server) -> Iterator[World]:
    with app.app_context():
        world = World(chat)
        yield world
        world.hang_up()
