"""Mark sentences that are said later, in the language of then: `said` in translation.py."""

from __future__ import annotations

from typing import Self


def N_(sentence: str) -> str:  # noqa: N802  the name that extractors know
    """Return a constant sentence as it is, marked for the catalogues."""
    return sentence


class Later(str):
    """A sentence with the values of its placeholders; as a text, it is English."""

    __slots__ = ("sentence", "values")
    sentence: str
    values: dict[str, object]

    def __new__(cls, sentence: str, **values: object) -> Self:
        made = super().__new__(cls, sentence.format(**values))
        made.sentence = sentence
        made.values = values
        return made

    def format(self, *_args: object, **_values: object) -> Self:
        """Return itself: marshmallow formats the texts of errors."""
        return self
