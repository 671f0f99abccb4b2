"""Looking into a public room: mallory reads what is there, and nobody learns of it."""

from __future__ import annotations

import pytest

from chat.models.database import database
from chat.models.document import Id
from tests.helpers.form_browser import Browser
from tests.helpers.uploads import uploaded
from tests.helpers.world import World


def memberships_in(room_id: str) -> list[dict[str, object]]:
    return sorted(
        database["memberships"].find({"room_id": Id(room_id)}), key=lambda each: each["_id"]
    )


def test_who_may_join_a_room_reads_it_before_and_leaves_no_trace(world: World) -> None:
    room_id = world.room(name="Harbour")
    said = [world.alice.say(room_id, f"word {number}")["id"] for number in range(52)]
    before = memberships_in(room_id)
    alices, mallorys = world.alice.listen(), world.mallory.listen()
    answer = world.mallory.get(f"/rooms/{room_id}/preview")
    assert answer.status_code == 200
    shown = answer.json()
    assert [message["id"] for message in shown["messages"]] == said[2:], "the newest fifty"
    assert shown["has_before"] is True
    room = shown["room"]
    assert (room["name"], room["role"], room["member_count"]) == ("Harbour", None, 3)
    page = Browser(world.server).sign_in(world.mallory).get(f"/rooms/{room_id}")
    assert page.status_code == 200
    assert ("word 51" in page.text, "word 1<" in page.text) == (True, False)
    world.alice.say(room_id, "nobody outside hears this")
    assert mallorys.hears_nothing_of("message:posted", room_id)
    assert not any(world.mallory.id in str(event) for event in alices.events)
    assert memberships_in(room_id) == before, "nothing is joined or read"
    assert world.mallory.get("/rooms").json()["rooms"] == []
    assert world.mallory.get(f"/rooms/{room_id}/messages").status_code == 404
    assert world.bob.get(f"/rooms/{room_id}/preview").json()["room"]["role"] == "member"


@pytest.mark.parametrize("kind", ["private", "direct", "archived", "removed", "nowhere"])
def test_who_may_not_join_a_room_may_not_look_into_it(world: World, kind: str) -> None:
    room_id = world.room("private" if kind == "private" else "public", name="Harbour")
    if kind == "direct":
        room_id = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(room_id, "heliotrope")
    if kind == "archived":
        world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    if kind == "removed":
        world.mallory.join(room_id)
        world.carol.delete(f"/rooms/{room_id}/members/{world.mallory.id}")
    if kind == "nowhere":
        room_id = "f" * 24
    status = 403 if kind in ("archived", "removed") else 404
    assert world.mallory.get(f"/rooms/{room_id}/preview").status_code == status
    browser = Browser(world.server).sign_in(world.mallory)
    page = browser.get(f"/rooms/{room_id}")
    assert page.status_code == status
    assert "heliotrope" not in page.text
    assert browser.submit(f"/rooms/{room_id}/join").status_code == status, "the premise"


def test_pictures_are_for_members(world: World) -> None:
    room_id = world.room()
    image_id = uploaded(world.alice, room_id)["id"]
    world.alice.post(
        f"/rooms/{room_id}/messages", {"client_id": "c", "body": "", "image_ids": [image_id]}
    )
    page = Browser(world.server).sign_in(world.mallory).get(f"/rooms/{room_id}").text
    assert "message-image-closed" in page
    assert "Join to see pictures" in page, "and why it is blurred"
    assert image_id not in page
    assert world.mallory.get(f"/images/{image_id}").status_code == 404
    assert world.mallory.get(f"/images/{image_id}/thumbnail").status_code == 404
