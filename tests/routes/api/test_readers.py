"""Members of a room see who can read it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World


def readers(person: Person, room_id: str) -> Any:
    return person.get(f"/rooms/{room_id}/readers").json()


@pytest.mark.parametrize(("kind", "is_open"), [("public", True), ("private", False)])
def test_members_learn_who_can_read_a_room(world: World, kind: str, is_open: bool) -> None:
    room_id = world.room(kind)
    found = readers(world.bob, room_id)
    assert found["people"] == {"count": 3, "others_may_join": is_open}
    assert found["administrators"] == {"may_join": is_open, "get_reported_messages": True}
    assert (found["bots"], found["hooks"], found["history"]) == ([], [], "everything")
    assert found["encryption"] == {"at_rest": True, "end_to_end": False}
    assert found["retention"] == {"days": None, "pinned_stay": True}
    assert world.mallory.get(f"/rooms/{room_id}/readers").status_code == 404


def test_nobody_new_reads_a_conversation(world: World) -> None:
    room = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()
    found = readers(world.carol, room["id"])
    assert found["people"] == {"count": 2, "others_may_join": False}
    assert (found["administrators"]["may_join"], found["history"]) == (False, "nobody new")


def test_an_archived_room_lets_nobody_in(world: World) -> None:
    room_id = world.room()
    world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    assert readers(world.bob, room_id)["people"]["others_may_join"] is False


def test_the_details_lead_to_a_page_in_plain_words(world: World) -> None:
    room_id = world.room("private")
    page = Browser(world.server).sign_in(world.bob)
    assert f'href="/rooms/{room_id}/readers"' in page.get(f"/rooms/{room_id}/about").text
    shown = page.get(f"/rooms/{room_id}/readers").text
    assert "New members can read everything from the beginning." in shown
    assert "who runs the server" in shown
    outsider = Browser(world.server).sign_in(world.mallory)
    assert outsider.get(f"/rooms/{room_id}/readers").status_code == 404
