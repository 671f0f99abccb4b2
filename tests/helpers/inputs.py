"""Every schema of what the chat accepts."""

from __future__ import annotations

from collections.abc import Iterator

from chat.schemas.base import Input


def every_input(kind: type[Input] = Input) -> Iterator[type[Input]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("chat."):
            yield each
            yield from every_input(each)


INPUTS = sorted(set(every_input()), key=lambda each: each.__name__)
