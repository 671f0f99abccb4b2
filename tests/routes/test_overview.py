"""Administrators see how much the chat is used: its people, its messages, what it takes."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask

from chat import VERSION
from chat.models import figures
from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.servers import wait_until
from tests.helpers.world import Person, World


def shown(page: str, label: str) -> int:
    """Return the figure beside a label."""
    found = re.search(rf"<dt>{label}</dt>\s*<dd>([\d,]+)", page)
    assert found, label
    return int(found[1].replace(",", ""))


def test_administrators_see_how_much_the_chat_is_used(world: World) -> None:
    alice = Browser(world.server).sign_in(world.alice)
    before = alice.get("/admin").text
    room_id = world.room("public")
    world.mallory.make_room("Vault", "private")
    for _ in range(3):
        world.bob.say(room_id, "hello")
    world.alice.listen()
    after = alice.get("/admin").text
    for label, more in (
        ("Messages today", 3),
        ("Messages in 7 days", 3),
        ("Public rooms", 1),
        ("Private rooms", 1),
    ):
        assert shown(after, label) == shown(before, label) + more, label
    assert shown(after, "Connections") >= 1
    assert shown(after, "Processes") == 1
    assert 0 < shown(after, "People today") <= shown(after, "People in 7 days")
    told = re.search(r'aria-label="Messages a day: ([^"]+)"', after)
    assert told
    days = told[1].split(", ")
    assert len(days) == 7
    assert days[-1] == f"{now():%a} {shown(after, 'Messages today'):,}"
    assert "Vault" not in re.sub("<nav.*?</nav>", "", after, flags=re.DOTALL)


def test_a_person_who_comes_back_counts_once_a_day(app: Flask, world: World) -> None:
    tomorrow = now().date() + timedelta(days=1)
    here = figures.people_since(now().date())
    erin = Person(world, "erin")
    again = erin.post("/auth/refresh", token=erin.second_device().refresh_token)
    assert again.status_code == 200
    assert figures.people_since(now().date()) == here + 1
    assert figures.people_since(tomorrow) == 0


def test_bots_are_counted_apart_from_people(world: World) -> None:
    alice = Browser(world.server).sign_in(world.alice)
    before = alice.get("/admin").text
    made = world.bob.post("/bots", {"username": f"r-{world.bob.username}"}).json()
    assert world.bob.get("/me", token=made["token"]).status_code == 200
    after = alice.get("/admin").text
    assert shown(after, "Bots") == shown(before, "Bots") + 1
    assert people(after) == people(before)
    assert shown(after, "People today") == shown(before, "People today")
    Person(world, "erin")
    assert people(alice.get("/admin").text) == people(before) + 1


def people(page: str) -> int:
    """Return how many people have an account."""
    found = re.search(r"of ([\d,]+)</span>", page)
    assert found
    return int(found[1].replace(",", ""))


def test_messages_are_counted_on_their_day_in_every_process(app: Flask, world: World) -> None:
    today = now().date()
    (before,) = figures.messages_on([today])
    world.bob.say(world.room(), "hello")
    wait_until(lambda: figures.messages_on([today]) > [before], "the process has added it")
    assert figures.messages_on([today - timedelta(days=400)]) == [0]


def test_nobody_else_sees_the_figures(world: World) -> None:
    assert Browser(world.server).sign_in(world.bob).get("/admin").status_code == 403


def test_people_and_programs_read_which_version_they_use(world: World) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    assert f"Version {VERSION}" in bob.get("/settings").text
    assert f"version {VERSION}." in bob.get("/api/v1/docs").text
    alice = Browser(world.server).sign_in(world.alice)
    assert re.search(rf"<dt>Version</dt>\s*<dd>{re.escape(VERSION)}</dd>", alice.get("/admin").text)
