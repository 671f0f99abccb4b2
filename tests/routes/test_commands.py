"""Commands: what is typed behind a slash is done, by the API and by the form without JavaScript."""

from __future__ import annotations

import random
import re
import secrets
from typing import Any

import pytest

from chat.models.database import database
from chat.models.document import id_from
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World


def run(person: Person, room_id: str, text: str, **more: Any) -> Any:
    """Give a command, and return its whole answer."""
    payload = {"text": text, "client_id": secrets.token_hex(8), **more}
    return person.post(f"/rooms/{room_id}/commands", payload)


def said(person: Person, room_id: str, text: str, **more: Any) -> str:
    """Give a command, and return what its author alone is told."""
    answer = run(person, room_id, text, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["answer"]["body"])


def bodies(person: Person, room_id: str) -> list[str]:
    return [each["body"] for each in person.reads(room_id)["messages"]]


def test_me_and_shrug_are_posted_once_however_often_they_are_sent(world: World) -> None:
    room_id = world.room()
    again = {"client_id": "twice"}
    for _ in range(2):
        answer = run(world.bob, room_id, "/me waves", **again).json()
        assert answer["message"]["body_html"] == "<p><em>waves</em></p>"
        assert answer["answer"] is None
    run(world.bob, room_id, "/shrug who knows")
    run(world.bob, room_id, "/shrug")
    assert bodies(world.alice, room_id) == ["*waves*", r"who knows ¯\_(ツ)_/¯", r"¯\_(ツ)_/¯"]
    assert world.alice.reads(room_id)["messages"][0]["author"]["id"] == world.bob.id


def test_a_message_that_a_program_posts_never_runs_a_command(world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "/topic Lost")
    assert bodies(world.bob, room_id) == ["/topic Lost"]
    assert world.alice.get(f"/rooms/{room_id}").json()["topic"] != "Lost"


@pytest.mark.parametrize(
    ("typed", "posted"),
    [
        ("/etc/hosts is broken", "/etc/hosts is broken"),
        ("/tmp is full", "/tmp is full"),
        ("//me", "/me"),
        ("// a comment", "// a comment"),
        ("no /me in the middle", "no /me in the middle"),
    ],
)
def test_a_text_that_only_begins_with_a_slash_is_posted(
    world: World, typed: str, posted: str
) -> None:
    room_id = world.room()
    assert run(world.bob, room_id, typed).json()["message"]["body"] == posted


def test_a_word_that_nobody_knows_is_refused_in_one_sentence(world: World) -> None:
    room_id = world.room()
    answer = run(world.bob, room_id, "/shrgu")
    assert answer.status_code == 422
    assert "/shrgu" in answer.json()["error"]["message"]
    assert bodies(world.bob, room_id) == []


def test_a_topic_needs_the_role_that_the_settings_of_the_room_need(world: World) -> None:
    room_id = world.room()
    assert run(world.bob, room_id, "/topic Tides").status_code == 403
    assert run(world.alice, room_id, "/topic Tides").json() == {"message": None, "answer": None}
    assert world.bob.get(f"/rooms/{room_id}").json()["topic"] == "Tides"


def test_somebody_outside_of_the_room_finds_no_room(world: World) -> None:
    room_id = world.room("private")
    for text in ("/help", "/me waves", "/status 🌴 away", "/remind here in 5 minutes tea", "/nope"):
        assert run(world.mallory, room_id, text).status_code == 404, text
    assert world.mallory.get(f"/rooms/{room_id}/commands").status_code == 404


def test_people_are_invited_and_one_leaves(world: World) -> None:
    room_id = world.room()
    name = world.mallory.username
    assert run(world.alice, room_id, f"/invite @{name}").status_code == 200
    assert world.mallory.get(f"/rooms/{room_id}").status_code == 200, "administrators add"
    assert run(world.alice, room_id, "/invite @nobody-at-all").status_code == 422
    assert run(world.bob, room_id, "/leave at noon").status_code == 422, "it is a sentence"
    assert run(world.bob, room_id, "/leave").status_code == 200
    assert world.bob.get(f"/rooms/{room_id}").status_code == 404


def test_invite_tells_who_was_added_who_is_asked_and_who_was_there(world: World) -> None:
    room_id = world.room()
    robby = world.bob.post("/bots", {"username": f"{world.bob.username}-bot"}).json()["bot"]
    mallory, carol = world.mallory.username, world.carol.username
    assert said(world.alice, room_id, f"/invite @{mallory}") == "Added: Mallory."
    world.mallory.post(f"/rooms/{room_id}/leave")
    told = said(world.alice, room_id, f"/invite @{mallory} @{carol} @{robby['username']}")
    assert told == f"Added: {robby['username']}. Already here: Carol. Invited: Mallory."
    assert world.mallory.get(f"/rooms/{room_id}").status_code == 404, "she is asked first"
    invitations = world.mallory.get("/me/room-invitations").json()["invitations"]
    assert [each["room"]["id"] for each in invitations] == [room_id]


def test_invite_tells_whom_it_could_not_add_after_others(world: World) -> None:
    room_id = world.room()
    mallory, carol = world.mallory.username, world.carol.username
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": world.mallory.id})
    world.alice.post(f"/rooms/{room_id}/bans", {"user_id": world.mallory.id})
    told = said(world.alice, room_id, f"/invite @{carol} @{mallory}")
    assert told.startswith("Already here: Carol. Mallory: ")
    alone = run(world.alice, room_id, f"/invite @{mallory} @{carol}")
    assert alone.status_code in (403, 409, 422), "nothing was done before it"


def test_a_status_is_set_and_cleared(world: World) -> None:
    room_id = world.room()
    assert "🌴" in said(world.bob, room_id, "/status :palm_tree: on holiday")
    status = world.alice.get(f"/users/{world.bob.id}").json()["status"]
    assert (status["emoji"], status["text"]) == ("🌴", "on holiday")
    said(world.bob, room_id, "/status")
    assert world.alice.get(f"/users/{world.bob.id}").json()["status"] is None


def test_help_is_seen_by_its_author_alone_on_each_of_their_devices(world: World) -> None:
    room_id = world.room()
    own, other = world.bob.listen(), world.alice.listen()
    shown = said(world.bob, room_id, "/help")
    assert "`/me text`" in shown and "`/topic" not in shown, "bob may not change the topic"
    heard = own.next("command:answer")["answer"]
    assert (heard["body"], heard["room_id"], heard["app"]) == (shown, room_id, None)
    world.alice.say(room_id, "done")
    other.next("message:posted")
    assert not other.all("command:answer")
    assert bodies(world.bob, room_id) == ["done"]


def test_a_socket_runs_commands_too(world: World) -> None:
    room_id = world.room()
    payload = {"room_id": room_id, "text": "/me waves", "client_id": "by-socket"}
    answer = world.bob.listen().call("command:run", payload)
    assert answer["ok"] and answer["message"]["body"] == "*waves*"


def test_a_token_that_may_only_write_does_not_manage_the_room(world: World) -> None:
    room_id = world.room()
    made = world.alice.post("/me/tokens", {"name": "ci", "scopes": ["write"]}).json()
    for text, status in (("/topic Tides", 403), ("/me waves", 200)):
        command = {"text": text, "client_id": secrets.token_hex(8)}
        path = f"/rooms/{room_id}/commands"
        answer = world.alice.ask("POST", path, token=made["token"], json=command)
        assert answer.status_code == status, answer.text


def test_a_form_without_javascript_runs_commands(world: World) -> None:
    room_id = world.room()
    browser = Browser(world.server).sign_in(world.bob)

    def type_in(text: str) -> Any:
        return browser.submit(
            f"/rooms/{room_id}/messages", body=text, client_id=secrets.token_hex(8)
        )

    assert "Only you can see this" in (shown := type_in("/help")).text
    assert "/help</textarea>" not in shown.text
    refused = type_in("/shrgu")
    assert refused.status_code == 422
    assert "/shrgu</textarea>" in refused.text, "the text stays"
    type_in("/me waves")
    type_in("/etc/hosts is broken")
    type_in("//me")
    type_in(" /leave")
    assert bodies(world.alice, room_id)[-4:] == [
        "*waves*",
        "/etc/hosts is broken",
        "/me",
        " /leave",
    ]
    assert type_in("/leave").url.endswith("/rooms")


def test_a_reminder_is_said_once_to_whoever_asked_for_it(world: World) -> None:
    room_id = world.room()
    notes = world.bob.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    again = {"client_id": "twice", "time_zone": "Europe/Berlin"}
    for _ in range(2):
        assert "Reminder set for" in said(
            world.bob, room_id, "/remind me in 10 minutes check the oven", **again
        )
    assert bodies(world.bob, notes) == []
    make_due(world.bob)
    wait_until(lambda: bodies(world.bob, notes) == ["check the oven"], "the reminder")
    wait_until(
        lambda: not database["reminders"].find_one({"user_id": id_from(world.bob.id)}), "its end"
    )
    (message,) = world.bob.reads(notes)["messages"]
    assert message["author"]["is_bot"]
    assert world.bob.standing(notes)["unread"] == 1
    assert bodies(world.alice, room_id) == []


def test_a_reminder_for_somebody_is_said_in_the_room_and_names_them(world: World) -> None:
    room_id = world.room()
    said(world.bob, room_id, f"/remind @{world.carol.username} tomorrow at 9 to bring ropes")
    said(world.bob, room_id, "/remind here in 2 hours tea")
    assert run(world.bob, room_id, "/remind here some day tea").status_code == 422
    assert run(world.bob, room_id, "/remind @mallory-not-here in 1 h tea").status_code == 422
    make_due(world.bob)
    wait_until(lambda: len(bodies(world.alice, room_id)) == 2, "both reminders")
    named = next(each for each in world.alice.reads(room_id)["messages"] if each["mentions"])
    assert named["mentions"] == [world.carol.id]
    assert "bring ropes" in named["body"]


def test_a_reminder_of_somebody_who_left_the_room_is_not_said(world: World) -> None:
    room_id = world.room()
    said(world.bob, room_id, "/remind here in 2 hours tea")
    run(world.bob, room_id, "/leave")
    make_due(world.bob)
    wait_until(
        lambda: not database["reminders"].find_one({"user_id": id_from(world.bob.id)}), "its end"
    )
    assert bodies(world.alice, room_id) == []


def make_due(person: Person) -> None:
    """Make a person's reminders due, as if their time had come."""
    mine = {"user_id": id_from(person.id)}
    database["reminders"].update_many(mine, {"$set": {"due_at": now()}})


def test_an_administrator_makes_a_command_on_a_page_and_sees_its_secret_once(
    world: World,
) -> None:
    browser = Browser(world.server).sign_in(world.alice)
    name = "deploy-" + "".join(random.choices("abcdefgh", k=12))
    fields = {"name": name, "description": "Deploy it", "url": "https://deploy.example.org"}
    refused = browser.submit("/admin/commands", **fields | {"name": "Deploy!"})
    assert refused.status_code == 422
    assert "lower-case letters" in refused.text and 'value="Deploy it"' in refused.text
    made = browser.submit("/admin/commands", **fields)
    assert made.status_code == 201 and "whsec_" in made.text
    page = browser.get("/admin/commands").text
    assert f"/{name}" in page and "whsec_" not in page
    (command,) = [
        each for each in world.alice.get("/commands").json()["commands"] if each["name"] == name
    ]
    assert f"Remove /{name}?" in browser.get(f"/admin/commands/{command['id']}/remove").text
    assert f"/{name}" not in browser.submit(f"/admin/commands/{command['id']}/remove").text
    assert Browser(world.server).sign_in(world.bob).get("/admin/commands").status_code == 403


def test_an_administrator_changes_a_command_and_gives_it_a_new_secret_on_its_page(
    world: World,
) -> None:
    name, other = ("deploy-" + "".join(random.choices("abcdefgh", k=12)) for _ in range(2))
    fields = {"name": name, "description": "Deploy it", "url": "https://deploy.example.org"}
    made = world.alice.post("/commands", fields).json()
    world.alice.post("/commands", fields | {"name": other})
    path = f"/admin/commands/{made['id']}"
    browser = Browser(world.server).sign_in(world.alice)
    assert f'href="{path}"' in browser.get("/admin/commands").text
    assert 'value="https://deploy.example.org"' in browser.get(path).text

    for wrong, why in (({"name": other}, "already"), ({"url": "nowhere"}, "address")):
        refused = browser.submit(path, **fields | wrong)
        assert refused.status_code in (409, 422), wrong
        assert why in refused.text and f'value="{next(iter(wrong.values()))}"' in refused.text
    changed = fields | {"name": f"{name}-now", "description": "Ship it"}
    done = browser.submit(path, **changed)
    assert done.url.endswith("/admin/commands") and "Ship it" in done.text

    room_id = world.room()
    offered = {
        each["name"]: each["description"]
        for each in world.bob.get(f"/rooms/{room_id}/commands").json()["commands"]
    }
    assert offered[f"{name}-now"] == "Ship it" and name not in offered
    (entry,) = [
        each
        for each in world.alice.get("/admin/audit?action=command.changed").json()["entries"]
        if each["after"] == f"/{name}-now"
    ]
    assert entry["before"] == f"/{name}"
    audit = plain(browser.get("/admin/audit").text)
    assert f"renamed the command from /{name} to /{name}-now" in audit

    question = browser.get(f"{path}/secret").text
    assert "The old secret ends at once" in question and "whsec_" not in question
    renewed = browser.submit(f"{path}/secret")
    assert renewed.status_code == 201 and "whsec_" in renewed.text
    assert made["secret"] not in renewed.text
    stranger = Browser(world.server).sign_in(world.bob)
    for answer in (stranger.get(path), stranger.submit(path, **fields)):
        assert answer.status_code == 403
    assert stranger.submit(f"{path}/secret").status_code == 403
    assert browser.get(f"/admin/commands/{'0' * 24}").status_code == 404


def plain(page: str) -> str:
    """Return the text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", "", page).split())
