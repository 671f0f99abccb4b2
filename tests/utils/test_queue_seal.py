"""Messages between processes arrive once, in order, in time, and only from secret holders."""

from __future__ import annotations

import pytest

from chat.utils import queue_seal
from chat.utils.encryption import CannotOpen
from chat.utils.queue_seal import MOST_SENDERS, WINDOW_SECONDS, QueueSeal

SECRET = b"s" * 32


def test_two_processes_understand_each_other() -> None:
    one, other = QueueSeal(SECRET), QueueSeal(SECRET)
    for number in range(3):
        assert other.open(one.seal(b"%d" % number, "chat"), "chat") == b"%d" % number
        assert one.open(other.seal(b"%d" % number, "chat"), "chat") == b"%d" % number


def test_what_was_recorded_is_not_heard_again() -> None:
    one, other = QueueSeal(SECRET), QueueSeal(SECRET)
    recorded = [one.seal(b"deleted", "chat"), one.seal(b"posted", "chat")]
    for message in recorded:
        other.open(message, "chat")
    for message in recorded:
        with pytest.raises(CannotOpen, match="received already"):
            other.open(message, "chat")


def test_nor_in_another_order() -> None:
    one, other = QueueSeal(SECRET), QueueSeal(SECRET)
    first, second = one.seal(b"first", "chat"), one.seal(b"second", "chat")
    assert other.open(second, "chat") == b"second"
    with pytest.raises(CannotOpen, match="overtaken"):
        other.open(first, "chat")
    assert other.open(one.seal(b"third", "chat"), "chat") == b"third", (
        "what was lost holds nobody up"
    )


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1])
def test_nor_at_another_time_by_a_process_that_has_just_started(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    one, now = QueueSeal(SECRET), queue_seal.time.time()
    with monkeypatch.context() as patch:
        patch.setattr(queue_seal.time, "time", lambda: now)
        recorded = one.seal(b"x", "chat")
        patch.setattr(queue_seal.time, "time", lambda: now + seconds)
        with pytest.raises(CannotOpen, match="another time"):
            QueueSeal(SECRET).open(recorded, "chat")
        patch.setattr(queue_seal.time, "time", lambda: now + seconds * 0.9)
        assert QueueSeal(SECRET).open(recorded, "chat") == b"x"


def test_nothing_of_it_can_be_changed() -> None:
    sealed = QueueSeal(SECRET).seal(b"x" * 20, "chat")
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(CannotOpen):
            QueueSeal(SECRET).open(changed, "chat")
    for other, place in ((SECRET, "another chat"), (b"t" * 32, "chat")):
        with pytest.raises(CannotOpen):
            QueueSeal(other).open(sealed, place)
    for length in (0, 40):
        with pytest.raises(CannotOpen):
            QueueSeal(SECRET).open(sealed[:length], "chat")


def test_two_starts_never_use_a_nonce_under_one_key() -> None:
    keys = {QueueSeal(SECRET).seal(b"x", "chat")[:24] for _ in range(100)}
    assert len(keys) == 100


def test_what_is_remembered_of_others_is_bounded() -> None:
    hearing = QueueSeal(SECRET)
    for _ in range(MOST_SENDERS + 10):
        hearing.open(QueueSeal(SECRET).seal(b"x", "chat"), "chat")
    assert len(hearing._senders) == MOST_SENDERS
