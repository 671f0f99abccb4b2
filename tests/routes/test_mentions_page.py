"""The page of a person's mentions."""

from __future__ import annotations

import re

from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import World


def test_mentions_that_follow_each_other_in_a_room_stand_under_its_name_once(
    world: World, server: Server
) -> None:
    harbour, quay = world.room(), world.room(name="Quay")
    for room_id, body in ((quay, "one"), (harbour, "two"), (harbour, "three"), (quay, "four")):
        world.alice.say(room_id, f"@{world.bob.username} {body}")
    page = Browser(server).sign_in(world.bob).get("/mentions").text
    titles = re.findall(r'class="mentioned-room"><a [^>]+>.*?</svg>(\w+)</a>', page, re.DOTALL)
    assert titles == ["Quay", "Harbour", "Quay"]
    assert page.index("three") < page.index("two")


def test_mentions_that_somebody_has_not_read_yet_are_marked(world: World, server: Server) -> None:
    room_id = world.room()
    browser = Browser(server).sign_in(world.bob)
    said = [world.alice.say(room_id, f"@{world.bob.username} {each}") for each in ("one", "two")]
    world.bob.put(f"/rooms/{room_id}/read", {"seq": said[0]["seq"]})
    page = browser.get("/mentions").text
    labels = re.findall(r'<p class="message-new"( hidden)?>', page)
    assert labels[:2] == ["", " hidden"], "the newest first"
