"""Say sentences in the reader's language.

English sentences are the keys of the catalogues, `translations/<language>/LC_MESSAGES/chat.po`
(docs/languages.md). A sentence without a translation stays English. `{name}` is a placeholder:

    _("Messages in {room}", room=room.name)
    ngettext("{count} member", "{count} members", count)
    pgettext("verb", "Pin")        # an English word with several meanings
    N_("Sign in to continue.")     # of sentences.py: marks a constant, for `said`

Templates and scripts have the same functions; templates are translated when they are compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from markupsafe import escape

from chat.utils.sentences import Later

FOLDER = Path(__file__).parent.parent / "translations"
ENGLISH = "en"
SCRIPTS = "chat/static/js/"

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


@dataclass(frozen=True)
class Translations:
    """A language's sentences by their keys: `key_of`."""

    texts: dict[str, str] = field(default_factory=dict)
    plurals: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by the singular's key
    plural_index: Callable[[int], int] = lambda count: int(count != 1)
    of_scripts: frozenset[str] = frozenset()  # the keys that scripts use


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages, English first."""
    return (ENGLISH, *sorted(path.parents[1].name for path in FOLDER.glob("*/LC_MESSAGES/chat.po")))


@cache
def translations(language: str) -> Translations:
    """Return the sentences of a language. English has none: its keys are its sentences."""
    if language == ENGLISH:
        return Translations()
    catalogue = read_catalogue(FOLDER / language / "LC_MESSAGES/chat.po", language)
    texts, plurals, of_scripts = {}, {}, set()
    for message in catalogue:
        if not message.id or not message.string:
            continue
        single = message.id if isinstance(message.id, str) else message.id[0]
        key = key_of(single, message.context or "")
        if isinstance(message.string, str):
            texts[key] = message.string
        elif all(message.string):
            plurals[key] = tuple(message.string)
        if any(place.startswith(SCRIPTS) for place, _line in message.locations):
            of_scripts.add(key)
    return Translations(texts, plurals, c2py(catalogue.plural_expr), frozenset(of_scripts))


def read_catalogue(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def use(language: str) -> None:
    """Speak `language`, one of `languages()`, until the end of this request or event."""
    _current.set(language)


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Speak `language` for as long as the context lasts: to somebody who does not ask now."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    return _current.get()


def key_of(sentence: str, context: str = "") -> str:
    return f"{context}\x04{sentence}" if context else sentence


def _(sentence: str, **values: object) -> str:
    """Return the sentence in the reader's language, with `values` in its placeholders."""
    return filled(translations(current()).texts.get(sentence, sentence), values)


def pgettext(context: str, sentence: str, **values: object) -> str:
    """Return a sentence that `context` distinguishes from one of the same English words."""
    text = translations(current()).texts.get(key_of(sentence, context), sentence)
    return filled(text, values)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of a sentence that `count` needs, which it may name as `{count}`."""
    known = translations(current())
    forms = known.plurals.get(one)
    text = forms[known.plural_index(count)] if forms else (one if count == 1 else many)
    return filled(text, {"count": count, **values})


def said(text: str) -> str:
    """Return what `N_` or `Later` marked in the reader's language; another text as it is."""
    return _(text.sentence, **text.values) if isinstance(text, Later) else _(text)


def filled(text: str, values: dict[str, object]) -> str:
    """Return `text` with its placeholders filled; as markup if a value is markup."""
    if not values:
        return text
    if any(hasattr(value, "__html__") for value in values.values()):
        return escape(text).format(**values)
    return text.format(**values)
