"""A direct room appears with its first message; people can hide it, and block each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat.controllers import direct_rooms
from chat.models.block import MOST_BLOCKED
from chat.models.database import database
from chat.models.document import id_from, new_id
from chat.models.membership import Membership
from chat.models.user import User
from chat.schemas.users import PeopleView
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.openapi import fits
from tests.helpers.servers import wait_until
from tests.helpers.world import Heard, Person, World


def opened(by: Person, *others: Person) -> str:
    answer = by.post("/direct-rooms", {"user_ids": [other.id for other in others]})
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


def is_listed(person: Person, room_id: str) -> bool:
    """Return whether the room is in GET /rooms; hello and the sidebar must agree.

    The sidebar shows no conversation in which nothing was said.
    """
    heads = {item["room"]["id"]: item["head_seq"] for item in person.get("/rooms").json()["rooms"]}
    by_api = room_id in heads
    by_socket = room_id in {item["room"]["id"] for item in person.listen().all("hello")[0]["rooms"]}
    by_page = (
        f'data-room-id="{room_id}"' in Browser(person.server).sign_in(person).get("/rooms").text
    )
    assert by_api == by_socket
    assert by_page == (heads.get(room_id, 0) > 0)
    return by_api


def heard_of(heard: Heard, added: Any) -> list[int]:
    """Return the head that came with a room, and the seqs after it.

    The head of an empty room, 0, is left out.
    """
    room_id = added["room"]["id"]
    posted = [entry["seq"] for entry in heard.all("message:posted") if entry["room_id"] == room_id]
    return [seq for seq in (added["head_seq"], *posted) if seq]


def refused(answer: Any) -> str:
    error = answer["error"] if isinstance(answer, dict) else answer.json()["error"]
    assert error["code"] == "forbidden"
    return str(error["message"])


@pytest.fixture
def talk(world: World) -> str:
    """Return a room in which bob and mallory have written to each other."""
    room_id = opened(world.bob, world.mallory)
    world.bob.say(room_id, "hello")
    world.mallory.say(room_id, "hello bob")
    return room_id


# appearing


def test_a_direct_room_is_nothing_to_the_others_before_something_is_said_in_it(
    world: World,
) -> None:
    bob = world.bob.listen()
    room_id = opened(world.mallory, world.bob)
    assert opened(world.mallory, world.bob) == room_id
    assert is_listed(world.mallory, room_id)
    assert not is_listed(world.bob, room_id)
    assert bob.call("room:create", {"name": "settled"})["ok"]
    assert [added["room"]["name"] for added in bob.all("room:added")] == ["settled"]
    said = world.mallory.say(room_id, "psst")
    added = bob.next("room:added")
    while added["room"]["id"] != room_id:
        added = bob.next("room:added")
    assert bob.next("notification")["message"]["id"] == said["id"]
    assert heard_of(bob, added) == [1], "told with the room, or right behind it"
    assert world.bob.standing(room_id)["unread"] == 1
    assert is_listed(world.bob, room_id)


def test_whoever_opens_it_too_has_it_in_their_list(world: World) -> None:
    room_id = opened(world.mallory, world.bob)
    assert opened(world.bob, world.mallory) == room_id
    assert is_listed(world.bob, room_id)


def test_a_message_that_is_sent_again_makes_the_room_appear_where_the_first_try_did_not_come_so_far(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = opened(world.mallory, world.bob)
    world.mallory.say(room_id, "psst", client_id="once")
    database["memberships"].update_one(
        {"room_id": id_from(room_id), "user_id": id_from(world.bob.id)},
        {"$set": {"state": "unsaid", "place": None}},
    )
    assert not is_listed(world.bob, room_id)
    world.mallory.say(room_id, "psst", client_id="once")
    assert is_listed(world.bob, room_id)


def test_two_who_write_first_at_once_are_both_heard(world: World) -> None:
    for _ in range(10):
        eve, dave = Person(world, "eve"), Person(world, "dave")
        room_id, hears = opened(eve, dave), dave.listen()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda person: person.say(room_id, "first"), (eve, dave)))
        assert is_listed(dave, room_id)
        while hears.next("room:added")["room"]["id"] != room_id:
            pass


# hiding


def test_a_hidden_room_is_in_no_list_until_something_is_said(world: World, talk: str) -> None:
    bob, phone = world.bob.listen(), world.bob.second_device().listen()
    assert world.bob.put(f"/rooms/{talk}/hidden").status_code == 204
    assert world.bob.put(f"/rooms/{talk}/hidden").status_code == 204, "again is harmless"
    for heard in (bob, phone):
        assert heard.next("room:removed") == {"room_id": talk}
    assert not is_listed(world.bob, talk)
    assert is_listed(world.mallory, talk)
    assert len(world.bob.reads(talk)["messages"]) == 2, "it can be read all the same"
    found = world.bob.get("/search", params={"q": "hello"}).json()["results"]
    assert {result["message"]["room_id"] for result in found} == {talk}, "and searched"
    world.mallory.say(talk, "are you there?")
    added = [heard.next("room:added") for heard in (bob, phone)]
    world.mallory.say(talk, "ah")
    for heard, told in zip((bob, phone), added, strict=True):
        wait_until(
            lambda heard=heard, told=told: heard_of(heard, told)[-1] == 4, "it is heard again"
        )
        assert heard_of(heard, told) in ([3, 4], [2, 3, 4])
    assert is_listed(world.bob, talk)


def test_a_hidden_room_is_shown_again_by_hand_by_opening_it_and_by_writing_in_it(
    world: World, talk: str
) -> None:
    for show in (
        lambda: world.bob.delete(f"/rooms/{talk}/hidden"),
        lambda: world.bob.post("/direct-rooms", {"user_ids": [world.mallory.id]}),
        lambda: world.bob.post(f"/rooms/{talk}/messages", {"client_id": "again", "body": "again"}),
    ):
        assert world.bob.put(f"/rooms/{talk}/hidden").status_code == 204
        assert not is_listed(world.bob, talk)
        bob = world.bob.listen()
        assert show().ok
        assert bob.next("room:added")["room"]["id"] == talk
        assert is_listed(world.bob, talk)


def test_changes_of_what_was_said_bring_no_hidden_room_back(world: World, talk: str) -> None:
    said = world.mallory.say(talk, "frist")
    world.bob.put(f"/rooms/{talk}/hidden")
    world.mallory.patch(f"/messages/{said['id']}", {"body": "first"})
    world.mallory.put(f"/messages/{said['id']}/reactions/👍")
    world.mallory.put(f"/rooms/{talk}/read", {"seq": 1})
    assert not is_listed(world.bob, talk)


def test_what_is_said_at_the_moment_of_hiding_brings_it_back(
    world: World, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer checks before the room is hidden; so hiding checks once more."""
    hide, me = Membership.hide, User.find(id_from(world.bob.id))

    def hide_while_somebody_writes(membership: Membership) -> Membership:
        world.mallory.say(talk, "just now")
        return hide(membership)

    monkeypatch.setattr(Membership, "hide", hide_while_somebody_writes)
    direct_rooms.hide(me, talk)
    assert is_listed(world.bob, talk)


def test_a_change_or_a_blocked_person_at_the_moment_of_hiding_brings_nothing_back(
    world: World, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = world.mallory.say(talk, "frist")
    of_three = world.bob.post(
        "/direct-rooms", {"user_ids": [world.mallory.id, world.carol.id]}
    ).json()["id"]
    world.bob.say(of_three, "hello")
    hide, me = Membership.hide, User.find(id_from(world.bob.id))

    reaction = f"/messages/{said['id']}/reactions/👍"
    meanwhile = iter(
        [lambda: world.mallory.put(reaction), lambda: world.mallory.say(of_three, "and I")]
    )

    def hide_meanwhile(membership: Membership) -> Membership:
        assert next(meanwhile)()
        return hide(membership)

    monkeypatch.setattr(Membership, "hide", hide_meanwhile)
    direct_rooms.hide(me, talk)
    assert not is_listed(world.bob, talk)
    assert world.bob.put(f"/users/{world.mallory.id}/block").status_code == 204
    direct_rooms.hide(me, of_three)
    assert not is_listed(world.bob, of_three)


def test_other_rooms_are_left_not_hidden(world: World) -> None:
    room_id = world.room()
    answer = world.bob.put(f"/rooms/{room_id}/hidden")
    assert (answer.status_code, refused(answer)) == (403, "This can be done in a direct room only.")
    assert world.mallory.put(f"/rooms/{room_id}/hidden").status_code == 404
    assert world.mallory.delete(f"/rooms/{room_id}/hidden").status_code == 404


# blocking


def test_a_blocked_person_opens_no_room_adds_and_invites_nobody_and_learns_nothing(
    world: World,
) -> None:
    trap = world.mallory.make_room("Trap", kind="private")
    bob = world.bob.listen()
    assert world.bob.put(f"/users/{world.mallory.id}/block").status_code == 204
    assert world.bob.put(f"/users/{world.mallory.id}/block").status_code == 204, "again is harmless"
    dave = Person(world, "dave")
    for others in ([world.bob], [dave, world.bob]):
        answer = world.mallory.post("/direct-rooms", {"user_ids": [other.id for other in others]})
        assert refused(answer) == "You cannot write to these people."
    answer = world.mallory.post(f"/rooms/{trap}/members", {"user_id": world.bob.id})
    assert refused(answer) == "You cannot add this person."
    assert world.bob.get("/me/room-invitations").json()["invitations"] == []
    assert not bob.all("room:invited")
    assert not bob.all("room:added")
    assert world.mallory.get(f"/users/{world.bob.id}").status_code == 200
    assert "block" not in world.mallory.get("/me").text
    assert world.mallory.get("/me/blocks").json() == {"users": [], "next": None}
    assert world.bob.delete(f"/users/{world.mallory.id}/block").status_code == 204
    assert (
        world.mallory.post(f"/rooms/{trap}/members", {"user_id": world.bob.id}).status_code == 202
    )


def test_a_room_of_several_that_was_opened_before_the_block_does_not_appear_for_it(
    world: World,
) -> None:
    ids = [world.bob.id, world.carol.id]
    room_id = world.mallory.post("/direct-rooms", {"user_ids": ids}).json()["id"]
    assert world.bob.put(f"/users/{world.mallory.id}/block").status_code == 204
    world.mallory.say(room_id, "look at this")
    assert world.carol.standing(room_id)
    assert room_id not in [item["room"]["id"] for item in world.bob.get("/rooms").json()["rooms"]]
    world.carol.say(room_id, "he is talking to us")
    assert world.bob.standing(room_id), "whom bob does not block reaches him"


def test_blocking_takes_back_what_they_invited_to(world: World) -> None:
    trap = world.mallory.make_room("Trap", kind="private")
    world.mallory.post(f"/rooms/{trap}/members", {"user_id": world.bob.id})
    quay = world.carol.make_room("Quay", kind="private")
    world.carol.post(f"/rooms/{quay}/members", {"user_id": world.bob.id})
    world.bob.put(f"/users/{world.mallory.id}/block")
    left = world.bob.get("/me/room-invitations").json()["invitations"]
    assert [each["room"]["id"] for each in left] == [quay]


def test_in_the_room_of_the_two_nothing_of_theirs_arrives(world: World, talk: str) -> None:
    mine, theirs = world.mallory.say(talk, "mine"), world.bob.say(talk, "bob's")
    world.bob.put(f"/users/{world.mallory.id}/block")
    bob, mallory = world.bob.listen(), world.mallory.listen()
    head = world.bob.standing(talk)["head_seq"]
    tries: dict[str, Callable[[], Any]] = {
        "send": lambda: world.mallory.post(
            f"/rooms/{talk}/messages", {"client_id": "c", "body": "x"}
        ),
        "edit": lambda: world.mallory.patch(f"/messages/{mine['id']}", {"body": "worse"}),
        "react": lambda: world.mallory.put(f"/messages/{theirs['id']}/reactions/👍"),
        "pin": lambda: world.mallory.put(f"/messages/{mine['id']}/pin"),
        "send by socket": lambda: mallory.call(
            "message:send", {"room_id": talk, "client_id": "d", "body": "x"}
        ),
        "typing": lambda: mallory.call("room:typing", {"room_id": talk, "typing": True}),
    }
    assert {name: refused(ask()) for name, ask in tries.items()} == dict.fromkeys(
        tries, "You cannot write in this conversation."
    )
    assert world.mallory.delete(f"/messages/{mine['id']}").status_code == 200, (
        "one's own words stay one's own"
    )
    assert world.bob.standing(talk)["head_seq"] == head + 1
    assert world.mallory.get(f"/rooms/{talk}/messages").status_code == 200
    assert bob.hears_nothing_of("room:typing", talk, 0.1)
    world.bob.say(talk, "I may still write")
    world.bob.delete(f"/users/{world.mallory.id}/block")
    world.mallory.say(talk, "and so may I")


def calls(heard: Heard) -> list[str]:
    return [told["message"]["body"] for told in heard.all("notification")]


def test_in_shared_rooms_their_words_are_seen_and_call_nobody_who_blocks_them(world: World) -> None:
    room_id = world.room()
    three = opened(world.bob, world.carol, world.alice)
    world.bob.put(f"/users/{world.carol.id}/block")
    bob, alice = world.bob.listen(), world.alice.listen()
    for room, body in (
        (room_id, f"@{world.bob.username} named"),
        (room_id, "@room all"),
        (three, "among three"),
    ):
        world.carol.say(room, body)
        alice.next("message:posted")
    world.alice.say(room_id, f"@{world.bob.username} the last")
    while bob.next("notification")["message"]["author"]["id"] != world.alice.id:
        pass
    assert calls(bob) == [f"@{world.bob.username} the last"]
    assert calls(alice) == ["@room all", "among three"]
    assert len(world.bob.reads(room_id)["messages"]) == 3


def test_the_list_of_blocked_people_is_ones_own_and_has_an_end(world: World) -> None:
    world.bob.put(f"/users/{world.mallory.id}/block")
    world.bob.put(f"/users/{world.carol.id}/block")
    listed = world.bob.get("/me/blocks").json()
    fits(PeopleView, listed)
    assert [user["id"] for user in listed["users"]] == [world.carol.id, world.mallory.id]
    assert world.bob.put(f"/users/{world.bob.id}/block").status_code == 409
    assert world.bob.put(f"/users/{'f' * 24}/block").status_code == 404
    assert world.bob.delete(f"/users/{world.alice.id}/block").status_code == 204, (
        "again is harmless"
    )
    database["blocks"].insert_many(
        [
            {"_id": new_id(), "user_id": id_from(world.bob.id), "blocked_id": new_id(), "at": now()}
            for _ in range(MOST_BLOCKED - 2)
        ]
    )
    assert world.bob.put(f"/users/{world.alice.id}/block").status_code == 409
    assert world.bob.put(f"/users/{world.carol.id}/block").status_code == 204, (
        "whom they block already"
    )


def test_hiding_and_blocking_are_done_by_page_without_javascript(world: World, talk: str) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    page = bob.get(f"/rooms/{talk}/members").text
    assert f"/people/{world.mallory.id}/block" in page
    assert f"/people/{world.bob.id}/block" not in page
    back = bob.submit(f"/people/{world.mallory.id}/block", next=f"/rooms/{talk}/members")
    assert f"/people/{world.mallory.id}/unblock" in back.text
    assert "Mallory" in bob.get("/settings/privacy").text
    assert (
        f"/people/{world.mallory.id}/unblock" in bob.get(f"/people/{world.mallory.username}").text
    )
    assert "Hide this conversation" in bob.get(f"/rooms/{talk}/settings").text
    assert f'data-room-id="{talk}"' not in bob.submit(f"/rooms/{talk}/hide").text
    assert "Show in my list" in bob.get(f"/rooms/{talk}/settings").text
    assert f'data-room-id="{talk}"' in bob.submit(f"/rooms/{talk}/show-again").text
    assert "You haven’t blocked anyone." in bob.submit(f"/people/{world.mallory.id}/unblock").text
    assert bob.submit(f"/people/{world.mallory.id}/block", next="//evil.example").url.endswith(
        "/settings/privacy"
    )


def test_a_blocked_person_is_told_no_more_by_page(world: World, talk: str) -> None:
    world.bob.put(f"/users/{world.mallory.id}/block")
    mallory = Browser(world.server).sign_in(world.mallory)
    answer = mallory.submit(f"/rooms/{talk}/messages", client_id="c", body="x")
    assert answer.status_code == 403
    assert "You cannot write in this conversation." in answer.text
    dave = Person(world, "dave")
    dave.put(f"/users/{world.mallory.id}/block")
    answer = mallory.submit("/direct-rooms", user_ids=dave.id)
    assert answer.status_code == 403
    assert "You cannot write to these people." in answer.text
