"""The table of permissions at the API: every action, for every role and for outsiders."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from chat.models.permissions import PERMISSIONS, ROLES, may
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World


class Case:
    """A room of one owner, one moderator and one member, with messages of a fourth who left."""

    def __init__(self, world: World, person: Person):
        self.world, self.person, self.is_changed = world, person, False
        self.room_id = world.room()
        self.other = Person(world, "dave")
        world.alice.post(f"/rooms/{self.room_id}/members", {"user_id": self.other.id})
        self.theirs = self.other.say(self.room_id, "theirs")["id"]
        self.own = person.say(self.room_id, "own")["id"] if self.is_in else self.theirs

    @property
    def is_in(self) -> bool:
        return self.person.get(f"/rooms/{self.room_id}").status_code == 200

    def add_whom_alice_removed(self) -> int:
        self.is_changed = True
        assert (
            self.world.alice.delete(f"/rooms/{self.room_id}/members/{self.other.id}").status_code
            == 204
        )
        return self.room("POST", "/members", {"user_id": self.other.id})

    def room(self, method: str, path: str = "", body: Any = None) -> int:
        return self.person.ask(method, f"/rooms/{self.room_id}{path}", json=body).status_code

    def message(self, method: str, message_id: str, path: str = "", body: Any = None) -> int:
        return self.person.ask(method, f"/messages/{message_id}{path}", json=body).status_code


# verb: the action, which answers with a status
ACTIONS: dict[str, Callable[[Case], int]] = {
    "read": lambda case: case.room("GET", "/messages"),
    "list members": lambda case: case.room("GET", "/members"),
    "leave": lambda case: case.room("POST", "/leave"),
    "choose notifications": lambda case: case.room("PUT", "/notifications", {"level": "mentions"}),
    "choose favourites": lambda case: case.room("PUT", "/favourite"),
    "hide": lambda case: case.room("PUT", "/hidden"),
    "post": lambda case: case.room(
        "POST", "/messages", {"client_id": secrets.token_hex(4), "body": "x"}
    ),
    "edit": lambda case: case.message("PATCH", case.own, "", {"body": "y"}),
    "delete": lambda case: case.message("DELETE", case.own),
    "react": lambda case: case.message("PUT", case.own, "/reactions/👍"),
    "delete others' messages": lambda case: case.message("DELETE", case.theirs),
    "read others' versions": lambda case: case.message("GET", case.theirs, "/versions"),
    "pin": lambda case: case.message("PUT", case.own, "/pin"),
    "add members": lambda case: case.room(
        "POST", "/members", {"user_id": Person(case.world, "erin").id}
    ),
    "begin again after removal": lambda case: case.add_whom_alice_removed(),
    "report": lambda case: case.message("POST", case.theirs, "/report", {"reason": "x"}),
    "read the audit": lambda case: case.room("GET", "/audit"),
    "remove members": lambda case: case.room("DELETE", f"/members/{case.other.id}"),
    "ban": lambda case: case.room("GET", "/bans"),
    "manage webhooks": lambda case: case.room(
        "POST",
        "/outgoing-webhooks",
        {"name": "x", "url": "https://example.org/", "events": ["message:posted"]},
    ),
    "mute": lambda case: case.room("DELETE", f"/members/{case.other.id}/mute"),
    "change roles": lambda case: case.room(
        "PATCH", f"/members/{case.other.id}", {"role": "moderator"}
    ),
    "become owner": lambda case: case.room("PATCH", f"/members/{case.other.id}", {"role": "owner"}),
    "change room": lambda case: case.room("PATCH", "", {"topic": "x"}),
    "archive room": lambda case: case.room("PATCH", "", {"archived": True}),
    "change kind": lambda case: case.room("PATCH", "", {"kind": "private"}),
    "export": lambda case: case.room("POST", "/exports"),
    "choose retention": lambda case: case.room("PUT", "/retention", {"days": 30}),
    "delete room": lambda case: case.room("DELETE"),
}


TRIED_ELSEWHERE = {"name a large room"}  # needs one: test_mentions.py


def test_every_verb_is_tried() -> None:
    assert ACTIONS.keys() | TRIED_ELSEWHERE == PERMISSIONS.keys()


def a_case(world: World, person: Person, role: str, archived: bool) -> Case:
    case = Case(world, person)
    if role == "owner":  # not the last one, who cannot go
        world.alice.patch(f"/rooms/{case.room_id}/members/{world.carol.id}", {"role": "owner"})
    if role == "former member":
        person.post(f"/rooms/{case.room_id}/leave")
    if archived:
        changed = world.alice.patch(f"/rooms/{case.room_id}", {"archived": True})
        assert changed.json()["archived_at"]
    return case


@pytest.mark.parametrize("role", [*ROLES, "former member", "outsider"])
@pytest.mark.parametrize("archived", [False, True], ids=["in use", "archived"])
def test_nobody_may_more_than_the_table_says(world: World, role: str, archived: bool) -> None:
    people = {
        "member": world.bob,
        "moderator": world.carol,
        "owner": world.alice,
        "former member": world.bob,
        "outsider": world.mallory,
    }
    person = people[role]
    case = None
    for verb, action in ACTIONS.items():
        case = case or a_case(world, person, role, archived)
        status = action(case)
        if status < 300 or case.is_changed:  # what was refused has changed nothing
            case = None
        if role not in ROLES:
            assert status == 404, f"{role} may not even know of it: {verb} gave {status}"
        elif may(role, verb, archived=archived):
            assert status < 300, f"{role} may {verb}, but was answered {status}"
        else:
            assert status == 403, f"{role} may not {verb}, but was answered {status}"


def test_a_muted_moderator_shows_others_nothing_and_still_moderates(world: World) -> None:
    case = Case(world, world.carol)
    muted = world.alice.put(f"/rooms/{case.room_id}/members/{world.carol.id}/mute", {})
    assert muted.json()["mute"]
    for verb in ("post", "edit", "react", "pin", "change room"):
        assert not may("moderator", verb, muted=True)
        assert ACTIONS[verb](case) == 403, verb
    settings = Browser(world.server).sign_in(world.carol).get(f"/rooms/{case.room_id}/settings")
    assert 'name="topic"' not in settings.text
    for verb in ("delete others' messages", "mute", "remove members"):
        assert ACTIONS[verb](case) < 300, verb


def test_in_a_direct_room_people_talk_and_nothing_else_changes(world: World) -> None:
    room_id = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    said = world.carol.say(room_id, "hello")["id"]
    asked = {
        "leave": world.bob.post(f"/rooms/{room_id}/leave"),
        "add members": world.bob.post(f"/rooms/{room_id}/members", {"user_id": world.alice.id}),
        "read the audit": world.bob.get(f"/rooms/{room_id}/audit"),
        "remove members": world.bob.delete(f"/rooms/{room_id}/members/{world.carol.id}"),
        "change roles": world.bob.patch(
            f"/rooms/{room_id}/members/{world.carol.id}", {"role": "owner"}
        ),
        "change room": world.bob.patch(f"/rooms/{room_id}", {"name": "x"}),
        "archive room": world.bob.patch(f"/rooms/{room_id}", {"archived": True}),
        "delete room": world.bob.delete(f"/rooms/{room_id}"),
        "delete others' messages": world.bob.delete(f"/messages/{said}"),
    }
    assert {verb: answer.status_code for verb, answer in asked.items()} == dict.fromkeys(asked, 403)
    assert world.bob.put(f"/messages/{said}/pin").status_code == 200, (
        "who shares a room with nobody above them may pin"
    )
