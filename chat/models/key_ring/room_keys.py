"""RoomKeys: the keys of one room or person, ready for use."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat.models.halves import halves
from chat.utils.encryption import SealingKey, half_number_of, joined


@dataclass(frozen=True)
class RoomKeys:
    """A room's data key, which seals its texts, and index key, which fingerprints their words.

    `raw` is the data key itself.
    """

    data: SealingKey
    index: bytes
    raw: bytes = field(repr=False)

    def with_half(self, number: int | None, place: str) -> RoomKeys:
        """Return the keys of a message, image or avatar, which has a half of its own.

        Nobody can compute these keys once that half or the room's half is destroyed. `number`: the
        half's number; None for data that a version without halves sealed. Raises Destroyed,
        CannotOpen, which name `place`.
        """
        if number is None:
            return self
        data, index = joined(self.raw, halves.of(number, place))
        return RoomKeys(SealingKey(self.data.id, data, number), index, data)

    def open(self, sealed: bytes, place: str) -> bytes:
        """Open data sealed at `place`, with the half that the data names.

        Raises Destroyed, CannotOpen.
        """
        return self.with_half(half_number_of(sealed, place), place).data.open(sealed, place)
