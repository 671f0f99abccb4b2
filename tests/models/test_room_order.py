"""The order of a person's rooms: a page of it costs the same whatever the number of rooms."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.controllers import broadcasts, mentions, readings, recency, rooms
from chat.models import room as room_module
from chat.models import room_order
from chat.models import user as user_module
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.list_places import take_place
from chat.models.membership import Membership
from chat.models.membership import cache as membership_cache
from chat.models.message import Message
from chat.models.room import Room
from chat.models.room_order import NEAR, page_of
from chat.models.user import User
from chat.schemas.rooms import show_room_items
from config import Settings
from tests.helpers.commands import counted, listen
from tests.helpers.crowded import direct_room


def person(name: str = "alice") -> User:
    return User.register(f"{name}-{new_id()}", name.capitalize(), "")


def again(user: User) -> User:
    """Return the person as a new request loads them."""
    found = User.find(user.id)
    assert found
    return found


def put_into_rooms(user: User, count: int, name: str = "Room") -> list[Id]:
    """Return the ids of so many new rooms of a person, every fourth a direct one."""
    ids = []
    for number in range(count):
        if number % 4 == 0:
            room = direct_room(user.id, person("partner").id)
        else:
            room = Room.prepare("private", f"{name} {number}", "")
            room.open()
            Membership.begin(room, user.id, "member", 0)
        ids.append(room.id)
    return ids


def walk(user: User, limit: int = 100) -> list[list[Id]]:
    """Return every page of a person's rooms."""
    pages, before = [], None
    while True:
        found, before = page_of(again(user), before, limit)
        pages.append([mine.room.id for mine in found])
        if before is None:
            return pages


def use(user: User, room_id: Id) -> None:
    mine = Membership.find_now(room_id, user.id)
    assert mine
    recency.note_use(again(user), mine)


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a list in which rooms move forward from beyond the third position."""
    monkeypatch.setattr(room_order, "NEAR", 3)
    return 3


def test_whoever_says_how_far_they_have_read_finds_the_room_first(app: Flask, near: int) -> None:
    alice = person()
    ids = put_into_rooms(alice, 5)
    for forward_only, room_id in ((True, ids[0]), (False, ids[1])):
        readings.mark_read(again(alice), str(room_id), 0, forward_only=forward_only)
        assert walk(alice)[0][0] == room_id


def test_whoever_comes_into_a_room_finds_it_first(app: Flask) -> None:
    alice = person()
    ids = put_into_rooms(alice, 5)
    assert walk(alice) == [ids[::-1]]
    Membership.find(ids[2], alice.id).end()
    assert walk(alice) == [[ids[4], ids[3], ids[1], ids[0]]]


def test_a_room_that_is_used_comes_forward_from_far_behind_and_stays_where_it_is_near_the_front(
    app: Flask, near: int
) -> None:
    alice = person()
    ids = put_into_rooms(alice, 6)
    use(alice, ids[4])
    assert walk(alice) == [ids[::-1]], "it was near the front"
    use(alice, ids[0])
    assert walk(alice)[0] == [ids[0], *ids[:0:-1]]


def test_the_rooms_used_last_are_always_on_the_first_page(app: Flask, near: int) -> None:
    alice = person()
    ids = put_into_rooms(alice, 12)
    for chosen in (0, 5, 9, 1, 5, 0, 11, 2, 2, 7, 0, 1):
        use(alice, ids[chosen])
        used = (ids[chosen], *walk(alice, near)[0])
        assert ids[chosen] in used[1:], chosen


def test_few_rooms_are_never_moved_whatever_is_done_in_them(app: Flask) -> None:
    alice = person()
    ids = put_into_rooms(alice, 10)
    before = again(alice).places
    for room_id in ids:
        use(alice, room_id)
    assert again(alice).places == before < NEAR


def test_everybody_in_a_direct_room_finds_it_in_front_when_something_is_said_there(
    app: Flask, near: int
) -> None:
    alice, bob = person(), person("bob")
    room = direct_room(alice.id, bob.id)
    put_into_rooms(alice, 1)  # as few as that
    put_into_rooms(bob, 4)
    recency._come_forward_for_all(room, 0)
    places = again(alice).places
    recency._come_forward_for_all(room, 0)
    assert again(alice).places == places, "it is there already"
    assert walk(alice)[0][0] == walk(bob)[0][0] == room.id


def test_a_hidden_room_has_no_place_and_using_it_does_not_list_it(app: Flask, near: int) -> None:
    alice = person()
    ids = put_into_rooms(alice, 6)  # that of 4 is direct
    mine = Membership.find_now(ids[4], alice.id)
    assert mine
    mine.hide()
    mine.move_to_front()  # by somebody who does not know yet
    listed = [ids[5], ids[3], ids[2], ids[1], ids[0]]
    use(alice, ids[4])
    assert walk(alice) == [listed]
    assert Membership.room_ids_of(alice.id) == tuple(reversed(listed))
    assert {each.room.id for each in Membership.of_hidden_too(alice.id)} == set(ids)
    hidden = Membership.find_now(ids[4], alice.id)
    assert hidden
    assert hidden.place is None
    use(alice, ids[5])
    assert [hidden.list_again()[1] for _ in range(2)] == [True, False], "of two at once, one"
    assert walk(alice) == [[ids[4], *listed]]
    assert ids[4] in Membership.room_ids_of(alice.id)


def test_whoever_left_has_no_place_and_whoever_nothing_was_said_to_neither(app: Flask) -> None:
    alice, bob = person(), person("bob")
    ids = put_into_rooms(alice, 3)
    mine = Membership.find_now(ids[1], alice.id)
    assert mine
    mine.end()
    assert walk(alice) == [[ids[2], ids[0]]]
    assert [found.room.id for found in Membership.find_many(alice.id, ids[:2])] == ids[:1]
    assert alice.id not in Membership.people_in(ids[1])
    assert Membership.counts(ids) == {ids[0]: 2, ids[1]: 0, ids[2]: 1}
    room, _ = Room.direct({alice.id, bob.id})
    for user in (alice, bob):
        Membership.begin_direct(room, user.id)
    assert walk(bob) == [[]]
    assert Membership.room_ids_of(bob.id) == ()
    Membership.begin(Room.find(ids[1]), alice.id, "member", 0)
    assert walk(alice) == [[ids[1], ids[2], ids[0]]]


def test_pages_go_on_without_a_hole_and_without_an_empty_one_at_the_end(app: Flask) -> None:
    alice = person()
    ids = put_into_rooms(alice, 9)
    assert walk(alice, 3) == [ids[8:5:-1], ids[5:2:-1], ids[2::-1]]
    assert walk(person("bob")) == [[]]


def test_a_list_with_wide_gaps_is_crossed_in_a_few_steps(app: Flask, settings: Settings) -> None:
    listen(settings)
    alice = person()
    ids = put_into_rooms(alice, 4)
    for room_id, place in zip(ids[2:], (5_000, 70_000), strict=True):
        database["memberships"].update_one(
            {"room_id": room_id, "user_id": alice.id}, {"$set": {"place": place}}
        )
    database["users"].update_one({"_id": alice.id}, {"$set": {"places": 70_000}})
    Membership.forget(ids[2], alice.id)
    take_place(alice.id)
    with counted() as commands:
        assert walk(alice, 10) == [ids[::-1]]
    assert len(commands) < 20


def test_a_walk_misses_no_room_while_others_move_to_the_front(app: Flask, near: int) -> None:
    alice = person()
    ids = put_into_rooms(alice, 40)
    seen, before, turn = [], None, 0
    while True:
        found, before = page_of(again(alice), before, 5)
        seen += [mine.room.id for mine in found]
        if before is None:
            break
        for step in (7, 13):  # rooms that were seen, and rooms that were not
            use(alice, ids[(turn * step) % 40])
        put_into_rooms(alice, 1, "new")
        turn += 1
    moved_before_they_were_seen = set(ids) - set(seen)
    first_pages = [room_id for page in walk(alice, 5)[:6] for room_id in page]
    assert len(seen) == len(set(seen)), "no room twice"
    assert moved_before_they_were_seen <= set(first_pages), (
        "what a walk does not come to has moved to the front"
    )


def test_of_two_who_give_out_a_place_at_once_each_has_another(app: Flask) -> None:
    alice = person()
    assert len({take_place(alice.id) for _ in range(10)}) == 10
    assert again(alice).places == 10


def test_rooms_are_found_by_a_part_of_their_name_and_direct_ones_by_their_people(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "LONGEST_PAGE", 4)
    alice = person()
    put_into_rooms(alice, 12)

    def names(part: str) -> list[str]:
        found, before = [], None
        while True:
            items, before = rooms.named(again(alice), part, before, 2)
            found += [item["room"]["name"] for item in show_room_items(items)]
            if before is None:
                return found

    assert names("room 1") == ["Room 11", "Room 10", "Room 1"]
    assert [name.split(" @")[0] for name in names("ARTN")] == ["Partner"] * 3
    assert names("nowhere") == []


def test_what_a_page_asks_the_database_does_not_depend_on_the_number_of_rooms(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(settings)
    monkeypatch.setattr(broadcasts.socketio, "emit_here", lambda *_: None)
    asked, writer = {}, person("writer")
    for count in (20, 120):  # more than a page has
        alice = person()
        for room_id in put_into_rooms(alice, count):
            Message.post(room_id, again(alice), "c1", "hello")
            Message.post(room_id, writer, "c2", f"@{alice.username}")
        alice = again(alice)
        for name, verb in {
            "list": lambda who: show_room_items(rooms.mine(who)[0]),
            "mentions": mentions.list_of,
            "presence": lambda who: broadcasts.presence_changed(who.id, lambda _: "online"),
        }.items():
            verb(
                alice
            )  # a process reads what it must know of a room's newest entries once, for everybody
            for memory in (
                membership_cache.counts,
                membership_cache.records,
                room_module._cache,
                user_module._cache,
            ):
                memory.clear()
            with counted() as commands:
                verb(alice)
            asked.setdefault(name, []).append(commands)
    for name, (few, many) in asked.items():
        # On a slow machine a memory of a few seconds may end during one of the two.
        assert abs(len(many) - len(few)) <= 1, name
    assert min(map(len, asked["list"])) <= 4, (
        "its memberships, their rooms, the people of direct ones, the counts"
    )
