"""Messages of a room, through the API."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.models.database import database
from chat.models.document import id_from
from tests.helpers.world import Person, World


def test_what_bob_says_carol_reads_and_mallory_does_not(world: World) -> None:
    room_id = world.room()
    said = world.bob.post(
        f"/rooms/{room_id}/messages",
        {"client_id": "c1", "body": " \n\nCoffee on deck ☕ \r\n<b>now</b>  "},
    )
    assert said.status_code == 201
    message = said.json()
    assert (message["seq"], message["version"], message["client_id"]) == (1, 1, "c1")
    assert message["body"] == "Coffee on deck ☕ \n<b>now</b>"
    assert message["body_html"] == "<p>Coffee on deck ☕ <br>&lt;b&gt;now&lt;/b&gt;</p>"
    assert message["author"]["id"] == world.bob.id
    assert message["created_at"].endswith("Z")
    assert world.carol.reads(room_id) == {
        "messages": [message],
        "head_seq": 1,
        "has_before": False,
        "has_after": False,
    }
    assert world.mallory.get(f"/rooms/{room_id}/messages").status_code == 404


def test_the_same_client_id_again_is_the_same_message_and_other_content_a_conflict(
    world: World,
) -> None:
    room_id = world.room()
    body = {"client_id": "c1", "body": "once"}
    answers = [world.bob.post(f"/rooms/{room_id}/messages", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert (
        world.bob.post(f"/rooms/{room_id}/messages", body | {"body": "once \n"}).status_code == 200
    ), "the cleaned text is what counts"
    other = world.bob.post(f"/rooms/{room_id}/messages", body | {"body": "twice"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
    assert world.carol.post(f"/rooms/{room_id}/messages", body).status_code == 201, (
        "a client_id belongs to its author"
    )
    assert [message["body"] for message in world.bob.reads(room_id)["messages"]] == ["once", "once"]


def test_pages_before_after_and_around(world: World) -> None:
    room_id = world.room()
    for i in range(1, 13):
        world.alice.say(room_id, f"{i}")

    def page(**query: int) -> tuple[list[int], bool, bool]:
        found = world.bob.reads(room_id, **query)
        assert found["head_seq"] == 12
        assert [m["body"] for m in found["messages"]] == [str(m["seq"]) for m in found["messages"]]
        return (
            [message["seq"] for message in found["messages"]],
            found["has_before"],
            found["has_after"],
        )

    assert page() == (list(range(1, 13)), False, False)
    assert page(limit=5) == ([8, 9, 10, 11, 12], True, False)
    assert page(before=8, limit=5) == ([3, 4, 5, 6, 7], True, True)
    assert page(before=3, limit=5) == ([1, 2], False, True)
    assert page(before=1) == ([], False, True)
    assert page(before=99, limit=2) == ([11, 12], True, False)
    assert page(after=0, limit=3) == ([1, 2, 3], False, True)
    assert page(after=9, limit=5) == ([10, 11, 12], True, False)
    assert page(after=12) == ([], True, False)
    assert page(after=99) == ([], True, False)
    assert page(around=6, limit=5) == ([4, 5, 6, 7, 8], True, True)
    assert page(around=1, limit=5) == ([1, 2, 3, 4, 5], False, True)
    assert 12 in page(around=12, limit=4)[0]


def test_an_empty_room_has_an_empty_page(world: World) -> None:
    room_id = world.room()
    assert world.bob.reads(room_id) == {
        "messages": [],
        "head_seq": 0,
        "has_before": False,
        "has_after": False,
    }
    assert world.bob.get(f"/rooms/{room_id}/log").json() == {
        "entries": [],
        "head_seq": 0,
        "has_more": False,
    }


def test_the_log_tells_what_was_missed_in_order_and_without_gaps(world: World) -> None:
    room_id = world.room()
    said = [world.alice.say(room_id, f"{i}") for i in range(7)]
    seen, after, more = [], 2, True
    while more:
        part = world.bob.get(f"/rooms/{room_id}/log", params={"after": after, "limit": 2}).json()
        seen += part["entries"]
        after, more = part["entries"][-1]["seq"], part["has_more"]
    assert seen == [
        {"event": "message:posted", "room_id": room_id, "seq": m["seq"], "message": m}
        for m in said[2:]
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"before": 0},
        {"before": -1},
        {"before": "x"},
        {"before": "1e3"},
        {"after": -1},
        {"around": 0},
        {"limit": 0},
        {"limit": 201},
        {"before": 2**60},
        {"before": 3, "after": 1},
        {"before": "1.5"},
        {"nonsense": 1},
    ],
)
def test_cursors_that_are_not_acceptable(world: World, query: dict[str, object]) -> None:
    room_id = world.room()
    answer = world.bob.get(f"/rooms/{room_id}/messages", params=query)
    assert answer.status_code == 422, answer.text


BAD_BODIES = [
    {},
    {"body": "x"},
    {"client_id": "c"},
    {"client_id": "c", "body": ""},
    {"client_id": "c", "body": " \n\t "},
    {"client_id": "c", "body": "x" * 8001},
    {"client_id": "c", "body": None},
    {"client_id": "c", "body": 5},
    {"client_id": "c", "body": ["x"]},
    {"client_id": "c", "body": {"$ne": None}},
    {"client_id": {"$ne": None}, "body": "x"},
    {"client_id": "", "body": "x"},
    {"client_id": "c" * 65, "body": "x"},
    {"client_id": "a b", "body": "x"},
    {"client_id": "c\n", "body": "x"},
    {"client_id": "c", "body": "\x07"},
    {"client_id": "c", "body": "\x00 \u200b"},
    {"client_id": "c", "body": "x", "seq": 1},
    {"client_id": "c", "body": "x", "author_id": "f" * 24},
    {"client_id": "c", "body": "\ud800"},
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: json.dumps(body)[:40])
def test_messages_that_are_not_acceptable_are_refused_and_nothing_is_written(
    world: World, body: dict[str, object]
) -> None:
    room_id = world.room()
    answer = world.bob.ask(
        "POST",
        f"/rooms/{room_id}/messages",
        data=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    # a lone surrogate is not JSON that can be read at all
    assert answer.status_code in (422, 400)
    assert answer.json()["error"]["code"] in ("validation_failed", "bad_request")
    assert world.bob.reads(room_id)["head_seq"] == 0


def test_the_longest_message_is_kept_whole(world: World) -> None:
    room_id = world.room()
    body = "🙂" * 8000
    assert world.bob.say(room_id, body)["body"] == body
    assert world.carol.reads(room_id)["messages"][0]["body"] == body


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "bad_request"),
        ('{"client_id": "c", "body": "x"', "application/json", 400, "bad_request"),
        (b"\xff\xfe", "application/json", 400, "bad_request"),
        ("[]", "application/json", 422, "validation_failed"),
        ('"text"', "application/json", 422, "validation_failed"),
        ("client_id=c&body=x", "application/x-www-form-urlencoded", 415, "unsupported_type"),
        ("<xml/>", "text/xml", 415, "unsupported_type"),
        (
            json.dumps({"client_id": "c", "body": "x" * 10_000_000}),
            "application/json",
            413,
            "too_large",
        ),
        ("[" * 50_000, "application/json", 400, "bad_request"),
        ('{"a":' * 5_000, "application/json", 400, "bad_request"),
        ('{"\\ud800": 1}', "application/json", 422, "validation_failed"),
        (
            '{"client_id": "c", "body": 1' + "0" * 5_000 + "}",
            "application/json",
            400,
            "bad_request",
        ),
    ],
)
def test_requests_that_cannot_be_read(
    world: World, data: str | bytes, content_type: str, status: int, code: str
) -> None:
    room_id = world.room()
    answer = world.bob.ask(
        "POST", f"/rooms/{room_id}/messages", data=data, headers={"Content-Type": content_type}
    )
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert answer.headers["X-Request-ID"] == error["request_id"]
    assert world.bob.reads(room_id)["head_seq"] == 0


@pytest.mark.parametrize("room_id", ["nonsense", "f" * 24, "F" * 24, "0" * 23, "%00", "..", "💥"])
def test_rooms_that_do_not_exist(world: World, room_id: str) -> None:
    answer = world.bob.post(f"/rooms/{room_id}/messages", {"client_id": "c", "body": "x"})
    assert answer.status_code in (404, 405)
    assert answer.json()["error"]["code"] in ("not_found", "method_not_allowed")


def test_chunked_bodies_are_read_and_bounded(world: World) -> None:
    room_id = world.room()
    path, headers = f"/rooms/{room_id}/messages", {"Content-Type": "application/json"}
    assert (
        world.bob.ask(
            "POST",
            path,
            data=iter([b'{"client_id": "c",', b' "body": "in parts"}']),
            headers=headers,
        ).status_code
        == 201
    )
    too_large = world.bob.ask("POST", path, data=iter([b"x" * 100_000] * 10), headers=headers)
    assert too_large.status_code in (400, 413), "cut at the bound, it is not even JSON"
    told = world.bob.post(path, {"body": "x" * 10**7})
    assert re.search("at most [0-9,]+ bytes", told.json()["error"]["message"]), told.text
    assert (
        world.bob.ask(
            "POST", path, data=iter([b"x"]), headers={"Content-Type": "text/plain"}
        ).status_code
        == 415
    )


def test_options_are_answered(world: World) -> None:
    answer = world.bob.ask("OPTIONS", "/rooms")
    assert answer.status_code == 204
    assert "POST" in answer.headers["Allow"]


def test_unknown_paths_and_wrong_methods_have_the_same_shape(world: World) -> None:
    unknown = world.bob.get("/nothing/here")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "not_found")
    wrong = world.bob.delete("/rooms")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]


def test_eight_people_who_send_many_at_once_make_a_dense_log(world: World) -> None:
    room_id = world.alice.make_room()
    people = [world.alice, *(Person(world, f"writer{i}") for i in range(7))]
    for person in people[1:]:
        person.join(room_id)
    with ThreadPoolExecutor(8) as pool:
        seqs = [
            seq
            for part in pool.map(
                lambda p: [p.say(room_id, f"{p.name} {i}")["seq"] for i in range(30)], people
            )
            for seq in part
        ]
    assert sorted(seqs) == list(range(1, 241))
    entries = [
        entry
        for after in (0, 150)
        for entry in world.alice.get(f"/rooms/{room_id}/log?after={after}&limit=150").json()[
            "entries"
        ]
    ]
    assert [entry["seq"] for entry in entries] == list(range(1, 241))
    for person in people:
        own = [
            entry["message"]["body"]
            for entry in entries
            if entry["message"]["author"]["id"] == person.id
        ]
        assert own == [f"{person.name} {i}" for i in range(30)], (
            "each in the order in which they said it"
        )


# messages by their ids


def test_messages_of_any_rooms_are_read_by_their_ids_in_that_order(world: World) -> None:
    harbour, quay = world.room(), world.room("private", "Quay")
    ids = [world.alice.say(room, "hello")["id"] for room in (harbour, quay, harbour)]
    world.alice.delete(f"/messages/{ids[0]}")
    asked = [ids[2], ids[0], "0" * 24, "nonsense", ids[2], ids[1]]
    answer = world.bob.get(f"/messages?ids={','.join(asked)}").json()
    assert [each["id"] for each in answer["messages"]] == [ids[2], ids[0], ids[1]]
    assert answer["messages"][1]["deleted_at"]
    assert answer["next"] is None
    for each in answer["messages"]:
        assert each == world.bob.get(f"/messages/{each['id']}").json()


def test_nobody_reads_by_its_id_what_they_could_not_read_otherwise(world: World) -> None:
    room_id = world.room("private")
    said = world.alice.say(room_id, "for us")["id"]
    path = f"/messages?ids={said}"
    assert len(world.carol.get(path).json()["messages"]) == 1
    assert world.mallory.get(path).json() == {"messages": [], "next": None}
    assert world.alice.delete(f"/rooms/{room_id}/members/{world.carol.id}").status_code == 204
    assert world.carol.get(path).json()["messages"] == []
    world.alice.put(f"/messages/{said}/reactions/:rocket:")
    change = database["log"].find_one({"room_id": id_from(room_id), "seq": 2})
    assert change
    assert world.bob.get(f"/messages?ids={change['_id']}").json()["messages"] == []


def test_who_asks_for_messages_names_up_to_a_hundred(world: World) -> None:
    assert world.bob.get("/messages?ids=").json() == {"messages": [], "next": None}
    assert "ids" in world.bob.get("/messages").json()["error"]["fields"]
    many = ",".join(["0" * 24] * 102)
    assert "ids" in world.bob.get(f"/messages?ids={many}").json()["error"]["fields"]
