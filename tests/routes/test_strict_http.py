"""Invalid HTTP is refused and its connection closed: no bytes become another person's request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from chat import VERSION
from chat.realtime.rare_log import MOST_LINES
from config import Settings
from tests.helpers.raw_http import Answer, open_line, read_answer, read_to_end, say
from tests.helpers.servers import GUNICORN, Server, new_chat, wait_until

REFUSED = b'"a request was refused"'  # in the log
# What mallory would have taken for a request of somebody else.
HIDDEN = b"GET /up?hidden HTTP/1.1\r\nHost: x\r\n\r\n"
GET = b"GET /up HTTP/1.1\r\nHost: x\r\n"
ALIVE = f'{{"ok":true,"version":"{VERSION}"}}'.encode()
POST = b"POST /nothing HTTP/1.1\r\nHost: localhost:PORT\r\n"

NOT_HTTP: dict[str, bytes] = {
    "a header without a colon": POST + b"Foo\r\nContent-Length: 5\r\n\r\n",
    "a space before the colon": POST + b"Foo : x\r\nContent-Length: 5\r\n\r\n",
    "a tab before the colon": POST + b"Content-Length\t: 5\r\n\r\n",
    "a header without a name": GET + b": x\r\n\r\n",
    "a name with a letter of another alphabet": GET + "Fоо: x\r\n\r\n".encode(),
    "a folded header": GET + b"Foo: x\r\n y\r\n\r\n",
    "a fold before all": b"GET /up HTTP/1.1\r\n Host: x\r\n\r\n",
    "a bare line feed after a header": GET + b"Foo: x\nBar: y\r\n\r\n",
    "a bare line feed at the end": GET + b"\n",
    "a bare line feed after the request line": b"GET /up HTTP/1.1\nHost: x\r\n\r\n",
    "a bare carriage return in a header": GET + b"Foo: x\rBar: y\r\n\r\n",
    "a carriage return before the end": GET + b"Foo: x\r\r\n\r\n",
    "a carriage return in the request line": b"GET /up HTTP/1.1\r\r\nHost: x\r\n\r\n",
    "a null in a header": GET + b"Foo: a\0b\r\n\r\n",
    "a control character in a header": GET + b"Foo: a\x0bb\r\n\r\n",
    "two lengths that differ": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "two lengths that do not": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    "two lengths in one line": POST + b"Content-Length: 5, 5\r\n\r\n",
    "a length with a plus": POST + b"Content-Length: +5\r\n\r\n",
    "a length with a minus": POST + b"Content-Length: -5\r\n\r\n",
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\n",
    "a length of other digits": POST + b"Content-Length: \xb2\r\n\r\n",
    "a length that is hexadecimal": POST + b"Content-Length: 0x5\r\n\r\n",
    "a length of nothing": POST + b"Content-Length: \r\n\r\n",
    "a length beyond all numbers": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "a length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "another coding": POST + b"Transfer-Encoding: gzip\r\n\r\n",
    "another coding before chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "chunks after identity": POST + b"Transfer-Encoding: identity, chunked\r\n\r\n",
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "what only resembles chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n",
    "chunked with a tab in it": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n",
    "chunks of HTTP/1.0": b"POST /nothing HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no host": b"GET /up HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: y\r\n\r\n",
    "a host with a path": b"GET /up HTTP/1.1\r\nHost: x/y\r\n\r\n",
    "a host with a name in it": b"GET /up HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "two hosts in one": b"GET /up HTTP/1.1\r\nHost: a b\r\n\r\n",
    "no version": b"GET /up\r\nHost: x\r\n\r\n",
    "a version of the future": b"GET /up HTTP/9.9\r\nHost: x\r\n\r\n",
    "a version with more digits": b"GET /up HTTP/1.10\r\nHost: x\r\n\r\n",
    "a version in small letters": b"GET /up http/1.1\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /up HTTP/0.9\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two spaces": b"GET  /up HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab for a space": b"GET\t/up\tHTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the path": b"GET /up /x HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method that is none": b"G\xc3\x89T /up HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method with a parenthesis": b"GE(T /up HTTP/1.1\r\nHost: x\r\n\r\n",
    "no method": b" /up HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path without a slash": b"GET up HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address without a host": b"GET http:///up HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address with a name in it": b"GET http://a@x/up HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address with a fragment": b"GET http://x/up#y HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address of another scheme": b"GET ftp://x/up HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address and no host": b"GET http://x/up HTTP/1.1\r\n\r\n",
    "an address and two hosts": b"GET http://x/up HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a control character in the path": b"GET /u\x01p HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes beyond ASCII in the path": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an empty line first": b"\r\n" + GET + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}
TOO_LARGE: dict[str, tuple[int, bytes]] = {
    "a long path": (414, b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "an endless path": (414, b"GET /" + b"a" * 200_000),
    "a long header": (431, GET + b"Foo: " + b"a" * 10_000 + b"\r\n\r\n"),
    "an endless header": (431, GET + b"Foo: " + b"a" * 200_000),
    "many headers": (
        431,
        GET + b"".join(b"X-%d: y\r\n" % number for number in range(2_000)) + b"\r\n",
    ),
    "headers of many bytes": (
        431,
        GET + b"".join(b"X-%d: %s\r\n" % (number, b"y" * 8_000) for number in range(9)) + b"\r\n",
    ),
}
BAD_CHUNKS: dict[str, bytes] = {
    "hexadecimal as Python writes it": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "a minus": b"-1\r\nhello\r\n0\r\n\r\n",
    "an underscore": b"0_5\r\nhello\r\n0\r\n\r\n",
    "a space before": b" 5\r\nhello\r\n0\r\n\r\n",
    "a space behind": b"5 \r\nhello\r\n0\r\n\r\n",
    "no size": b"\r\nhello\r\n0\r\n\r\n",
    "a bare line feed": b"5\nhello\r\n0\r\n\r\n",
    "more than it says": b"4\r\nhello\r\n0\r\n\r\n",
    "no line end behind it": b"5\r\nhelloXX0\r\n\r\n",
    "a size beyond all numbers": b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "an extension without an end": b"5;" + b"a" * 5_000 + b"\r\nhello\r\n0\r\n\r\n",
    "a line feed in an extension": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "a trailer that is none": b"5\r\nhello\r\n0\r\nFoo : x\r\n\r\n",
    "endless trailers": b"5\r\nhello\r\n0\r\n" + b"Foo: x\r\n" * 2_000 + b"\r\n",
}


@pytest.fixture(scope="module")
def gunicorn(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    with new_chat(folder, settings.mongo_uri, GUNICORN) as server:
        yield server


@pytest.fixture(params=["server", "two_workers", "gunicorn"])
def chat(request: pytest.FixtureRequest) -> Server:
    """Start the chat: under its own loop in one process and in two, and under gunicorn."""
    found: Server = request.getfixturevalue(request.param)
    return found


def posting(server: Server, path: str) -> bytes:
    host = f"Host: localhost:{server.port}"
    return f"POST {path} HTTP/1.1\r\n{host}\r\nContent-Type: application/json\r\n".encode()


def here(data: bytes, server: Server) -> bytes:
    return data.replace(b"PORT", str(server.port).encode())


def is_complete_refusal(answer: Answer, said: bytes) -> None:
    assert len(re.findall(rb"HTTP/1\.1 \d\d\d ", said)) == 1, "what follows is looked at no more"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_no_http_is_refused_and_nothing_after_it_is_a_request(
    chat: Server, name: str
) -> None:
    said = say(chat.port, here(NOT_HTTP[name], chat) + b"hello" + HIDDEN)
    assert Answer.of(said).status == 400, said
    is_complete_refusal(Answer.of(said), said)


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_long_is_refused(chat: Server, name: str) -> None:
    status, request = TOO_LARGE[name]
    said = say(chat.port, request + HIDDEN)
    assert Answer.of(said).status == status
    is_complete_refusal(Answer.of(said), said)


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_a_broken_chunk_ends_the_connection(chat: Server, name: str) -> None:
    """It is read by the application, which answers, or by nobody."""
    for path in ("/api/v1/auth/login", "/nothing"):
        head = posting(chat, path) + b"Transfer-Encoding: chunked\r\n\r\n"
        said = say(chat.port, head + BAD_CHUNKS[name] + HIDDEN)
        answer = Answer.of(said)
        assert answer.status == (404 if path == "/nothing" else 400), said
        is_complete_refusal(answer, said)


def test_what_is_http_is_answered_and_the_connection_stays(chat: Server) -> None:
    with open_line(chat.port) as line:
        for request in (
            GET + b"\r\n",
            GET + b"Foo:x\r\nBar:\t y \t\r\nBaz:\r\nQux: caf\xe9\r\n\r\n",
            b"GET /up?a=b&c=%20|{}^ HTTP/1.1\r\nHost: [::1]:5000\r\nConnection: keep-alive\r\n\r\n",
            b"GET /up HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        ):
            line.sendall(request)
            answer = read_answer(line)
            assert (answer.status, answer.rest) == (200, ALIVE)
        for body in (
            b"Content-Length: 002\r\n\r\n{}",
            b"Transfer-Encoding: chunked\r\n\r\n"
            b'1\r\n{\r\n1;ext="x"\r\n}\r\n0\r\nTrailer: x\r\n\r\n',
            b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
        ):
            line.sendall(posting(chat, "/api/v1/auth/login") + body)
            answer = read_answer(line)
            if answer.status == 100:
                answer = read_answer(line)
            assert answer.status == 422, answer
        line.sendall(GET + b"Connection: x, Close\r\n\r\n")
        assert Answer.of(read_to_end(line)).headers["connection"] == "close"


def test_a_target_that_is_an_address_names_the_host_that_counts(chat: Server) -> None:
    """RFC 9112, 3.2.2: a server accepts it, and the Host beside it says nothing."""
    with open_line(chat.port) as line:
        for target, status in (
            ("http://localhost:PORT/api/v1/openapi.json", 200),
            ("HTTP://LOCALHOST:PORT/api/v1/openapi.json?", 200),
            ("https://localhost:PORT/up", 200),
            ("http://x", 421),
            ("http://x?y", 421),
            ("http://evil.example/api/v1/openapi.json", 421),
            ("http://localhost:PORT//evil.example/up", 404),
        ):
            for host in (b"localhost:PORT", b"evil.example"):
                request = f"GET {target} HTTP/1.1\r\nHost: ".encode() + host + b"\r\n\r\n"
                line.sendall(here(request, chat))
                assert read_answer(line).status == status, (target, host)


def test_requests_that_come_together_are_answered_in_order(chat: Server) -> None:
    asked = b"GET /up HTTP/1.1\r\nHost: x\r\n\r\n" + here(
        b"GET /nothing HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n", chat
    )
    said = say(chat.port, asked)
    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404"]


def test_strangers_write_no_text_of_theirs_into_the_log_and_not_as_often_as_they_like(
    chat: Server,
) -> None:
    before = chat.log.read_bytes()
    for _ in range(100):
        say(chat.port, b"GET /AAAA HTTP/9.9\r\n\r\n")
        say(chat.port, b"\x1b[31mBBBB\r\n\r\n")
    wait_until(lambda: REFUSED in chat.log.read_bytes(), "one is written, now or before")
    log = chat.log.read_bytes()
    assert b"AAAA" not in log
    assert b"BBBB" not in log
    written = log[len(before) :].splitlines()
    assert all(line.startswith(b"{") for line in written)
    # Two workers count for themselves, and begin anew when a minute is over.
    assert sum(REFUSED in line for line in written) <= 2 * 2 * MOST_LINES < 200
