"""An account is deleted: nothing of the person stays but, if they chose so, their words."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
from bson import encode
from flask import Flask

from chat.controllers import erasing
from chat.models import administrators, closed_names
from chat.models.database import database
from chat.models.document import Id, id_from
from chat.utils.clock import now
from chat.utils.errors import Conflict
from tests.helpers.authenticator import Authenticator
from tests.helpers.command_line import bin_chat
from tests.helpers.form_browser import Browser
from tests.helpers.pictures import gradient, written
from tests.helpers.servers import wait_until
from tests.helpers.world import PASSWORD, Person, World

FORMER = "Former member"


def of(person: Person) -> Id:
    found = id_from(person.id)
    assert found
    return found


def erase(world: World, whose: Person, messages: str) -> requests.Response:
    return world.alice.ask("DELETE", f"/admin/users/{whose.id}", json={"messages": messages})


def leave(person: Person, **body: str) -> requests.Response:
    return person.ask("DELETE", "/me", json={"password": PASSWORD, "messages": "keep"} | body)


def listed_rooms(person: Person) -> list[Any]:
    found: list[Any] = person.get("/rooms").json()["rooms"]
    return found


def is_done(person: Person) -> None:
    query = {"_id": of(person), "erasing": None, "erased_at": {"$ne": None}}
    wait_until(lambda: database["users"].find_one(query) is not None, "the job did all")


def bodies(person: Person, room_id: str) -> list[str]:
    return [message["body"] for message in person.reads(room_id)["messages"]]


def test_who_is_erased_is_nowhere_any_more_but_the_words_stay(world: World) -> None:
    room_id, name = world.room(), world.bob.username
    direct = world.carol.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    said = world.bob.say(room_id, "zaffre for all")
    world.bob.say(direct, "between us")
    world.carol.post(
        f"/rooms/{room_id}/messages",
        {"client_id": "answer", "body": f"as @{name} said", "reply_to_id": said["id"]},
    )
    world.bob.put(f"/messages/{said['id']}/reactions/👍")
    world.bob.put(f"/users/{world.mallory.id}/block")
    world.bob.post("/invites", {"room_ids": [room_id]})
    world.bob.patch("/me/preferences", {"keywords": ["gamboge"]})
    heard, his = world.carol.listen(), world.bob.listen()
    assert erase(world, world.bob, "keep").status_code == 204
    wait_until(lambda: not his.client.connected, "his socket is closed")
    assert world.bob.get("/me").status_code == 401
    shown = heard.next("user:updated")["user"]
    assert (shown["display_name"], shown["erased"], shown["avatar_url"]) == (FORMER, True, None)
    is_done(world.bob)
    answer = world.carol.reads(room_id)["messages"][-1]
    assert answer["reply_to"]["author"]["display_name"] == FORMER
    assert "zaffre for all" in bodies(world.carol, room_id)
    rooms = {item["room"]["id"]: item["room"]["name"] for item in listed_rooms(world.carol)}
    assert rooms[direct] == FORMER
    again = world.mallory.post("/direct-rooms", {"user_ids": [world.bob.id]})
    assert again.status_code == 422, "nobody begins a conversation with nobody"
    hits = world.carol.get("/search", params={"q": "zaffre"}).json()["results"]
    assert [hit["message"]["author"]["username"] for hit in hits] == [
        f"former-member-{world.bob.id}"
    ]
    members = world.carol.get(f"/rooms/{room_id}/members").json()["members"]
    assert world.bob.id not in [each["user"]["id"] for each in members]
    assert world.carol.get("/users", params={"q": "bob"}).json()["users"] == []
    listed = world.alice.get("/admin/users", params={"state": "all", "q": "former"}).json()
    assert listed["users"] == []
    for collection in database["meta"].database.list_collection_names():
        for record in database[collection].find({}):
            assert name.encode() + b"\0" not in encode(record), collection


def test_a_page_in_another_language_calls_them_so_too(world: World) -> None:
    room_id = world.room()
    direct = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    world.bob.say(room_id, "hello")
    world.bob.say(direct, "bye")
    erase(world, world.bob, "keep")
    is_done(world.bob)
    world.carol.patch("/me/preferences", {"language": "de"})
    browser = Browser(world.server).sign_in(world.carol)
    page = browser.get(f"/rooms/{room_id}").text
    assert "Ehemaliges Mitglied" in page
    assert world.bob.username not in page
    assert f"/people/former-member-{world.bob.id}" not in page, "there is nobody to look up"
    for path in (f"/rooms/{direct}", f"/rooms/{direct}/members"):
        shown = browser.get(path).text
        assert "Ehemaliges Mitglied" in shown
        assert f"/people/former-member-{world.bob.id}" not in shown


def test_nobody_else_is_called_like_a_deleted_account(world: World) -> None:
    called = "Deleted accounts are called this. Choose another name."
    account = {"username": f"gus{world.bob.id[-8:]}", "password": "four quiet herons waiting"}
    register = f"{world.server.url}/api/v1/auth/register"
    for name in (FORMER, "(former  MEMBER)", "Ehemaliges Mitglied"):
        for answer in (
            world.bob.patch("/me", {"display_name": name}),
            world.alice.patch(f"/admin/users/{world.bob.id}", {"display_name": name}),
            requests.post(register, json=account | {"display_name": name}, timeout=10),
        ):
            fields = answer.json()["error"]["fields"]
            assert (answer.status_code, fields) == (422, {"display_name": called})
    for username in ("former-member", "Ehemaliges_Mitglied"):
        answer = requests.post(register, json=account | {"username": username}, timeout=10)
        assert "reserved" in answer.json()["error"]["fields"]["username"]


def test_who_takes_the_words_along_leaves_no_text_picture_or_reaction(world: World) -> None:
    room_id = world.room()
    mine = world.carol.say(room_id, "carol said it")
    file = {"image": ("a.png", written(gradient(), "PNG"), "image/png")}
    image = world.bob.ask("POST", f"/rooms/{room_id}/images", files=file).json()
    body = {"client_id": "p", "body": "quincunx", "image_ids": [image["id"]]}
    said = world.bob.post(f"/rooms/{room_id}/messages", body).json()
    world.alice.put(f"/messages/{said['id']}/pin")
    world.bob.put(f"/messages/{mine['id']}/reactions/👍")
    heard = world.carol.listen()
    assert leave(world.bob, messages="erase").status_code == 204
    deleted = heard.next("message:deleted")["message"]
    assert (deleted["id"], deleted["body"], deleted["images"]) == (said["id"], "", [])
    is_done(world.bob)
    assert bodies(world.carol, room_id) == ["carol said it", ""]
    (left,) = [m for m in world.carol.reads(room_id)["messages"] if m["id"] == mine["id"]]
    assert left["reactions"] == []
    assert world.carol.get(image["url"].removeprefix("/api/v1")).status_code == 404
    assert world.carol.get(f"/rooms/{room_id}/pins").json()["messages"] == []
    assert world.carol.get("/search", params={"q": "quincunx"}).json()["results"] == []
    gone = database["log"].find_one({"_id": id_from(said["id"])})
    assert gone
    assert "text" not in gone


def test_a_room_that_only_they_own_passes_to_the_moderator_who_was_there_longest(
    world: World,
) -> None:
    room_id = world.bob.make_room("Den", kind="private")
    shared = world.room()  # so that they are no strangers
    assert shared
    for person, role in ((world.alice, "member"), (world.carol, "moderator")):
        body = {"user_id": person.id, "role": role}
        assert world.bob.post(f"/rooms/{room_id}/members", body).status_code < 300
    alone = world.bob.make_room("Alone", kind="private")
    assert leave(world.bob).status_code == 204
    is_done(world.bob)
    members = world.carol.get(f"/rooms/{room_id}/members").json()["members"]
    roles = {each["user"]["id"]: each["role"] for each in members}
    assert roles == {world.alice.id: "member", world.carol.id: "owner"}
    assert world.alice.get(f"/rooms/{alone}").status_code == 404
    (entry,) = world.carol.get(f"/rooms/{room_id}/audit").json()["entries"][:1]
    assert (entry["action"], entry["user"]["id"]) == ("member.role", world.carol.id)


def test_nobody_is_erased_without_the_password_and_the_code(world: World) -> None:
    refused = leave(world.bob, password="a wrong one")
    assert list(refused.json()["error"]["fields"]) == ["password"]
    phone = Authenticator(world.bob)
    for code in ("", "000000"):
        assert list(leave(world.bob, otp=code).json()["error"]["fields"]) == ["otp"]
    assert leave(world.bob, messages="burn").status_code == 422
    assert world.bob.get("/me").status_code == 200
    assert leave(world.bob, otp=phone.code()).status_code == 204
    assert world.bob.get("/me").status_code == 401


def test_the_last_active_administrator_stays_also_when_two_try_at_once(
    app: Flask, world: World
) -> None:
    database["users"].update_many(
        {"is_admin": True, "_id": {"$nin": [of(world.alice), of(world.carol)]}},
        {"$set": {"is_admin": False}},
    )
    database["users"].update_one({"_id": of(world.carol)}, {"$set": {"is_admin": True}})
    refused: list[Id] = []

    def go(user_id: Id) -> None:
        changes: Any = {"is_admin": False, "deactivated_at": now(), "erased_at": now()}
        try:
            administrators.change(user_id, changes | {"erasing": None})
        except Conflict:
            refused.append(user_id)

    threads = [threading.Thread(target=go, args=[of(each)]) for each in (world.alice, world.carol)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    last = world.alice if refused == [of(world.alice)] else world.carol
    assert leave(last).json()["error"]["code"] == "conflict"
    assert last.get("/admin/settings").status_code == 200


def test_it_goes_on_after_a_crash_and_may_be_repeated(app: Flask, world: World) -> None:
    room_id = world.room()
    for number in range(3):
        world.bob.say(room_id, f"word {number}", f"c{number}")
    changes: Any = {"deactivated_at": now(), "erased_at": now(), "erasing": "erase"}
    administrators.change(of(world.bob), changes)  # and the process dies here
    is_done(world.bob)
    assert bodies(world.carol, room_id) == ["", "", ""]
    database["users"].update_one({"_id": of(world.bob)}, {"$set": {"erasing": "erase"}})
    erasing.finish_erasures()
    assert bodies(world.carol, room_id) == ["", "", ""]


def test_an_erased_account_cannot_be_changed_or_brought_back(world: World) -> None:
    name = world.bob.username
    erase(world, world.bob, "keep")
    for changes in ({"deactivated": False}, {"role": "administrator"}, {"username": "bobby"}):
        answer = world.alice.patch(f"/admin/users/{world.bob.id}", changes)
        assert answer.status_code == 404, changes
    assert world.alice.post(f"/admin/users/{world.bob.id}/reset-link").status_code == 409
    is_done(world.bob)
    body = {"username": name, "password": PASSWORD}
    answer = requests.post(f"{world.server.url}/api/v1/auth/register", json=body, timeout=20)
    assert answer.json()["error"]["message"] == closed_names.CLOSED
    assert erase(world, world.alice, "keep").json()["error"]["code"] == "forbidden"
    assert (
        world.carol.ask(
            "DELETE", f"/admin/users/{world.mallory.id}", json={"messages": "keep"}
        ).json()["error"]["code"]
        == "forbidden"
    )


def test_pages_say_what_happens_and_do_it(world: World) -> None:
    page = Browser(world.server).sign_in(world.bob)
    assert 'href="/settings/delete-account"' in page.get("/settings/profile").text
    assert "You are signed out on all devices" in page.get("/settings/delete-account").text
    wrong = page.submit("/settings/delete-account", messages="keep", password="wrong")
    assert "This is not your current password." in wrong.text
    gone = page.submit("/settings/delete-account", messages="keep", password=PASSWORD)
    assert "Your account is deleted." in gone.text
    assert world.bob.get("/me").status_code == 401
    admin = Browser(world.server).sign_in(world.alice)
    form = f"/admin/people/{world.carol.id}/erase"
    assert form in admin.get("/admin/people?q=carol").text
    done = admin.submit(form, messages="erase", next="/admin/people?q=carol")
    assert done.url.startswith(f"{world.server.url}/admin/people?q=carol&")
    assert "The account is deleted." in done.text
    assert world.carol.get("/me").status_code == 401


@pytest.mark.parametrize("messages", ["keep", "erase"])
def test_an_operator_erases_whoever_it_is(app: Flask, world: World, messages: str) -> None:
    room_id, name = world.room(), world.bob.username
    world.bob.say(room_id, "hello")
    told = bin_chat(app, "users", "erase", name, "--messages", messages, "--yes")
    assert (told.exit_code, told.output) == (0, f"{name} is deleted.\n")
    is_done(world.bob)
    assert bodies(world.carol, room_id) == ["hello" if messages == "keep" else ""]
    assert bin_chat(app, "users", "erase", name, "--messages", "keep", "--yes").exit_code == 1
