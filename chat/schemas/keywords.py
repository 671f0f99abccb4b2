"""Define the field for keywords."""

from __future__ import annotations

from typing import Any

from chat.models.keywords import LONGEST, MOST, SHORTEST, phrase
from chat.schemas.fields import ListOf
from chat.schemas.text_fields import Line
from chat.utils.folding import fold
from chat.utils.sentences import Later
from chat.utils.translation import _


class Keyword(Line):
    """A word, or a few, that a message may have."""

    def __init__(self, **options: Any):
        super().__init__(SHORTEST, LONGEST, **options)

    def _clean(self, text: str) -> str:
        cleaned = " ".join(super()._clean(text).split())
        if cleaned and phrase(cleaned) is None:
            raise ValueError(_("A keyword needs a letter, a digit or an emoji."))
        return cleaned


class Keywords(ListOf):
    """Up to MOST keywords; each counts once, however it is written."""

    def __init__(self, **options: Any):
        error = Later("Use at most {most} keywords.", most=MOST)
        super().__init__(Keyword(), 0, MOST, error=error, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        found: list[str] = super()._deserialize(value, attr, data, **options)
        once = {fold(keyword): keyword for keyword in reversed(found)}
        return [keyword for keyword in found if once[fold(keyword)] is keyword]
