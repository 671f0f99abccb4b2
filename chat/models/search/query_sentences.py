"""What people are told about their query."""

from __future__ import annotations

from collections.abc import Iterator

from chat.models.search.query_parts import Part, no_filter_in
from chat.utils.sentences import N_
from chat.utils.translation import _

NOT_A_DAY = N_(
    "Write a day as 2026-01-31. A month, a year, today, yesterday, monday, november and "
    "31 Jan 2026 work, too. 1/2/2026 is ambiguous."
)


def nothing_left(words: list[Part]) -> str:
    """Return why a query of `words` finds nothing: it has no word to look for."""
    left_out = next((part for part in words if part.left_out), None)
    if left_out is None:
        return _("Enter words to search for.")
    word = f'-"{left_out.text}"' if left_out.is_quoted else f"-{left_out.text}"
    return _(
        "Write what to look for: {word} leaves out what has it. To look for the sign itself, "
        'write "-{text}".',
        word=word,
        text=left_out.text,
    )


def notices_about(words: list[Part]) -> Iterator[str]:
    """Yield what was understood in another way than it may have been meant."""
    for part in words:
        if not part.is_quoted and (name := no_filter_in(part.text)):
            yield _(
                "{name}: is no filter; it was looked for as a word. Filters are from: in: after: "
                "before: on: during: has:",
                name=name,
            )
