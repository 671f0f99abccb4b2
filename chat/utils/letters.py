"""Letters: what a mail says, and its form on the way, as plain text and as simple HTML.

The HTML asks for nothing from elsewhere: no pictures, no scripts, no tracking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from markupsafe import Markup, escape

from chat.utils.text import normalize

LONGEST_SUBJECT = 150  # characters
HEADER = re.compile(r"[A-Za-z-]+: [!-~ ]+(\r\n [!-~ ]+)*\Z")  # ASCII; further lines are indented
ENCODED = "=?"  # begins what programs that show mails decode
LONGEST_PLAIN = 60  # characters of a header that is written as it is, in one line
LINK_LIKE = re.compile(r"\S[.\u3002]\w|[/:@]")  # \u3002: a dot, too, in the names of hosts
STYLE = "font: 16px/1.5 sans-serif; max-width: 36em; margin: 1em"


@dataclass(frozen=True)
class Link:
    """A link in a line of its own."""

    label: str
    url: str


@dataclass(frozen=True)
class Items:
    """A list. Each item: a line, and lines below it."""

    items: tuple[tuple[str, tuple[str, ...]], ...]


Part = str | Link | Items


@dataclass(frozen=True)
class Letter:
    """What a mail says. `small`: what stands below it, in small letters."""

    subject: str
    parts: tuple[Part, ...]
    small: tuple[Part, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Envelope:
    """Who sends a letter to whom. `name`: the sender's; `id`: the Message-ID, without brackets."""

    sender: str
    name: str
    to: str
    id: str
    at: datetime
    language: str


def is_link_like(text: str) -> bool:
    """Return whether programs that show mails may make a link of some of a text."""
    return LINK_LIKE.search(normalize("NFKC", text)) is not None


def written(letter: Letter, envelope: Envelope) -> str:
    """Return a letter as lines of ASCII, ready for a mail server.

    Raises ValueError or MessageError for an address that `parsed` would not return.
    """
    mail = EmailMessage(policy=SMTP)
    mail["To"] = Address(addr_spec=envelope.to)
    mail["Date"] = format_datetime(envelope.at)
    mail.set_content(_as_text(letter), cte="quoted-printable")
    mail.add_alternative(_as_html(letter, envelope.language), "html", cte="quoted-printable")
    return _headers(letter, envelope) + mail.as_string()


def _headers(letter: Letter, envelope: Envelope) -> str:
    """Return the headers that are written here.

    The library would break long addresses, and decode what people chose as a name.
    """
    headers = {
        "Message-ID": f"<{envelope.id}>",
        "From": _sender(envelope),
        "Subject": _header_text(_line(letter.subject)[:LONGEST_SUBJECT]),
        "Auto-Submitted": "auto-generated",
        "Content-Language": envelope.language,
        **letter.headers,
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    assert all(HEADER.match(line) for line in lines)
    return "".join(f"{line}\r\n" for line in lines)


def _sender(envelope: Envelope) -> str:
    name = _line(envelope.name)
    shown = _header_text(name)
    if shown == name:  # it may need quotes
        return str(Address(name, addr_spec=envelope.sender))
    return f"{shown} <{envelope.sender}>"


def _header_text(text: str) -> str:
    """Return a text as a header has it, so that programs that show it show exactly this text."""
    if text.isascii() and ENCODED not in text and len(text) <= LONGEST_PLAIN:
        return text
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _line(text: str) -> str:
    """Return a text in one line, so that no header can follow it."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _as_text(letter: Letter) -> str:
    small = [f"-- \n{_text_of(letter.small)}"] if letter.small else []
    return "\n\n".join([_text_of(letter.parts), *small]) + "\n"


def _text_of(parts: Iterable[Part]) -> str:
    texts = []
    for part in parts:
        match part:
            case Link(label, url):
                texts.append(f"{label}:\n{url}")
            case Items(items):
                lines = [line for head, below in items for line in (f"* {head}", *_indented(below))]
                texts.append("\n".join(lines))
            case _:
                texts.append(part)
    return "\n\n".join(texts)


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _as_html(letter: Letter, language: str) -> str:
    parts = _html_of(letter.parts)
    if letter.small:
        small = Markup('<div style="font-size: 14px; color: #666"><hr>{}</div>')
        parts += small.format(_html_of(letter.small))
    return str(
        Markup(
            '<!doctype html>\n<html lang="{}">\n'
            '<head><meta charset="utf-8"><title>{}</title></head>\n'
            '<body style="{}">\n{}</body>\n</html>\n'
        ).format(language, letter.subject, STYLE, parts)
    )


def _html_of(parts: Iterable[Part]) -> Markup:
    found = Markup("")
    for part in parts:
        match part:
            case Link(label, url):
                found += Markup('<p><a href="{}">{}</a></p>\n').format(url, label)
            case Items(items):
                rows = [Markup("<li>{}</li>\n").format(_lines(each)) for each in items]
                found += Markup("<ul>\n{}</ul>\n").format(Markup("").join(rows))
            case _:
                found += Markup("<p>{}</p>\n").format(part)
    return found


def _lines(item: tuple[str, tuple[str, ...]]) -> Markup:
    head, below = item
    return Markup("<br>").join([escape(head), *map(escape, below)])
