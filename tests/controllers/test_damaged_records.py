"""A damaged record stops no job: what can be read is done, and the log names the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from chat.controllers import index_schedule, retention
from chat.controllers.commands import reminders
from chat.controllers.jobs import JOBS
from chat.controllers.outgoing_webhooks import delivering
from chat.controllers.pushes import following, sending
from chat.controllers.retention_preview import plan
from chat.controllers.verification import verify
from chat.models import room_changes
from chat.models.api_token import ApiToken
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.image import Image
from chat.models.log import forget_heads
from chat.models.message import Message
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.outgoing_webhook_sealed import Sealed
from chat.models.push_subscription import PushSubscription, Target
from chat.models.reminder import Content, Reminder
from chat.models.retention import Retention
from chat.models.room import Room
from chat.models.search import indexer
from chat.models.session import Session
from chat.models.user import User
from chat.utils.clock import now
from config import Settings
from tests.helpers.databases import of_its_own
from tests.helpers.rooms import make_room

LONG_AGO = now() - timedelta(days=40)
# Jobs of programs and sockets of this process, which read no records of many rooms or people.
ELSEWHERE = {sending.send_due, delivering.deliver, delivering.keep, following.follow}


@pytest.fixture(autouse=True)
def own(app: Flask, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Use a database of this test's own: no other process works on what is damaged here."""
    with of_its_own(settings, tmp_path_factory.mktemp("secrets")), app.app_context():
        yield


class Pier:
    """A room of alice and bob with an old message, which it no longer keeps."""

    def __init__(self) -> None:
        self.room, people = make_room("alice", "bob")
        self.alice, self.bob = people.values()
        self.message = Message.post(self.room.id, self.bob, "first", "heliotrope")[0]
        old = {"$set": {"created_at": LONG_AGO}}
        database["log"].update_one({"_id": self.message.id}, old)
        forget_heads()
        room_changes.choose_retention(self.room, Retention(30))

    def is_erased(self) -> bool:
        record = database["log"].find_one({"_id": self.message.id})
        return record is not None and "deleted_at" in record

    def lose(self, field: str) -> None:
        database["rooms"].update_one({"_id": self.room.id}, {"$unset": {field: 1}})
        Room.forget(self.room.id)


def skipped(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        str(vars(record)["reason"])
        for record in caplog.records
        if record.getMessage() == "a damaged record was skipped"
    ]


def test_retention_goes_on_behind_a_damaged_room_and_names_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    damaged, whole = Pier(), Pier()
    damaged.lose("topic")
    with caplog.at_level(logging.WARNING):
        assert [room.id for room, _terms, _count in plan()] == [whole.room.id]
        assert retention.keep_terms() == 1
        assert retention.keep_terms() == 0
    assert (damaged.is_erased(), whole.is_erased()) == (False, True)
    assert skipped(caplog) == [f"rooms {damaged.room.id}: it lacks 'topic'"]


def test_verify_names_a_damaged_room_an_entry_and_a_picture_and_goes_on() -> None:
    damaged, half, whole = Pier(), Pier(), Pier()
    damaged.lose("kind")
    database["log"].update_one({"_id": half.message.id}, {"$unset": {"event": 1}})
    image = Image.begin(whole.room.id, whole.bob.id)
    database["images"].update_one({"_id": image}, {"$unset": {"ready": 1}})
    *_, found = verify()
    assert f"rooms {damaged.room.id}: it lacks 'kind'" in found.problems
    assert (
        f"room {half.room.id}: entry 1 is damaged: log {half.message.id}: it lacks 'event'"
        in found.problems
    )
    assert f"image {image}: images {image}: it lacks 'ready'" in found.problems
    assert (found.rooms, found.entries) == (3, 3)


def test_reindexing_goes_on_behind_a_damaged_entry() -> None:
    damaged, whole = Pier(), Pier()
    database["log"].update_one({"_id": damaged.message.id}, {"$unset": {"event": 1, "ordinal": 1}})
    *_, progress = index_schedule.reindex()
    assert (progress.rooms, len(progress.problems)) == (2, 1)
    assert str(damaged.room.id) in progress.problems[0]
    assert not indexer.behind({whole.room.id: 1})


def test_bob_is_reminded_although_another_reminder_is_damaged() -> None:
    pier = Pier()
    for number in range(2):
        content = Content("Reminder", f"tea {number}")
        Reminder.make(pier.bob.id, pier.room.id, f"r{number}", now(), content)
    first = database["reminders"].find_one({})
    assert first
    database["reminders"].update_one({"_id": first["_id"]}, {"$unset": {"sealed": 1}})
    assert reminders.deliver_due() == 1
    assert [each["_id"] for each in database["reminders"].find({})] == [first["_id"]]


def furnish(pier: Pier) -> None:
    """Let there be one record of whatever jobs read."""
    session = Session.begin(pier.bob.id, "device")
    target = Target("https://push.example/1", "p256dh", "auth")
    PushSubscription.store(pier.bob.id, session.id, target, "en")
    ApiToken.make(pier.bob.id, "robby", frozenset({"read"}), now() - timedelta(seconds=30))
    Reminder.make(pier.bob.id, pier.room.id, "r", now(), Content("Reminder", "tea"))
    opened = Sealed("robby", "https://hooks.example/1", "whsec_x")
    OutgoingWebhook.make(pier.room.id, pier.bob.id, ["message:posted"], opened, 0)
    image = Image.begin(pier.room.id, pier.bob.id)
    database["images"].update_one({"_id": image}, {"$set": {"created_at": LONG_AGO}})
    Room.prepare("private", "x", "").open()


def damages() -> Iterator[tuple[str, Record, str]]:
    """Yield each collection, its first record, and a field that this loses."""
    for name in database["rooms"].database.list_collection_names():
        if name in ("meta", "roots"):  # of the chat itself: without them nothing starts
            continue
        record = database[name].find_one({})
        for field in record or ():
            if field != "_id":
                yield name, record or {}, field


def forget(record_id: object) -> None:
    if isinstance(record_id, Id):
        Room.forget(record_id)
        User.forget(record_id)
    forget_heads()


def test_no_job_ends_at_a_record_that_lost_any_of_its_fields() -> None:
    furnish(Pier())
    failures = []
    for name, record, field in list(damages()):
        same = {"_id": record["_id"]}
        database[name].update_one(same, {"$unset": {field: 1}})
        forget(record["_id"])
        for job, _seconds in JOBS:
            if job in ELSEWHERE:
                continue
            try:
                job()
            except Exception as error:  # noqa: BLE001
                failures.append((job.__module__, job.__name__, name, field, repr(error)))
        database[name].replace_one(same, record, upsert=True)
        forget(record["_id"])
    assert failures == []
