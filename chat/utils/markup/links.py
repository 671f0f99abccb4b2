"""Bare addresses: find `https://…`, `www.…`, `me@example.org` whole, without the text around."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import regex
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chat.utils import addresses

# One label of a host, in any script; some contain an underscore.
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?|_[\w-]{0,62}"
_HOST = re.compile(
    r"(?:[\w.%+~!$&'()*,;=:-]{1,100}@)?"
    rf"(?P<host>\[[0-9A-Fa-f:.]{{2,45}}\]|(?:{_LABEL})(?:\.(?:{_LABEL}))*)"
    r"(?::(?P<port>[0-9]{1,5})(?![0-9]))?"
)
_SITE = re.compile(rf"www\.(?:(?:{_LABEL})\.)+(?:[^\W\d_]{{2,}}|xn--[\w-]+)", re.IGNORECASE)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9.+_%/@-])[A-Za-z0-9][A-Za-z0-9.+_%'-]{0,63}@"
    rf"(?:(?:{_LABEL})\.)+(?:[^\W\d_]{{2,}}|xn--[\w-]+)"
)
_ASCII_START = re.compile(r"[\x00-\x7f]+")
# Characters that an address contains only in encoded form: space, quotes, punctuation of wide
# scripts, and invisible signs.
_STOP = regex.compile(
    r"[,;]+(?=https?://)|[[\s\p{Cc}\p{Cf}\p{Cs}<>\"|`“”„‟‘«»‹›…‥—→←⇒⟨⟩"
    r"\u3001-\u3003\u3008-\u3011\u3014-\u301f\ufe10-\ufe19\ufe30-\ufe4f"
    r"\uff01-\uff0c\uff0e\uff1a-\uff20\uff3b-\uff3d\uff40\uff5b-\uff64]"
    r"--[\u200c\u200d]]|’(?!\p{L})",
    regex.V1,
)
_END_OF_SENTENCE = regex.compile(r"[\p{Terminal_Punctuation}'’–•·・״׳\u200c\u200d]+\Z")
_STRESS = "*~"  # removed from the end of an address, unless it is in quotes
_NO_LATIN = regex.compile(r"[\p{L}--\p{Latin}]", regex.V1)
# An address in normal form.
_NORMAL = re.compile(
    r"(?:https?://|mailto:)[A-Za-z0-9.-]+(?:@[A-Za-z0-9.-]+)?(?::[0-9]+)?"
    r"(?:[/?#][A-Za-z0-9/._~?#&=+,;:@!$'()*-]*)?"
)
HIGHEST_PORT = 65_535
LONGEST = 2_048  # characters of a path
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r"[()\[\]{}]")


class OwnHosts:
    """Own hosts, which need no scheme: `wiki/…` is a link if `http://wiki` is an origin."""

    def __init__(self, origins: Iterable[str] = ()):
        self.origins = {origin.partition("://")[2].casefold(): origin for origin in origins}
        longest_first = sorted(self.origins, key=len, reverse=True)
        hosts = "|".join(map(re.escape, longest_first)) or "(?!)"  # without hosts, match nothing
        self.pattern = re.compile(rf"(?<![\w./@:~+-])(?P<host>{hosts})/", re.IGNORECASE)


_own = [OwnHosts()]  # the own hosts of this process


def use_hosts(origins: Iterable[str]) -> None:
    """Let this process link addresses on these origins' hosts, even without a scheme."""
    _own[0] = OwnHosts(origins)


def has_bare(text: str) -> bool:
    """Return whether a text may have an address without a scheme, besides mail addresses."""
    return "www." in text.casefold() or _has_own_host(text)


def normal(written: str) -> str:
    """Return an address as a browser sends it: in ASCII, all other characters as %-codes."""
    return written if _NORMAL.fullmatch(written) else normalizeLink(written)


def end_of_address(text: str, start: int, host_start: int, limit: int) -> tuple[int, int]:
    """Return the end of the address at `start`, and how far the text was scanned.

    The end is 0 if the address has no host. `limit`: the last possible end.
    """
    match = _HOST.match(text, host_start, limit)
    if match is None:
        return 0, host_start
    end = match.start("host") + _length_of_host(match["host"])
    if end == match.end("host") and int(match["port"] or 0) <= HIGHEST_PORT:
        end = match.end()
    if end < limit and text[end] in "/?#":
        stop = _STOP.search(text, end, min(limit, end + LONGEST))
        last = stop.start() if stop else min(limit, end + LONGEST)
        return _end_of_path(text, end, last, text[start - 1 : start]), last
    return end, end


def _length_of_host(host: str) -> int:
    """Return the length of a host. The host of `example.orgです` ends before the Japanese.

    No top-level domain mixes scripts.
    """
    last = host.rpartition(".")[2]
    latin = _ASCII_START.match(last)
    if host.startswith("[") or latin is None or latin.end() == len(last):
        return len(host)
    return len(host) - len(last) + latin.end() if _NO_LATIN.match(last, latin.end()) else len(host)


def _end_of_path(text: str, start: int, end: int, before: str) -> int:
    if before and before in "*~'":  # a sign before the address also ends it
        closing = text.find(before, start, end)
        end = closing if closing >= 0 else end
    end = start + len(_balanced(text[start:end]))
    trimmed = text[start:end]
    if not before or before not in "\"'“„«":
        trimmed = trimmed.rstrip(_STRESS)
    trimmed = _END_OF_SENTENCE.sub("", trimmed)
    if before == "_":
        trimmed = trimmed.rstrip("_")
    return start + len(trimmed)


def _balanced(path: str) -> str:
    """Return the path up to the first bracket that has no counterpart."""
    open_brackets: list[tuple[str, int]] = []
    for bracket in _BRACKET.finditer(path):
        character = bracket[0]
        if character in _PAIRS:
            open_brackets.append((_PAIRS[character], bracket.start()))
        elif not open_brackets or open_brackets.pop()[0] != character:
            return path[: bracket.start()]
    return path[: open_brackets[0][1]] if open_brackets else path


def push(state: StateInline, href: str, written: str) -> None:
    """Add the tokens of a link that shows its own address."""
    for token in _tokens(href, written):
        added = state.push(token.type, token.tag, token.nesting)
        added.attrs = token.attrs
        added.content = token.content
        added.markup = token.markup
        added.info = token.info


def _tokens(href: str, written: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": href}, markup="linkify", info="auto")
    closing = Token("link_close", "a", -1, markup="linkify", info="auto")
    shown = written if href.endswith(written) else addresses.shown(written)
    return [opening, Token("text", "", 0, content=shown), closing]


def with_bare(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens of a line; `www.…` and mail addresses outside of links become links."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.tag == "a" else 0
        if token.type == "text" and not depth and ("@" in token.content or has_bare(token.content)):
            yield from _parted(token.content)
        else:
            yield token


def _parted(text: str) -> Iterator[Token]:
    last = 0
    for start, end, href in sorted((*_sites(text), *_on_hosts(text), *_mails(text))):
        if start < last:
            continue
        if start > last:
            yield Token("text", "", 0, content=text[last:start])
        yield from _tokens(href, text[start:end])
        last = end
    if last < len(text):
        yield Token("text", "", 0, content=text[last:])


def _sites(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _SITE.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if before and ((before.isascii() and before.isalnum()) or before in "._-/@+"):
            continue
        end = end_of_address(text, match.start(), match.start(), len(text))[0]
        yield match.start(), end, normal(f"https://{text[match.start() : end]}")


def _has_own_host(text: str) -> bool:
    return bool(_own[0].origins) and _own[0].pattern.search(text) is not None


def _on_hosts(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _own[0].pattern.finditer(text) if _own[0].origins else ():
        end = end_of_address(text, match.start(), match.start(), len(text))[0]
        origin = _own[0].origins[match["host"].casefold()]
        yield match.start(), end, normal(f"{origin}{text[match.end('host') : end]}")


def _mails(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _MAIL.finditer(text):
        name, _, host = match[0].partition("@")
        end = match.start() + len(name) + 1 + _length_of_host(host)
        behind = text[end : end + 2]
        if behind[:1] in ("@", "_", "-") or (behind[:1] == ":" and behind[1:].strip()):
            continue  # a path of git, like `git@host:path`
        yield match.start(), end, normal(f"mailto:{text[match.start() : end]}")


def with_hosts(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens; after a link whose text looks like another address, add its host."""
    address = ""
    text = ""
    for token in tokens:
        yield token
        if token.type == "link_open":
            address = str(token.attrs["href"])
            text = ""
        elif token.type == "link_close":
            shows_itself = token.markup == "linkify" and (
                "@" not in address or address.startswith("mailto:")
            )
            if not shows_itself and (host := addresses.leads_elsewhere(text, address)):
                yield Token("text", "", 0, content=f" ({host})")
        else:
            text += token.content
