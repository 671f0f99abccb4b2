"""HTTP/1.1 by RFC 9112, strictly. No input, no output.

Where two servers disagree about the end of a header, a stranger can put a request into somebody
else's connection (request smuggling). So the server refuses any request that is not exactly valid,
and closes the connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

LONGEST_LINE = 8192  # bytes, including the line's end
MOST_FIELDS = 100
MOST_HEADER_BYTES = 65_536  # bytes of the request line and all fields together
LONGEST_CHUNK_LINE = 256  # bytes of the line that announces a chunk

END = b"\r\n"
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(rb"/[!\"$-~]*")  # origin-form: visible ASCII; a fragment is never sent
# absolute-form; only clients that use a proxy send it
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?]+)([/?][!\"$-~]*)?")
_NOT_IN_VALUES = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # including a bare CR
_HOST = re.compile(r"(?:[A-Za-z0-9.\-_~%!$&'()*+,;=]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t -~\x80-\xff]*)?\r\n")


class NotHttp(Exception):
    """An invalid request, answered with `status`. The text is a sentence for the client."""

    def __init__(self, sentence: str, status: str = "400 Bad Request"):
        super().__init__(sentence)
        self.status = status


class Head:
    """The request line and the fields of one request.

    `length`: bytes of the body; None: the body is chunked, or the request has none.
    """

    def __init__(self, request_line: bytes):
        """Parse a request line. Raises NotHttp."""
        parts = _without_end(request_line).split(b" ")
        if len(parts) != 3:
            raise NotHttp("A request line is a method, a path and a version.")
        method, target, version = parts
        if not _TOKEN.fullmatch(method):
            raise NotHttp("This is no method.")
        if version not in (b"HTTP/1.1", b"HTTP/1.0"):
            raise NotHttp("Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        parts_of_target = _parts_of(target)
        if not _TARGET.fullmatch(parts_of_target.path):
            raise NotHttp("A path begins with / and is visible ASCII.")
        self.method = method.decode()
        self.host_of_target = parts_of_target.host
        self.target = parts_of_target.path.decode()
        self.version = version.decode()
        self.fields: list[tuple[str, str]] = []
        self.length: int | None = None
        self.chunked = False

    def add(self, line: bytes) -> None:
        """Add one field. Raises NotHttp."""
        if len(self.fields) == MOST_FIELDS:
            raise too_large(f"At most {MOST_FIELDS} header fields are taken.")
        self.fields.append(field(line))

    def finish(self) -> Head:
        """Check the fields, and find out how the body ends. Raises NotHttp."""
        hosts = self._all("host")
        lengths = self._all("content-length")
        encodings = self._all("transfer-encoding")
        if len(hosts) > 1 or (not hosts and self.version == "HTTP/1.1"):
            raise NotHttp("A request has one Host.")
        # RFC 9112, 3.2.2: the target's host overrides the Host field
        if self.host_of_target is not None:
            self.fields = [each for each in self.fields if each[0].lower() != "host"]
            hosts = [self.host_of_target]
            self.fields.append(("Host", self.host_of_target))
        if hosts and not _HOST.fullmatch(hosts[0]):
            raise NotHttp("This is no Host.")
        if lengths and encodings:
            raise NotHttp("Content-Length and Transfer-Encoding are not allowed together.")
        if lengths:
            if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
                raise NotHttp("A Content-Length is one number of digits.")
            self.length = int(lengths[0])
        if encodings:
            if encodings != ["chunked"] or self.version != "HTTP/1.1":
                raise NotHttp("The only Transfer-Encoding is chunked, with HTTP/1.1.")
            self.chunked = True
        return self

    @property
    def wants_close(self) -> bool:
        """Return whether the client expects the connection to be closed after the answer."""
        listed = ",".join(self._all("connection")).lower()
        options = {option.strip() for option in listed.split(",")}
        return "close" in options or (self.version == "HTTP/1.0" and "keep-alive" not in options)

    def _all(self, name: str) -> list[str]:
        return [value for found, value in self.fields if found.lower() == name]


def field(line: bytes) -> tuple[str, str]:
    """Return the name and the value of a header or trailer line. Raises NotHttp."""
    name, colon, value = _without_end(line).partition(b":")
    # a folded line begins with a space, which no token contains
    if not colon or not _TOKEN.fullmatch(name):
        raise NotHttp("A header line is a name, a colon and a value.")
    if _NOT_IN_VALUES.search(value):
        raise NotHttp("A header value holds no control characters.")
    return name.decode(), value.strip(b" \t").decode("latin-1")


def chunk_size(line: bytes) -> int:
    """Return the number of bytes that a chunk announces; 0 for the last one. Raises NotHttp."""
    found = _CHUNK.fullmatch(line)
    if not found:
        raise NotHttp("A chunk begins with its size in hexadecimal digits.")
    return int(found[1], 16)


def too_large(sentence: str) -> NotHttp:
    return NotHttp(sentence, "431 Request Header Fields Too Large")


def header_too_large() -> NotHttp:
    return too_large(f"A header has at most {MOST_HEADER_BYTES} bytes.")


def head_of_answer(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1")


def line_too_long(*, of_request: bool) -> NotHttp:
    """Return the error for a line that is too long; `of_request`: it is the request line."""
    sentence = f"A line has at most {LONGEST_LINE} bytes."
    if of_request:
        return NotHttp(sentence, "414 URI Too Long")
    return too_large(sentence)


class _Target(NamedTuple):
    host: str | None  # None where the target names no host
    path: bytes  # the path and the query


def _parts_of(target: bytes) -> _Target:
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        return _Target(None, target)
    rest = absolute[2] or b"/"
    if not rest.startswith(b"/"):
        rest = b"/" + rest
    return _Target(absolute[1].decode("latin-1"), rest)


def _without_end(line: bytes) -> bytes:
    if not line.endswith(END):
        raise NotHttp("Lines end with CR LF.")
    return line[:-2]
