"""Idle connections are closed, by time and number; nobody else notices."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from chat.realtime.http import connections as http_connections
from chat.realtime.http.connections import Connections
from chat.realtime.loop.accepting import Listener
from chat.realtime.rare_log import RareLog
from tests.helpers.raw_http import Answer, open_line, read_answer, read_to_end
from tests.helpers.servers import wait_until
from tests.realtime.tools import Line, Plain, Talker

GET = b"GET /up HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"GET /up HTTP/1.1\r\nHost: x\r\nX-Slow: "
ANOTHER_ADDRESS = ("127.0.0.2", 0)


def posting(framing: str) -> bytes:
    return (
        f"POST /emit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    ).encode()


def trickle(line: socket.socket, pause: float, seconds: float) -> float:
    """Send a byte now and then until the server closes; return how long that took."""
    began = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - began < seconds:
            line.sendall(b"x")
            time.sleep(pause)
            line.settimeout(0.001)
            with contextlib.suppress(TimeoutError):
                if line.recv(1, socket.MSG_PEEK) is not None:
                    break
    line.settimeout(10)
    return time.monotonic() - began


# time


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Allow a second for a header, one for a body, and three between two requests."""
    patience = {"header": 1.0, "body": 1.0, "idle": 3.0}
    app = Plain(tmp_path_factory.mktemp("hasty") / "log", http={"patience": patience})
    yield app
    app.stop()
    assert "Traceback" not in app.complaints


def test_a_header_has_its_time_however_its_bytes_trickle(hasty: Plain) -> None:
    with open_line(hasty.port) as line:
        line.sendall(HALF)
        assert trickle(line, 0.1, 8) < 4
        assert Answer.of(read_to_end(line)).status == 408


def test_a_connection_on_which_nothing_is_asked_is_closed_without_a_word(hasty: Plain) -> None:
    with open_line(hasty.port) as line:
        assert read_to_end(line) == b""


def test_the_next_request_has_longer_to_come_but_no_longer_once_it_has_begun(hasty: Plain) -> None:
    with open_line(hasty.port) as line:
        line.sendall(GET)
        assert read_answer(line).status == 200
        time.sleep(1.5)
        line.sendall(GET)
        assert read_answer(line).status == 200
        line.sendall(HALF)
        assert trickle(line, 0.1, 8) < 2.9


@pytest.mark.parametrize("framing", ["Content-Length: 90000", "Transfer-Encoding: chunked"])
def test_a_body_that_trickles_is_waited_for_no_longer_than_a_slow_line_would_take(
    hasty: Plain, framing: str
) -> None:
    with open_line(hasty.port) as line:
        line.sendall(posting(framing))
        if "chunked" in framing:
            line.sendall(b"fffff\r\n")
        assert trickle(line, 0.1, 10) < 8
        assert Answer.of(read_to_end(line)).status == 400


def test_a_body_on_a_slow_line_is_read_to_its_end(hasty: Plain) -> None:
    """Three seconds for what has one second and another for each 20 kB."""
    body = b'{"event": "large", "data": "' + b"x" * 74_000 + b'"}'
    with open_line(hasty.port) as line:
        line.sendall(posting(f"Content-Length: {len(body)}"))
        for start in range(0, len(body), 15_000):
            line.sendall(body[start : start + 15_000])
            time.sleep(0.5)
        assert read_answer(line).status == 200


def test_what_is_answered_before_its_body_has_come_is_not_read(hasty: Plain) -> None:
    with open_line(hasty.port) as line:
        line.sendall(
            b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
            + b"x" * 100_000
        )
        answer = read_answer(line)
        assert (answer.status, answer.headers["connection"]) == (404, "close")
        sent = 0
        with pytest.raises(OSError):
            while sent < 90_000_000:
                sent += line.send(b"x" * 65_536)
    assert sent < 40_000_000


def test_a_short_body_that_nobody_reads_does_not_cost_the_connection(hasty: Plain) -> None:
    with open_line(hasty.port) as line:
        line.sendall(
            b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n"
            + b"x" * 20_000
            + GET
        )
        assert [read_answer(line).status, read_answer(line).status] == [404, 200]


def test_the_end_of_a_polls_body_must_come(hasty: Plain) -> None:
    sid = hasty.poll_session()
    with open_line(hasty.port) as line:
        path = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
        line.sendall(head.encode() + b"40")
        line.shutdown(socket.SHUT_WR)
        assert Answer.of(read_to_end(line)).status == 400


# number


def is_open(line: socket.socket) -> bool:
    line.sendall(GET)
    try:
        return read_answer(line).status == 200
    except ConnectionError:
        return False


def test_of_too_many_connections_the_one_that_idles_longest_gives_way(
    another: Callable[..., Plain],
) -> None:
    app = another(http={"most_of_network": 20})
    with contextlib.ExitStack() as stack:
        poll = stack.enter_context(ThreadPoolExecutor()).submit(
            app.get, app.poll_session(connected=True)
        )
        time.sleep(0.3)
        elsewhere = stack.enter_context(
            socket.create_connection(("127.0.0.1", app.port), 10, ANOTHER_ADDRESS)
        )
        assert is_open(elsewhere)
        lines = [stack.enter_context(open_line(app.port)) for _ in range(10)]
        assert all(map(is_open, lines))
        assert is_open(lines[0]), "so that it is not the one that idles longest"
        halves = [stack.enter_context(open_line(app.port)) for _ in range(15)]
        for half in halves:
            half.sendall(HALF)
        last = stack.enter_context(open_line(app.port))
        assert is_open(last), "who comes is served"
        assert is_open(lines[0])
        assert not is_open(lines[1])
        assert is_open(elsewhere), "another network has connections of its own"
        app.post("/emit", event="news", data=1)
        assert "news" in poll.result(10).text, "who waits for an answer does not idle"


def test_where_nobody_idles_the_newest_is_refused(another: Callable[..., Plain]) -> None:
    app = another(http={"most_of_network": 5})
    sids = [app.poll_session(connected=True) for _ in range(5)]
    app.http.close()

    def poll(sid: str) -> requests.Response:
        for _ in range(50):  # a connection whose request has not come yet idles
            with contextlib.suppress(requests.ConnectionError):
                return app.get(sid)
        raise AssertionError("never answered")

    with ThreadPoolExecutor(5) as pool:
        polls = [pool.submit(poll, sid) for sid in sids]
        with socket.create_connection(("127.0.0.1", app.port), 10, ANOTHER_ADDRESS) as elsewhere:

            def is_full() -> bool:
                with open_line(app.port) as line, contextlib.suppress(OSError):
                    return not is_open(line)
                return True

            wait_until(is_full, "five requests are being answered")
            body = b'{"event": "news", "data": 1}'
            elsewhere.sendall(posting(f"Content-Length: {len(body)}") + body)
            assert read_answer(elsewhere).status == 200
        assert all("news" in poll.result(10).text for poll in polls)


def test_websockets_are_no_plain_connections(another: Callable[..., Plain]) -> None:
    app = another(http={"most_of_network": 5})
    talkers = [Talker(app) for _ in range(12)]
    assert all(talker.call("message-with-ack", 1) == [1] for talker in talkers)


def test_addresses_of_one_ipv6_network_are_one_and_ten_times_as_many_may_be_in_a_wider_one() -> (
    None
):
    table = Connections(2)
    closed: list[Any] = []

    class Taken:
        def shutdown(self, _: int) -> None:
            closed.append(self)

    first = Taken()
    assert table.admit(first, "2001:db8:0:7::ff")
    for number in range(2):
        assert table.admit(Taken(), f"2001:db8:0:7::{number:x}")
    assert closed == [first]
    for number in range(10, 40):
        assert table.admit(Taken(), f"2001:db8:0:{number:x}::1")
    assert len(closed) == 1 + 30 + 2 - 20
    assert table.admit(Taken(), "2001:db8:1::1")
    assert len(table) == 21


# descriptors


def test_connections_that_never_ask_do_not_use_up_the_descriptors(
    another: Callable[..., Plain],
) -> None:
    """The chat ended: accept() raised, and nobody started it again."""
    app = another(descriptors=300)
    with contextlib.ExitStack() as stack:
        for _ in range(330):
            line = stack.enter_context(open_line(app.port))
            line.sendall(HALF)
        assert requests.get(app.url + "/up", timeout=5).ok
        assert Talker(app).call("message-with-ack", 1) == [1]
    assert app.answers()


def test_sockets_that_join_nothing_do_not_use_up_the_descriptors(
    another: Callable[..., Plain],
) -> None:
    app = another(descriptors=300, connect_timeout=100.0)
    early = Talker(app)
    lines = [Line(app.port) for _ in range(330)]
    assert requests.get(app.url + "/up", timeout=5).ok
    assert Talker(app).call("message-with-ack", 1) == [1]
    assert early.call("message-with-ack", 1) == [1], "who is connected gives way to nobody"
    assert len(lines) == 330


def test_out_of_descriptors_the_chat_goes_on_and_serves_again_when_some_are_free(
    another: Callable[..., Plain],
) -> None:
    """As if something else had used up those that are kept back."""
    app = another(descriptors=128, http={"most_sockets": 10_000})
    talkers: list[Talker] = []

    def come() -> bool:
        for _ in range(20):  # who has not connected yet may have to give way, and comes again
            with contextlib.suppress(OSError, AssertionError):
                talkers.append(Talker(app))
                return True
        return False

    with ThreadPoolExecutor(150) as pool:
        coming = [pool.submit(come) for _ in range(150)]
        wait_until(lambda: len(talkers) > 80, "most are there")
        time.sleep(1)
        assert app.process.poll() is None
        assert len(talkers) < 128, "the premise: there are no more descriptors"
        assert all(talker.call("message-with-ack", 1) == [1] for talker in talkers[:20])
        for talker in talkers[:60]:
            talker.close()
        assert all(future.result(20) for future in coming), "all who waited are served"
    assert "Traceback" not in app.complaints


def listening(accept: Callable[[], Any]) -> Listener:
    log = RareLog(logging.getLogger("accepting"))
    listener = SimpleNamespace(accept=accept)
    return Listener(listener, Connections(), log, most_sockets=100, make_room=lambda: False)


@pytest.mark.parametrize(
    "number",
    ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED", "EPROTO", "ENETDOWN", "EPERM"],
)
def test_accepting_goes_on_whatever_the_system_lacks(number: str) -> None:
    """Not all of them can be brought about."""

    class Taken:
        def fileno(self) -> int:
            return 10

    connection = Taken(), ("198.51.100.7", 1)
    answers = iter(
        [OSError(getattr(errno, number), ""), OSError(getattr(errno, number), ""), connection]
    )

    def accept() -> Any:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert listening(accept).accept() == connection


def test_a_listening_socket_that_is_closed_is_the_end() -> None:
    def accept() -> Any:
        raise OSError(errno.EBADF, "")

    with pytest.raises(OSError):
        listening(accept).accept()


def test_what_strangers_cause_is_logged_a_few_times_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("chat.realtime.rare_log.time", SimpleNamespace(monotonic=lambda: now[0]))
    rare = RareLog(logging.getLogger("rare"))
    with caplog.at_level(logging.INFO):
        for _ in range(1000):
            rare.info("a request was refused")
        assert len(caplog.records) == 20
        now[0] += 61
        rare.info("a request was refused")
    assert caplog.records[-1].left_out_before == 980  # type: ignore[attr-defined]
    assert http_connections.MOST_OF_NETWORK == 500
