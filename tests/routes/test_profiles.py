"""Who somebody is, as a page: what is seen of bob by others, and by mallory, a stranger."""

from __future__ import annotations

import re
from html import unescape

from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World

OVER_OTHERS = ("Remove", "Mute…", "Ban…")  # what moderators may do to members


def profile(viewer: Person, of: Person, room_id: str = "") -> str:
    """Return the text of a person's page, as somebody else sees it from a room."""
    answer = Browser(viewer.server).sign_in(viewer).get(f"/people/{of.username}?room={room_id}")
    assert answer.status_code == 200
    article = answer.text.split('<article class="profile"')[1].split("</article>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", article)).split())


def test_strangers_learn_a_name_and_nothing_else(world: World) -> None:
    room_id = world.room("private", "Harbour")
    world.bob.listen()
    seen = profile(world.mallory, world.bob, room_id)
    assert f"Bob @{world.bob.username} Offline" in seen
    assert "Harbour" not in seen
    assert "Remove" not in seen
    assert "Message" in seen
    assert "Block" in seen
    assert "Online · Member of Harbour" in profile(world.alice, world.bob, room_id)
    assert "This is you" in profile(world.bob, world.bob)
    browser = Browser(world.server).sign_in(world.mallory)
    assert browser.get("/people/nobody-at-all").status_code == 404
    for odd in ("nonsense", "f" * 24, "f" * 25, "'\"><"):
        assert browser.get(f"/people/{world.bob.username}", params={"room": odd}).status_code < 500


def test_a_role_in_the_room_decides_what_is_offered_about_somebody(world: World) -> None:
    room_id = world.room(name="Harbour")
    seen = profile(world.alice, world.carol, room_id)
    assert "Moderator of Harbour" in seen
    assert "Make member" in seen
    assert "Remove" in seen
    seen = profile(world.carol, world.bob, room_id)
    assert "Make moderator" not in seen
    assert all(word in seen for word in OVER_OTHERS)
    seen = profile(world.carol, world.alice, room_id)
    assert "Owner of Harbour" in seen
    assert not any(word in seen for word in OVER_OTHERS), "an owner is above her"
    members = Browser(world.server).sign_in(world.carol).get(f"/rooms/{room_id}/members").text
    assert f"/members/{world.bob.id}/ban" in members
    assert f"/members/{world.alice.id}/ban" not in members
    seen = profile(world.bob, world.carol, room_id)
    assert "Make" not in seen
    assert not any(word in seen for word in OVER_OTHERS)
    assert "Not in Harbour" in profile(world.bob, world.mallory, room_id)


def test_the_buttons_of_a_profile_do_what_they_say_without_a_script(world: World) -> None:
    room_id = world.room(name="Harbour")
    browser = Browser(world.server).sign_in(world.alice)
    page = browser.get(f"/people/{world.bob.username}?room={room_id}").text
    action = re.search(r'action="(/rooms/[^"]*/role)"', page)
    assert action
    assert browser.submit(action[1], role="moderator").ok
    assert "Moderator of Harbour" in profile(world.carol, world.bob, room_id)
    member = f"/rooms/{room_id}/members/{world.bob.id}"
    for question in ("mute", "ban"):
        assert f'href="{member}/{question}"' in page
        assert browser.get(f"{member}/{question}").ok
    world.alice.put(f"{member}/mute", {})
    assert "Unmute" in profile(world.alice, world.bob, room_id)
    place = f"/people/{world.bob.username}?room={room_id}"
    back = browser.submit(f"/people/{world.bob.id}/block", next=place)
    assert back.url.endswith(place)
    assert "Unblock" in back.text
    talk = Browser(world.server).sign_in(world.bob).submit("/direct-rooms", user_ids=world.carol.id)
    assert "About Carol" in talk.text
