"""Commands of programs: signed requests, answers at once and later, and what failures lead to."""

from __future__ import annotations

import json
import random
import secrets
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import requests

from chat.models.database import database
from chat.models.database.deadline import DEADLINE_SECONDS
from chat.utils.clock import now
from tests.helpers.webhook_receiver import Answer, Receiver, answered, hanging_up
from tests.helpers.world import Person, World


def saying(content: Any, status: int = 200) -> Answer:
    """Return what answers with this text, or with this object as JSON."""
    body = content if isinstance(content, str) else json.dumps(content)
    return lambda handler: answered(handler, status, body.encode())


class Program:
    """A command of the chat, and the program behind it."""

    def __init__(self, here: World, receiver: Receiver, *answers: int | Answer):
        self.here, self.box = here, receiver.box()
        self.name = "deploy-" + "".join(random.choices("abcdefgh", k=12))
        self.box.answers += answers
        wanted = {"name": self.name, "description": "Deploy a service", "url": self.box.url}
        made = here.alice.post("/commands", wanted)
        assert made.status_code == 201, made.text
        self.id, self.box.secret = made.json()["id"], made.json()["secret"]
        self.room_id = here.room("private")

    def run(
        self, person: Person, text: str = "web --force", client_id: str = ""
    ) -> requests.Response:
        client_id = client_id or secrets.token_hex(8)
        command = {"text": f"/{self.name} {text}".strip(), "client_id": client_id}
        return person.post(f"/rooms/{self.room_id}/commands", command)

    @property
    def data(self) -> Any:
        return self.box.received[-1].says["data"]

    @property
    def response_url(self) -> str:
        return self.here.server.url + urlsplit(self.data["response_url"]).path

    def posted(self) -> list[Any]:
        found: list[Any] = self.here.carol.reads(self.room_id)["messages"]
        return found


def test_a_program_gets_a_signed_request_and_answers_its_author_alone(
    here: World, receiver: Receiver
) -> None:
    program = Program(here, receiver, saying({"text": "*done*, see <https://ci.example|the log>"}))
    other = here.carol.listen()
    answer = program.run(here.bob).json()
    assert answer["answer"]["body"] == "**done**, see [the log](https://ci.example)"
    assert answer["answer"]["app"] == f"/{program.name}"
    assert answer["message"] is None
    assert program.box.received[0].says["type"] == "command"
    data = program.data
    assert (data["command"], data["text"]) == (f"/{program.name}", "web --force")
    assert (data["user"]["id"], data["room"]["id"]) == (here.bob.id, program.room_id)
    here.bob.say(program.room_id, "next")
    other.next("message:posted")
    assert not other.all("command:answer")
    assert [each["body"] for each in program.posted()] == ["next"]


def test_an_answer_for_the_room_is_a_message_of_an_app(here: World, receiver: Receiver) -> None:
    said = {"body": "**web** is out", "response_type": "in_channel"}
    program = Program(here, receiver, saying(said))
    answer = program.run(here.bob).json()
    assert answer["answer"] is None
    (message,) = program.posted()
    assert message == answer["message"]
    assert message["body_html"] == "<p><strong>web</strong> is out</p>"
    author = message["author"]
    assert (author["display_name"], author["is_bot"]) == (f"/{program.name}", True)


def test_a_request_that_is_sent_again_calls_a_program_once_unless_it_failed(
    here: World, receiver: Receiver
) -> None:
    everybody = saying({"response_type": "in_channel", "text": "deployed"})
    program = Program(here, receiver, 500, everybody, everybody)
    assert program.run(here.bob, client_id="same").status_code == 422
    assert program.run(here.bob, client_id="same").status_code == 200
    again = program.run(here.bob, client_id="same")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert program.run(here.carol, client_id="same").status_code == 200, "it is carol's own"
    assert len(program.box.received) == 3
    assert len(program.posted()) == 2


def test_a_program_may_take_longer_than_the_database_may(here: World, receiver: Receiver) -> None:
    def takes_long(handler: BaseHTTPRequestHandler) -> int:
        time.sleep(DEADLINE_SECONDS + 0.2)
        return saying({"body": "out", "response_type": "in_channel"})(handler)

    program = Program(here, receiver, takes_long)
    assert program.run(here.bob).json()["message"]["body"] == "out"


def test_a_program_that_fails_posts_nothing_and_one_sentence_says_so(
    here: World, receiver: Receiver
) -> None:
    huge = saying({"text": "a" * 70_000, "response_type": "in_channel"})
    program = Program(here, receiver, 500, saying("{not json"), huge)
    program.box.usually = hanging_up  # each time: a connection that was kept is replaced once
    for reason in ("failed", "failed", "failed", "didn’t answer"):
        answer = program.run(here.bob)
        assert answer.status_code == 422, answer.text
        assert reason in answer.json()["error"]["message"]
    assert program.posted() == []
    program.box.usually = 204
    assert program.run(here.bob).json() == {"answer": None, "message": None}, "204: it was taken"


def test_a_program_answers_later_five_times_within_half_an_hour(
    here: World, receiver: Receiver
) -> None:
    program = Program(here, receiver)
    heard = here.bob.listen()
    program.run(here.bob)
    url = program.response_url

    def later(said: Any) -> int:
        return requests.post(url, json=said, timeout=20).status_code

    assert later({"text": "half"}) == 200
    assert heard.next("command:answer")["answer"]["body"] == "half"
    for number in range(4):
        assert later({"text": f"step {number}", "response_type": "in_channel"}) == 200
    assert [each["body"] for each in program.posted()] == [f"step {each}" for each in range(4)]
    assert later({"text": "once too often"}) == 404
    program.run(here.bob)
    url = program.response_url
    database["command_calls"].update_many({}, {"$set": {"expires_at": now()}})
    assert later({"text": "too late"}) == 404
    assert requests.post(url[:-4] + "AAAA", json={"text": "x"}, timeout=20).status_code == 404


def test_whoever_may_not_write_gives_no_command_and_hears_no_answer(
    here: World, receiver: Receiver
) -> None:
    program = Program(here, receiver)
    assert program.run(here.mallory).status_code == 404
    here.alice.put(f"/rooms/{program.room_id}/members/{here.bob.id}/mute", {})
    assert program.run(here.bob).status_code == 403
    assert program.box.received == []


def test_only_administrators_look_after_commands(here: World, receiver: Receiver) -> None:
    program = Program(here, receiver)
    wanted = {"name": "other", "description": "Other", "url": program.box.url}
    assert here.bob.post("/commands", wanted).status_code == 403
    assert here.bob.get("/commands").status_code == 403
    assert here.bob.delete(f"/commands/{program.id}").status_code == 403
    assert here.alice.post("/commands", wanted | {"name": "topic"}).status_code == 409
    assert here.alice.post("/commands", wanted | {"name": program.name}).status_code == 409
    for name in ("Deploy", "-a", "a-", "a b", "", "a" * 33):
        assert here.alice.post("/commands", wanted | {"name": name}).status_code == 422, name
    inside = wanted | {"url": "http://10.0.0.1/"}
    assert here.alice.post("/commands", inside).status_code == 422
    listed = {each["name"]: each for each in here.alice.get("/commands").json()["commands"]}
    assert listed[program.name]["secret"] is None
    offered = here.bob.get(f"/rooms/{program.room_id}/commands").json()["commands"]
    assert program.name in {each["name"] for each in offered}


def test_a_new_secret_signs_from_then_on_and_a_removed_command_is_unknown(
    here: World, receiver: Receiver
) -> None:
    program = Program(here, receiver)
    changed = here.alice.patch(f"/commands/{program.id}", {"new_secret": True}).json()
    assert changed["secret"] != program.box.secret
    program.box.secret = changed["secret"]
    assert program.run(here.bob).status_code == 200, "the receiver checks the signature"
    assert here.alice.delete(f"/commands/{program.id}").status_code == 204
    assert program.run(here.bob, "").status_code == 422
    assert program.run(here.bob).json()["message"]["body"].startswith(f"/{program.name} web")
    actions = [each["action"] for each in here.alice.get("/admin/audit").json()["entries"][:3]]
    assert actions == ["command.removed", "command.changed", "command.made"]


def test_an_answer_is_not_said_for_whoever_may_no_longer_write(
    here: World, receiver: Receiver
) -> None:
    def muting(handler: BaseHTTPRequestHandler) -> int:
        muted = here.alice.put(f"/rooms/{program.room_id}/members/{here.bob.id}/mute", {})
        assert muted.status_code in (200, 204), muted.text
        return saying({"body": "out", "response_type": "in_channel"})(handler)

    def archiving(handler: BaseHTTPRequestHandler) -> int:
        archived = here.alice.patch(f"/rooms/{program.room_id}", {"archived": True})
        assert archived.status_code == 200, archived.text
        return saying({"body": "out", "response_type": "in_channel"})(handler)

    for change in (muting, archiving):
        program = Program(here, receiver, change)
        assert program.run(here.bob).status_code == 403
        assert program.posted() == []
