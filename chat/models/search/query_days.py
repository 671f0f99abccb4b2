"""Join the words of a day after `on:` and its like, which people type without quotation marks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chat.models.search.query_parts import Part
from chat.utils.days import days_of

DAY_FILTERS = ("after", "before", "on", "during")


def with_days_joined(parts: list[Part], today: date) -> list[Part]:
    """Return the parts, with `on:31 Jan 2026` as one part.

    If the words after a filter such as `before:` are not a day, they remain words.
    """
    found: list[Part] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        following = parts[at + 1 : at + 3]
        at += 1
        if part.name in DAY_FILTERS and not part.is_quoted:
            for count in range(len(following), 0, -1):
                text = " ".join([part.text, *(each.text for each in following[:count])])
                if not any(
                    each.name or each.is_quoted or each.left_out for each in following[:count]
                ) and days_of(text, today):
                    part = replace(part, text=text)
                    at += count
                    break
            if part.is_apart and days_of(part.text, today) is None:
                found.append(Part(part.name))
                part = Part(part.text)
        found.append(part)
    return found
