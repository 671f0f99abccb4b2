"""Our event loop below eventlet: what is due, in what order, and whom an error does not affect."""

from __future__ import annotations

import socket
import struct
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
import eventlet  # noqa: E402
from eventlet import hubs, wsgi  # noqa: E402
from eventlet.green import select as green_select  # noqa: E402
from eventlet.green import socket as green_socket  # noqa: E402

from chat.realtime import loop as hub  # noqa: E402

Sockets = tuple[socket.socket, socket.socket]


def in_a_loop_of_its_own(body: Callable[[], Any]) -> Any:
    """Return the result of a function in a thread with a loop of its own.

    The loop ends with its thread.
    """

    def run() -> Any:
        hub.start_new_loop()
        assert isinstance(hubs.get_hub(), hub.Hub)
        return body()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(10)


@pytest.fixture
def pair() -> Iterator[Sockets]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_what_is_due_at_once_is_done_in_order_and_what_it_brings_about_with_it(
    pair: Sockets,
) -> None:
    def body() -> list[str]:
        done: list[str] = []

        def heard(_: int) -> None:
            done.append("heard " + pair[0].recv(10).decode())

        def first() -> None:
            done.append("first")
            hub.call_soon(done.append, "made by the first")

        hub.add_reader(pair[0].fileno(), heard)
        hub.call_soon(first)
        hub.call_soon(done.append, "second")
        pair[1].send(b"it")
        eventlet.sleep(0.02)
        return done

    assert in_a_loop_of_its_own(body) == ["first", "second", "made by the first", "heard it"]


def test_sockets_have_their_turn_however_much_is_due_at_once(pair: Sockets) -> None:
    def body() -> bool:
        heard: list[int] = []
        hub.add_reader(pair[0].fileno(), lambda fd: heard.append(len(pair[0].recv(10))))
        pair[1].send(b"it")
        end = time.monotonic() + 5

        def again() -> None:
            if not heard and time.monotonic() < end:
                hub.call_soon(again)

        again()
        eventlet.sleep(0.05)
        return bool(heard) and time.monotonic() < end

    assert in_a_loop_of_its_own(body)


def test_what_is_due_later_is_done_in_its_time_and_not_when_it_was_cancelled() -> None:
    def body() -> list[str]:
        done: list[str] = []
        hub.call_later(0.02, done.append, "20 ms")
        hub.call_later(0.01, done.append, "10 ms")
        hub.call_later(0.01, done.append, "never").cancel()
        hubs.get_hub().schedule_call_global(0, done.append, "never either").cancel()
        hub.call_soon(done.append, "at once")
        eventlet.sleep(0.1)
        return done

    assert in_a_loop_of_its_own(body) == ["at once", "10 ms", "20 ms"]


def test_greenlets_take_turns_and_give_each_other_what_they_wait_for() -> None:
    def body() -> list[str]:
        done: list[str] = []
        event = hub.event()

        def waits() -> None:
            done.append(f"got {event.wait()}")

        def works() -> None:
            for number in range(3):
                done.append(f"step {number}")
                eventlet.sleep(0)
            event.send("it")

        both = [eventlet.spawn(waits), eventlet.spawn(works)]
        for each in both:
            each.wait()
        return done

    assert in_a_loop_of_its_own(body) == ["step 0", "step 1", "step 2", "got it"]


def test_a_mistake_ends_neither_the_loop_nor_what_is_due_with_it(
    pair: Sockets, capfd: pytest.CaptureFixture[str]
) -> None:
    def body() -> list[str]:
        done: list[str] = []

        def wrong(*_: object) -> None:
            raise ValueError("a mistake of ours")

        hub.call_soon(wrong)
        hub.call_soon(done.append, "after it")
        hub.add_reader(pair[0].fileno(), wrong)
        pair[1].send(b"x")
        eventlet.sleep(0.02)
        done.append("and on")
        return done

    assert in_a_loop_of_its_own(body) == ["after it", "and on"]
    assert "a mistake of ours" in capfd.readouterr().err


def test_who_has_hung_up_is_noticed_by_readers_and_writers(pair: Sockets) -> None:
    def body() -> list[str]:
        done: list[str] = []
        fd = pair[0].fileno()

        def once(name: str) -> Callable[[int], None]:
            def call(_: int) -> None:
                done.append(name)
                hub.remove(listeners.pop(name))

            return call

        listeners = {
            "reader": hub.add_reader(fd, once("reader")),
            "writer": hub.add_writer(fd, once("writer")),
        }
        pair[1].close()
        eventlet.sleep(0.02)
        return sorted(done)

    assert in_a_loop_of_its_own(body) == ["reader", "writer"]


def test_clients_that_are_left_alone_are_heard_together_afterwards_and_nobody_else_waits(
    pair: Sockets,
) -> None:
    other, others = socket.socketpair()

    def body() -> tuple[list[str], list[float]]:
        done: list[str] = []
        moments: list[float] = []

        def heard(_: int) -> None:
            done.append("client: " + pair[0].recv(10).decode())
            moments.append(time.monotonic())

        hub.add_reader(pair[0].fileno(), heard)
        eventlet.sleep(0.01)
        for word in (b"one", b"two"):
            moments.append(time.monotonic())
            hub.leave_clients_alone(0.1)
            pair[1].send(word)
            others.send(b"answer")
            hubs.trampoline(other.fileno(), read=True, timeout=5)
            done.append(f"database: {other.recv(10).decode()}")
            pair[1].send(b"!")
            eventlet.sleep(0.2)
        pair[1].send(b"three")
        eventlet.sleep(0.02)
        return done, moments

    with other, others:
        done, moments = in_a_loop_of_its_own(body)
    assert done == [
        "database: answer",
        "client: one!",
        "database: answer",
        "client: two!",
        "client: three",
    ]
    assert moments[1] - moments[0] >= 0.1
    assert moments[3] - moments[2] >= 0.1, "also when they had just been heard"


def test_what_came_together_is_begun_together_before_anybody_goes_on_who_waited() -> None:
    def body() -> list[str]:
        done: list[str] = []
        workers = hub.Workers()

        def work(name: str) -> None:
            done.append(f"{name} begins")
            eventlet.sleep(0)
            done.append(f"{name} goes on")

        for _ in range(2):  # with greenlets that are new, and with those that wait for work
            for name in ("one", "two", "three"):
                workers.run(work, name)
            eventlet.sleep(0.02)
        assert workers.idle
        return done

    names = ["one", "two", "three"]
    assert in_a_loop_of_its_own(body) == 2 * [
        f"{name} {step}" for step in ("begins", "goes on") for name in names
    ]


def test_a_loop_in_which_something_waits_is_left_as_it_is() -> None:
    def body() -> tuple[bool, bool]:
        hubs.use_hub(None)
        hub.call_later(0.01, lambda: None)
        hub.take_over()
        kept = not isinstance(hubs.get_hub(), hub.Hub)
        eventlet.sleep(0.02)
        hub.take_over()
        return kept, isinstance(hubs.get_hub(), hub.Hub)

    assert in_a_loop_of_its_own(body) == (True, True)


def test_nobody_is_woken_for_what_was_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    def body() -> int:
        loop, rounds = hubs.get_hub(), 0
        real = loop.wait

        def wait(seconds: float) -> None:
            nonlocal rounds
            rounds += 1
            real(seconds)

        monkeypatch.setattr(loop, "wait", wait)
        timeouts = [hub.call_later(0.02 + 0.001 * number, lambda: None) for number in range(50)]
        eventlet.sleep(0.01)
        for timeout in timeouts:
            timeout.cancel()
        rounds = 0
        eventlet.sleep(0.1)
        return rounds

    assert in_a_loop_of_its_own(body) <= 3


def test_a_loop_with_nothing_to_do_is_not_busy() -> None:
    def body() -> float:
        before = time.thread_time()
        eventlet.sleep(0.5)
        return time.thread_time() - before

    assert in_a_loop_of_its_own(body) < 0.1


@pytest.mark.parametrize("how", ["closed", "half closed", "reset"])
def test_a_look_without_waiting_sees_at_once_that_the_peer_is_gone(how: str) -> None:
    """The database driver and others check every idle connection so before they use it again."""

    def body() -> tuple[list[bool], list[bool]]:
        open_ones, gone = [], []
        with green_socket.create_server(("127.0.0.1", 0)) as listener:
            for _ in range(20):
                ours = green_socket.create_connection(listener.getsockname())
                theirs, _ = listener.accept()
                open_ones.append(bool(green_select.select([ours], [], [], 0)[0]))
                if how == "half closed":
                    theirs.shutdown(socket.SHUT_WR)
                elif how == "reset":
                    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    theirs.close()
                else:
                    theirs.close()
                gone.append(bool(green_select.select([ours], [], [], 0)[0]))
                ours.close()
                theirs.close()
        return open_ones, gone

    open_ones, gone = in_a_loop_of_its_own(body)
    assert not any(open_ones)
    assert all(gone)


def test_a_look_without_waiting_sees_it_among_much_that_is_due_at_once() -> None:
    def body() -> bool:
        ours, theirs = socket.socketpair()
        theirs.close()
        for _ in range(100):
            hub.call_soon(hub.call_soon, int)
        return bool(green_select.select([ours], [], [], 0)[0])

    assert in_a_loop_of_its_own(body)


def test_the_time_that_somebody_takes_is_theirs_alone() -> None:
    def burn(seconds: float) -> None:
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    def body() -> tuple[int, int]:
        taken: dict[str, int] = {}

        def work(who: str, seconds: float) -> None:
            with hub.LoopTime() as measured:
                for _ in range(4):
                    burn(seconds / 4)
                    eventlet.sleep(0.001)
            taken[who] = measured.microseconds

        both = [eventlet.spawn(work, "alice", 0.02), eventlet.spawn(work, "mallory", 0.2)]
        for each in both:
            each.wait()
        return taken["alice"], taken["mallory"]

    alice, mallory = in_a_loop_of_its_own(body)
    assert 20_000 <= alice < 40_000
    assert 200_000 <= mallory < 260_000


@pytest.mark.parametrize("goodbye", ["close", "reset", "none", "another request"])
def test_a_request_can_tell_whether_its_client_still_waits(goodbye: str) -> None:
    """The server asks twice: while the client waits, and after it did what `goodbye` says."""

    def body() -> list[bool]:
        told: list[bool] = []
        listener, may_go_on = eventlet.listen(("127.0.0.1", 0)), eventlet.event.Event()

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
            told.append(hub.has_hung_up(environ))
            may_go_on.wait()
            told.append(hub.has_hung_up(environ))
            start_response("204 No Content", [])
            return []

        server = eventlet.spawn(wsgi.server, listener, answer, log_output=False)
        client = eventlet.connect(listener.getsockname())
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not told:
            eventlet.sleep(0.01)
        if goodbye == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if goodbye in ("close", "reset"):
            client.close()
        if goodbye == "another request":
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        eventlet.sleep(0.05)
        may_go_on.send()
        while len(told) < 2:
            eventlet.sleep(0.01)
        server.kill()
        return told[:2]

    assert in_a_loop_of_its_own(body) == [False, goodbye in ("close", "reset")]


def test_where_there_is_no_socket_nobody_has_hung_up() -> None:
    assert not hub.has_hung_up({})
