"""Every stored field is in the table of docs/security.md: sealed, or in clear with a reason."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyotp
import pytest
from bson import ObjectId, encode
from flask import Flask

from chat import connect
from chat.controllers import (
    accounts,
    administering,
    api_tokens,
    avatars,
    bans,
    bots,
    chat_settings,
    erasing,
    favourites,
    images,
    incoming_webhooks,
    invites,
    memberships,
    messages,
    password_resets,
    preferences,
    profile_changes,
    readings,
    reports,
    retention,
    rooms,
    second_factors,
    sessions,
)
from chat.controllers.commands import running
from chat.controllers.outgoing_webhooks import hooks, results
from chat.controllers.outgoing_webhooks.results import Try
from chat.controllers.pushes import subscriptions
from chat.models import (
    block,
    email_addresses,
    figures,
    mail_outbox,
    mention_index,
    sent_form,
    setup_link,
    text_usage,
    used_states,
)
from chat.models.address_proof import AddressProof
from chat.models.chat_settings import ChatSettings
from chat.models.database import database
from chat.models.database.indexes import INDEXES
from chat.models.document import id_from
from chat.models.halves.collection import add_page
from chat.models.identity import Identity
from chat.models.lease import PUSHES, WEBHOOKS, Lease
from chat.models.log import log_of
from chat.models.passkey import Passkey
from chat.models.peers import active_rooms, presences
from chat.models.preferences import Preferences
from chat.models.prepared_export import PreparedExport
from chat.models.push_delivery import PushDelivery
from chat.models.push_keys import private_key
from chat.models.push_subscription import Target
from chat.models.room_invitation import RoomInvitation
from chat.models.search import indexer
from chat.models.second_factor import SecondFactor
from chat.models.slash_command import CommandCall, SlashCommand
from chat.models.status import Status
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.encryption import FORMAT, FORMAT_WITH_HALF
from chat.utils.hook_payloads import HookMessage
from chat.utils.outward.program import Outcome
from chat.utils.webauthn import Credential
from config import Settings
from tests.helpers.pictures import gradient, written
from tests.helpers.servers import ROOT
from tests.helpers.world import PASSWORD

WRITTEN = [
    "heliotrope",
    "quincunx",
    "zaffre",
    "gamboge",
    "celadon",
]  # what people say, edit, describe, name a topic
NAME = "ultramarine"  # what they call themselves and their rooms
ROW = re.compile(
    r"^\| `([a-z._]+)` \| ((?:`[^`]+`,? ?)+) \| (sealed|in clear: .+|hashed: .+) \|$", re.MULTILINE
)

Table = dict[str, dict[str, str]]  # collection -> field -> what of it


def table() -> Table:
    found: Table = defaultdict(dict)
    for collection, fields, how in ROW.findall((ROOT / "docs/security.md").read_text()):
        for field in re.findall(r"`([^`]+)`", fields):
            assert field not in found[collection], f"{collection}.{field} stands there twice"
            found[collection][field] = how
    return found


def fields_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of all fields of a record.

    `[]` is any item of a list, `*` any name that is a number.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from fields_of(inner, f"{path}.{'*' if name.isdecimal() else name}".lstrip("."))
    elif isinstance(value, list):
        yield (path, value)
        for inner in value:
            if isinstance(inner, dict):
                yield from fields_of(inner, path + "[]")
    else:
        yield (path, value)


def stored() -> Iterator[tuple[str, str, Any]]:
    """Yield (collection, field, value) of everything in the database."""
    for collection in database["meta"].database.list_collection_names():
        for record in database[collection].find():
            for field, value in fields_of(record):
                yield collection, field, value


@pytest.fixture
def used(app: Flask, own_uri: str, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Return a database of its own in which everything was done once."""
    connect(Settings(**{**vars(settings), "secrets_dir": tmp_path}), own_uri, embedded=True)
    with app.app_context():
        use_everything()
        yield


def use_everything() -> None:
    setup_link.new_setup_token()
    alice, bob = (accounts.register(f"{name}-{NAME}", PASSWORD) for name in ("alice", "bob"))
    profile_changes.change_profile(alice, display_name=f"Alice {NAME}", read_receipts=False)
    status = Status("🌴", WRITTEN[1], datetime(2030, 1, 31, tzinfo=UTC))
    profile_changes.change_about(alice, {"status": status, "title": WRITTEN[2], "time_zone": "UTC"})
    usual = asdict(Preferences())
    del usual["dnd_since"]
    preferences.change(alice, **usual)
    hours = {"begin": "22:00", "end": "07:00", "days": [0], "time_zone": "UTC"}
    preferences.change(
        bob,
        email="missed",
        keywords=[WRITTEN[0]],
        quiet_hours=hours,
        dnd_until=datetime(2030, 1, 31, tzinfo=UTC),
    )
    sessions.end(sessions.begin(alice, "a device").session)
    mail_outbox.put(ObjectId(), "a test", f"{WRITTEN[1]}@example.org", WRITTEN[2], alice.id)
    Identity.reserve("https://id.example.org", WRITTEN[2], "acme").note_use()
    used_states.use("a state")
    AddressProof.make(alice.id, f"{WRITTEN[1]}@example.org", "")
    email_addresses.keep_verified(alice.id, f"{WRITTEN[0]}@{WRITTEN[1]}.example")
    mine = rooms.create(alice, name=f"Harbour {NAME}", kind="public", topic=WRITTEN[3])
    room_id = str(mine.room.id)
    RoomInvitation.send(mine.room, bob.id, alice.id, "member").decline()
    RoomInvitation.send(mine.room, ObjectId(), alice.id, "member")
    block.block(alice.id, ObjectId())
    sent_form.begin("a hash")
    sent_form.finish("a hash", f"/rooms/{mine.room.id}")
    invites.make(alice, room_ids=[room_id], note="", max_uses=1, expires_in=60)
    memberships.join(bob, room_id)
    favourites.add(bob, room_id)
    use_push(alice)
    use_webhooks(alice, room_id)
    use_programs(alice, room_id)
    use_exports(alice, room_id)
    rooms.change(alice, room_id, topic=WRITTEN[3] + WRITTEN[4])
    retention.choose(alice, room_id, 30)
    database["rooms"].update_one(
        {"_id": mine.room.id},
        {
            "$set": {
                "kept_from": 1,
                "gone_messages": 0,
                "pins_kept_from": 1,
                "floor_at": now(),
                "erased_to": 0,
                "kept_pins": [ObjectId()],
            }
        },
    )
    with tempfile.TemporaryFile() as picture:
        picture.write(written(gradient(), "PNG"))
        image = images.upload(alice, room_id, picture, WRITTEN[2])
        avatars.change(alice, picture)
    post = {"image_ids": [str(image.id)], "client_id": "c1"}
    first, _ = messages.post(alice, room_id, body=f"@bob-{NAME} @room {WRITTEN[0]}", **post)
    messages.post(
        bob, room_id, body=WRITTEN[0], client_id="c2", image_ids=[], reply_to_id=str(first.id)
    )
    messages.edit(alice, str(first.id), WRITTEN[1])
    messages.react(bob, str(first.id), "👍", on=True)
    messages.pin(alice, str(first.id), on=True)
    reports.make(bob, str(first.id), WRITTEN[2])
    gone, _ = messages.post(alice, room_id, body=WRITTEN[4], client_id="c3", image_ids=[])
    bans.mute(alice, room_id, str(bob.id))
    bans.unmute(alice, room_id, str(bob.id))
    eve = accounts.register(f"eve-{NAME}", PASSWORD)
    bans.ban(alice, room_id, str(eve.id), reason=WRITTEN[0])
    list(indexer.index(mine.room.id))
    messages.delete(alice, str(gone.id))
    list(indexer.index(mine.room.id))
    log_of(mine.room.id)._hints.leave(1)
    readings.mark_read(bob, room_id, 2)
    active_rooms.mark(ObjectId(), for_others=True)
    presences.store({alice.id: "online"})
    text_usage.flush(everything=True)
    figures.flush()
    mention_index.note(first.id, [bob.id])
    database["common_names"].insert_one(
        {"_id": "carol"}
    )  # as namesakes.py notes what twenty people are called
    add_page(7)  # as HALVES=database has them
    rooms.delete(alice, str(rooms.create(alice, name="Grave", kind="private").room.id))
    admin = accounts.create_admin("carol", PASSWORD)
    password_resets.make(admin, str(alice.id))
    administering.change(admin, str(bob.id), username=f"rob-{NAME}")
    administering.change(admin, str(bob.id), deactivated=True)
    (report,) = reports.page(admin, state="open").items
    reports.decide(admin, str(report.report.id), state="closed", note=WRITTEN[3])
    dora = accounts.register(f"dora-{NAME}", PASSWORD)
    erasing.erase(admin, str(dora.id), "erase")
    erasing.finish_erasures()
    for person in (admin, bob):
        factor = SecondFactor.begin(person.id)
        assert factor
        assert factor.confirm(pyotp.TOTP(factor.secret()).now())
        factor.remember()
    second_factors.take_off(bob)
    Passkey.add(alice.id, Credential(b"an id", b"an id and a key", 0), WRITTEN[1]).note_use(1)
    chat_settings.change(admin, name="Harbour office", default_room_ids=[], hides_first_steps=True)
    chat_settings.change(admin, retention_days=0, keeps_pinned=True)
    chat_settings.change(admin, second_factor="administrators", contact="help@example.org")
    ChatSettings.change_icon(ObjectId())


def use_programs(person: User, room_id: str) -> None:
    scopes = frozenset({"read"})
    bots.make(person, f"robby-{NAME}", f"Robby {NAME}", scopes, timedelta(days=1))
    api_tokens.make(person, WRITTEN[1], scopes, None)
    (seen, secret) = incoming_webhooks.make(person, room_id, WRITTEN[2])
    said = HookMessage(WRITTEN[0], WRITTEN[3], None)
    assert incoming_webhooks.admit(secret).id == seen.hook.id
    incoming_webhooks.post(seen.hook, said, said.text, "a key")
    address = f"https://{WRITTEN[0]}.example"
    command = SlashCommand.make(person.id, "deploy", WRITTEN[3], address, "a secret")
    CommandCall.begin(command.id, person.id, id_from(room_id), "c")
    running.run(person, room_id, f"/remind here in 3 days {WRITTEN[1]}", "a command")


def use_exports(person: User, room_id: str) -> None:
    for _ in range(2):
        PreparedExport.make(person.id, id_from(room_id))
    ready, too_large = PreparedExport.claim(), PreparedExport.claim()
    assert ready
    assert ready.renew(1, 1, 2)
    assert ready.finish(BytesIO(WRITTEN[0].encode()), lambda _: None)
    assert too_large
    too_large.fail(is_too_large=True)


def use_push(person: User) -> None:
    session = sessions.begin(person, "a device").session
    target = Target(f"https://push.example.org/{WRITTEN[0]}", "a key", "a secret")
    stored = subscriptions.add(person, session, target)
    private_key()
    assert Lease.acquire(PUSHES)
    posted = {"_id": ObjectId(), "room_id": ObjectId(), "seq": 1, "created_at": now()}
    PushDelivery.store([PushDelivery.of(stored, "mention", posted)])


def use_webhooks(person: User, room_id: str) -> None:
    url = f"https://{WRITTEN[0]}.example.org/{WRITTEN[1]}"
    made = hooks.make(person, room_id, name=WRITTEN[2], url=url, events=["message:posted"])
    answered = Try(made.hook, 1, "message:posted", Outcome(500, said=WRITTEN[3]), 12)
    results.take(answered)
    assert Lease.acquire(WEBHOOKS)


def test_every_stored_field_is_sealed_or_in_clear_for_a_reason(used: None) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for collection, field, _ in stored():
        found[collection].add(field)
    documented = {collection: set(fields) for collection, fields in table().items()}
    assert {
        name: fields - documented.get(name, set())
        for name, fields in found.items()
        if fields - documented.get(name, set())
    } == {}, "say of these in docs/security.md whether they are sealed, or why not"
    assert {
        name: fields - found[name] for name, fields in documented.items() if fields - found[name]
    } == {}, "there are none of these"
    assert set(INDEXES) <= set(documented), "a collection that was not used here"


def test_what_is_said_to_be_sealed_is(used: None) -> None:
    sealed = table()
    found = set()
    for name, field, value in stored():
        where = f"{name}.{field}"
        if sealed[name][field] != "sealed" or value is None:
            continue
        found.add(where)
        assert isinstance(value, bytes), where
        assert value[:1] in (FORMAT, FORMAT_WITH_HALF), where
    assert found == {
        f"{name}.{field}"
        for name in sealed
        for field, how in sealed[name].items()
        if how == "sealed"
    }


def test_what_people_write_is_nowhere_in_clear_and_their_names_only_where_it_is_said(
    used: None,
) -> None:
    for collection in database["meta"].database.list_collection_names():
        for record in database[collection].find():
            for word in WRITTEN:
                assert word.encode() not in encode(record), collection
    names = {f"{name}.{field}" for name, field, value in stored() if NAME in str(value)}
    assert names == {
        "users.username",
        "users.username_key",
        "users.display_name",
        "users.earlier_name.name",
        "users.name_keys",
        "rooms.name",
        "rooms.name_key",
    }
