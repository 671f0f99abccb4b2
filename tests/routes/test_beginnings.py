"""What stands above a room's first message, and where there are no rooms yet."""

from __future__ import annotations

import re

from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import Person, World


def beginning(person: Person, server: Server, room_id: str) -> str:
    """Return the text above the first message, without markup."""
    page = Browser(server).sign_in(person).get(f"/rooms/{room_id}").text
    block = re.search(r'<div class="timeline-begin">(.*?)<h2', page, re.DOTALL)
    assert block
    return " ".join(re.sub(r"<[^>]+>", " ", block[1]).split())


def test_an_empty_room_says_who_created_it_and_what_one_may_do_first(
    world: World, server: Server
) -> None:
    room_id = world.room()
    told = beginning(world.alice, server, room_id)
    assert "This is the beginning of Harbour. Created by Alice · Today" in told
    assert "Add people Set a topic" in told
    assert "Say hello" in told
    assert "Set a topic" not in beginning(world.bob, server, room_id), "he may not"
    world.alice.patch(f"/rooms/{room_id}", {"topic": "Ferries"})
    assert "Set a topic" not in beginning(world.alice, server, room_id), "there is one"
    world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    told = beginning(world.alice, server, room_id)
    assert "Say hello" not in told
    assert "Add people" not in told


def test_a_conversation_begins_with_whom_it_is(world: World, server: Server) -> None:
    talk = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    told = beginning(world.alice, server, talk)
    assert told.startswith("B Bob This is the beginning of your conversation.")
    assert "Add people" not in told
    assert "Created" not in told


def test_whoever_is_in_no_room_is_led_on(world: World, server: Server) -> None:
    quay, plans = world.carol.make_room("00 Quay"), world.carol.make_room("Plans", "private")
    world.carol.patch(f"/rooms/{quay}", {"topic": "boats"})
    for number in range(9):  # more people than in most rooms of other tests
        Person(world, f"guest-{number}").join(quay)
    mallory = Browser(server).sign_in(world.mallory)
    page = mallory.get("/rooms").text
    home = page[page.index("<main") :]
    assert "Hello, Mallory" in home
    assert "Welcome to Chat." in home
    assert "boats" in home
    assert f'href="/rooms/{quay}"' in home
    assert "Plans" not in home
    assert re.findall(r'class="button[^"]*" href="([^"]+)"', home) == [
        "/rooms/browse",
        "/rooms/new",
        "/direct-rooms/new",
        "/settings/invites",
    ]
    assert world.carol.post(f"/rooms/{plans}/members", {"user_id": world.mallory.id}).ok
    invitation = world.mallory.get("/me/room-invitations").json()["invitations"][0]["id"]
    home = mallory.get("/rooms").text
    assert home.index("the invitation to Plans") < home.index("Public rooms</h2>")
    answer = mallory.submit(f"/invitations/{invitation}/decline", next="/rooms")
    assert "Hello, Mallory" in answer.text
    assert "the invitation to" not in answer.text


def test_empty_parts_of_the_sidebar_say_so_and_the_first_page_leads_to_what_is_unread(
    world: World, server: Server
) -> None:
    read, unread = world.room(name="Garden"), world.room(name="Harbour")
    bob = Browser(server).sign_in(world.bob)
    page = bob.get("/rooms").text
    assert '<p class="room-list-empty">No direct messages yet</p>' in page
    main = page[page.index("<main") : page.index("</main>")]
    assert "Continue in Harbour" in main, "the last used"
    assert main.count("button-primary") == 1
    world.alice.say(unread, "news")
    page = bob.get("/rooms").text
    main = page[page.index("<main") : page.index("</main>")]
    assert "1 unread" in main
    assert f"/rooms/{unread}" in main
    assert f"/rooms/{read}" not in main
    assert "button-primary" not in main
