"""Engine.IO v4 and Socket.IO v5, as their documents specify them."""

from __future__ import annotations

import json
import threading
import time

import pytest
import requests

from tests.helpers.servers import wait_until
from tests.realtime.tools import BINARY, Line, Plain, Talker


def opened(app: Plain, query: str = "EIO=4&transport=websocket") -> Line:
    line = Line(app.port, query)
    assert line.status == 101
    assert str(line.next()).startswith("0{")
    return line


# Engine.IO: the handshake


def test_a_polling_handshake_tells_how_to_go_on(quick: Plain) -> None:
    answer = quick.get()
    assert (answer.status_code, answer.text[0]) == (200, "0")
    opening = json.loads(answer.text[1:])
    assert set(opening) == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert (opening["upgrades"], opening["pingInterval"], opening["pingTimeout"]) == (
        ["websocket"],
        300,
        200,
    )
    assert opening["maxPayload"] == 100_000


def test_a_websocket_handshake_tells_the_same_and_offers_no_upgrade(quick: Plain) -> None:
    line = Line(quick.port)
    opening = json.loads(str(line.next())[1:])
    assert (opening["upgrades"], opening["pingInterval"], opening["maxPayload"]) == (
        [],
        300,
        100_000,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"EIO": ""},
        {"EIO": "3"},
        {"EIO": "abc"},
        {"transport": None},
        {"transport": ""},
        {"transport": "abc"},
        {"transport": "websocket"},
        {"sid": "abc"},
    ],
)
def test_a_polling_handshake_of_the_wrong_kind_is_a_bad_request(
    quick: Plain, query: dict[str, str]
) -> None:
    assert quick.get(**query).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "EIO=abc&transport=websocket",
        "transport=websocket",
        "EIO=4&transport=abc",
        "EIO=4&transport=polling",
        "EIO=4&transport=websocket&sid=abc",
    ],
)
def test_a_websocket_handshake_of_the_wrong_kind_is_a_bad_request(quick: Plain, query: str) -> None:
    assert Line(quick.port, query).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_session_begins_with_get(quick: Plain, method: str) -> None:
    assert (
        requests.request(
            method, quick.url + "/socket.io/?EIO=4&transport=polling", timeout=5
        ).status_code
        == 400
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Connection": "keep-alive"}, 400),
    ],
)
def test_a_websocket_handshake_that_is_none_is_refused(
    quick: Plain, headers: dict[str, str], status: int
) -> None:
    given = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    } | headers
    assert (
        requests.get(
            quick.url + "/socket.io/?EIO=4&transport=websocket", headers=given, timeout=5
        ).status_code
        == status
    )


def test_compression_of_the_websocket_is_not_agreed_to(quick: Plain) -> None:
    """Stock agreed, for 90 KB a connection."""
    line = Line(
        quick.port,
        headers="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
    )
    assert line.status == 101
    assert "extensions" not in line.head.lower()


def test_where_only_websocket_is_offered_a_poll_is_told_so(another: object) -> None:
    app = another(transports=["websocket"])  # type: ignore[operator]
    answer = app.get()
    assert answer.status_code == 400
    assert "Only websocket is served here" in answer.json()["message"]
    assert Talker(app).call("message-with-ack", 1) == [1]


# Engine.IO: messages, heartbeat, the end


def test_messages_travel_both_ways_by_polling(patient: Plain) -> None:
    sid = patient.poll_session(connected=True)
    assert patient.push(sid, '42["message","a"]\x1e42["message","b",{"c":[1]}]').text == "ok"
    heard = ""
    while heard.count("message-back") < 2:
        heard += patient.get(sid).text + "\x1e"
    assert heard.strip("\x1e").split("\x1e") == [
        '42["message-back","a"]',
        '42["message-back","b",{"c":[1]}]',
    ]


def test_binary_travels_both_ways_by_polling(patient: Plain) -> None:
    sid = patient.poll_session(connected=True)
    patient.push(sid, '451-["message",{"_placeholder":true,"num":0}]\x1ebAQIDBA==')
    assert (
        patient.get(sid).text == '451-["message-back",{"_placeholder":true,"num":0}]\x1ebAQIDBA=='
    )


@pytest.mark.parametrize(
    "body",
    [
        "abc",
        "",
        "6",
        "5",
        "0",
        "2",
        "2probe",
        "4",
        "4abc",
        "bAQID",
        "b!",
        b"\xff\xfe",
        "42{}",
        "42[]",
        '42["disconnect"]',
    ],
)
def test_a_bad_packet_by_polling_is_a_bad_request_and_ends_the_session(
    patient: Plain, body: str | bytes
) -> None:
    sid = patient.poll_session(connected=True)
    assert patient.push(sid, body).status_code == 400
    assert patient.get(sid).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "abc",
        "",
        "6",
        "5",
        "0{}",
        "2",
        "4",
        "4abc",
        "47",
        "42{}",
        "42[]",
        "42",
        "42[null]",
        "42abc[1]",
        "43[1]",
        "44{}",
        "40[1]",
        '40"x"',
        "4051-[1]",
        "41[1]",
        '42["connect_error"]',
        "4511-[1]",
        "45[1]",
        "42" + "[" * 5000,
    ],
)
def test_a_bad_packet_by_websocket_ends_the_session(
    patient: Plain, bystander: Talker, body: str
) -> None:
    line = opened(patient)
    line.send("40")
    line.until("42")
    line.send(body)
    assert line.ended() == 1003


def test_pings_come_and_pongs_keep_a_session_alive_by_websocket(quick: Plain) -> None:
    line = opened(quick)
    line.send("40")
    for _ in range(4):
        while line.frame()[1] != b"2":
            pass
        line.send("3")
    line.send('42["message","alive"]')
    assert line.until('42["message-back"') == '42["message-back","alive"]'


def test_pings_come_and_pongs_keep_a_session_alive_by_polling(quick: Plain) -> None:
    sid = quick.poll_session(connected=True)
    for _ in range(4):
        assert quick.get(sid).text == "2"
        assert quick.push(sid, "3").text == "ok"


def test_who_sends_no_pong_is_gone_in_time_by_websocket(quick: Plain) -> None:
    line = opened(quick)
    line.send("40")
    sid = json.loads(line.until("40")[2:])["sid"]
    began = time.monotonic()
    assert line.ended() == 1000
    assert 0.3 < time.monotonic() - began < 1.0
    assert quick.goodbye(sid) == "ping timeout"


def test_who_sends_no_pong_is_gone_in_time_by_polling(quick: Plain) -> None:
    """Stock noticed it late: 400 came only after another ping_timeout and more."""
    sid = quick.poll_session(connected=True)
    time.sleep(0.55)
    assert quick.get(sid).status_code == 400


def test_a_pong_that_nobody_asked_for_changes_nothing(quick: Plain) -> None:
    line = opened(quick)
    line.send("40")
    for _ in range(1000):
        line.send("3")
    assert line.ended() == 1000, "it is no sign of life either"


def test_a_second_websocket_for_a_session_that_is_being_upgraded_is_hung_up_on(
    patient: Plain,
) -> None:
    """The reference server opens the WebSocket and closes it.

    With an HTTP answer instead, clients raise an error that nobody expects.
    """
    sid = patient.poll_session(connected=True)
    first, second = (Line(patient.port, f"EIO=4&transport=websocket&sid={sid}") for _ in range(2))
    assert (second.status, second.ended()) == (101, 1003)
    first.send("2probe")
    assert first.next() == "3probe"


def test_a_second_poll_while_one_waits_ends_the_session(patient: Plain) -> None:
    """Stock answered both, and lost packets."""
    sid = patient.poll_session(connected=True)
    first: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: first.append(patient.get(sid)))
    waiting.start()
    time.sleep(0.2)
    assert patient.get(sid).status_code == 400
    waiting.join(5)
    assert (first[0].status_code, first[0].text) == (200, "1")
    assert patient.get(sid).status_code == 400


def test_a_client_closes_by_polling(patient: Plain) -> None:
    sid = patient.poll_session(connected=True)
    first: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: first.append(patient.get(sid)))
    waiting.start()
    time.sleep(0.2)
    assert patient.push(sid, "1").status_code == 200
    waiting.join(5)
    assert (first[0].status_code, first[0].text) == (200, "6")
    assert patient.get(sid).status_code == 400


def test_a_client_closes_by_websocket(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send("1")
    assert talker.ended() == 1000
    assert patient.goodbye(talker.sid) == "client disconnect"


def test_a_line_that_breaks_is_a_transport_close(patient: Plain) -> None:
    talker = Talker(patient)
    talker.close()
    assert patient.goodbye(talker.sid) == "transport close"


# Engine.IO: the upgrade


def test_a_session_is_upgraded_and_loses_nothing(patient: Plain) -> None:
    sid = patient.poll_session(connected=True)
    waiting: list[str] = []
    poll = threading.Thread(target=lambda: waiting.append(patient.get(sid).text))
    poll.start()
    time.sleep(0.1)
    line = Line(patient.port, f"EIO=4&transport=websocket&sid={sid}")
    line.send("2probe")
    assert line.next() == "3probe"
    poll.join(5)
    assert waiting == ["6"], "the poll that waits is let go"
    patient.push(sid, '42["message","before"]')
    wait_until(lambda: patient.state["counters"]["packets_in"], "it is taken")
    line.send("5")
    line.send('42["message","after"]')
    assert [line.next(), line.next()] == [
        '42["message-back","before"]',
        '42["message-back","after"]',
    ]
    assert patient.get(sid).status_code == 400, "it is no polling session any more"
    another = Line(patient.port, f"EIO=4&transport=websocket&sid={sid}")
    assert (another.status, another.ended()) == (101, 1003), "nor can it be upgraded again"
    line.send('42["message","still"]')
    assert line.next() == '42["message-back","still"]'


@pytest.mark.parametrize("words", [["5"], ["2"], ["2probe", "2probe"], ["2probe", "4"], ["40"]])
def test_an_upgrade_that_is_none_leaves_the_session_as_it_is(
    patient: Plain, words: list[str]
) -> None:
    sid = patient.poll_session(connected=True)
    line = Line(patient.port, f"EIO=4&transport=websocket&sid={sid}")
    for word in words:
        line.send(word)
    assert line.ended() == 1003
    patient.push(sid, '42["message","here"]')
    assert patient.get(sid).text == '42["message-back","here"]'


# Socket.IO


def test_a_client_connects_to_namespaces_and_tells_who_it_is(patient: Plain) -> None:
    line = opened(patient)
    for namespace in ("", "/custom,"):
        line.send(f'40{namespace}{{"token":"123"}}')
        answer = str(line.next())
        assert answer.startswith(f"40{namespace}")
        assert set(json.loads(answer[2 + len(namespace) :])) == {"sid"}
        assert line.next() == f'42{namespace}["auth",{{"token":"123"}}]'


def test_a_namespace_with_a_query_is_the_namespace(patient: Plain) -> None:
    line = opened(patient)
    line.send("40/custom?key=value,")
    assert str(line.next()).startswith("40/custom,{")


def test_a_namespace_that_nobody_serves_is_refused_by_name(patient: Plain) -> None:
    """Stock: `connect_error` with an empty message."""
    line = opened(patient)
    line.send("40/random")
    assert line.next() == '44/random,{"message":"Invalid namespace"}'


def test_who_is_refused_is_told_why_and_hears_nothing(patient: Plain) -> None:
    line = opened(patient)
    line.send('40{"refuse":"full"}')
    assert line.next() == '44{"message":"no entry","data":{"reason":"full"}}'
    patient.post("/emit", event="secret", data=1)
    line.send("40")
    assert str(line.next()).startswith("40{"), "and may try again"


def test_what_a_connect_handler_emits_comes_after_the_connect_packet_and_not_with_it(
    patient: Plain,
) -> None:
    """Clients that listen only after CONNECT would miss packets in the same piece of the stream."""
    line = opened(patient)
    line.send("40")
    assert line.until("40{") and line.buffer == b""
    assert line.next() == '42["auth",{}]'


def test_what_a_connect_handler_emits_comes_also_when_the_session_is_closed_at_once(
    patient: Plain,
) -> None:
    line = opened(patient)
    line.send("40")
    line.send('42["close transport"]')
    assert str(line.next()).startswith("40{")
    assert line.next() == '42["auth",{}]'


def test_nothing_comes_before_the_connect_packet(patient: Plain) -> None:
    """Stock sent what a `connect` handler emits ahead of CONNECT, and clients dropped it."""
    line = opened(patient)
    line.send('40{"slow":0.3}')
    time.sleep(0.1)
    patient.post("/emit", event="said", data="while it connects")
    assert str(line.next()).startswith("40{")
    assert [str(line.next())[:9], str(line.next())[:9]] == ['42["said"', '42["auth"']


def test_a_client_leaves_one_namespace_and_stays_in_the_other(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send("40/custom,")
    talker.until("42/custom")
    talker.send("41/custom,")
    talker.send('42/custom,["message","nobody hears it"]')
    assert talker.call("message-with-ack", "here") == ["here"]
    talker.send("41")
    assert patient.goodbye(talker.sid) == "client disconnect"


def test_the_server_puts_a_client_out(patient: Plain) -> None:
    talker, other = Talker(patient), Talker(patient)
    other.event("put out", talker.sid)
    assert talker.until("41") == "41"
    assert patient.goodbye(talker.sid) == "server disconnect"
    assert talker.sid not in patient.state["sids"]


def test_the_server_closes_a_transport(patient: Plain) -> None:
    talker = Talker(patient)
    talker.event("close transport")
    assert talker.ended() == 1001
    assert patient.goodbye(talker.sid) == "server disconnect"


def test_events_and_acknowledgements_carry_whatever_json_can(patient: Plain) -> None:
    talker = Talker(patient)
    for content in (
        [],
        [1, "2", {"3": [True, None, 4.5]}],
        ["¿ 💬 \u2028"],
        [{"a": {"b": {"c": []}}}],
    ):
        assert talker.call("message-with-ack", *content) == content
    talker.send('42999["message-with-ack"]')
    assert talker.next() == "43999[]"


def test_binary_events_and_acknowledgements(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send(
        '452-["message",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1}]}]'
    )
    talker.send_frame(BINARY, b"\x01\x02")
    talker.send_frame(BINARY, b"\x03")
    assert (
        talker.next() == '452-["message-back",{"_placeholder":true,"num":0},'
        '{"a":[{"_placeholder":true,"num":1}]}]'
    )
    assert [talker.next(), talker.next()] == [b"\x01\x02", b"\x03"]
    talker.send('451-789["message-with-ack",{"_placeholder":true,"num":0}]')
    talker.send_frame(BINARY, b"\x04")
    assert [talker.next(), talker.next()] == ['461-789[{"_placeholder":true,"num":0}]', b"\x04"]


@pytest.mark.parametrize(
    "placeholder",
    [
        '{"_placeholder":true,"num":1}',
        '{"_placeholder":true,"num":-1}',
        '{"_placeholder":true,"num":"0"}',
        '{"_placeholder":true}',
        '{"_placeholder":true,"num":true}',
    ],
)
def test_a_placeholder_for_nothing_ends_the_session(patient: Plain, placeholder: str) -> None:
    talker = Talker(patient)
    talker.send(f'451-["message",{placeholder}]')
    talker.send_frame(BINARY, b"\x01")
    assert talker.ended() == 1003


def test_the_server_asks_and_the_client_answers(patient: Plain) -> None:
    patient.post("/reset")
    talker, other = Talker(patient), Talker(patient)
    other.event("question", talker.sid)
    assert talker.next() == '421["question","what time is it?"]'
    talker.send('431["noon",{"sharp":true}]')
    wait_until(
        lambda: patient.state["heard"] == [["noon", {"sharp": True}]], "the callback is called"
    )
    talker.send('431["again"]')
    talker.send('4377["nobody asked"]')
    talker.event("message", "here")
    talker.until('42["message-back"')
    assert patient.state["heard"] == [["noon", {"sharp": True}]]


def test_a_handler_may_ask_its_own_client_and_wait(patient: Plain) -> None:
    talker = Talker(patient)
    talker.send('425["call"]')
    assert talker.next() == '421["question","and now?"]'
    talker.send('431["one"]')
    assert talker.next() == '435["one"]'
