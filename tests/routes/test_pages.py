"""The pages as a browser without JavaScript uses them."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chat import extensions
from chat.controllers import devices
from chat.models.user import User
from chat.routes import static_files
from chat.routes.tokens import ACCESS_SECONDS
from config import Settings
from tests.helpers.crowded import put_into_rooms
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server, wait_until
from tests.helpers.tokens import aged
from tests.helpers.world import PASSWORD, World, csrf_of


@pytest.fixture
def bob(world: World, server: Server) -> Browser:
    return Browser(server).sign_in(world.bob)


def test_what_was_wrong_is_said_once_at_its_field(bob: Browser) -> None:
    name = f"Harbour {secrets.token_hex(4)}"
    bob.submit("/rooms", name=name, topic="", kind="public")
    page = bob.submit("/rooms", name=name, topic="", kind="public").text
    assert page.count("There is a public room called") == 1
    assert 'id="name-note"' in page


def test_somebody_registers_makes_a_room_and_writes_without_javascript(
    world: World, server: Server
) -> None:
    browser = Browser(server)
    assert "/login" in browser.get("/").url
    name = f"dora-{secrets.token_hex(4)}"
    rooms = browser.submit("/register", username=name, password=PASSWORD, display_name="Dora")
    assert rooms.url.endswith("/rooms")
    assert "Hello, Dora" in rooms.text
    room = browser.submit("/rooms", name="Harbour", kind="public", topic="")
    assert "This is the beginning of Harbour" in room.text
    assert "<code>@name</code> mentions someone" in room.text
    path = room.url.removeprefix(server.url).split("#")[0]
    client_id = re.search(r'name="client_id" value="([\w-]+)"', room.text)
    assert client_id
    for _ in range(2):  # the form sent twice says it once
        shown = browser.submit(
            f"{path}/messages", client_id=client_id[1], body="Coffee <b>on deck</b>"
        )
        assert shown.status_code == 200
    assert shown.text.count("Coffee &lt;b&gt;on deck&lt;/b&gt;") == 1
    assert browser.submit("/logout").url.endswith("/login")
    assert "/login" in browser.get(path).url


def test_whoever_is_signed_in_already_is_led_into_the_chat(world: World, bob: Browser) -> None:
    for path in ("/login", "/register", "/login?next=//evil.example"):
        assert urlsplit(bob.get(path).url).path == "/rooms", path
    assert bob.get("/login?next=/settings/privacy").url.endswith("/settings/privacy")
    assert "<h1>Sign in</h1>" in bob.get("/login?next=/rooms&ended=session").text
    world.bob.post("/auth/logout")
    for path, heading in (("/login", "Sign in"), ("/register", "Create account")):
        assert f"<h1>{heading}</h1>" in bob.get(path).text, "the session has ended"
    assert bob.get("/rooms").url.endswith("/login?next=/rooms"), "and nothing turns in a circle"


def test_signing_in_leads_to_where_one_wanted_to_go_but_never_elsewhere(
    world: World, server: Server
) -> None:
    name = f"dora-{secrets.token_hex(4)}"
    Browser(server).submit("/register", username=name, password=PASSWORD)
    wanted = Browser(server)
    login = wanted.get("/settings/privacy")
    assert login.url.endswith("/login?next=/settings/privacy")
    signed_in = wanted.submit("/login?next=/settings/privacy", username=name, password=PASSWORD)
    assert signed_in.url.endswith("/settings/privacy")
    for elsewhere in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ):
        answer = Browser(server).submit(
            "/login?next=" + requests.utils.quote(elsewhere, safe=""),
            username=name,
            password=PASSWORD,
            follow=False,
        )
        assert answer.headers["Location"] == "/rooms", elsewhere


def test_a_wrong_password_shows_the_form_again(server: Server) -> None:
    answer = Browser(server).submit("/login", username="nobody-at-all", password="wrong password")
    assert answer.status_code == 401
    assert "Wrong username or password" in answer.text
    assert 'value="nobody-at-all"' in answer.text
    (focused,) = re.findall(r"<input[^>]+autofocus[^>]*>", answer.text)
    assert 'name="password"' in focused
    assert "wrong password" not in answer.text


def test_what_is_wrong_with_a_form_stands_beside_the_field(server: Server) -> None:
    answer = Browser(server).submit("/register", username="x", password="short")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Use 2 to 32 letters" in answer.text
    assert "A password has 8 to 256" in answer.text


def test_cookies_are_kept_from_scripts_and_other_sites(server: Server) -> None:
    answer = Browser(server).submit(
        "/register", username=f"dora-{secrets.token_hex(4)}", password=PASSWORD, follow=False
    )
    cookies = {cookie.split("=")[0]: cookie for cookie in answer.raw.headers.getlist("Set-Cookie")}
    for name in ("chat_access", "chat_refresh", "chat_device"):
        assert "HttpOnly" in cookies[server.cookie(name)]
        assert "SameSite=Lax" in cookies[server.cookie(name)]
    assert "HttpOnly" not in cookies[server.cookie("chat_csrf")]


@pytest.mark.parametrize(
    "options",
    [{"csrf": False}, {"origin": "https://evil.example"}, {"origin": None}, {"origin": "null"}],
)
def test_a_form_of_another_site_does_nothing(
    world: World, bob: Browser, options: dict[str, str]
) -> None:
    room_id = world.room()
    answer = bob.submit(f"/rooms/{room_id}/messages", client_id="c1", body="forged", **options)
    assert answer.status_code == 403
    assert world.alice.reads(room_id)["head_seq"] == 0
    api = bob.http.post(
        f"{bob.server.url}/api/v1/rooms/{room_id}/messages",
        json={"client_id": "c1", "body": "forged"},
        headers={name: value for name, value in {"Origin": options.get("origin")}.items() if value},
        timeout=5,
    )
    assert api.status_code in (401, 403), "the API with a cookie asks the same"
    assert world.alice.reads(room_id)["head_seq"] == 0


def test_a_browser_stays_known_after_signing_out_and_knows_each_who_signed_in_on_it(
    world: World, server: Server
) -> None:
    browser, names = Browser(server), [f"dora-{secrets.token_hex(4)}" for _ in range(2)]
    for name in names:
        browser.submit("/register", username=name, password=PASSWORD)
        browser.submit("/logout")
    assert server.cookie("chat_access") not in browser.http.cookies
    device = devices.device_of(browser.http.cookies[server.cookie("chat_device")])
    people = [User.find_by_username(name) for name in (*names, world.bob.username)]
    assert device
    assert [device.knows(person) for person in people if person] == [True, True, False]
    before = browser.http.cookies[server.cookie("chat_device")]
    browser.submit("/login", username=names[0], password=PASSWORD)
    assert browser.http.cookies[server.cookie("chat_device")] == before, "it is the same device"


def test_somebody_who_is_told_to_wait_sees_it_on_the_page(limited: Flask, world: World) -> None:
    client, there = limited.test_client(), {"REMOTE_ADDR": "192.0.2.77"}

    def sign_in() -> TestResponse:
        return client.post(
            "/login",
            data={"username": world.bob.username, "password": "wrong"},
            headers={"Origin": world.server.url},
            environ_overrides=there,
        )

    assert [sign_in().status_code for _ in range(10)] == [401] * 10
    refused = sign_in()
    assert (refused.status_code, "Too many attempts" in refused.text) == (429, True)
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_what_mallory_may_not_see_is_not_there(world: World, server: Server) -> None:
    room_id = world.room("private")
    mallory = Browser(server).sign_in(world.mallory)
    for path in (
        f"/rooms/{room_id}",
        f"/rooms/{room_id}/members",
        "/rooms/nonsense",
        "/rooms/" + "f" * 24,
    ):
        answer = mallory.get(path)
        assert answer.status_code == 404
        assert "There is no such room" in answer.text
        assert answer.headers["X-Request-ID"] not in answer.text, "it helps nobody here"
    for path in (
        f"/rooms/{room_id}/messages",
        f"/rooms/{room_id}/join",
        f"/rooms/{room_id}/leave",
        f"/rooms/{room_id}/members",
    ):
        assert (
            mallory.submit(path, client_id="c", body="x", user_id=world.mallory.id).status_code
            == 404
        )
    assert room_id not in mallory.get("/rooms").text
    assert world.alice.reads(room_id)["head_seq"] == 0


def test_an_access_token_that_ended_is_renewed_on_the_way(
    app: Flask, world: World, server: Server
) -> None:
    browser = Browser(server).sign_in(world.bob)
    ended = aged(world.bob.access_token, ACCESS_SECONDS + 1)
    browser.http.cookies.set(server.cookie("chat_access"), ended)
    page = browser.get("/settings/profile")
    assert "Display name" in page.text
    fresh = {cookie.name: cookie.value for cookie in browser.http.cookies if cookie.domain}
    assert fresh[server.cookie("chat_access")] != ended
    assert fresh[server.cookie("chat_refresh")] != world.bob.refresh_token


def test_two_tabs_that_renew_at_once_both_stay_signed_in(world: World, server: Server) -> None:
    def renew(_: int) -> requests.Response:
        return requests.post(
            f"{server.url}/session/refresh",
            cookies={server.cookie("chat_refresh"): world.bob.refresh_token},
            headers={"Origin": server.url},
            timeout=5,
        )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(renew, range(4)))
    assert [answer.status_code for answer in answers] == [204] * 4
    for answer in answers:
        assert requests.get(f"{server.url}/api/v1/me", cookies=answer.cookies, timeout=5).ok


def test_a_form_that_was_open_while_the_token_ended_still_goes_through(
    app: Flask, world: World, server: Server
) -> None:
    room_id = world.room()
    browser = Browser(server).sign_in(world.bob)
    ended = aged(world.bob.access_token, ACCESS_SECONDS + 1)
    browser.http.cookies.set(server.cookie("chat_access"), ended)
    browser.http.cookies.set(server.cookie("chat_csrf"), csrf_of(ended))
    assert (
        browser.submit(
            f"/rooms/{room_id}/messages", client_id="c1", body="late but here"
        ).status_code
        == 200
    )
    assert world.alice.reads(room_id)["messages"][0]["body"] == "late but here"


def test_signing_out_with_an_access_token_that_ended_takes_the_cookies_away(
    app: Flask, world: World, server: Server
) -> None:
    browser = Browser(server).sign_in(world.bob)
    ended = aged(world.bob.access_token, ACCESS_SECONDS + 1)
    browser.http.cookies.set(server.cookie("chat_access"), ended)
    answer = browser.submit("/logout", follow=False)
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        server.cookie(f"chat_{name}") for name in ("access", "refresh", "csrf", "csrf_refresh")
    }
    assert all("Expires=Thu, 01 Jan 1970" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/settings/security/begin", "/settings/security"),
        ("/settings/profile/password", "/settings/profile"),
        ("/rooms/{room}/messages/{message}/pin", "/rooms/{room}/messages/{message}"),
    ],
)
def test_who_reloads_what_a_form_answered_comes_to_the_page_of_the_form(
    world: World, bob: Browser, form: str, page: str
) -> None:
    room = world.room()
    names = {"room": room, "message": world.bob.say(room, "hello")["id"]}
    led = bob.get(form.format(**names), allow_redirects=False)
    assert (led.status_code, led.headers["Location"]) == (302, page.format(**names))


def test_what_others_add_to_links_is_passed_over(world: World, bob: Browser) -> None:
    assert bob.get(f"/rooms/{world.room()}?utm_source=mail").status_code == 200
    assert bob.get("/people?fbclid=1").status_code == 200
    assert bob.get("/direct-rooms/new?fbclid=1").status_code == 200


def test_a_revoked_session_leads_to_the_sign_in_page(world: World, bob: Browser) -> None:
    world.bob.post("/auth/logout")
    answer = bob.get("/rooms")
    assert "/login" in answer.url
    assert "Sign in" in answer.text


def test_members_are_managed_by_page(world: World, server: Server) -> None:
    room_id = world.room()
    alice, carol = Browser(server).sign_in(world.alice), Browser(server).sign_in(world.carol)
    found = alice.get(f"/rooms/{room_id}/members?q={world.mallory.username}")
    assert world.mallory.id in found.text
    alice.submit(f"/rooms/{room_id}/members", user_id=world.mallory.id)
    alice.submit(f"/rooms/{room_id}/members/{world.bob.id}/role", role="moderator")
    assert carol.submit(f"/rooms/{room_id}/members/{world.alice.id}/remove").status_code == 403
    carol.submit(f"/rooms/{room_id}/members/{world.mallory.id}/remove")
    carol.submit(f"/rooms/{room_id}/change", name="Docks", topic="ships")
    assert "Docks" in alice.get(f"/rooms/{room_id}").text
    roles = {
        member["user"]["id"]: member["role"]
        for member in world.alice.get(f"/rooms/{room_id}/members").json()["members"]
    }
    assert roles == {
        world.alice.id: "owner",
        world.bob.id: "moderator",
        world.carol.id: "moderator",
    }


def test_a_direct_room_is_opened_by_page_and_named_after_the_other(
    world: World, bob: Browser
) -> None:
    found = bob.get(f"/people?q={world.carol.username}").text
    assert world.carol.id in found
    assert "/block" not in found, "who somebody is has more than one action, not the list"
    assert world.carol.id in bob.get(f"/direct-rooms/new?q={world.carol.username}").text
    talk = bob.submit("/direct-rooms", user_ids=world.carol.id)
    assert "Message Carol" in talk.text
    path = urlsplit(talk.url).path
    assert f'href="{path}" aria-current="page"' in talk.text
    assert path not in bob.get("/mentions").text, "nothing was said there"
    world.bob.say(path.removeprefix("/rooms/"), "hello")
    assert path in bob.get("/mentions").text


def test_a_conversation_that_nobody_else_reads_says_so(world: World, bob: Browser) -> None:
    talk = bob.submit("/direct-rooms", user_ids=world.carol.id)
    sentence = "Nobody will read this for now"
    assert sentence not in talk.text
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": True})
    assert sentence in bob.get(urlsplit(talk.url).path).text


def test_a_quote_is_laid_out_in_the_direction_of_its_own_text(world: World, bob: Browser) -> None:
    room_id = world.room()
    said = world.alice.say(room_id, "مرحبا، هذه رسالة")
    world.carol.post(
        f"/rooms/{room_id}/messages",
        {"client_id": "reply", "body": "Welcome", "reply_to_id": said["id"]},
    )
    quote = bob.get(f"/rooms/{room_id}").text.partition(f'data-reply-id="{said["id"]}"')[2]
    author, excerpt = quote.partition("</a>")[0].split('<span class="message-reply-excerpt"')
    assert "Alice" in author, "the name is apart, in its own direction"
    assert excerpt.startswith(' dir="auto">مرحبا')


def test_the_sidebar_has_rooms_by_name_and_direct_ones_by_their_last_message(
    world: World, server: Server
) -> None:
    for name in ("Pier 10", "pier 9", "Álamo", "Zoo", "harbour"):
        world.bob.make_room(name, "private")
    talks = [
        world.bob.post("/direct-rooms", {"user_ids": [other.id]}).json()["id"]
        for other in (world.alice, world.carol, world.mallory)
    ]
    for room_id in (*talks, talks[1]):
        world.bob.say(room_id, "hello")

    def rows(section: str) -> list[tuple[str, str]]:
        html = Browser(server).sign_in(world.bob).get("/rooms").text
        part = html.partition(f'data-section="{section}"')[2].partition("</ul>")[0]
        pattern = r'data-room-id="(\w+)".*?room-item-name">(.*?)<'
        return re.findall(pattern, part, re.DOTALL)

    assert [name for _, name in rows("rooms")] == ["Álamo", "harbour", "pier 9", "Pier 10", "Zoo"]
    wait_until(
        lambda: [room_id for room_id, _ in rows("direct")] == [talks[1], talks[2], talks[0]],
        "the latest is the first",
    )


def test_the_sidebar_has_mentions_first_and_then_other_unread_rooms(
    world: World, bob: Browser
) -> None:
    quiet, unread, called, muted = (world.room() for _ in range(4))
    world.alice.say(unread, "news")
    for room_id in (called, muted):
        world.alice.say(room_id, f"@{world.bob.username} look")
    world.bob.put(f"/rooms/{muted}/notifications", {"level": "nothing"})
    section = bob.get("/mentions").text.split('data-section="rooms"')[1].split("</ul>")[0]
    assert re.findall('<li class="room-item.*?data-room-id="(.*?)"', section, re.DOTALL) == [
        called,
        unread,
        quiet,
        muted,
    ]


def test_all_rooms_are_listed_and_found_by_name_without_javascript(
    world: World, bob: Browser
) -> None:
    ids = put_into_rooms(world.bob, 130, world.alice)
    world.alice.say(ids[5], "news")
    sidebar = bob.get("/rooms").text
    assert 100 <= sidebar.count('class="room-item ') <= 101, (
        "the ones used last, and the template of one"
    )
    assert ids[129] in sidebar
    assert ids[5] not in sidebar
    assert "/rooms/all" in sidebar
    first = bob.get("/rooms/all").text
    following = re.search(r'href="(/rooms/all\?before=[0-9]+)"', first)
    assert following
    second = bob.get(following[1]).text
    assert [room_id for room_id in ids if f"/rooms/{room_id}" in rows_of(second)] == ids[:30]
    assert "1 unread" in rows_of(second)
    assert "before=" not in second
    found = rows_of(bob.get("/rooms/all", params={"q": "room 12"}).text)
    assert [room_id for room_id in ids if room_id in found] == [ids[12], *ids[120:]]
    none = bob.get("/rooms/all", params={"q": "nowhere"}).text
    assert "No rooms of yours match “nowhere”." in none
    mallory = Browser(world.server).sign_in(world.mallory)
    assert "You have not joined a room yet." in mallory.get("/rooms/all").text
    assert ids[0] not in mallory.get("/rooms/all", params={"q": "room"}).text


def test_a_conversation_of_two_is_listed_with_the_other_one_s_username(
    world: World, bob: Browser
) -> None:
    direct_id = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.alice.say(direct_id, "Do you have a minute?")
    found = rows_of(bob.get("/rooms/all").text)
    assert f"@{world.alice.username} · 1" in " ".join(found.split())
    assert "2 people" not in found


def rows_of(page: str) -> str:
    """Return what a page shows beside the sidebar."""
    return page.partition("<main")[2]


def test_without_scripts_a_page_of_a_room_reads_what_it_shows_and_no_more(
    world: World, bob: Browser
) -> None:
    room_id = world.room()
    for i in range(60):
        world.alice.say(room_id, f"number {i}")
    assert 'data-unread="60"' in bob.get("/rooms").text
    assert "number 3<" in bob.get(f"/rooms/{room_id}?before=10").text
    assert world.bob.standing(room_id)["unread"] == 51
    assert "number 59<" in bob.get(f"/rooms/{room_id}?before=61").text
    assert world.bob.standing(room_id)["unread"] == 51, "some between were not shown"
    assert "number 9<" in bob.get(f"/rooms/{room_id}").text, "it opens at the first unread one"
    assert world.bob.standing(room_id)["unread"] == 10
    assert "number 59<" in bob.get(f"/rooms/{room_id}?after=50").text
    assert world.bob.standing(room_id)["unread"] == 0


def test_around_a_message_the_pages_have_the_rules_of_the_api(
    world: World, server: Server, bob: Browser
) -> None:
    room_id = world.room()
    theirs, own = world.alice.say(room_id, "alice's")["id"], world.bob.say(room_id, "bob's")["id"]
    place = f"/rooms/{room_id}/messages"
    for path, fields in (("edit", {"body": "mine now"}), ("delete", {}), ("pin", {"on": "true"})):
        assert bob.submit(f"{place}/{theirs}/{path}", **fields).status_code == 403, path
    assert bob.submit(f"{place}/{own}/edit", body="").status_code == 422
    assert bob.submit(f"{place}/{own}/react", on="no emoji").status_code == 422
    assert bob.submit(f"{place}/{own}/react", on="👍", off="👍").status_code == 422
    assert bob.submit(f"{place}/{own}/edit", csrf=False, body="forged").status_code == 403
    elsewhere = world.bob.make_room("Elsewhere")
    assert bob.get(f"/rooms/{elsewhere}/messages/{own}").status_code == 404
    assert bob.submit(f"/rooms/{elsewhere}/messages/{own}/delete").status_code == 404
    outsider = Browser(server).sign_in(world.mallory)
    assert outsider.get(f"{place}/{own}").status_code == 404
    assert outsider.get(f"/rooms/{room_id}/pins").status_code == 404
    for path, fields in (
        ("edit", {"body": "x"}),
        ("delete", {}),
        ("react", {"on": "👍"}),
        ("pin", {"on": "true"}),
        ("unread", {}),
    ):
        assert outsider.submit(f"{place}/{own}/{path}", **fields).status_code == 404, path
    shown = world.carol.reads(room_id)
    assert shown["head_seq"] == 2, "nothing of all this was done"
    for _ in range(2):  # the form sent twice does it once
        assert bob.submit(f"{place}/{own}/react", on="👍").url.endswith("?around=2#message-2")
    assert world.carol.reads(room_id)["messages"][1]["reactions"] == [
        {"emoji": "👍", "user_ids": [world.bob.id]}
    ]


def test_earlier_versions_are_shown_to_the_author_and_to_moderators_only(
    world: World, server: Server, bob: Browser
) -> None:
    room_id = world.room()
    alices = world.alice.say(room_id, "a slip")["id"]
    world.alice.patch(f"/messages/{alices}", {"body": "put right"})
    path = f"/rooms/{room_id}/messages/{alices}"
    assert "put right" in bob.get(path).text
    assert "a slip" not in bob.get(path).text
    assert "a slip" in Browser(server).sign_in(world.carol).get(path).text


def test_the_list_of_emoji_names_each_once_and_is_kept_by_browsers(bob: Browser) -> None:
    answer = bob.get("/emoji.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    groups = answer.json()
    found = [each for group in groups.values() for each in group]
    listed = {emoji: names for emoji, _, *names in found}
    tones = {emoji: tones for emoji, tones, *_ in found}
    assert len(listed) == len(found) > 1_800
    assert list(groups)[:3] == ["smileys", "people", "animals"]
    assert groups["flags"][0][0] == "🏁"
    assert "🚢" in [emoji for emoji, *_ in groups["travel"]]
    assert "thumbs up" in listed["👍"]
    assert "+1" in listed["👍"]
    assert groups["smileys"][0][0] == "😀"
    assert tones["👍"] == ["👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿"], "from light to dark"
    assert tones["👩‍🦰"][2] == "👩🏽‍🦰"
    assert tones["🧑‍🤝‍🧑"][4] == "🧑🏿‍🤝‍🧑🏿", "both in one tone"
    assert tones["🚢"] == tones["😀"] == []
    assert sum(map(bool, tones.values())) > 300
    assert not set(listed) & {tone for each in tones.values() for tone in each}, (
        "a tone is no emoji of its own"
    )
    assert answer.headers["Cache-Control"] == "private, max-age=86400"


def test_hostile_names_and_texts_are_only_text(world: World, server: Server, bob: Browser) -> None:
    hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    world.bob.patch("/me", {"display_name": hostile})
    room_id = world.bob.post("/rooms", {"name": hostile, "topic": hostile}).json()["id"]
    world.bob.say(room_id, hostile)
    for path in (
        "/rooms",
        f"/rooms/{room_id}",
        f"/rooms/{room_id}/members",
        "/settings/profile",
        "/settings/notifications",
        "/rooms/browse",
        "/settings/devices",
    ):
        page = bob.get(path).text
        assert "<img src=x" not in page, path
        assert "<script>alert" not in page, path


def test_every_answer_carries_the_headers_that_protect_it(server: Server, bob: Browser) -> None:
    for path in ("/login", "/rooms", "/nothing", "/api/v1/me", "/static/css/base.css"):
        headers = bob.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-ID"]
    assert bob.get("/rooms").headers["Cache-Control"] == "no-store"


def test_the_sprite_has_every_icon_that_a_template_names() -> None:
    sprite = (static_files.FOLDER / "icons/sprite.svg").read_text(encoding="utf-8")
    pages = static_files.FOLDER.parent.rglob("*.html")
    templates = "".join(each.read_text(encoding="utf-8") for each in pages)
    named = set(re.findall(r"\bicon\(\"([a-z0-9-]+)\"", templates))
    assert "reply" in named
    assert named <= set(re.findall(r'<symbol id="([^"]+)"', sprite))


def test_a_room_is_read_by_who_sees_its_page_and_not_by_who_looks_ahead(
    world: World, bob: Browser
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "news")
    path = f"/rooms/{room_id}"
    assert bob.http.head(bob.server.url + path, timeout=20).status_code == 200
    for purpose in ("prefetch", "prefetch;prerender"):
        assert "news" in bob.get(path, headers={"Sec-Purpose": purpose}).text
    assert "news" in bob.get(path, headers={"Sec-Fetch-Site": "cross-site"}).text, (
        "another site's page led here"
    )
    assert world.bob.standing(room_id)["unread"] == 1
    assert "news" in bob.get(path).text
    assert world.bob.standing(room_id)["unread"] == 0


@pytest.fixture(params=["closed", "invite"])
def not_open(
    app: Flask, settings: Settings, request: pytest.FixtureRequest
) -> Iterator[FlaskClient]:
    """Return the chat inside this process, without open registration."""
    extensions.bind_settings(dataclasses.replace(settings, registration=request.param))
    yield app.test_client()
    extensions.bind_settings(settings)


def test_registration_can_be_closed(not_open: FlaskClient) -> None:
    answer = not_open.post(
        "/api/v1/auth/register", json={"username": "dora-closed", "password": PASSWORD}
    )
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "forbidden")
    assert "ask an administrator" in not_open.get("/register").get_data(as_text=True)


def test_two_chats_on_one_host_do_not_sign_each_other_out(
    world: World, server: Server, two_workers: Server
) -> None:
    browser, name = requests.Session(), f"dora-{secrets.token_hex(4)}"
    account = {"username": name, "password": PASSWORD}
    for chat, door in ((server, "register"), (two_workers, "login")):
        answer = browser.post(
            f"{chat.url}/{door}", data=account, headers={"Origin": chat.url}, timeout=20
        )
        assert answer.status_code == 200
    here, there = (browser.cookies[chat.cookie("chat_access")] for chat in (server, two_workers))
    assert here != there
    assert browser.get(f"{server.url}/settings/profile", timeout=20).url.endswith("/profile")
    form = {"csrf_token": browser.cookies[two_workers.cookie("chat_csrf")]}
    browser.post(
        f"{two_workers.url}/logout", data=form, headers={"Origin": two_workers.url}, timeout=20
    )
    assert browser.get(f"{server.url}/settings/profile", timeout=20).url.endswith("/profile"), (
        "signed out there, and not here"
    )


def test_who_signs_in_anew_leaves_no_session_behind_that_nobody_can_end(
    world: World, bob: Browser
) -> None:
    assert bob.submit("/login", username=world.carol.username, password=PASSWORD).ok
    assert world.bob.get("/me").status_code == 401
    assert world.carol.get("/me").status_code == 200, "her other device is not this browser's"


def test_cookies_of_the_plain_name_are_anothers(world: World, server: Server) -> None:
    plain = {"chat_access": world.bob.access_token, "chat_refresh": world.bob.refresh_token}
    assert requests.get(f"{server.url}/api/v1/me", cookies=plain, timeout=5).status_code == 401
