"""What programs are told of an error speaks of what they sent, not of a page."""

from __future__ import annotations

import re

import pytest
import requests

from chat.utils.errors import ChatError
from tests.helpers.form_browser import Browser
from tests.helpers.world import World

OF_PAGES = re.compile(r"highlight|\blink\b|\bpage\b|reload", re.IGNORECASE)


def test_the_api_names_the_fields_that_are_wrong(world: World) -> None:
    one = world.bob.post("/rooms", {"name": ""}).json()["error"]
    assert one["message"] == "Correct this field: name."
    assert one["fields"].keys() == {"name"}
    two = world.bob.post("/rooms", {"name": 5, "kind": "secret"}).json()["error"]
    assert two["message"] == "Correct these fields: name, kind."
    many = world.bob.post("/rooms", {f"f{number}": 1 for number in range(9)}).json()["error"]
    assert re.fullmatch(r"Correct these fields: (\w+, ){4}\w+ and 5 more\.", many["message"])
    query = world.bob.get("/rooms?limit=0").json()["error"]
    assert query["message"] == "Correct this field: limit."


def test_an_event_names_the_fields_too(world: World) -> None:
    answer = world.bob.listen().call("room:read", {"room_id": "nowhere"})
    assert answer["error"]["message"] == "Correct these fields: seq, room_id."


def test_the_sentence_is_in_the_language_of_the_reader(world: World) -> None:
    world.bob.patch("/me/preferences", {"language": "de"})
    refused = world.bob.post("/rooms", {"name": ""}).json()["error"]
    assert refused["message"] == "Berichtige dieses Feld: name."


def test_a_page_highlights_the_fields_and_says_so(world: World) -> None:
    browser = Browser(world.server).sign_in(world.bob)
    page = browser.submit("/rooms", name="", kind="secret").text
    assert page.count('aria-invalid="true"') >= 1
    assert "Please fix the highlighted fields." in page
    without_a_form = browser.submit("/settings/notifications", notify="sometimes").text
    assert "Correct this field: notify." in without_a_form
    assert "highlighted" not in without_a_form


def test_an_address_that_there_is_not_is_no_link(world: World) -> None:
    told = world.bob.get("/nowhere").json()["error"]["message"]
    assert told == "There is nothing at this address."
    page = requests.get(f"{world.server.url}/nowhere", timeout=5)
    assert "The link may be old" in page.text


def kinds(kind: type[ChatError]) -> list[type[ChatError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in kinds(below))]


@pytest.mark.parametrize("kind", kinds(ChatError), ids=lambda kind: kind.__name__)
def test_no_usual_sentence_for_programs_speaks_of_a_page(kind: type[ChatError]) -> None:
    assert not OF_PAGES.search(kind.for_programs or kind.sentence)
