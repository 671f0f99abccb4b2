"""The language of pages and of errors: the person's preference, else what the browser accepts."""

from __future__ import annotations

import re

import pytest
import requests

from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import World


def language_of(page: str) -> str:
    found = re.search(r'<html\s+lang="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def bob(world: World, server: Server) -> Browser:
    return Browser(server).sign_in(world.bob)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.5", "de"),
        ("fr, nl", "en"),
        ("*", "en"),
        ("x" * 5_000, "en"),
        (";;q=,,", "en"),
    ],
)
def test_a_visitor_reads_what_the_browser_accepts(
    server: Server, accepted: str, language: str
) -> None:
    page = Browser(server).get("/login", headers={"Accept-Language": accepted}).text
    assert language_of(page) == language
    assert ("Passwort" in page) == (language == "de")
    assert ("scripts/sign_in.de.js" in page) == (language == "de")


def test_what_bob_prefers_comes_before_what_his_browser_accepts(world: World, bob: Browser) -> None:
    german = {"Accept-Language": "de-CH"}
    assert language_of(bob.get("/settings/appearance", headers=german).text) == "de"
    world.bob.patch("/me/preferences", {"language": "en"})
    page = bob.get("/settings/appearance", headers=german).text
    assert language_of(page) == "en"
    assert 'data-locale="en-US"' in page
    world.bob.patch("/me/preferences", {"language": "de"})
    page = bob.get("/settings/appearance", headers={"Accept-Language": "en"}).text
    assert language_of(page) == "de"
    assert 'data-locale="de"' in page
    world.bob.patch("/me/preferences", {"language": "browser"})
    assert language_of(bob.get("/settings/appearance").text) == "en"


def test_a_form_changes_the_language_and_its_answer_is_in_the_new_one(bob: Browser) -> None:
    page = bob.submit("/settings/appearance", language="de", enter_sends="true").text
    assert language_of(page) == "de"
    assert "Gespeichert" in page
    assert "scripts/app.de.js" in page


def test_the_locale_of_times_is_the_browsers_if_it_is_of_the_pages_language(bob: Browser) -> None:
    for accepted, locale in (
        ("de-AT,de;q=0.9", "de-AT"),
        ("en-GB,de;q=0.9", "en-GB"),
        ("fr-CA,fr;q=0.9", "fr-CA"),  # the chat has no French, but writes times as its reader does
        ('"><script>', "en-US"),
    ):
        page = bob.get("/rooms", headers={"Accept-Language": accepted}).text
        assert f'data-locale="{locale}"' in page, accepted


def test_a_page_of_another_language_is_no_part_of_an_open_one(world: World, bob: Browser) -> None:
    """Scripts load it whole, as after an upgrade (helpers/navigation.js)."""

    def version(**headers: str) -> str:
        found = re.search(r'data-version="([^"]+)"', bob.get("/rooms", headers=headers).text)
        assert found
        return found[1]

    fragment = {"X-Fragment": "main"}
    english = version(**{"Accept-Language": "en"})
    assert version(**{"Accept-Language": "en-GB"}, **fragment) == english
    assert version(**{"Accept-Language": "de"}, **fragment) != english


def test_the_german_script_has_german_sentences_and_the_english_one_none(server: Server) -> None:
    german = Browser(server).get("/static/scripts/app.de.js").text
    english = Browser(server).get("/static/scripts/app.js").text
    assert '"Today":"Heute"' in german
    assert "Heute" not in english
    assert len(german.splitlines()) <= len(english.splitlines()), "lines of the source map fit"


# Errors


def message_of(answer: requests.Response) -> str:
    return str(answer.json()["error"]["message"])


def test_errors_are_in_the_persons_language_and_codes_in_none(world: World) -> None:
    nowhere, room_id = f"/rooms/{'f' * 24}", world.room()
    english = world.bob.get(nowhere).json()["error"]
    world.bob.patch("/me/preferences", {"language": "de"})
    german = world.bob.get(nowhere).json()["error"]
    assert (english["message"], german["message"]) == (
        "There is no such room.",
        "Diesen Raum gibt es nicht.",
    )
    assert english["code"] == german["code"] == "not_found"
    refused = world.bob.post(f"/rooms/{room_id}/messages", {"body": 3}).json()["error"]
    assert refused["message"] == "Berichtige diese Felder: client_id, body."
    assert refused["fields"] == {
        "client_id": "Dieses Feld ist nötig.",
        "body": "Das muss ein Text sein.",
    }
    assert world.bob.get(f"/rooms/{room_id}/messages?limit=9999").json()["error"]["fields"] == {
        "limit": "Nimm eine ganze Zahl von 1 bis 200."
    }
    assert message_of(world.carol.get(nowhere)) == "There is no such room.", "her own language"


def test_a_stranger_is_refused_in_the_language_that_their_program_accepts(server: Server) -> None:
    url = f"{server.url}/api/v1/me"
    assert message_of(requests.get(url, headers={"Accept-Language": "de"}, timeout=5)).startswith(
        "Melde dich an"
    )
    assert message_of(requests.get(url, timeout=5)).startswith("Sign in to continue")


def test_events_are_refused_in_the_language_of_who_sends_them(world: World) -> None:
    """And each in their own, although the handlers of both run in the same few greenlets."""
    bob = world.bob.listen(headers={"Accept-Language": "de-DE,de;q=0.9"})
    carol = world.carol.listen()
    for _ in range(3):
        answers = [each.call("message:send", {"body": "?"}) for each in (bob, carol)]
        assert [answer["error"]["fields"]["client_id"] for answer in answers] == [
            "Dieses Feld ist nötig.",
            "This field is required.",
        ]
    world.bob.patch("/me/preferences", {"language": "en"})
    refused = bob.call("message:send", {"body": "?"})["error"]
    assert refused["fields"]["client_id"] == "This field is required."


def test_a_page_that_does_not_exist_looks_and_speaks_as_the_person_prefers(
    world: World, bob: Browser
) -> None:
    world.room()
    world.bob.patch("/me/preferences", {"language": "de", "theme": "dark"})
    for path, heading, sentence in (
        ("/nowhere/at/all", "Seite nicht gefunden", "Hier ist nichts."),
        ("/rooms/nowhere", "Seite nicht gefunden", "Diesen Raum gibt es nicht."),
        # a form posts there
        ("/logout", "Das hat nicht geklappt", "Das geht hier nicht."),
    ):
        page = bob.get(path).text
        assert language_of(page) == "de"
        assert 'data-theme="dark"' in page
        assert heading in page
        assert sentence in page
        assert "Harbour" in page, "beside the person's rooms"
