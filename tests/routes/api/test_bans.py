"""Bans keep people out of a room by every way in; who is muted reads and does not write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask

from chat.controllers import access, memberships
from chat.models.ban import Ban
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.models.user import User
from chat.utils.clock import now, rfc3339
from chat.utils.errors import Forbidden
from tests.helpers.form_browser import Browser
from tests.helpers.races import at_once
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World

MUTED = "You’re muted in this room. You can read, but not write."


def of(person: Person) -> Id:
    found = id_from(person.id)
    assert found
    return found


def ban(by: Person, room_id: str, whom: Person, **more: Any) -> requests.Response:
    return by.post(f"/rooms/{room_id}/bans", {"user_id": whom.id, **more})


def code_of(answer: requests.Response) -> str:
    found: str = answer.json()["error"]["code"]
    return found


def is_in(person: Person, room_id: str) -> bool:
    return person.get(f"/rooms/{room_id}").status_code == 200


def test_who_is_banned_is_out_at_once_and_comes_in_by_no_way(world: World) -> None:
    room_id = world.room()
    invite = world.carol.post("/invites", {"room_ids": [room_id]}).json()["code"]
    heard = world.bob.listen()
    banned = ban(world.carol, room_id, world.bob, reason="gamboge")
    assert banned.status_code == 201
    assert banned.json()["user"]["id"] == world.bob.id
    assert heard.next("room:removed")["room_id"] == room_id
    assert not is_in(world.bob, room_id)
    for answer in (
        world.bob.post(f"/rooms/{room_id}/join"),
        world.bob.get(f"/rooms/{room_id}/preview"),
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id}),
        world.carol.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id}),
    ):
        assert code_of(answer) == "forbidden"
    world.bob.post("/invites/accept", {"code": invite})
    assert not is_in(world.bob, room_id)
    record = database["bans"].find_one({"user_id": of(world.bob)})
    assert record
    assert b"gamboge" not in record["reason"], "the reason is sealed"
    (listed,) = world.carol.get(f"/rooms/{room_id}/bans").json()["bans"]
    assert (listed["reason"], listed["banned_by"]["id"]) == ("gamboge", world.carol.id)
    assert world.carol.delete(f"/rooms/{room_id}/bans/{world.bob.id}").status_code == 204
    assert world.bob.post(f"/rooms/{room_id}/join").status_code == 200, "it is lifted"
    actions = [e["action"] for e in world.carol.get(f"/rooms/{room_id}/audit").json()["entries"]]
    assert actions[:3] == ["member.unbanned", "member.banned", "member.removed"]


def test_an_invitation_from_before_leads_a_banned_person_nowhere(world: World) -> None:
    room_id = world.carol.make_room("Den", kind="private")
    world.room()
    world.carol.post(f"/rooms/{room_id}/members", {"user_id": world.mallory.id})
    (waiting,) = world.mallory.get("/me/room-invitations").json()["invitations"]
    heard = world.mallory.listen()
    assert ban(world.carol, room_id, world.mallory).status_code == 201
    assert heard.next("room:uninvited")["room_id"] == room_id
    assert world.mallory.post(f"/me/room-invitations/{waiting['id']}/accept").status_code == 404
    again = world.carol.post(f"/rooms/{room_id}/members", {"user_id": world.mallory.id})
    assert code_of(again) == "forbidden"


def test_a_ban_ends_by_itself(world: World) -> None:
    room_id = world.room()
    until = rfc3339(now() + timedelta(hours=1))
    assert ban(world.carol, room_id, world.bob, until=until).json()["until"] == until
    longer = ban(world.carol, room_id, world.bob)
    assert (longer.status_code, longer.json()["until"]) == (200, None)
    assert ban(world.carol, room_id, world.bob, until="2026-01-01T00:00:00Z").status_code == 422
    past = now() - timedelta(seconds=1)
    database["bans"].update_one({"user_id": of(world.bob)}, {"$set": {"until": past}})
    assert world.carol.get(f"/rooms/{room_id}/bans").json()["bans"] == []
    assert world.bob.post(f"/rooms/{room_id}/join").status_code == 200


def test_nobody_bans_above_their_role_or_themselves(world: World) -> None:
    room_id = world.room()
    assert code_of(ban(world.bob, room_id, world.carol)) == "forbidden"
    assert code_of(ban(world.carol, room_id, world.alice)) == "forbidden", "she is the owner"
    assert code_of(ban(world.carol, room_id, world.carol)) == "forbidden"
    assert ban(world.mallory, room_id, world.bob).status_code == 404
    assert code_of(world.bob.get(f"/rooms/{room_id}/bans")) == "forbidden"
    assert world.carol.delete(f"/rooms/{room_id}/bans/{world.bob.id}").status_code == 404
    assert is_in(world.carol, room_id)


def test_whoever_joins_while_they_are_banned_is_not_in(app: Flask, world: World) -> None:
    room_id = world.room()
    mallory = User.find(of(world.mallory))
    assert mallory
    found_id = id_from(room_id)
    assert found_id
    room = access.room_to_join(mallory, room_id)

    def placed_meanwhile(_now: object) -> None:
        Ban.place(found_id, mallory.id, until=None, reason="", by=of(world.carol))

    with pytest.raises(Forbidden):
        memberships.bring_in(room, mallory, "member", placed_meanwhile, mallory)
    assert not is_in(world.mallory, room_id)


def test_two_owners_who_ban_each_other_leave_one_who_is_not_banned(world: World) -> None:
    for _ in range(6):
        room_id = world.room()
        world.alice.patch(f"/rooms/{room_id}/members/{world.carol.id}", {"role": "owner"})
        bans = (
            lambda room_id: ban(world.alice, room_id, world.carol),
            lambda room_id: ban(world.carol, room_id, world.alice),
        )
        codes = [answer.status_code for answer in at_once(bans, room_id)]
        one, other = world.alice, world.carol
        stays, gone = (one, other) if is_in(one, room_id) else (other, one)
        assert not is_in(gone, room_id), codes
        listed = stays.get(f"/rooms/{room_id}/bans").json()["bans"]
        assert [each["user"]["id"] for each in listed] == [gone.id], codes
        entries = stays.get(f"/rooms/{room_id}/audit").json()["entries"]
        noted = [each["user"]["id"] for each in entries if each["action"] == "member.banned"]
        assert noted == [gone.id]


def test_a_ban_that_is_taken_back_leaves_what_others_placed(app: Flask, world: World) -> None:
    room_id, bob = id_from(world.room()), of(world.bob)
    assert room_id

    def place(by: Person, reason: str) -> tuple[Ban, Ban | None]:
        return Ban.place(room_id, bob, until=None, reason=reason, by=of(by))

    placed, before = place(world.carol, "carol's")
    assert before is None
    changed, earlier = place(world.alice, "alice's")
    assert earlier == placed
    placed.take_back(before)
    assert Ban.of(room_id, bob) == changed, "it is alice's by now"
    changed.take_back(earlier)
    assert Ban.of(room_id, bob) == placed
    placed.take_back(before)
    assert Ban.of(room_id, bob) is None


def test_who_is_muted_reads_and_gets_one_clear_sentence(world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "before")
    heard = world.bob.listen()
    answer = world.carol.put(f"/rooms/{room_id}/members/{world.bob.id}/mute", {})
    assert answer.json()["mute"] == {"until": None}
    assert heard.next("room:updated")["room"]["mute"] == {"until": None}
    body = {"client_id": "x", "body": "no"}
    for refused in (
        world.bob.post(f"/rooms/{room_id}/messages", body),
        world.bob.patch(f"/messages/{said['id']}", {"body": "changed"}),
        world.bob.put(f"/messages/{said['id']}/reactions/👍"),
    ):
        assert (refused.status_code, refused.json()["error"]["message"]) == (403, MUTED)
    ack = heard.call("message:send", {"room_id": room_id, **body})
    assert (ack["ok"], ack["error"]["message"]) == (False, MUTED)
    assert is_in(world.bob, room_id)
    assert world.bob.delete(f"/messages/{said['id']}").status_code == 200
    world.bob.post(f"/rooms/{room_id}/leave")
    world.bob.post(f"/rooms/{room_id}/join")
    assert world.bob.get(f"/rooms/{room_id}").json()["mute"] == {"until": None}, "it stays"
    world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}/mute")
    assert world.bob.say(room_id, "after")["body"] == "after"


def test_a_mute_ends_by_itself_and_only_those_above_mute(world: World) -> None:
    room_id = world.room()
    path = f"/rooms/{room_id}/members/{world.bob.id}/mute"
    until = rfc3339(now() + timedelta(hours=1))
    assert world.carol.put(path, {"until": until}).json()["mute"] == {"until": until}
    past = now() - timedelta(seconds=1)
    query = {"room_id": id_from(room_id), "user_id": of(world.bob)}
    assert database["memberships"].update_one(query, {"$set": {"muted_until": past}}).matched_count
    body = {"client_id": "later", "body": "again"}
    said = f"/rooms/{room_id}/messages"
    wait_until(lambda: world.bob.post(said, body).status_code < 300, "he writes again")
    for answer in (
        world.bob.put(f"/rooms/{room_id}/members/{world.carol.id}/mute", {}),
        world.bob.delete(path),
        world.carol.put(f"/rooms/{room_id}/members/{world.alice.id}/mute", {}),
        world.carol.put(f"/rooms/{room_id}/members/{world.carol.id}/mute", {}),
    ):
        assert code_of(answer) == "forbidden"


def test_pages_ban_and_mute_without_a_script(world: World) -> None:
    room_id = world.room()
    page = Browser(world.server).sign_in(world.carol)
    people = page.get(f"/rooms/{room_id}/members").text
    member = f"/rooms/{room_id}/members/{world.bob.id}"
    assert f'href="{member}/ban"' in people
    muted = page.submit(f"{member}/mute", seconds="3600")
    assert "muted until" in muted.text
    his = Browser(world.server).sign_in(world.bob).get(f"/rooms/{room_id}").text
    assert MUTED in his
    page.submit(f"{member}/unmute")
    assert "For how long?" in page.get(f"{member}/ban").text
    banned = page.submit(f"{member}/ban", seconds="", reason="too loud")
    assert banned.url.endswith(f"/rooms/{room_id}/bans")
    assert "too loud" in banned.text
    assert not is_in(world.bob, room_id)
    lifted = page.submit(f"/rooms/{room_id}/bans/{world.bob.id}/lift")
    assert "Nobody is banned from this room." in lifted.text
    assert Browser(world.server).sign_in(world.bob).get(f"{member}/ban").status_code in (403, 404)


def test_who_was_removed_reads_so_instead_of_a_button_to_join(world: World) -> None:
    room_id, other_id = world.room(), world.room(name="Cellar")
    page = Browser(world.server).sign_in(world.bob)
    world.bob.delete(f"/rooms/{other_id}/members/{world.bob.id}")
    world.carol.delete(f"/rooms/{room_id}/members/{world.bob.id}")
    browsed = page.get("/rooms/browse").text
    assert f'action="/rooms/{room_id}/join"' not in browsed
    assert f'action="/rooms/{other_id}/join"' in browsed, "who left may come back"
    assert browsed.count("You were removed; its moderators can add you again") == 1


def test_who_is_banned_reads_so_where_they_would_come_in(world: World) -> None:
    room_id, other_id = world.room(), world.room(name="Cellar")
    page = Browser(world.server).sign_in(world.mallory)
    joins = f'action="/rooms/{room_id}/join"'
    assert joins in page.get("/rooms/browse").text
    until = rfc3339(now() + timedelta(hours=1))
    ban(world.carol, room_id, world.mallory, until=until)
    browsed = page.get("/rooms/browse").text
    assert joins not in browsed and f'action="/rooms/{other_id}/join"' in browsed
    assert "You’re banned until" in browsed and f'datetime="{until}"' in browsed
    opened = page.get(f"/rooms/{room_id}")
    assert opened.status_code == 403
    assert "You are banned from Harbour." in opened.text and "can lift the ban" in opened.text
    assert "The ban ends" in opened.text and f'datetime="{until}"' in opened.text
    error = world.mallory.post(f"/rooms/{room_id}/join").json()["error"]
    assert (error["code"], error["ban"]) == ("forbidden", {"until": until})
    ban(world.carol, room_id, world.mallory)
    assert "The ban ends" not in page.get(f"/rooms/{room_id}").text


def test_a_private_room_tells_of_a_ban_only_those_who_knew_it(world: World) -> None:
    room_id = world.room("private")
    for person, status in ((world.bob, 403), (world.mallory, 404)):
        ban(world.carol, room_id, person)
        assert person.get(f"/rooms/{room_id}/preview").status_code == status
        page = Browser(world.server).sign_in(person).get(f"/rooms/{room_id}")
        assert page.status_code == status
        assert ("You are banned from Harbour." in page.text) is (status == 403)


def test_an_invite_says_which_of_its_rooms_one_is_banned_from(world: World) -> None:
    barred, free = world.room(name="Quarry"), world.room(name="Cellar")
    both, one = (
        "/join/" + world.carol.post("/invites", {"room_ids": ids, "max_uses": 1}).json()["code"]
        for ids in ([barred, free], [barred])
    )
    ban(world.carol, barred, world.mallory)
    page = Browser(world.server).sign_in(world.mallory)
    before = page.get(both).text
    assert "You are banned from Quarry." in before and "Join as Mallory" in before
    after = page.submit(f"{both}/accept").text
    assert "You are banned from Quarry." in after and f'href="/rooms/{free}"' in after
    assert is_in(world.mallory, free) and not is_in(world.mallory, barred)
    alone = page.get(one).text
    assert "You are banned from Quarry." in alone and "Join as Mallory" not in alone
    assert "You are banned from Quarry." in page.submit(f"{one}/accept").text
