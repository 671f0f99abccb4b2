"""The CSRF token of a page is masked anew each time."""

from __future__ import annotations

import re
import secrets

import pytest

from chat.routes.csrf_masks import masked, unmasked
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import World, csrf_of

CSRF = re.compile(r'name="csrf_token" value="([0-9a-f]*)"')


@pytest.fixture
def bob(server: Server, world: World) -> Browser:
    return Browser(server).sign_in(world.bob)


def test_the_csrf_token_of_a_page_is_another_each_time_and_every_one_is_good(
    bob: Browser, world: World
) -> None:
    room_id = world.room()
    token = csrf_of(world.bob.access_token)
    tokens = []
    for number in range(3):
        page = bob.get(f"/rooms/{room_id}").text
        assert token not in page
        assert len(set(CSRF.findall(page))) == 1
        tokens.append(CSRF.findall(page)[0])
        fields = {"csrf_token": tokens[-1], "client_id": f"{number}", "body": f"{number}"}
        sent = bob.submit(f"/rooms/{room_id}/messages", csrf=False, **fields)
        assert sent.status_code == 200
    assert len(set(tokens)) == 3
    assert [each["body"] for each in world.carol.reads(room_id)["messages"]] == ["0", "1", "2"]


@pytest.mark.parametrize("change", ["", "0", "cut", "swapped", "not hexadecimal", "twice"])
def test_a_token_that_was_changed_is_refused(bob: Browser, world: World, change: str) -> None:
    room_id = world.room()
    token = masked(csrf_of(world.bob.access_token))
    changed = {
        "": "",
        "0": "0" * 128,
        "cut": token[:-1],
        "swapped": token[1:] + token[:1],
        "not hexadecimal": "x" * 128,
        "twice": masked(csrf_of(world.carol.access_token)),
    }[change]
    fields = {"csrf_token": changed, "client_id": "1", "body": "no"}
    sent = bob.submit(f"/rooms/{room_id}/messages", csrf=False, **fields)
    assert sent.status_code == 403
    assert world.carol.reads(room_id)["messages"] == []


def test_what_is_no_token_is_not_masked() -> None:
    token = secrets.token_hex(32)
    assert unmasked(masked(token)) == token == unmasked(token)
    assert (masked(""), masked("x"), unmasked("x")) == ("", "", "x")
