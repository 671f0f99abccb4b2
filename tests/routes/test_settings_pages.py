"""The settings as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat.utils.clock import now
from tests.helpers.crowded import put_into_rooms
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import World

PAGES = (
    "",
    "/profile",
    "/appearance",
    "/notifications",
    "/reminders",
    "/privacy",
    "/security",
    "/devices",
    "/exports",
)


@pytest.fixture
def bob(world: World, server: Server) -> Browser:
    return Browser(server).sign_in(world.bob)


def test_every_page_has_its_address_and_names_the_others(bob: Browser, server: Server) -> None:
    for path in PAGES:
        page = bob.get(f"/settings{path}")
        assert page.status_code == 200, path
        assert all(f'href="/settings{each}"' in page.text for each in PAGES), path
        expected = 10 if path else 12  # with the two that a phone has no menu for
        assert page.text.count('class="settings-link"') == expected, path
        assert "style=" not in page.text
    assert "/login" in Browser(server).get("/settings/devices").url


def test_the_list_of_settings_says_whose_they_are(world: World, bob: Browser) -> None:
    me = bob.get("/settings").text.split('class="settings-me"')[1].split("</p>")[0]
    assert 'class="avatar' in me
    assert "Bob" in me
    assert f"@{world.bob.username}" in me
    assert f'href="/people/{world.bob.username}"' in me
    assert 'class="settings-me"' not in bob.get("/settings/privacy").text


def test_the_list_of_settings_begins_with_ones_status_and_a_pause(
    world: World, bob: Browser
) -> None:
    world.bob.patch("/me", {"status": {"emoji": "🎨", "text": "Painting"}})
    own = bob.get("/settings").text.split("settings-own")[1].split("</ul>")[0]
    assert 'href="/settings/profile#status"' in own and "🎨 Painting" in own
    assert 'href="/settings/notifications#do-not-disturb"' in own


def test_the_document_says_what_a_person_prefers_and_what_a_visitor_has_by_default(
    world: World, server: Server, bob: Browser
) -> None:
    world.bob.patch("/me/preferences", {"theme": "dark", "density": "compact"})
    world.bob.patch("/me/preferences", {"font_size": "large", "time_format": "24"})
    for path in ("/rooms", "/settings/appearance", "/rooms/ffffffffffffffffffffffff"):
        page = bob.get(path).text
        for attribute in (
            'lang="en"',
            'dir="ltr"',
            'data-theme="dark"',
            'data-density="compact"',
            'data-font-size="large"',
            'data-time-format="24"',
            '<meta name="color-scheme" content="dark">',
        ):
            assert attribute in page, (path, attribute)
    visitors = Browser(server).get("/login").text
    assert 'data-theme="system"' in visitors
    assert '<meta name="color-scheme" content="light dark">' in visitors


def test_one_form_saves_the_appearance(world: World, bob: Browser) -> None:
    page = bob.submit(
        "/settings/appearance",
        theme="dark",
        density="compact",
        font_size="small",
        language="en",
        time_format="12",
        enter_sends="false",
    )
    assert re.search(r'role="status">\s*Saved', page.text)
    chosen = {
        "theme": "dark",
        "density": "compact",
        "font_size": "small",
        "language": "en",
        "time_format": "12",
        "enter_sends": False,
    }
    assert chosen.items() <= world.bob.get("/me/preferences").json().items()
    assert re.search(r'name="theme" type="radio" value="dark" checked', page.text)
    assert bob.submit("/settings/appearance", theme="pink").status_code == 422
    assert bob.submit("/settings/appearance", csrf=False, theme="light").status_code == 403
    assert world.bob.get("/me/preferences").json()["theme"] == "dark"


def test_a_switch_without_a_script_is_a_box_and_its_form_says_both(
    world: World, bob: Browser
) -> None:
    """A form sends a checked box before the hidden field, and an unchecked one not at all."""
    path = bob.server.url + "/settings/privacy"
    token = bob.http.cookies.get(bob.server.cookie("chat_csrf"))
    headers = {"Origin": bob.server.url}
    for sent, expected in (
        (["false"], False),
        (["true", "false"], True),
    ):
        fields = [("csrf_token", token), *(("read_receipts", value) for value in sent)]
        assert bob.http.post(path, data=fields, headers=headers, timeout=20).status_code == 200
        assert world.bob.get("/me").json()["read_receipts"] is expected


def test_sounds_are_turned_off(world: World, bob: Browser) -> None:
    assert 'data-sounds="true"' in bob.get("/settings/notifications").text
    page = bob.submit("/settings/notifications", notify="all", sounds="false").text
    assert 'data-sounds="false"' in page
    assert world.bob.get("/me/preferences").json()["sounds"] is False
    assert 'data-sounds="true"' in Browser(bob.server).sign_in(world.alice).get("/rooms").text


def test_notifications_are_chosen_for_all_rooms_and_for_each(
    world: World, bob: Browser, server: Server
) -> None:
    room_id = world.room()
    page = bob.submit("/settings/notifications", notify="mentions").text
    assert world.bob.get("/me/preferences").json()["notify"] == "mentions"
    assert f'action="/settings/notifications/{room_id}"' in page
    bob.submit(f"/settings/notifications/{room_id}", level="nothing")
    assert world.bob.get(f"/rooms/{room_id}").json()["notifications"] == "nothing"
    mallory = Browser(server).sign_in(world.mallory)
    assert room_id not in mallory.get("/settings/notifications").text
    refused = mallory.submit(f"/settings/notifications/{room_id}", level="nothing")
    assert refused.status_code == 404


def main_of(page: str) -> str:
    return page.partition("<main")[2]


def test_keywords_are_written_one_on_a_line(world: World, bob: Browser) -> None:
    path = "/settings/notifications/keywords"
    page = bob.submit(path, keywords="deploy\r\n\r\n release plan \r\n").text
    assert world.bob.get("/me/preferences").json()["keywords"] == ["deploy", "release plan"]
    assert "deploy\nrelease plan</textarea>" in page
    refused = bob.submit(path, keywords="deploy\nx")
    assert refused.status_code == 422
    assert "Use at least 2 characters." in main_of(refused.text)
    assert "deploy\nx</textarea>" in refused.text, "what was typed stays"
    assert world.bob.get("/me/preferences").json()["keywords"] == ["deploy", "release plan"]


def test_quiet_hours_are_turned_on_and_off(world: World, bob: Browser) -> None:
    path = "/settings/notifications/quiet-hours"
    hours = {"from": "22:30", "to": "06:00", "days": "4", "time_zone": "Europe/Berlin"}
    page = bob.submit(path, **hours).text
    kept = hours | {"days": [4]}
    assert world.bob.get("/me/preferences").json()["quiet_hours"] == kept
    assert re.findall(r'value="(\d)" checked', page) == ["4"]
    (select,) = re.findall(r'<select id="time_zone".*?</select>', page, re.DOTALL)
    assert re.findall(r'value="(\S+)" selected', select) == ["Europe/Berlin"]
    assert re.findall(r'value="(\S+)"', select)[:2] == ["UTC", "Europe/Berlin"], "as it is here"
    assert '<optgroup label="Asia">' in select and "Kolkata (UTC+5:30)" in select
    refused = bob.submit(path, **(hours | {"time_zone": "Mars"}))
    assert refused.status_code == 422
    assert "Write a time zone as Europe/Berlin or +02:00." in main_of(refused.text)
    assert world.bob.get("/me/preferences").json()["quiet_hours"] == kept
    bob.submit(path, off="true", **hours)
    assert world.bob.get("/me/preferences").json()["quiet_hours"] is None


def test_nothing_disturbs_for_a_while_or_until_the_morning(world: World, bob: Browser) -> None:
    def minutes_left() -> float:
        until = world.bob.get("/me/preferences").json()["dnd_until"]
        return (datetime.fromisoformat(until) - now()).total_seconds() / 60

    path = "/settings/notifications/do-not-disturb"
    assert "Notify me again" not in bob.get("/settings/notifications").text
    page = bob.submit(path, until="30").text
    assert 29 < minutes_left() <= 30
    assert "Nothing notifies you until" in page
    bob.http.cookies.set(bob.server.cookie("chat_zone"), "Asia/Tokyo")
    bob.submit(path, until="tomorrow")
    until = datetime.fromisoformat(world.bob.get("/me/preferences").json()["dnd_until"])
    there = until.astimezone(ZoneInfo("Asia/Tokyo"))
    tomorrow = datetime.now(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=1)
    assert (there.date(), f"{there:%H:%M}") == (tomorrow, "09:00")
    assert "Notify me again" not in bob.submit(path, until="end").text
    assert world.bob.get("/me/preferences").json()["dnd_until"] is None


def test_a_message_of_somebody_else_says_why_it_notified(world: World, bob: Browser) -> None:
    room_id = world.room()
    named = world.alice.say(room_id, f"@{world.bob.username}")["id"]
    own = world.bob.say(room_id, "hello")["id"]
    page = main_of(bob.get(f"/rooms/{room_id}/messages/{named}").text)
    assert "Why was I notified?" in page
    assert "Yes: it mentions you." in page
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "nothing"})
    page = main_of(bob.get(f"/rooms/{room_id}/messages/{named}").text)
    assert "Why wasn’t I notified?" in page
    assert "No: you muted this room." in page
    assert "notified?" not in bob.get(f"/rooms/{room_id}/messages/{own}").text


def levels_offered(page: str, room_id: str) -> list[str]:
    """Return what the select of a room offers."""
    select = page.partition(f'id="level-{room_id}"')[2].partition("</select>")[0]
    return re.findall(r"<option [^>]*>([^<]+)</option>", select)


def test_each_room_offers_three_levels(world: World, bob: Browser) -> None:
    room_id = world.room()
    direct = world.bob.post("/direct-rooms", {"user_ids": [world.alice.id]}).json()["id"]
    page = bob.get("/settings/notifications").text
    for each, level in ((room_id, "mentions"), (direct, "all")):
        assert levels_offered(page, each) == ["Every message", "Mentions", "Nothing (mute)"]
        select = page.partition(f'id="level-{each}"')[2].partition("</select>")[0]
        assert f'<option value="{level}" selected' in select


def bell_of(page: str) -> list[tuple[str, str, str]]:
    """Return the levels in the menu above a room: value, whether it is chosen, words."""
    menu = page.partition("<room-bell")[2].partition("</room-bell>")[0]
    pattern = r'value="(\w+)"[^>]*aria-pressed="(\w+)"\s+>.*?</svg>([^<]+)</button>'
    return re.findall(pattern, menu, re.DOTALL)


def test_the_bell_above_a_room_is_a_form_that_leads_back_to_it(world: World, bob: Browser) -> None:
    room_id = world.room()
    page = bob.get(f"/rooms/{room_id}")
    assert bell_of(page.text) == [
        ("all", "false", "Every message"),
        ("mentions", "true", "Mentions"),
        ("nothing", "false", "Nothing (mute)"),
    ]
    here = f"/rooms/{room_id}"
    back = bob.submit(f"{here}/notifications?next={here}", level="nothing")
    assert back.url.endswith(here)
    assert ("nothing", "true", "Nothing (mute)") in bell_of(back.text)
    assert world.bob.get(here).json()["notifications"] == "nothing"
    elsewhere = bob.submit(f"{here}/notifications?next=//evil.example", level="all")
    assert elsewhere.url.endswith("saved=notifications")


def test_the_list_of_levels_is_searched_by_name(world: World, bob: Browser) -> None:
    put_into_rooms(world.bob, 9, world.alice)
    harbour, other = world.room(name="Harbour"), world.room(name="Market")
    page = bob.get("/settings/notifications").text
    assert 'role="search"' in page.partition("<main")[2]
    found = bob.get("/settings/notifications?q=harb").text.partition("<main")[2]
    assert f'id="level-{harbour}"' in found
    assert f'id="level-{other}"' not in found
    nothing = bob.get("/settings/notifications?q=nowhere").text
    assert "No rooms of yours match “nowhere”." in nothing


def test_the_list_of_rooms_has_pages(world: World, bob: Browser) -> None:
    ids = put_into_rooms(world.bob, 130, world.alice)
    first = bob.get("/settings/notifications").text.partition("<main")[2]
    following = re.search(r'href="(/settings/notifications\?before=[0-9]+)"', first)
    assert following
    second = bob.get(following[1]).text.partition("<main")[2]
    shown = [room_id for room_id in ids if f"/notifications/{room_id}" in first + second]
    assert shown == ids
    assert "before=" not in second


def test_sessions_of_one_program_share_a_row_and_end_together(world: World, bob: Browser) -> None:
    others = [world.bob.second_device() for _ in range(4)]
    page = bob.get("/settings/devices").text
    assert page.count("another device</strong>") == 1
    assert "4 sessions" in page
    only = others[0].session_id
    asked = bob.get(f"/settings/devices/{only}/end-alike")
    assert "All 4 sessions of this program will end at once." in asked.text
    assert [other.get("/me").status_code for other in others] == [200] * 4, "asking ends nothing"
    bob.submit(f"/settings/devices/{only}/end")
    assert [other.get("/me").status_code for other in others] == [401, 200, 200, 200]
    page = bob.submit(f"/settings/devices/{others[1].session_id}/end-alike").text
    assert [other.get("/me").status_code for other in others] == [401] * 4
    assert "You’re not signed in on any other device." in page


def test_signing_out_everywhere_else_is_asked_on_a_page_of_its_own(
    world: World, bob: Browser
) -> None:
    phone = world.bob.second_device()
    asked = bob.get("/settings/devices/end-others").text
    assert "One other device will be signed out at once." in asked
    assert phone.get("/me").status_code == 200
    assert bob.submit("/settings/devices/end-others").status_code == 200
    assert (phone.get("/me").status_code, world.bob.get("/me").status_code) == (401, 200)


def test_nobody_ends_the_sessions_of_others(world: World, server: Server, bob: Browser) -> None:
    mallory = Browser(server).sign_in(world.mallory)
    for path in ("end", "end-alike"):
        answer = mallory.submit(f"/settings/devices/{world.bob.session_id}/{path}")
        assert answer.status_code == 404, path
    assert mallory.get(f"/settings/devices/{world.bob.session_id}/end-alike").status_code == 404
    assert bob.submit("/settings/devices/end-others", csrf=False).status_code == 403
    assert world.bob.get("/me").status_code == 200


def test_a_picture_is_removed_after_a_question(world: World, bob: Browser) -> None:
    asked = bob.get("/settings/profile/avatar/remove").text
    assert "People see your initials instead." in asked
    assert 'action="/settings/profile/avatar/remove"' in asked
    assert bob.submit("/settings/profile/avatar/remove").status_code == 200


def test_who_can_join_is_the_same_question_before_and_after_a_room_is_created(
    world: World, server: Server
) -> None:
    alice = Browser(server).sign_in(world.alice)
    room_id = world.room("private")

    def question(path: str) -> list[str]:
        found = re.findall(r'<fieldset class="choices">.*?</fieldset>', alice.get(path).text, re.S)
        assert "Who can join?" in found[0]
        return [word for word in re.findall(r'[\w"=?]+', found[0]) if word != "checked"]

    assert question("/rooms/new") == question(f"/rooms/{room_id}/settings")
    assert 'value="private" checked' in alice.get(f"/rooms/{room_id}/settings").text


def test_the_only_owner_learns_what_is_needed_before_they_leave(
    world: World, server: Server
) -> None:
    room_id = world.room()
    alice = Browser(server).sign_in(world.alice)
    settings, people = f"/rooms/{room_id}/settings", f"/rooms/{room_id}/members"

    def offers_to_leave() -> bool:
        return f'action="/rooms/{room_id}/leave"' in alice.get(settings).text

    assert "You’re the only owner." in alice.get(settings).text
    assert f'href="{people}"' in alice.get(settings).text.partition("only owner")[2]
    assert not offers_to_leave()
    assert alice.get(f"/rooms/{room_id}/leave").url.endswith(settings)
    own_role = f'action="{people}/{world.alice.id}/role"'
    assert own_role not in alice.get(people).text, "nor can they become a member"

    assert world.alice.patch(f"{people}/{world.carol.id}", {"role": "owner"}).ok
    assert offers_to_leave()
    assert own_role in alice.get(people).text

    alone = world.alice.make_room("Quay")
    assert f'action="/rooms/{alone}/leave"' in alice.get(f"/rooms/{alone}/settings").text


def test_what_goes_away_is_asked_on_a_page_and_only_of_who_may_do_it(
    world: World, server: Server, bob: Browser
) -> None:
    room_id = world.room()
    message_id = world.bob.say(room_id, "a slip")["id"]
    alice, mallory = Browser(server).sign_in(world.alice), Browser(server).sign_in(world.mallory)
    for browser, path, title in (
        (alice, f"/rooms/{room_id}/members/{world.bob.id}/remove", "Remove Bob from #Harbour?"),
        (alice, f"/rooms/{room_id}/delete", "Delete #Harbour?"),
        (bob, f"/rooms/{room_id}/leave", "Leave #Harbour?"),
        (bob, f"/rooms/{room_id}/messages/{message_id}/delete", "Delete this message?"),
    ):
        page = browser.get(path)
        assert f"<h1>{title}</h1>" in page.text, page.text
        assert f'action="{path}"' in page.text
        assert mallory.get(path).status_code == 404, path
    assert "a slip" in bob.get(f"/rooms/{room_id}/messages/{message_id}/delete").text
    for path in ("delete", f"members/{world.carol.id}/remove"):
        assert bob.get(f"/rooms/{room_id}/{path}").status_code == 403, path
    assert world.carol.reads(room_id)["messages"][0]["body"] == "a slip", "asking does nothing"
    assert "You can join again at any time." in bob.get(f"/rooms/{room_id}/leave").text
    world.alice.patch(f"/rooms/{room_id}", {"archived": True})
    for path in ("leave", "settings"):
        assert "You can join again" not in bob.get(f"/rooms/{room_id}/{path}").text, path

    asked = bob.get(f"/people/{world.mallory.id}/block?next=/people")
    assert "Block Mallory?" in asked.text
    assert '<input type="hidden" name="next" value="/people">' in asked.text
    assert "evil" not in bob.get(f"/people/{world.mallory.id}/block?next=//evil.example").text
    assert world.bob.get("/me/blocks").json()["users"] == []


def test_a_wrong_name_of_a_room_to_delete_asks_again(world: World, server: Server) -> None:
    room_id = world.room(name="Quay")
    alice = Browser(server).sign_in(world.alice)
    page = alice.submit(f"/rooms/{room_id}/delete", typed="quay")
    assert page.status_code == 422
    assert "To delete the room, type its name" in page.text
    assert 'name="typed"' in page.text, "where one types it again"
    assert world.alice.get(f"/rooms/{room_id}").status_code == 200
