"""People list and delete their reminders: by `/remind list`, on a page and by the API."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chat.utils.clock import now
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World

ZONE = "Europe/Berlin"


def told(person: Person, room_id: str, text: str, language: str = "en", **more: Any) -> str:
    """Give a command, and return what its author alone is told, with usual spaces."""
    payload = {"text": text, "client_id": secrets.token_hex(8), "time_zone": ZONE, **more}
    headers = {"Accept-Language": language}
    answer = person.post(f"/rooms/{room_id}/commands", payload, headers=headers)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.json()["answer"]["body"].split())


def reminders(person: Person) -> Any:
    answer = person.get("/me/reminders")
    assert answer.status_code == 200, answer.text
    return answer.json()["reminders"]


@pytest.mark.parametrize(
    ("preferences", "browser", "day", "time"),
    [
        ({}, "en", "Reminder set for {month} {day}", "3:05 PM"),
        ({}, "en-GB", "Reminder set for {day} {month}", "15:05"),
        ({}, "de-AT", "Erinnerung für {day}. ", "15:05"),
        ({"time_format": "24"}, "en", "Reminder set for {month} {day}", "15:05"),
        ({"time_format": "12"}, "en-GB", "Reminder set for {day} {month}", "3:05 pm"),
        ({"language": "de"}, "en", "Erinnerung für {day}. ", "15:05"),
    ],
    ids=str,
)
def test_the_answer_to_remind_names_the_time_as_its_author_reads_times(
    world: World, preferences: Any, browser: str, day: str, time: str
) -> None:
    if preferences:
        assert world.bob.patch("/me/preferences", preferences).status_code == 200
    tomorrow = now().astimezone(ZoneInfo(ZONE)) + timedelta(days=1)
    answer = told(world.bob, world.room(), "/remind me tomorrow at 15:05 tea", browser)
    assert answer.startswith(day.format(month=f"{tomorrow:%b}", day=tomorrow.day))
    assert f"{time}. " in answer or f"{time} gestellt. " in answer
    assert "/remind list" in answer, "what can be done next"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("me tomorrow at 25:00 tea", "25:00 is no time: hours go from 0 to 23"),
        ("here in 0 minutes tea", "“in 0 minutes” is now."),
        ("me on 31 February tea", "/remind reads no dates such as “31 February”."),
        ("@nobody tomorrow tea", "Nobody in this room is called nobody. Write whom first"),
        ("tomorrow at 9 tea", "Nobody in this room is called tomorrow. Write whom first"),
        ("@{mallory} in 2 hours tea", "Nobody in this room is called {mallory}."),
        ("me tea", "Write whom, when and what"),
    ],
)
def test_remind_names_the_part_that_cannot_be(world: World, typed: str, why: str) -> None:
    room_id, names = world.room(), {"mallory": world.mallory.username}
    body = {"text": f"/remind {typed.format(**names)}", "client_id": "once", "time_zone": ZONE}
    refused = world.bob.post(f"/rooms/{room_id}/commands", body)
    assert refused.status_code == 422
    assert why.format(**names) in refused.json()["error"]["fields"]["text"]
    assert reminders(world.bob) == []


def test_remind_refuses_a_time_zone_that_there_is_not(world: World) -> None:
    body = {"text": "/remind me tomorrow tea", "client_id": "once", "time_zone": "Mars/Olympus"}
    refused = world.bob.post(f"/rooms/{world.room()}/commands", body)
    assert refused.status_code == 422
    assert "Europe/Berlin" in refused.json()["error"]["fields"]["text"]


def test_a_time_of_today_is_named_alone_and_by_the_clock_of_the_profile(world: World) -> None:
    hours = 12 - now().hour  # from UTC to where it is about noon, so an hour later is today
    zone = f"Etc/GMT{-hours:+d}"
    world.bob.patch("/me", {"time_zone": zone})
    at = now().astimezone(ZoneInfo(zone)) + timedelta(hours=1)
    answer = told(world.bob, world.room(), "/remind me in 1 hour tea", "en-GB", time_zone="")
    minutes = (at, at + timedelta(minutes=1))
    assert answer.split(". ")[0] in {f"Reminder set for {each:%H:%M}" for each in minutes}


def test_remind_list_tells_its_author_alone_what_waits_and_where_to_delete_it(
    world: World,
) -> None:
    room_id = world.room(name="Harbour")
    assert told(world.bob, room_id, "/remind list").startswith("You have no reminders. Write whom")
    told(world.bob, room_id, "/remind here in 3 days pack the *ropes*")
    told(world.bob, room_id, "/remind me in 2 days check the oven")
    told(world.carol, room_id, "/remind here in 1 day hers")
    others = world.carol.listen()
    first, second = told(world.bob, room_id, "/remind list").removeprefix("- ").split(" - ")
    assert "check the oven" in first
    assert "Harbour: pack the *ropes* (from Bob)" in second
    assert "[your reminders](" in second and "/settings/reminders)" in second
    german = told(world.bob, room_id, "/remind Liste", "de")
    assert "check the oven" in german and "öffne [deine Erinnerungen]" in german
    world.alice.say(room_id, "done")
    others.next("message:posted")
    assert not others.all("command:answer")


def test_a_long_list_ends_with_how_many_more_there_are(world: World) -> None:
    room_id = world.room()
    for number in range(23):
        told(world.bob, room_id, f"/remind here in {number + 1} hours number {number}")
    listed = told(world.bob, room_id, "/remind list")
    assert "number 19" in listed and "number 20" not in listed
    assert "- and 3 more" in listed


def test_the_api_lists_reminders_and_deletes_them(world: World) -> None:
    room_id = world.room(name="Harbour")
    told(world.bob, room_id, "/remind here in 2 hours tea")
    told(world.bob, room_id, f"/remind @{world.carol.username} in 1 hour ropes")
    told(world.bob, room_id, "/remind me in 3 hours oven")
    to_carol, tea, oven = reminders(world.bob)
    assert tea["room"]["id"] == room_id and tea["room"]["kind"] == "public"
    assert tea["body"] == "tea (from Bob)"
    assert to_carol["body"] == f"@{world.carol.username} ropes (from Bob)"
    assert oven["room"]["kind"] == "direct" and oven["body"] == "oven"
    assert to_carol["due_at"] < tea["due_at"] < oven["due_at"]
    assert reminders(world.carol) == []
    assert world.carol.delete(f"/me/reminders/{tea['id']}").status_code == 404
    assert world.bob.delete(f"/me/reminders/{tea['id']}").status_code == 204
    assert world.bob.delete(f"/me/reminders/{tea['id']}").status_code == 404
    assert reminders(world.bob) == [to_carol, oven]


def test_a_reminder_is_no_longer_than_a_list_of_many_can_show(world: World) -> None:
    room_id = world.room()
    for length, status in ((1_000, 200), (1_001, 422)):
        command = {"text": f"/remind me in 1 hour {'x' * length}", "client_id": f"c{length}"}
        answer = world.bob.post(f"/rooms/{room_id}/commands", command)
        assert answer.status_code == status
    assert answer.json()["error"]["message"] == "A reminder has at most 1000 characters."
    assert len(reminders(world.bob)) == 1


def test_a_reminder_of_a_room_that_one_left_tells_nothing_of_the_room(world: World) -> None:
    room_id = world.room("private", "Bridge")
    told(world.bob, room_id, "/remind here in 2 hours tea")
    assert world.bob.post(f"/rooms/{room_id}/leave").status_code in (200, 204)
    world.alice.patch(f"/rooms/{room_id}", {"name": "Secret bridge"})
    (reminder,) = reminders(world.bob)
    assert reminder["room"] is None and reminder["body"] == "tea (from Bob)"
    page = Browser(world.server).sign_in(world.bob).get("/settings/reminders").text
    assert "it won’t be said" in page and "Secret bridge" not in page
    listed = told(world.bob, world.room(name="Quay"), "/remind list")
    assert "it won’t be said" in listed and "bridge" not in listed.casefold()
    assert world.bob.delete(f"/me/reminders/{reminder['id']}").status_code == 204


def test_a_page_without_javascript_deletes_a_reminder_after_a_question(world: World) -> None:
    room_id = world.room(name="Harbour")
    told(world.bob, room_id, "/remind here in 2 days pack the ropes")
    browser = Browser(world.server).sign_in(world.bob)
    page = browser.get("/settings/reminders").text
    assert "pack the ropes" in page and f"/rooms/{room_id}" in page
    (reminder,) = reminders(world.bob)
    question = browser.get(f"/settings/reminders/{reminder['id']}/delete").text
    assert "Delete this reminder?" in question and "pack the ropes" in question
    stranger = Browser(world.server).sign_in(world.carol)
    assert stranger.get(f"/settings/reminders/{reminder['id']}/delete").status_code == 404
    assert stranger.submit(f"/settings/reminders/{reminder['id']}/delete").status_code == 404
    done = browser.submit(f"/settings/reminders/{reminder['id']}/delete")
    assert done.url.endswith("/settings/reminders") and "You have no reminders" in done.text
    assert reminders(world.bob) == []
