"""Changes in the log: decided in log order, applied once, never lost.

Each test plays an interleaving. Two Messages of one id, on two RoomLogs of one room, represent
two processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from chat.models import log as logs
from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.halves import halves
from chat.models.log import log_of
from chat.models.log.applying import ChangeApplier
from chat.models.log.drafts import Change
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.changeable import Entry
from chat.models.reading import Recent
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, NotFound, Unavailable, ValidationFailed
from tests.helpers.rooms import make_room
from tests.models.processes import log_elsewhere


class Place:
    """A room with alice and bob, and one message by bob."""

    def __init__(self) -> None:
        self.room, people = make_room("alice", "bob")
        self.alice, self.bob = people["alice"], people["bob"]
        self.message, _ = Message.post(self.room.id, self.bob, "c1", "the first version")

    @property
    def record(self) -> Record:
        record = database["log"].find_one({"_id": self.message.id})
        assert record
        return record

    def events(self) -> list[tuple[int, str]]:
        found = database["log"].find({"room_id": self.room.id})
        return sorted((record["seq"], record["event"]) for record in found)


@pytest.fixture
def place(app: Flask) -> Place:
    return Place()


@pytest.fixture
def as_another_process(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the models see every room like a process with empty caches from now on."""

    def begin() -> None:
        monkeypatch.setattr(logs, "_logs", {})

    return begin


def now_reads(place: Place) -> Message:
    found = Message.find(place.message.id)
    assert found
    return found


def test_an_edit_is_one_entry_and_keeps_who_when_and_the_earlier_versions(place: Place) -> None:
    edited = place.message.edit(place.bob, "the second").message
    assert (edited.text.body, edited.version, edited.seq) == ("the second", 2, 1)
    assert edited.edited_at
    edited.edit(place.bob, "the third")
    assert [version.body for version in place.message.versions()[0]] == [
        "the first version",
        "the second",
        "the third",
    ]
    assert place.events() == [(1, "message:posted"), (2, "message:edited"), (3, "message:edited")]
    assert Message.page(place.room.id).messages[0].text.body == "the third"


def test_who_reads_what_another_process_wrote_lets_it_in_between_its_inserts(
    place: Place, as_another_process: Any
) -> None:
    log = log_of(place.room.id)
    place.message.edit(place.bob, "the second")
    assert log._appender._next_may_follow_at_once()
    as_another_process()
    place.message.edit(place.bob, "the third")
    log.change(place.bob.id, place.message.id, lambda _: None)
    assert not log._appender._next_may_follow_at_once()


def test_what_changes_nothing_appends_nothing_so_a_retry_is_safe(place: Place) -> None:
    for _ in range(3):
        place.message.edit(place.bob, "edited")
        place.message.react(place.alice, "👍", on=True)
        place.message.pin(place.alice, on=True)
    for _ in range(3):
        assert place.message.delete(place.bob, "member").message.version == 5
    assert [event for _, event in place.events()] == [
        "message:posted",
        "message:edited",
        "message:reacted",
        "message:pinned",
        "message:deleted",
    ]


def test_only_its_author_edits_and_the_author_or_a_moderator_deletes(place: Place) -> None:
    with pytest.raises(Forbidden):
        place.message.edit(place.alice, "put into bob's mouth")
    with pytest.raises(Forbidden):
        place.message.delete(place.alice, "member")
    assert place.message.delete(place.alice, "moderator").message.deleted_at
    with pytest.raises(Conflict):
        place.message.edit(place.bob, "too late")
    with pytest.raises(Conflict):
        place.message.react(place.bob, "👍", on=True)
    with pytest.raises(Conflict):
        place.message.pin(place.alice, on=True)


def test_an_edit_to_nothing_is_refused(place: Place) -> None:
    with pytest.raises(ValidationFailed):
        place.message.edit(place.bob, "")


def test_a_deleted_text_is_nowhere_any_more(place: Place) -> None:
    place.message.edit(place.bob, "edited")
    place.message.react(place.alice, "🎉", on=True)
    answer, _ = Message.post(place.room.id, place.alice, "c2", "an answer", (), place.message.id)
    assert answer.reply_to
    assert answer.reply_to.excerpt == "edited"
    place.message.delete(place.bob, "member")
    kept = list(
        database["log"].find(
            {"room_id": place.room.id, "seq": {"$lte": 5}, "author_id": place.bob.id}
        )
    )
    assert len(kept) == 3
    for record in kept:
        assert (
            not {"text", "original", "reaction", "reactions", "images", "fingerprint", "mentions"}
            & record.keys()
        )
    again = Message.find(answer.id)
    assert again
    assert again.reply_to
    assert again.reply_to.excerpt == ""
    assert place.message.versions() == ([], None)
    entries = Message.entries(log_of(place.room.id).entries(0, 5))
    assert [
        (entry.event, entry.message.text.body)
        for entry in entries
        if entry.message.id == place.message.id
    ] == [
        ("message:posted", ""),
        ("message:edited", ""),
        ("message:reacted", ""),
        ("message:deleted", ""),
    ]


def test_a_retry_of_the_send_after_a_deletion_gets_the_tombstone_and_after_an_edit_the_edited(
    place: Place,
) -> None:
    place.message.edit(place.bob, "edited")
    again, is_new = Message.post(place.room.id, place.bob, "c1", "the first version")
    assert (again.id, again.text.body, is_new) == (place.message.id, "edited", False)
    place.message.delete(place.bob, "member")
    tombstone, is_new = Message.post(place.room.id, place.bob, "c1", "the first version")
    assert (tombstone.id, bool(tombstone.deleted_at), is_new) == (place.message.id, True, False)


def crash_before_applying(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise AutoReconnect("the process died here")

    monkeypatch.setattr(ChangeApplier, "_write", die)


@pytest.fixture
def left_unapplied(place: Place, as_another_process: Any) -> Iterator[Place]:
    """Put bob's edit into the log; its process died before applying it."""
    with pytest.MonkeyPatch.context() as patch:
        crash_before_applying(patch)
        with pytest.raises(AutoReconnect):
            place.message.edit(place.bob, "edited")
    assert place.record["applied_seq"] == 0
    as_another_process()
    yield place


def test_a_crash_between_append_and_apply_is_seen_by_no_reader(left_unapplied: Place) -> None:
    page = Message.page(left_unapplied.room.id)
    assert [message.text.body for message in page.messages] == ["edited"], (
        "a page is never older than the head that it states"
    )
    assert page.head_seq == 2
    assert left_unapplied.record["applied_seq"] == 2, "and mended by who reads it"


def test_a_crash_between_append_and_apply_is_mended_by_the_next_change(
    left_unapplied: Place,
) -> None:
    assert (
        left_unapplied.message.react(left_unapplied.alice, "👍", on=True).message.text.body
        == "edited"
    )
    assert left_unapplied.record["applied_seq"] == 3


def test_the_same_edit_again_after_the_crash_appends_nothing(left_unapplied: Place) -> None:
    assert left_unapplied.message.edit(left_unapplied.bob, "edited").message.version == 2
    assert len(left_unapplied.events()) == 2


def test_catch_up_is_never_older_than_its_entries_after_a_crash(left_unapplied: Place) -> None:
    log = log_of(left_unapplied.room.id)
    found: list[Entry] = Message.entries(log.entries(1, log.head().seq))
    assert [(entry.event, entry.message.text.body, entry.message.version) for entry in found] == [
        ("message:edited", "edited", 2)
    ]


def test_an_entry_is_never_older_than_itself_for_a_reader_who_did_not_follow_the_head(
    left_unapplied: Place,
) -> None:
    found: list[Entry] = Message.entries(log_of(left_unapplied.room.id).entries(1, 2))
    assert [(entry.event, entry.message.text.body, entry.message.version) for entry in found] == [
        ("message:edited", "edited", 2)
    ]


def test_an_unapplied_deletion_is_kept_from_every_reader_and_finished_by_the_first(
    place: Place, as_another_process: Any
) -> None:
    place.message.edit(place.bob, "edited")
    with pytest.MonkeyPatch.context() as patch:
        crash_before_applying(patch)
        with pytest.raises(AutoReconnect):
            place.message.delete(place.bob, "member")
    as_another_process()
    assert Message.page(place.room.id).messages[0].text.body == ""
    assert all("text" not in record for record in database["log"].find({"room_id": place.room.id}))


def test_a_crash_in_the_middle_of_a_deletion_is_finished(
    place: Place, as_another_process: Any
) -> None:
    place.message.edit(place.bob, "edited")
    with pytest.MonkeyPatch.context() as patch:

        def die(*_: Any, **__: Any) -> None:
            raise AutoReconnect("the process died after blanking the edit")

        patch.setattr(type(database["log"]), "replace_one", die)
        with pytest.raises(AutoReconnect):
            place.message.delete(place.bob, "member")
    as_another_process()
    assert Message.page(place.room.id).messages[0].deleted_at
    assert all("text" not in record for record in database["log"].find({"room_id": place.room.id}))


def test_a_change_by_another_process_is_seen_at_once(place: Place) -> None:
    assert Message.page(place.room.id).messages[0].text.body == "the first version", (
        "this process knows the room"
    )
    other = log_elsewhere(place.room.id)

    def decide(record: Record) -> Record:
        keys = Message.keys(place.room.id, place.message.id, Message.half_of(record))
        text = Message.seal_text(
            keys,
            place.room.id,
            place.message.id,
            type(place.message.text)("from elsewhere", "<p>from elsewhere</p>"),
        )
        return {"event": "message:edited", "text": text, "mentions": []}

    with pytest.MonkeyPatch.context() as patch:
        crash_before_applying(patch)
        with pytest.raises(AutoReconnect):
            other.change(place.bob.id, place.message.id, decide)
    assert Message.page(place.room.id).messages[0].text.body == "from elsewhere"


def test_a_change_decided_on_an_old_state_is_decided_again(place: Place) -> None:
    """Between decision and insert another process deletes the message: the edit must not follow."""
    log, deleting = log_of(place.room.id), log_elsewhere(place.room.id)
    real, once = type(database).insert, []

    def insert(this: Any, *arguments: Any, **options: Any) -> Any:
        if not once:
            once.append(True)
            deleting.change(place.bob.id, place.message.id, lambda _: {"event": "message:deleted"})
        return real(this, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(database), "insert", insert)
        with pytest.raises(Conflict):
            place.message.edit(place.bob, "after the deletion")
    assert [event for _, event in place.events()] == ["message:posted", "message:deleted"]
    assert log.head().seq == 2


def test_what_is_answered_as_unchanged_is_so_at_the_head(place: Place) -> None:
    """Another process removed the reaction: adding it is a change, however fresh our cache is."""
    place.message.react(place.alice, "👍", on=True)
    other = log_elsewhere(place.room.id)
    reaction = place.record["reactions"][0]
    off = {
        "event": "message:reacted",
        "reaction": {"key": reaction["key"], "emoji": reaction["emoji"]},
        "on": False,
    }
    other.change(place.alice.id, place.message.id, lambda _: off)
    assert place.message.react(place.alice, "👍", on=True).message.version == 4


def test_many_who_react_at_once_lose_nothing(place: Place) -> None:
    people = [User.register(f"r{new_id()}", "R", "x") for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda user: place.message.react(user, "👍", on=True), people))
        list(pool.map(lambda user: place.message.react(user, "🎉", on=True), people[:6]))
    reactions = {emoji: set(who) for emoji, who in now_reads(place).reactions}
    assert reactions == {"👍": {user.id for user in people}, "🎉": {user.id for user in people[:6]}}
    assert [seq for seq, _ in place.events()] == list(range(1, 20))


def test_the_same_reaction_from_two_devices_at_once_is_one_entry(place: Place) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: place.message.react(place.alice, "👍", on=True), range(8)))
    assert [event for _, event in place.events()] == ["message:posted", "message:reacted"]


def test_a_change_is_not_decided_on_a_record_that_was_read_before_another_was_applied(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(place.room.id)
    held: list[Id] = []
    reads = ChangeApplier._record

    def read_slowly(self: ChangeApplier, message_id: Id) -> Record:
        record = reads(self, message_id)
        if held:
            self.apply(held.pop())
        return record

    log._appender.append_change(
        Change(
            place.bob.id,
            new_id().binary.hex(),
            place.message.id,
            lambda _: {"event": "message:deleted"},
        )
    )
    assert place.record["applied_seq"] == 0
    monkeypatch.setattr(ChangeApplier, "_record", read_slowly)
    held.append(place.message.id)
    with pytest.raises((NotFound, Conflict)):
        place.message.edit(place.bob, "nobody is to find this in the log")
    assert [event for _, event in place.events()] == ["message:posted", "message:deleted"]


def test_who_read_a_message_before_a_change_was_applied_is_shown_the_change(place: Place) -> None:
    log = log_of(place.room.id)
    place.message.react(place.alice, "👍", on=True)
    before = place.record
    log._appender.append_change(
        Change(
            place.bob.id,
            new_id().binary.hex(),
            place.message.id,
            lambda _: {"event": "message:pinned", "on": True},
        )
    )
    log.apply(place.message.id)
    assert [record["applied_seq"] for record in log.current([before])] == [3]


def test_a_change_that_nobody_was_quicker_than_is_applied_without_reading_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Id] = []
    record = ChangeApplier._record
    monkeypatch.setattr(
        ChangeApplier,
        "_record",
        lambda self, message_id: (reads.append(message_id), record(self, message_id))[1],
    )
    assert place.message.react(place.alice, "👍", on=True).message.reactions == [
        ("👍", [place.alice.id])
    ]
    assert len(reads) == 1, "what it was decided on"
    assert [reaction["user_ids"] for reaction in place.record["reactions"]] == [[place.alice.id]]
    assert place.record["applied_seq"] == 2


def test_a_change_that_is_kept_before_another_one_was_applied_is_applied_with_it(
    place: Place,
) -> None:
    """It also must not overwrite what another process made of both changes meanwhile."""
    log, other = log_of(place.room.id), log_elsewhere(place.room.id)
    with pytest.MonkeyPatch.context() as patch:
        crash_before_applying(patch)
        with pytest.raises(AutoReconnect):
            place.message.react(place.alice, "👍", on=True)
    write = ChangeApplier._write

    def write_late(self: ChangeApplier, record: Record, folded: Record) -> bool:
        if self is log._changes and not late:
            late.append(write(self, record, folded))
            other.change(
                place.bob.id, place.message.id, lambda _: {"event": "message:pinned", "on": True}
            )
            return late[0]
        return write(self, record, folded)

    late: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChangeApplier, "_write", write_late)
        message = place.message.edit(place.bob, "edited").message
    assert late == [False], "its state was not the record's: the reaction was not applied"
    assert (message.text.body, message.reactions, message.version) == (
        "edited",
        [("👍", [place.alice.id])],
        4,
    )
    assert now_reads(place).pinned_at
    assert place.record["applied_seq"] == 4


def test_two_processes_that_apply_at_once_lose_nothing(place: Place) -> None:
    logs_of_two = [log_elsewhere(place.room.id), log_elsewhere(place.room.id)]

    def react(number: int) -> None:
        reaction = Message.seal_reaction(place.record, "👍")
        logs_of_two[number % 2].change(
            new_id(),
            place.message.id,
            lambda _: {"event": "message:reacted", "reaction": reaction, "on": True},
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(react, range(24)))
    assert len(now_reads(place).reactions[0][1]) == 24
    assert place.record["applied_seq"] == 25


def test_a_refused_change_in_a_batch_costs_its_neighbours_nothing(place: Place) -> None:
    def outcome(action: Any) -> str:
        try:
            action()
        except (Forbidden, NotFound) as error:
            return error.code
        return "kept"

    actions: list[Any] = []
    for number in range(6):
        actions.append(
            lambda number=number: Message.post(place.room.id, place.alice, f"n{number}", "between")
        )
        actions.append(lambda: place.message.edit(place.alice, "not mine"))
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(outcome, actions))
    assert found == ["kept", "forbidden"] * 6


def test_a_message_of_another_room_cannot_be_changed_through_this_one(place: Place) -> None:
    other = Room.prepare("private", "x", "")
    with pytest.raises(NotFound):
        log_elsewhere(other.id).change(
            place.bob.id, place.message.id, lambda _: {"event": "message:deleted"}
        )
    with pytest.raises(NotFound):
        log_elsewhere(place.room.id).change(
            place.bob.id, new_id(), lambda _: {"event": "message:deleted"}
        )


def test_a_lost_connection_while_changing_is_unavailable_and_nothing_half_done(
    place: Place,
) -> None:
    with pytest.MonkeyPatch.context() as patch:

        def lost(*_: Any, **__: Any) -> None:
            raise AutoReconnect("gone")

        patch.setattr(type(database), "insert", lost)
        with pytest.raises(Unavailable):
            place.message.edit(place.bob, "edited")
    assert now_reads(place).text.body == "the first version"
    assert place.message.edit(place.bob, "edited").message.version == 2


def test_hints_never_pass_what_is_not_applied(place: Place, as_another_process: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        crash_before_applying(patch)
        with pytest.raises(AutoReconnect):
            place.message.edit(place.bob, "edited")
        patch.setattr(ChangeApplier, "apply_all", lambda _: None)
        for number in range(140):
            log_of(place.room.id).append(draft_of(place, f"d{number}"))
    room = database["rooms"].find_one({"_id": place.room.id})
    assert room
    assert (room["head_hint"] >= 128, room["applied_hint"]) == (True, 1)
    as_another_process()
    assert Message.page(place.room.id, around=1).messages[0].text.body == "edited"


def draft_of(place: Place, client_id: str) -> Any:
    message_id: Id = new_id()
    keys = Message.keys(place.room.id, message_id, halves.take())
    record = {
        "_id": message_id,
        "room_id": place.room.id,
        "event": "message:posted",
        "author_id": place.bob.id,
        "client_id": client_id,
        "applied_seq": 0,
        "fingerprint": b"",
        "text": Message.seal_text(keys, place.room.id, message_id, place.message.text),
        "created_at": place.message.created_at,
    }
    return logs.Draft(place.bob.id, client_id, b"", record)


def test_deleted_messages_are_not_unread_and_own_ones_keep_what_was_read(place: Place) -> None:
    alice, bob = (
        Membership.find(place.room.id, place.alice.id),
        Membership.find(place.room.id, place.bob.id),
    )
    assert alice
    assert bob
    recent = Recent(place.room.id)
    assert recent.reading(alice).unread == 1
    own, _ = Message.post(place.room.id, place.bob, "c2", "and more")
    assert (recent.reading(alice).unread, recent.reading(bob).read_seq) == (2, 2)
    place.message.delete(place.bob, "member")
    assert recent.reading(alice).unread == Recent(place.room.id).reading(alice).unread == 1
    own.delete(place.bob, "member")
    assert recent.reading(alice).unread == Recent(place.room.id).reading(alice).unread == 0
    assert recent.reading(bob).read_seq == 2, (
        "what bob had read stays read, though his message is gone"
    )
