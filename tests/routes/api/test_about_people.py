"""People say who they are: a status that ends by itself, a title, and what time it is for them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from chat.models.about import About
from chat.models.document import new_id
from chat.models.status import Status
from chat.utils.clock import now, rfc3339
from tests.helpers.form_browser import Browser
from tests.helpers.world import World


def test_others_see_a_status_at_once_and_wherever_they_see_the_person(world: World) -> None:
    room_id = world.room()
    heard = world.alice.listen()
    until = rfc3339(now() + timedelta(hours=1))
    status = {"emoji": "🌴", "text": "Off", "until": until}
    told = world.bob.patch("/me", {"status": status | {"emoji": ":palm_tree:"}})
    assert told.json()["status"] == status
    assert heard.next("user:updated")["user"]["status"] == status
    assert world.alice.get(f"/users/{world.bob.id}").json()["status"] == status
    assert world.bob.say(room_id, "hello")["author"]["status"] == status
    assert world.alice.reads(room_id)["messages"][-1]["author"]["status"] == status
    assert world.bob.patch("/me", {"status": None}).json()["status"] is None
    assert world.alice.get(f"/users/{world.bob.id}").json()["status"] is None


def test_a_status_ends_by_itself() -> None:
    ended = Status("🌴", "Off", now() - timedelta(seconds=1))
    assert About(new_id(), ended).status is None
    lasting = ended._replace(until=now() + timedelta(hours=1))
    assert About(new_id(), lasting).status == lasting


@pytest.mark.parametrize(
    ("status", "field"),
    [
        ({}, "status.text"),
        ({"text": " "}, "status.text"),
        ({"text": "Off", "emoji": "palm"}, "status.emoji"),
        ({"text": "x" * 81}, "status.text"),
        ({"text": "Off", "until": "2020-01-31T09:30:00Z"}, "status.until"),
        ({"text": "Off", "until": "tomorrow"}, "status.until"),
    ],
)
def test_what_is_no_status_is_refused_at_its_field(
    world: World, status: dict[str, str], field: str
) -> None:
    refused = world.bob.patch("/me", {"status": status})
    assert refused.json()["error"]["fields"].keys() == {field}
    assert world.bob.get("/me").json()["status"] is None


def test_an_emoji_alone_and_a_text_alone_are_statuses(world: World) -> None:
    assert world.bob.patch("/me", {"status": {"emoji": "🤒"}}).json()["status"]["text"] == ""
    assert world.bob.patch("/me", {"status": {"text": "Writing"}}).json()["status"]["emoji"] == "💬"


def test_a_title_and_a_time_zone_are_told_to_those_who_ask(world: World) -> None:
    world.bob.patch("/me", {"title": "Harbour pilot", "time_zone": "Asia/Tokyo"})
    about = world.alice.get(f"/users/{world.bob.id}").json()
    assert (about["title"], about["time_zone"]) == ("Harbour pilot", "Asia/Tokyo")
    world.bob.patch("/me", {"title": "", "time_zone": None})
    about = world.alice.get(f"/users/{world.bob.id}").json()
    assert (about["title"], about["time_zone"]) == ("", None)


def test_the_pages_do_the_same_without_scripts(world: World) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    alice = Browser(world.server).sign_in(world.alice)
    form = "/settings/profile/status"
    assert "On holiday" in bob.submit(form, usual="holiday").text
    profile = f"/people/{world.bob.username}"
    assert "🏖️ On holiday" in alice.get(profile).text
    assert "🏖️ On holiday" not in alice.get("/people/" + world.mallory.username).text
    wrong = bob.submit(form, emoji="palm", text="Off", end="day")
    assert wrong.status_code == 422
    assert "Use one emoji." in wrong.text
    bob.submit(form, emoji="", text="Painting", end="30")
    assert "💬 Painting" in alice.get(profile).text
    assert world.bob.get("/me").json()["status"]["until"] > rfc3339(now())
    until = world.bob.get("/me").json()["status"]["until"]
    page = bob.get("/settings/profile").text
    assert 'value="Painting"' in page and 'value="💬"' in page, "it may be changed"
    assert '<option value="as now" selected>' in page
    bob.submit(form, emoji="💬", text="Painting slowly", end="as now")
    assert world.bob.get("/me").json()["status"]["until"] == until
    forms = bob.get("/settings/profile").text.split("<form ")
    (typed,) = (each for each in forms if 'name="text"' in each)
    assert 'name="usual"' not in typed, "Enter in the text would press the first such button"
    bob.submit(form, clear="true")
    assert "Painting" not in alice.get(profile).text
    bob.submit("/settings/profile/time-zone", shown="true")
    assert "for them" in alice.get(profile).text


def test_a_status_ends_at_a_date_and_a_time_by_the_clock_of_its_person(world: World) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    bob.http.cookies.set(world.server.cookie("chat_zone"), "Asia/Kolkata")
    form, status = "/settings/profile/status", {"emoji": "🏖️", "text": "On holiday", "end": "at"}
    page = bob.submit(form, **status, until="2098-12-24T18:00").text
    assert world.bob.get("/me").json()["status"]["until"] == "2098-12-24T12:30:00.000Z"
    assert 'value="2098-12-24T18:00"' in page, "it may be changed"
    assert "By the clock of Asia/Kolkata" in page
    for wrong, why in (
        ("", "Choose a date and a time."),
        ("tomorrow", "Choose a date and a time."),
        ("0001-01-01T00:00", "Choose a date and a time."),
        ("9999-12-31T23:59", "moment"),
        ("2020-12-24T18:00", "Choose a time in the future."),
    ):
        refused = bob.submit(form, **status | {"text": "Elsewhere"}, until=wrong)
        assert refused.status_code == 422, wrong
        assert why in refused.text.split('id="until-note"')[1].split("</p>")[0], wrong
    assert world.bob.get("/me").json()["status"]["text"] == "On holiday"
    bob.submit(form, emoji="🏖️", text="Off", end="30", until="2098-12-24T18:00")
    assert world.bob.get("/me").json()["status"]["until"] < "2098", "it was not chosen"


def test_a_status_that_ends_at_midnight_names_the_day_that_ends(world: World) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    form = "/settings/profile/status"
    assert "until the end of today" in bob.submit(form, text="Painting", emoji="", end="day").text
    until = now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    world.bob.patch("/me", {"status": {"text": "Painting", "until": rfc3339(until)}})
    day = until - timedelta(days=1)
    text = bob.get(f"/people/{world.bob.username}").text
    assert re.search(rf"until the end of {day:%A, %B} {day.day}\b", text)
    hour = {"text": "Painting", "until": rfc3339(until + timedelta(hours=1))}
    world.bob.patch("/me", {"status": hour})
    assert "until the end of" not in bob.get(f"/people/{world.bob.username}").text


def test_a_profile_names_the_rooms_that_both_are_in_and_no_other(world: World) -> None:
    world.room()
    for name, kind in (("Pier", "public"), ("Vault", "private"), ("Lair", "private")):
        room_id = world.bob.make_room(name, kind)
        if name != "Lair":
            world.bob.post(f"/rooms/{room_id}/members", {"user_id": world.alice.id})
    page = Browser(world.server).sign_in(world.alice).get(f"/people/{world.bob.username}").text
    assert "Both in:" in page
    assert "Pier" in page and "Vault" in page
    assert "Lair" not in page
