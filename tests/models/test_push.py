"""The push lease and deliveries: one process at a time, and each decision once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from chat import connect
from chat.models import push_keys
from chat.models.database import database
from chat.models.document import new_id
from chat.models.key_ring import key_ring
from chat.models.lease import PUSHES, Lease
from chat.models.log.posted_since import rooms_posted_in
from chat.models.push_delivery import PushDelivery
from chat.models.push_subscription import PushSubscription, Target
from chat.utils.clock import now
from config import Settings
from tests.helpers.databases import IS_EMBEDDED

TARGET = Target("https://push.example.org/send/1", "a key", "a secret")


@pytest.fixture
def own(app: Flask, own_uri: str, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    mine = dataclasses.replace(settings, secrets_dir=tmp_path, mongo_uri=own_uri)
    connect(mine, own_uri, embedded=IS_EMBEDDED)
    with app.app_context():
        yield mine


def end_lease() -> None:
    database["meta"].update_one({"_id": PUSHES}, {"$set": {"until": now() - timedelta(seconds=1)}})


def test_one_process_has_the_lease_and_the_next_one_begins_where_it_ended(own: Settings) -> None:
    first = Lease.acquire(PUSHES)
    assert first
    assert Lease.acquire(PUSHES) is None
    reached = now()
    assert first.renew(reached)
    end_lease()
    second = Lease.acquire(PUSHES)
    assert second
    assert second.followed_to == reached
    assert not first.renew(), "who slept finds that another one took over"
    second.release()
    assert Lease.acquire(PUSHES)


def test_a_lease_from_a_clock_that_is_far_ahead_is_no_lease(own: Settings) -> None:
    assert Lease.acquire(PUSHES)
    database["meta"].update_one({"_id": PUSHES}, {"$set": {"until": now() + timedelta(hours=1)}})
    assert Lease.acquire(PUSHES)


def test_what_is_decided_twice_is_delivered_once(own: Settings) -> None:
    stored = PushSubscription.store(new_id(), new_id(), TARGET, "en")
    posted = {"_id": new_id(), "room_id": new_id(), "seq": 1, "created_at": now()}
    other = {**posted, "_id": new_id(), "seq": 2}
    PushDelivery.store([PushDelivery.of(stored, "mention", posted)])
    (due,) = PushDelivery.due(10)
    PushDelivery.end([due.id])
    PushDelivery.store([PushDelivery.of(stored, "mention", each) for each in (posted, other)])
    assert [each.message_id for each in PushDelivery.due(10)] == [other["_id"]]


def test_what_is_delayed_is_due_later(own: Settings) -> None:
    stored = PushSubscription.store(new_id(), new_id(), TARGET, "en")
    posted = {"_id": new_id(), "room_id": new_id(), "seq": 1, "created_at": now()}
    PushDelivery.store([PushDelivery.of(stored, "direct", posted)])
    (due,) = PushDelivery.due(10)
    PushDelivery.delay([(due.id, timedelta(hours=1))])
    assert PushDelivery.due(10) == []
    PushDelivery.delay([(due.id, timedelta(seconds=-1))])
    assert PushDelivery.due(10)[0].tries == 2


def test_the_rooms_in_which_something_was_posted_since_a_moment_are_found(own: Settings) -> None:
    before, after = new_id(), new_id()
    earlier = {"room_id": before, "seq": 1, "author_id": new_id(), "client_id": "a"}
    database["log"].insert_one(earlier | {"_id": new_id()})
    since = now() + timedelta(hours=1)
    stamp = int((since + timedelta(seconds=1)).timestamp() * 65_536).to_bytes(6, "big")
    later = type(before)(stamp + bytes(6))
    database["log"].insert_one(earlier | {"_id": later, "room_id": after})
    assert rooms_posted_in(since) == [after]
    assert set(rooms_posted_in(now() - timedelta(hours=1))) == {before, after}


def test_another_secret_key_ends_no_subscription(own: Settings) -> None:
    stored = PushSubscription.store(new_id(), new_id(), TARGET, "en")
    key = push_keys.application_key()
    rotated = dataclasses.replace(
        own,
        secret_key="another secret key of enough characters",
        secret_keys_retired=(own.secret_key,),
    )
    assert rotated.mongo_uri
    connect(rotated, rotated.mongo_uri, embedded=IS_EMBEDDED)
    list(key_ring.rotate())
    without = dataclasses.replace(rotated, secret_keys_retired=())
    connect(without, rotated.mongo_uri, embedded=IS_EMBEDDED)
    push_keys._known.clear()
    assert push_keys.application_key() == key
    assert stored.target() == TARGET
