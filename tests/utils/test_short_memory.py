"""Short memory: never a moment longer than somebody says `forget`."""

from __future__ import annotations

from chat.utils.short_memory import ShortMemory


def test_what_was_read_is_not_read_again() -> None:
    memory: ShortMemory[str, int] = ShortMemory(10)
    reads: list[int] = []
    for _ in range(3):
        assert memory.recall("a", lambda: reads.append(1) or 7) == 7
    assert len(reads) == 1


def test_what_is_forgotten_is_read_again() -> None:
    memory: ShortMemory[str, int] = ShortMemory(10)
    memory.recall("a", lambda: 1)
    memory.forget("a")
    assert memory.recall("a", lambda: 2) == 2


def test_a_value_that_was_being_read_while_it_was_forgotten_is_not_kept() -> None:
    memory: ShortMemory[str, int] = ShortMemory(10)

    def read_while_somebody_revokes() -> int:
        memory.forget("session")
        return 1

    assert memory.recall("session", read_while_somebody_revokes) == 1
    assert memory.recall("session", lambda: 2) == 2


def test_nothing_is_not_remembered() -> None:
    memory: ShortMemory[str, int] = ShortMemory(10)
    assert memory.recall("a", lambda: None) is None
    assert memory.recall("a", lambda: 3) == 3
