"""Receipts that wait for their second, and people who read on meanwhile."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.controllers import broadcasts, receipts
from chat.models.document import Id
from tests.helpers.rooms import make_room


def test_who_reads_on_while_the_receipt_of_another_one_is_told_is_told_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, people = make_room("alice", "bob")
    alice, bob = people.values()
    told: list[tuple[Id, int]] = []

    def read_by(_: Id, user_id: Id, seq: int) -> None:
        told.append((user_id, seq))
        if len(told) == 3:
            receipts.emit(bob, room.id, 3)

    monkeypatch.setattr(broadcasts, "read_by", read_by)
    monkeypatch.setattr(receipts, "_emitted_at", {})
    monkeypatch.setattr(receipts, "_delayed", {})
    for seq in (1, 2):
        for reader in (alice, bob):
            receipts.emit(reader, room.id, seq)
    assert told == [(alice.id, 1), (bob.id, 1)]
    monkeypatch.setattr(receipts, "EMIT_AGAIN_SECONDS", 0.0)
    receipts.emit_delayed()
    assert told[2:] == [(alice.id, 2), (bob.id, 3)]
