"""Strangers cannot add a person to a room: they invite, and the person decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chat.models.database import database
from chat.models.document import id_from
from chat.models.room import Room
from chat.models.room_invitation import DECLINED_FOR, MOST_PENDING, RoomInvitation
from chat.schemas.room_invitations import InvitedView, RoomInvitationsView
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.openapi import fits
from tests.helpers.world import Person, World


def add(by: Person, room_id: str, whom: Person, **role: str) -> Any:
    return by.post(f"/rooms/{room_id}/members", {"user_id": whom.id, **role})


def waiting(person: Person) -> list[Any]:
    answer = person.get("/me/room-invitations").json()
    fits(RoomInvitationsView, answer)
    assert answer["next"] is None
    return list(answer["invitations"])


def accept(person: Person, invitation: Any) -> Any:
    return person.post(f"/me/room-invitations/{invitation['id']}/accept")


def decline(person: Person, invitation: Any) -> Any:
    return person.delete(f"/me/room-invitations/{invitation['id']}")


def test_a_stranger_is_invited_and_comes_in_when_they_accept(world: World) -> None:
    room_id = world.mallory.make_room("Trap", kind="private")
    bob, carol = world.bob.listen(), world.carol.listen()
    answer = add(world.mallory, room_id, world.bob)
    assert answer.status_code == 202
    fits(InvitedView, answer.json())
    assert bob.next("room:invited") == answer.json()
    assert waiting(world.bob) == [answer.json()["invitation"]]
    assert waiting(world.bob)[0]["invited_by"]["id"] == world.mallory.id
    assert world.bob.get(f"/rooms/{room_id}").status_code == 404, "he is not in it yet"
    assert world.bob.get("/rooms").json()["rooms"] == []
    assert [
        member["user"]["id"]
        for member in world.mallory.get(f"/rooms/{room_id}/members").json()["members"]
    ] == [
        world.mallory.id,
    ]
    assert accept(world.carol, waiting(world.bob)[0]).status_code == 404, "it is his"
    accepted = accept(world.bob, waiting(world.bob)[0])
    assert (accepted.status_code, accepted.json()["id"], accepted.json()["role"]) == (
        200,
        room_id,
        "member",
    )
    assert bob.next("room:added")["room"]["id"] == room_id
    assert waiting(world.bob) == []
    assert accept(world.bob, answer.json()["invitation"]).status_code == 404
    assert not carol.all("room:invited")


def test_who_shares_a_room_is_added_at_once_and_so_is_anybody_by_an_administrator(
    world: World,
) -> None:
    world.room()
    room_id = world.bob.make_room("Quay", kind="private")
    assert add(world.bob, room_id, world.carol).status_code == 201
    assert add(world.alice, world.alice.make_room(), world.mallory).status_code == 201


def test_a_direct_room_is_shared_once_the_other_one_wrote_in_it(world: World) -> None:
    """Otherwise everybody could make themselves known to anybody by writing to them."""
    trap = world.mallory.make_room("Trap", kind="private")
    direct = world.mallory.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.mallory.say(direct, "hello bob")
    assert add(world.mallory, trap, world.bob).status_code == 202
    assert decline(world.bob, waiting(world.bob)[0]).status_code == 204
    quay = world.mallory.make_room("Quay")
    world.bob.say(direct, "who are you?")
    assert add(world.mallory, quay, world.bob).status_code == 201


def test_who_left_comes_back_by_their_own_doing_only(world: World) -> None:
    room_id = world.room("private")
    world.room()
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code == 204
    for by in (world.carol, world.alice):
        assert add(by, room_id, world.bob).status_code == 202, "though they share another room"
    assert len(waiting(world.bob)) == 1
    assert waiting(world.bob)[0]["invited_by"]["id"] == world.carol.id, "the first one waits"
    assert world.bob.get(f"/rooms/{room_id}").status_code == 404
    assert accept(world.bob, waiting(world.bob)[0]).status_code == 200


def test_what_is_declined_is_not_repeated_by_the_same_person_for_a_month(world: World) -> None:
    room_id = world.mallory.make_room("Trap", kind="private")
    eve = Person(world, "eve")
    invitation = add(world.mallory, room_id, eve).json()["invitation"]
    assert accept(eve, invitation).status_code == 200
    add(world.mallory, room_id, world.bob)
    assert decline(world.carol, waiting(world.bob)[0]).status_code == 404
    assert decline(world.bob, waiting(world.bob)[0]).status_code == 204
    assert waiting(world.bob) == []
    refused = add(world.mallory, room_id, world.bob)
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        403,
        "You cannot add this person.",
    )
    world.bob.join(world.mallory.make_room("Shared"))
    assert add(world.mallory, room_id, world.bob).status_code == 403, (
        "sharing a room changes nothing"
    )
    assert add(eve, room_id, world.bob).status_code == 202, "somebody else may"
    decline(world.bob, waiting(world.bob)[0])
    database["declined_invitations"].update_many(
        {"room_id": id_from(room_id)},
        {"$set": {"at": now() - DECLINED_FOR - timedelta(seconds=1)}},
    )
    assert add(eve, room_id, world.bob).status_code == 202


def test_an_invitation_is_worth_what_its_inviter_may_do_when_it_is_accepted(world: World) -> None:
    room_id = world.room("private")
    for by, then in (
        (world.bob, lambda: world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}")),
        (world.carol, lambda: world.alice.patch(f"/rooms/{room_id}", {"archived": True})),
    ):
        assert add(by, room_id, world.mallory).status_code == 202
        assert then().ok
        assert accept(world.mallory, waiting(world.mallory)[0]).status_code == 403
        assert world.mallory.get(f"/rooms/{room_id}").status_code == 404
        decline(world.mallory, waiting(world.mallory)[0])


def test_a_role_comes_with_the_invitation_as_long_as_its_inviter_may_give_it(world: World) -> None:
    room_id = world.bob.make_room("Quay", kind="private")
    invitation = add(world.bob, room_id, world.mallory, role="owner").json()["invitation"]
    assert accept(world.mallory, invitation).json()["role"] == "owner"
    eve = Person(world, "eve")
    invitation = add(world.bob, room_id, eve, role="owner").json()["invitation"]
    assert (
        world.mallory.patch(
            f"/rooms/{room_id}/members/{world.bob.id}", {"role": "member"}
        ).status_code
        == 200
    )
    assert accept(eve, invitation).status_code == 403


def test_an_invitation_that_is_worth_nothing_any_more_gives_way_to_the_next(world: World) -> None:
    room_id = world.room("private")
    first = add(world.bob, room_id, world.mallory).json()["invitation"]
    assert add(world.carol, room_id, world.mallory).json()["invitation"] == first, "it is pending"
    assert world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}").status_code == 204
    assert accept(world.mallory, first).status_code == 403
    second = add(world.carol, room_id, world.mallory)
    assert second.status_code == 202
    assert waiting(world.mallory) == [second.json()["invitation"]]
    assert second.json()["invitation"]["invited_by"]["id"] == world.carol.id
    assert accept(world.mallory, waiting(world.mallory)[0]).status_code == 200


def test_the_role_of_an_invitation_changes_by_who_may_give_both_roles(world: World) -> None:
    room_id, eve = world.bob.make_room("Quay", kind="private"), Person(world, "eve")
    assert accept(world.carol, add(world.bob, room_id, world.carol).json()["invitation"]).ok
    for invited, asked in (
        (world.mallory, [(world.carol, "member"), (world.bob, "moderator")]),
        (eve, [(world.bob, "moderator"), (world.carol, "member")]),
    ):
        for by, role in asked:
            answer = add(by, room_id, invited, role=role)
            assert answer.status_code == 202
            assert waiting(invited) == [answer.json()["invitation"]]
        assert accept(invited, waiting(invited)[0]).json()["role"] == "moderator"


def test_who_was_removed_does_not_come_back_by_an_earlier_invitation(world: World) -> None:
    room_id, dave = world.room(), Person(world, "dave")
    invitation = add(world.carol, room_id, dave).json()["invitation"]
    dave.join(room_id)
    assert waiting(dave) == [], "who is in the room is not invited any more"
    RoomInvitation.send(
        Room.find(id_from(room_id)), id_from(dave.id), id_from(world.bob.id), "member"
    )  # at that moment
    assert world.carol.delete(f"/rooms/{room_id}/members/{dave.id}").status_code == 204
    assert accept(dave, invitation).status_code == 404
    assert waiting(dave) == []
    late = RoomInvitation.send(
        Room.find(id_from(room_id)), id_from(dave.id), id_from(world.bob.id), "member"
    )
    assert accept(dave, {"id": str(late.id)}).status_code == 403, (
        "a plain member's word is not enough"
    )
    decline(dave, {"id": str(late.id)})
    again = add(world.carol, room_id, dave)
    assert again.status_code == 202, "a stranger now, and a moderator's word"
    assert accept(dave, again.json()["invitation"]).status_code == 200


def test_of_more_than_a_hundred_the_oldest_gives_way(world: World) -> None:
    user_id, mallory = id_from(world.bob.id), id_from(world.mallory.id)
    room_ids = [
        world.mallory.make_room(f"Trap {number}", kind="private")
        for number in range(MOST_PENDING + 3)
    ]
    for room_id in room_ids:
        RoomInvitation.send(Room.find(id_from(room_id)), user_id, mallory, "member")
    assert [each["room"]["id"] for each in waiting(world.bob)] == room_ids[:2:-1]


def test_invitations_to_a_room_that_is_gone_are_gone(world: World) -> None:
    room_id = world.mallory.make_room("Trap", kind="private")
    invitation = add(world.mallory, room_id, world.bob).json()["invitation"]
    assert world.mallory.delete(f"/rooms/{room_id}").status_code == 204
    assert waiting(world.bob) == []
    assert accept(world.bob, invitation).status_code == 404


def test_two_devices_that_accept_at_once_come_in_once(world: World) -> None:
    room_id = world.mallory.make_room("Quay", kind="private")
    invitation = add(world.mallory, room_id, world.bob).json()["invitation"]
    assert {
        accept(world.bob, invitation).status_code,
        accept(world.bob, invitation).status_code,
    } <= {200, 404}
    assert world.bob.get(f"/rooms/{room_id}").json()["member_count"] == 2


def test_invitations_are_answered_by_page_without_javascript(world: World) -> None:
    rooms = [world.mallory.make_room(name, kind="private") for name in ("Quay", "Trap")]
    bob, mallory = (
        Browser(world.server).sign_in(world.bob),
        Browser(world.server).sign_in(world.mallory),
    )
    assert 'sidebar-invitations" hidden' in bob.get("/rooms").text
    for room_id in rooms:
        assert mallory.submit(f"/rooms/{room_id}/members", user_id=world.bob.id).status_code == 200
        assert "· invited<" in mallory.get(f"/rooms/{room_id}/members").text
        page = mallory.get(f"/rooms/{room_id}/members?q={world.bob.username}").text
        assert ">invited<" in page, "where he is found"
        assert f'name="user_id" value="{world.bob.id}"' not in page
    assert 'sidebar-invitations" hidden' not in bob.get("/rooms").text
    page = bob.get("/invitations").text
    assert "Quay" in page
    assert "Mallory" in page
    by_name = {each["room"]["name"]: each["id"] for each in waiting(world.bob)}
    assert "Quay" in bob.submit(f"/invitations/{by_name['Quay']}/accept").text
    assert world.bob.get(f"/rooms/{rooms[0]}").status_code == 200
    assert "No invitations." in bob.submit(f"/invitations/{by_name['Trap']}/decline").text
    assert world.bob.get(f"/rooms/{rooms[1]}").status_code == 404
    assert (
        Browser(world.server)
        .sign_in(world.carol)
        .submit(f"/invitations/{by_name['Trap']}/accept")
        .status_code
        == 404
    )


def test_who_may_not_add_does_not_see_who_is_invited(world: World) -> None:
    room_id = world.room()
    assert add(world.bob, room_id, world.mallory).status_code == 202
    assert (
        world.mallory.username
        in Browser(world.server).sign_in(world.bob).get(f"/rooms/{room_id}/members").text
    )
    world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    assert (
        world.mallory.username
        not in Browser(world.server).sign_in(world.bob).get(f"/rooms/{room_id}/members").text
    )


@pytest.mark.parametrize("path", ["nonsense", "f" * 24])
def test_an_invitation_that_was_never_there(world: World, path: str) -> None:
    assert world.bob.post(f"/me/room-invitations/{path}/accept").status_code == 404
    assert world.bob.delete(f"/me/room-invitations/{path}").status_code == 404


def test_an_invitation_is_withdrawn_by_who_sent_it_or_moderates(world: World) -> None:
    room_id = world.room()
    path = f"/rooms/{room_id}/invitations/{world.mallory.id}"
    mallory = world.mallory.listen()
    assert world.carol.delete(path).status_code == 404, "nobody has invited her"
    assert add(world.bob, room_id, world.mallory).status_code == 202
    refused = Person(world, "dave")
    assert refused.delete(path).status_code == 404, "he may not even know of the room"
    assert add(world.alice, room_id, refused).status_code == 201
    assert refused.delete(path).status_code == 403
    assert len(waiting(world.mallory)) == 1
    for person in (world.bob, world.carol):
        assert add(world.bob, room_id, world.mallory).status_code == 202
        invitation = waiting(world.mallory)[0]
        assert person.delete(path).status_code == 204
        assert mallory.next("room:uninvited") == {"room_id": room_id}
        assert waiting(world.mallory) == []
        assert accept(world.mallory, invitation).status_code == 404


def test_the_page_of_members_says_who_is_added_and_who_is_invited(world: World) -> None:
    room_id = world.room()
    browser = Browser(world.server).sign_in(world.bob)
    erin = Person(world, "erin")
    quay = world.alice.make_room("Quay")
    for person in (erin, world.bob):
        assert add(world.alice, quay, person).status_code == 201
    page = browser.get(f"/rooms/{room_id}/members?add=1&q={world.mallory.username}").text
    assert "Invite<span" in page
    assert "Add<span" not in page
    assert "Add<span" in browser.get(f"/rooms/{room_id}/members?add=1&q={erin.username}").text
    members = f"/rooms/{room_id}/members"
    page = browser.submit(members, user_id=world.mallory.id, add="1").text
    assert "Mallory was invited." in page
    assert "Erin was added." in browser.submit(members, user_id=erin.id, add="1").text
    page = browser.get(members).text
    assert "Withdraw invitation" in page
    withdraw = f"/rooms/{room_id}/invitations/{world.mallory.id}/withdraw"
    assert "Withdraw invitation" not in browser.submit(withdraw).text
    assert waiting(world.mallory) == []
    spoofed = browser.get(f"{members}?last={world.mallory.id}").text
    assert "Mallory was" not in spoofed, "nothing is claimed that did not happen"
