"""An action is the same through page, API and socket: its effect, its errors, its events.

What other clients receive live is what they catch up.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from chat.routes.sockets import EVENTS
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World

LIVE_SECONDS = 1.5  # what nobody told, the chat finds by itself a little later
CODES = {403: "forbidden", 404: "not_found", 409: "conflict", 422: "validation_failed"}
_numbers = itertools.count(1)


class Page(NamedTuple):
    path: str
    fields: dict[str, str] | None = None  # None: it is only looked at


class Api(NamedTuple):
    method: str
    path: str
    body: Any = None


class Event(NamedTuple):
    name: str
    payload: dict[str, Any]


class Case:
    """A room of alice (owner), carol (moderator), bob and dave; erin has left.

    bob sent a message, then alice, and bob has not read hers.
    """

    def __init__(self, world: World, kind: str, dave: Person, erin: Person):
        self.people = {
            "alice": world.alice,
            "bob": world.bob,
            "carol": world.carol,
            "dave": dave,
            "erin": erin,
            "mallory": world.mallory,
        }
        world.forget_names()  # so that each door begins alike
        self.room_id = world.room(kind)
        self.at, self.room = f"/rooms/{self.room_id}", {"room_id": self.room_id}
        for person in (dave, erin):
            world.alice.post(f"{self.at}/members", {"user_id": person.id})
        assert erin.post(f"{self.at}/leave").status_code == 204
        self.bobs = world.bob.say(self.room_id, "bob's")["id"]
        self.alices = world.alice.say(self.room_id, "alice's")["id"]
        self.client_id = f"c{next(_numbers)}"

    @property
    def names(self) -> dict[str, str]:
        return {person.id: name for name, person in self.people.items()}

    def message(self, path: str) -> str:
        return f"{self.at}/messages/{self.bobs}/{path}"

    def state(self) -> dict[str, Any]:
        """Return all that an action may change, without ids and times, to compare rooms."""
        alice, bob = self.people["alice"], self.people["bob"]
        if alice.get(self.at).status_code == 404:
            return {"gone": True}
        members = alice.get(f"{self.at}/members").json()["members"]
        room = alice.get(self.at).json()
        mine = next(
            (
                item
                for item in bob.get("/rooms").json()["rooms"]
                if item["room"]["id"] == self.room_id
            ),
            None,
        )
        invited = [
            name
            for name in ("erin", "mallory")
            for each in self.people[name].get("/me/room-invitations").json()["invitations"]
            if each["room"]["id"] == self.room_id
        ]
        return {
            "invited": invited,
            "members": {self.names[member["user"]["id"]]: member["role"] for member in members},
            "room": {name: room[name] for name in ("name", "topic", "kind")}
            | {"archived": bool(room["archived_at"])},
            "log": [
                (entry["event"], self._plain(entry["message"]))
                for entry in alice.get(f"{self.at}/log").json()["entries"]
            ],
            "bob": mine
            and (
                *(mine[name] for name in ("read_seq", "unread", "mentions")),
                *(mine["room"][name] for name in ("notifications", "favourite")),
            ),
        }

    def _plain(self, message: dict[str, Any]) -> dict[str, Any]:
        reactions = [
            (each["emoji"], [self.names[user_id] for user_id in each["user_ids"]])
            for each in message["reactions"]
        ]
        return {
            "by": self.names[message["author"]["id"]],
            "body": message["body"],
            "html": message["body_html"],
            "reactions": reactions,
            "answers": message["reply_to"] and message["reply_to"]["seq"],
            "pinned": bool(message["pinned_at"]),
            "edited": bool(message["edited_at"]),
            "deleted": bool(message["deleted_at"]),
            "version": message["version"],
        }


@dataclass(frozen=True)
class Action:
    """An action that `doer` may do, and `refused`, who is in the room, may not.

    `hearer` receives the event `told`: another person or another device.
    """

    page: Callable[[Case], Page] | None
    api: Callable[[Case], Api]
    socket: Callable[[Case], Event] | None
    told: str
    doer: str = "bob"
    hearer: str = "carol"
    refused: str | None = None
    before: Callable[[Case], Any] = lambda _: None


def changing(
    path: str,
    fields: dict[str, str],
    method: str,
    api_path: str,
    body: Any,
    event: str,
    payload: dict[str, Any],
) -> dict[str, Any]:
    """Return the three routes of an action on bob's message."""
    return {
        "page": lambda case: Page(case.message(path), fields),
        "api": lambda case: Api(method, f"/messages/{case.bobs}{api_path}", body),
        "socket": lambda case: Event(event, {"id": case.bobs, **payload}),
    }


def updating(path: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the three routes of a change of the room."""
    return {
        "page": lambda case: Page(f"{case.at}/{path}", changes if path == "change" else {}),
        "api": lambda case: Api("PATCH", case.at, changes),
        "socket": lambda case: Event("room:update", case.room | changes),
        "told": "room:updated",
    }


def typed(case: Case) -> dict[str, Any]:
    return {"text": "/me waves", "client_id": sent(case)["client_id"]}


def reading(seq: int, page: Callable[[Case], Page]) -> dict[str, Any]:
    return {
        "page": page,
        "api": lambda case: Api("PUT", f"{case.at}/read", {"seq": seq}),
        "socket": lambda case: Event("room:read", case.room | {"seq": seq}),
        "told": "room:read",
        "hearer": "bob",
    }


def sent(case: Case, **more: str) -> dict[str, str]:
    return {"client_id": case.client_id, "body": "a *word* for @room"} | more


ACTIONS: dict[str, Action] = {
    "send": Action(
        lambda case: Page(f"{case.at}/messages", sent(case)),
        lambda case: Api("POST", f"{case.at}/messages", sent(case)),
        lambda case: Event("message:send", case.room | sent(case)),
        "message:posted",
    ),
    "run a command": Action(
        lambda case: Page(f"{case.at}/messages", sent(case) | {"body": "/me waves"}),
        lambda case: Api("POST", f"{case.at}/commands", typed(case)),
        lambda case: Event("command:run", case.room | typed(case)),
        "message:posted",
    ),
    "reply": Action(
        lambda case: Page(f"{case.at}/messages", sent(case, reply_to_id=case.alices)),
        lambda case: Api("POST", f"{case.at}/messages", sent(case, reply_to_id=case.alices)),
        lambda case: Event("message:send", case.room | sent(case, reply_to_id=case.alices)),
        "message:posted",
    ),
    "edit": Action(
        **changing(
            "edit",
            {"body": "other"},
            "PATCH",
            "",
            {"body": "other"},
            "message:edit",
            {"body": "other"},
        ),
        told="message:edited",
        refused="alice",
    ),
    "delete": Action(
        **changing("delete", {}, "DELETE", "", None, "message:delete", {}),
        told="message:deleted",
        refused="dave",
    ),
    "delete another's": Action(
        **changing("delete", {}, "DELETE", "", None, "message:delete", {}),
        told="message:deleted",
        doer="carol",
        hearer="bob",
        refused="dave",
    ),
    "react": Action(
        **changing(
            "react",
            {"on": "👍"},
            "PUT",
            "/reactions/👍",
            None,
            "message:react",
            {"emoji": "👍", "on": True},
        ),
        told="message:reacted",
    ),
    "unreact": Action(
        **changing(
            "react",
            {"off": "👍"},
            "DELETE",
            "/reactions/👍",
            None,
            "message:react",
            {"emoji": "👍", "on": False},
        ),
        told="message:reacted",
        before=lambda case: case.people["bob"].put(f"/messages/{case.bobs}/reactions/👍"),
    ),
    "pin": Action(
        **changing("pin", {"on": "true"}, "PUT", "/pin", None, "message:pin", {"on": True}),
        told="message:pinned",
        doer="carol",
        hearer="bob",
        refused="bob",
    ),
    "unpin": Action(
        **changing("pin", {"on": "false"}, "DELETE", "/pin", None, "message:pin", {"on": False}),
        told="message:pinned",
        doer="carol",
        hearer="bob",
        refused="bob",
        before=lambda case: case.people["carol"].put(f"/messages/{case.bobs}/pin"),
    ),
    "read": Action(**reading(2, lambda case: Page(case.at))),
    "mark unread": Action(
        **reading(0, lambda case: Page(case.message("unread"), {})),
        before=lambda case: case.people["bob"].put(f"{case.at}/read", {"seq": 2}),
    ),
    "join": Action(
        lambda case: Page(f"{case.at}/join", {}),
        lambda case: Api("POST", f"{case.at}/join"),
        lambda case: Event("room:join", case.room),
        "room:member",
        doer="erin",
    ),
    "leave": Action(
        lambda case: Page(f"{case.at}/leave", {}),
        lambda case: Api("POST", f"{case.at}/leave"),
        lambda case: Event("room:leave", case.room),
        "room:member",
    ),
    "update": Action(
        **updating("change", {"name": "Docks", "topic": "ships"}),
        doer="carol",
        hearer="bob",
        refused="bob",
    ),
    "archive": Action(**updating("archive", {"archived": True}), doer="alice", refused="carol"),
    "unarchive": Action(
        **updating("unarchive", {"archived": False}),
        doer="alice",
        refused="carol",
        before=lambda case: case.people["alice"].patch(case.at, {"archived": True}),
    ),
    "make public": Action(
        **updating("change", {"kind": "public"})
        | {"page": lambda case: Page(f"{case.at}/change", {"kind": "public", "confirmed": "true"})},
        doer="alice",
        refused="carol",
    ),
    "add": Action(
        lambda case: Page(f"{case.at}/members", {"user_id": case.people["mallory"].id}),
        lambda case: Api("POST", f"{case.at}/members", {"user_id": case.people["mallory"].id}),
        None,
        "room:member",
        doer="alice",
    ),
    "invite": Action(
        lambda case: Page(f"{case.at}/members", {"user_id": case.people["mallory"].id}),
        lambda case: Api("POST", f"{case.at}/members", {"user_id": case.people["mallory"].id}),
        None,
        "room:invited",
        hearer="mallory",
    ),
    "remove": Action(
        lambda case: Page(f"{case.at}/members/{case.people['dave'].id}/remove", {}),
        lambda case: Api("DELETE", f"{case.at}/members/{case.people['dave'].id}"),
        None,
        "room:member",
        doer="carol",
        hearer="bob",
        refused="bob",
    ),
    "remove: whom it concerns": Action(
        lambda case: Page(f"{case.at}/members/{case.people['dave'].id}/remove", {}),
        lambda case: Api("DELETE", f"{case.at}/members/{case.people['dave'].id}"),
        None,
        "room:removed",
        doer="carol",
        hearer="dave",
    ),
    "change a role": Action(
        lambda case: Page(f"{case.at}/members/{case.people['bob'].id}/role", {"role": "moderator"}),
        lambda case: Api(
            "PATCH", f"{case.at}/members/{case.people['bob'].id}", {"role": "moderator"}
        ),
        None,
        "room:member",
        doer="alice",
        refused="carol",
    ),
    "choose notifications": Action(
        lambda case: Page(f"{case.at}/notifications", {"level": "nothing"}),
        lambda case: Api("PUT", f"{case.at}/notifications", {"level": "nothing"}),
        None,
        "room:updated",
        hearer="bob",
    ),
    "make a favourite": Action(
        lambda case: Page(f"{case.at}/favourite", {}),
        lambda case: Api("PUT", f"{case.at}/favourite", None),
        None,
        "room:updated",
        hearer="bob",
    ),
    "delete the room": Action(
        lambda case: Page(f"{case.at}/delete", {"typed": "Harbour"}),
        lambda case: Api("DELETE", case.at),
        None,
        "room:removed",
        doer="alice",
        refused="carol",
    ),
}
# They change no room, or there is none yet.
ONLY_HERE = {
    *("room:create", "room:catch_up", "room:lines", "room:typing"),
    *("presence:be", "presence:ask", "search"),
}


@pytest.fixture
def more_people(world: World) -> tuple[Person, Person]:
    return Person(world, "dave"), Person(world, "erin")


def doors_of(action: Action) -> dict[str, Callable[[Case, Person], str]]:
    """Return the routes by name, each with its request, which answers "ok" or an error code."""

    def by_page(case: Case, person: Person) -> str:
        assert action.page
        path, fields = action.page(case)
        browser = Browser(person.server).sign_in(person)
        answer = (
            browser.get(path) if fields is None else browser.submit(path, follow=False, **fields)
        )
        return "ok" if answer.ok else CODES[answer.status_code]

    def by_api(case: Case, person: Person) -> str:
        method, path, body = action.api(case)
        answer = person.ask(method, path, json=body)
        assert answer.ok or CODES[answer.status_code] == answer.json()["error"]["code"]
        return "ok" if answer.ok else CODES[answer.status_code]

    def by_socket(case: Case, person: Person) -> str:
        assert action.socket
        answer = person.listen().call(*action.socket(case))
        return "ok" if answer["ok"] else answer["error"]["code"]

    doors = {
        "page": (action.page, by_page),
        "api": (action.api, by_api),
        "socket": (action.socket, by_socket),
    }
    return {name: ask for name, (there, ask) in doors.items() if there}


def test_every_socket_event_that_changes_something_is_in_the_table(
    world: World, more_people: tuple[Person, Person]
) -> None:
    case = Case(world, "private", *more_people)
    assert {
        action.socket(case).name for action in ACTIONS.values() if action.socket
    } | ONLY_HERE == EVENTS.keys()


@pytest.mark.parametrize("name", ACTIONS)
def test_a_deed_has_one_effect_through_every_door_is_heard_live_and_caught_up(
    world: World, more_people: tuple[Person, Person], name: str
) -> None:
    action, effects = ACTIONS[name], {}
    for door, ask in doors_of(action).items():
        case = Case(world, "public" if name == "join" else "private", *more_people)
        action.before(case)
        before = case.state()
        heard = case.people[action.hearer].listen()
        assert ask(case, case.people[action.doer]) == "ok", door
        told = heard.next(action.told, LIVE_SECONDS)
        effects[door] = case.state()
        assert effects[door] != before, f"{name} by {door} does something"
        is_what_others_catch_up(case, action, told, len(before["log"]))
        assert heard.all(action.told) == [told], "it is told once"
    assert all(effect == effects["api"] for effect in effects.values()), effects


@pytest.mark.parametrize("name", ACTIONS)
def test_a_deed_is_refused_alike_at_every_door_and_then_nothing_has_happened(
    world: World, more_people: tuple[Person, Person], name: str
) -> None:
    action = ACTIONS[name]
    case = Case(world, "private", *more_people)
    action.before(case)
    before, heard = case.state(), case.people[action.hearer].listen()
    for door, ask in doors_of(action).items():
        for nobody in ("mallory", "erin"):
            assert ask(case, case.people[nobody]) == "not_found", (
                f"{nobody} by {door}: there is no such room for them"
            )
        if action.refused:
            assert ask(case, case.people[action.refused]) == "forbidden", (
                f"{action.refused} by {door}"
            )
    assert case.state() == before
    assert heard.hears_nothing_of(action.told, case.room_id, 0.1)


@pytest.mark.parametrize("door", ["page", "api", "socket"])
def test_a_room_is_made_alike_through_every_door(world: World, door: str) -> None:
    room = {"name": "Harbour", "kind": "private", "topic": "ferries"}
    phone = world.bob.second_device().listen()
    action = Action(
        lambda _: Page("/rooms", room),
        lambda _: Api("POST", "/rooms", room),
        lambda _: Event("room:create", room),
        "room:added",
    )
    assert doors_of(action)[door](None, world.bob) == "ok"
    added = phone.next("room:added")
    assert {name: added["room"][name] for name in room} == room
    assert (added["room"]["role"], added["room"]["member_count"], added["head_seq"]) == (
        "owner",
        1,
        0,
    )
    assert world.bob.listen().all("hello")[0]["rooms"] == [added]
    assert world.mallory.get(f"/rooms/{added['room']['id']}").status_code == 404


def is_what_others_catch_up(case: Case, action: Action, told: Any, head_seq: int) -> None:
    """Assert that a client that comes back catches up what others received live."""
    hearer = case.people[action.hearer]
    back = hearer.listen()
    item = next(
        (item for item in back.all("hello")[0]["rooms"] if item["room"]["id"] == case.room_id), None
    )
    if action.told == "room:removed":
        assert item is None
        return
    if action.told == "room:invited":
        assert told["invitation"] in hearer.get("/me/room-invitations").json()["invitations"]
        return
    assert item
    if action.told.startswith("message:"):
        assert item["head_seq"] == head_seq + 1
        assert back.call("room:catch_up", case.room | {"after": head_seq})["entries"] == [told]
    elif action.told == "room:updated":
        assert item["room"] == told["room"]
    elif action.told == "room:read":
        assert item["read_seq"] == told["seq"]
    else:
        members = hearer.get(f"{case.at}/members").json()["members"]
        role = next(
            (member["role"] for member in members if member["user"]["id"] == told["user"]["id"]),
            None,
        )
        assert (role is None) == (told["change"] == "left")
        assert item["room"]["member_count"] == len(members)
