"""Search gives the same answers on every route, only from one's own rooms.

A running server maintains the index.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote_plus

import pytest
from bson import encode
from flask import Flask

from chat.controllers import budgets, rooms, searches
from chat.models.database import database
from chat.models.document import id_from
from chat.models.search import indexer, message_search
from chat.models.user import User
from chat.utils.errors import RateLimited
from tests.helpers.command_line import bin_chat
from tests.helpers.form_browser import Browser
from tests.helpers.rooms import seq_indexed
from tests.helpers.servers import wait_until
from tests.helpers.uploads import uploaded
from tests.helpers.world import Person, World


def search(person: Person, q: str, **query: Any) -> list[str]:
    answer = person.get("/search", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    return [result["message"]["body"] for result in answer.json()["results"]]


def test_what_was_said_a_moment_ago_is_found_and_marked(world: World) -> None:
    room_id = world.room("private")
    said = world.bob.say(room_id, "Meet me at the Hárbour")
    found = world.carol.get("/search", params={"q": "harb"}).json()
    assert found == {"results": [{"message": said, "highlights": [[15, 22]]}], "next": None}


def test_the_outsider_finds_nothing_whatever_is_asked_and_whoever_left_neither(
    world: World,
) -> None:
    room_id = world.room("private")
    world.bob.say(room_id, "heliotrope")
    assert search(world.carol, "heliotrope") == ["heliotrope"]
    for q in ("heliotrope", f"in:{room_id} heliotrope", "from:" + world.bob.username, "in:Harbour"):
        assert search(world.mallory, q) == []
    assert (
        world.mallory.get("/search", params={"q": "heliotrope", "room_id": room_id}).status_code
        == 404
    )
    socket = world.mallory.listen()
    assert socket.call("search", {"q": "heliotrope"}) == {"ok": True, "results": [], "next": None}
    assert socket.call("search", {"q": "x", "room_id": room_id})["error"]["code"] == "not_found"
    assert world.carol.post(f"/rooms/{room_id}/leave").status_code == 204
    assert search(world.carol, "heliotrope") == []


def test_the_running_server_indexes_beside_the_sending_and_follows_edits_and_deletions(
    world: World,
) -> None:
    room_id = world.room()
    said = [world.bob.say(room_id, f"quincunx {number}") for number in range(12)]
    wait_until(lambda: seq_indexed(room_id) == 12, "the server indexed them")
    assert search(world.alice, "quin") == [f"quincunx {number}" for number in range(11, -1, -1)]
    world.bob.patch(f"/messages/{said[3]['id']}", {"body": "zaffre now"})
    world.bob.delete(f"/messages/{said[5]['id']}")
    for _ in ("before it is followed", "after"):
        assert search(world.alice, "zaffre") == ["zaffre now"]
        assert len(search(world.alice, "quincunx")) == 10
        wait_until(lambda: seq_indexed(room_id) == 14, "the server followed them")


def test_names_rooms_and_pictures_narrow_it_down(world: World) -> None:
    here, there = world.room(), world.room("private")
    world.alice.patch(f"/rooms/{there}", {"name": "Quiet Bay"})
    world.bob.say(here, "tea here")
    world.alice.say(there, "tea there")
    image = uploaded(world.bob, here)
    world.bob.post(
        f"/rooms/{here}/messages",
        {"client_id": "i", "body": "tea, look", "image_ids": [image["id"]]},
    )
    assert (
        search(world.carol, "tea", room_id=here)
        == search(world.carol, "tea in:#harbour")
        == ["tea, look", "tea here"]
    )
    assert (
        search(world.carol, 'tea in:"quiet bay"')
        == search(world.carol, f"tea in:{there}")
        == ["tea there"]
    )
    assert search(world.carol, f"tea from:@{world.alice.username}") == ["tea there"]
    assert search(world.carol, "tea", **{"from": world.alice.id}) == ["tea there"]
    assert search(world.alice, "tea from:me") == ["tea there"]
    assert (
        search(world.carol, "tea from:nobody-of-this-name")
        == search(world.carol, "tea in:nowhere")
        == []
    )
    assert search(world.carol, "has:image") == ["tea, look"]
    assert search(world.carol, "", room_id=there) == ["tea there"]
    wait_until(lambda: seq_indexed(here) == 2, "it is indexed")
    assert search(world.carol, "has:image tea") == ["tea, look"]


def test_pages_follow_one_another_through_api_and_socket_alike(world: World) -> None:
    room_id = world.room()
    for number in range(7):
        world.bob.say(room_id, f"tea {number}")
    bob, seen, before = world.bob.listen(), [], {}
    while before is not None:
        asked = {"q": "tea", "limit": 3, **before}
        page = bob.call("search", asked)
        assert {"results": page["results"], "next": page["next"]} == world.bob.get(
            "/search", params=asked
        ).json()
        seen += [result["message"]["body"] for result in page["results"]]
        before = {"before": page["next"]} if page["next"] else None
    assert seen == [f"tea {number}" for number in range(6, -1, -1)]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"q": ""}, "q"),
        ({}, "q"),
        ({"q": "… !"}, "q"),
        ({"q": "before:lunch"}, "q"),
        ({"q": "on:1/2/2026"}, "q"),
        ({"q": "from:"}, "q"),
        ({"q": "-all"}, "q"),
        ({"q": "has:video"}, "q"),
        ({"q": "tea", "before": "x"}, "before"),
        ({"q": "tea", "before": "9-x"}, "before"),
        ({"q": "tea", "limit": 51}, "limit"),
        ({"q": "tea", "tz": "Atlantis/Poseidonis"}, "tz"),
        ({"q": "tea", "tz": "America"}, "tz"),
        ({"q": "tea", "tz": "+99:00"}, "tz"),
        ({"q": "x" * 501}, "q"),
        ({"q": " ".join("abcdefghijklmnopqrstu")}, "q"),
    ],
)
def test_what_cannot_be_looked_for_is_told(world: World, asked: dict[str, Any], field: str) -> None:
    answer = world.bob.get("/search", params=asked)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field])
    assert list(world.bob.listen().call("search", asked)["error"]["fields"]) == [field]


def test_planted_words_are_nowhere_in_the_clear_once_they_are_indexed(world: World) -> None:
    room_id = world.room("private")
    words = ["heliotrope", "quincunx", "☃zaffre☃", "今天天气"]
    for word in words:
        world.bob.say(room_id, f"the secret is {word}")
    wait_until(lambda: seq_indexed(room_id) == len(words), "they are indexed")
    assert all(search(world.carol, word) for word in words)
    records = [
        encode(record) for name in ("postings", "indexed_rooms") for record in database[name].find()
    ]
    assert records
    for part in [word[:length] for word in words for length in (2, 3, 8)]:
        assert not any(part.encode() in record for record in records if len(part.encode()) > 3), (
            part
        )


def test_the_page_finds_marks_and_leads_into_the_room(world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "<b>tea</b> & " + "much else " * 60 + "TEA")
    browser = Browser(world.server).sign_in(world.carol)
    page = browser.get("/search?q=tea")
    assert "&lt;b&gt;<mark>tea</mark>&lt;/b&gt; &amp;" in page.text
    link = re.search(rf'href="(/rooms/{room_id}\?around=(\d+)#message-\d+)"', page.text)
    assert link
    assert f'id="message-{said["seq"]}"' in browser.get(link[1]).text
    for number in range(21):
        world.bob.say(room_id, f"more tea {number}")
    first = browser.get("/search?q=tea").text
    following = re.search(r'href="(/search\?q=tea&amp;before=[^"]+)"', first)
    assert following
    assert "<mark>tea</mark> 0" not in first
    assert "more tea 0" in re.sub(
        "</?mark>", "", browser.get(following[1].replace("&amp;", "&")).text
    )
    assert (
        "No messages in your rooms match “tea”."
        in Browser(world.server).sign_in(world.mallory).get("/search?q=tea").text
    )
    wrong = browser.get("/search?q=before:tomorrow")
    assert (wrong.status_code, "Write a day as 2026-01-31." in wrong.text) == (422, True)
    assert "from:me" in browser.get("/search").text, "it tells how to ask"
    assert 'action="/search"' in browser.get("/rooms").text, "every page leads to it"


def test_the_page_shows_what_was_said_around_and_nothing_that_is_deleted(world: World) -> None:
    room_id = world.room()
    before, found, after = (
        world.bob.say(room_id, text) for text in ("alpha", "heliotrope", "<i>omega</i>")
    )
    browser = Browser(world.server).sign_in(world.carol)
    page = browser.get("/search?q=heliotrope").text
    assert page.index("alpha") < page.index("<mark>heliotrope</mark>")
    assert "&lt;i&gt;omega&lt;/i&gt;" in page
    for said in (before, after):
        world.bob.delete(f"/messages/{said['id']}")
    page = browser.get("/search?q=heliotrope").text
    assert "search-context" not in page
    world.bob.delete(f"/messages/{found['id']}")
    assert "<mark>" not in browser.get("/search?q=heliotrope").text


def test_the_page_loosens_a_query_that_finds_nothing(world: World) -> None:
    world.bob.say(world.room(name="Quiet bay"), "heliotrope")
    browser = Browser(world.server).sign_in(world.carol)

    def looser(q: str) -> list[tuple[str, str]]:
        page = unescape(browser.get("/search", params={"q": q}).text)
        found = re.findall(r'<a class="button" href="/search\?q=([^"]+)">([^<]+)</a>', page)
        return [(unquote_plus(query), text) for query, text in found]

    assert looser("heliotrope in:Quiet bay from:carol -tea on:2 Jan 2026") == [
        ('heliotrope from:carol -tea on:"2 Jan 2026"', "Search all rooms"),
        ('heliotrope in:"Quiet bay" -tea on:"2 Jan 2026"', "Search without “from:carol”"),
        ('heliotrope in:"Quiet bay" from:carol on:"2 Jan 2026"', "Search without “-tea”"),
    ]
    assert looser("in:nowhere") == [], "nothing would be left"
    assert looser("heliotrope") == []
    page = browser.get("/search?q=heliotrope+from:nobody+in:nowhere").text
    assert "No one is called nobody." in page
    assert "You are in no room called nowhere." in page


def test_reindex_makes_every_index_anew_and_may_be_repeated(app: Flask, world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "tea that stays")
    wait_until(lambda: seq_indexed(room_id) == 1, "it is indexed")
    database["postings"].delete_many({"room_id": id_from(room_id)})
    database["rooms"].delete_many(
        {"_id": {"$ne": id_from(room_id)}}
    )  # what other tests made would only take time
    for _ in range(2):
        result = bin_chat(app, "reindex")
        assert (result.exit_code, "reindexed" in result.output) == (0, True), result.output
    assert seq_indexed(room_id) == 1
    assert search(world.carol, "tea") == ["tea that stays"]


def test_searching_is_counted(limited: Flask, world: World) -> None:
    with limited.app_context():
        for _ in range(120):
            budgets.charge("search", world.bob.id)
        with pytest.raises(RateLimited):
            budgets.charge("search", world.bob.id)


def test_a_field_that_a_form_leaves_empty_is_as_none(world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "heliotrope")
    for empty in ({"from": ""}, {"from": "", "before": ""}):
        assert search(world.bob, "heliotrope", **empty) == ["heliotrope"]
    assert search(world.bob, "", room_id=room_id, **{"from": ""}) == ["heliotrope"]
    asked = {"q": "heliotrope", "room_id": room_id, "from": ""}
    assert len(world.bob.listen().call("search", asked)["results"]) == 1


def test_one_searches_once_at_a_time_and_whoever_else_searches_waits_for_nobody(
    limited: Flask, world: World
) -> None:
    room_id = world.room()
    world.bob.say(room_id, "tea")
    bob = User.find(id_from(world.bob.id))  # type: ignore[arg-type]
    carol = User.find(id_from(world.carol.id))  # type: ignore[arg-type]
    assert bob
    assert carol
    with searches._turns.turn(bob.id), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(searches.search, bob, q="tea")
        wait_until(lambda: searches._turns._lines[bob.id].waiting, "the second waits")
        with pytest.raises(RateLimited):
            searches.search(bob, q="tea")
        assert len(searches.search(carol, q="tea").hits) == 1
        searches._turns.give_back(bob.id)
        assert len(waiting.result().hits) == 1
        searches._turns.take(bob.id)


def test_the_page_says_look_further_back_when_the_time_was_up_before_anything_was_found(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = world.room()
    world.bob.say(room_id, "heliotrope")
    for number in range(3):
        world.bob.say(room_id, f"tea {number}")
    monkeypatch.setattr(message_search, "MOST_SECONDS", 0.0)
    browser, path, pages = app.test_client(), "/search?q=heliotrope", list[str]()
    browser.set_cookie(world.server.cookie("chat_access"), world.bob.access_token)
    while "<mark>" not in (page := browser.get(path).text):
        pages.append(page)
        link = re.search(r'href="(/search[^"]+)">Search older messages<', page)
        assert link
        assert "No messages found so far" in page
        path = link[1].replace("&amp;", "&")
    assert pages, "the first candidates had nothing"


def test_a_deleted_room_takes_its_index_with_it(world: World) -> None:
    room_id, other = world.room("private"), world.room()
    world.bob.say(room_id, "heliotrope")
    world.bob.say(other, "heliotrope elsewhere")
    wait_until(lambda: seq_indexed(room_id) == 1, "it is indexed")
    assert world.alice.delete(f"/rooms/{room_id}").status_code == 204
    assert search(world.bob, "heliotrope") == ["heliotrope elsewhere"]
    rooms.finish_deletions()
    assert database["postings"].count_documents({"room_id": id_from(room_id)}) == 0
    assert database["indexed_rooms"].count_documents({"_id": id_from(room_id)}) == 0


def notices(person: Person, q: str, **query: Any) -> tuple[list[str], list[str]]:
    """Return the bodies of the found messages, and the notices."""
    found = person.get("/search", params={"q": q, **query}).json()
    return [result["message"]["body"] for result in found["results"]], found.get("notices", [])


def test_a_name_that_nobody_has_is_said_and_one_that_begins_so_is_taken(world: World) -> None:
    room_id = world.room("private")
    world.alice.patch(f"/rooms/{room_id}", {"name": "Quiet Bay"})
    assert world.bob.patch("/me", {"display_name": "Bobłąd Fisher"}).status_code == 200
    world.bob.say(room_id, "tea in the bay")
    bob, carol = world.bob.username, world.carol.username
    for q in (
        f"tea from:{bob}",
        f"tea from：“{bob}”",
        f"tea from: @{bob},",
        'tea from:"boblad fisher"',
        "tea in:'quiet bay'",
        "tea in:“Quiet Bay”",
        "in: #“quiet bay”, tea",
        f"tea -from:{carol}",
        "tea -in:harbour-of-nobody",
    ):
        found, said = notices(world.carol, q)
        assert found == ["tea in the bay"], q
        assert bool(said) is ("nobody" in q), q
    found, said = notices(world.carol, "tea from:boblad")
    assert found == ["tea in the bay"]
    assert said[0].startswith("No one is called boblad; these are messages of Bobłąd Fisher")
    found, said = notices(world.carol, "tea in:quiet")
    assert (found, said) == (
        ["tea in the bay"],
        ["You are in no room called quiet; these are messages in Quiet Bay."],
    )
    assert notices(world.carol, "tea from:nobody-of-this-name") == (
        [],
        ["No one is called nobody-of-this-name."],
    )
    assert notices(world.carol, "tea in:nowhere") == ([], ["You are in no room called nowhere."])
    assert notices(world.mallory, "tea in:quiet") == ([], ["You are in no room called quiet."]), (
        "what mallory is not in is not named"
    )
    assert (
        notices(world.carol, f"tea -from:{world.bob.username}")
        == notices(world.carol, 'tea -in:"quiet bay"')
        == ([], [])
    )
    assert notices(world.carol, "tea to:bob")[1] == [
        "to: is no filter; it was looked for as a word. "
        "Filters are from: in: after: before: on: during: has:"
    ]
    assert notices(world.carol, "ba") == (
        [],
        ["Words of one or two letters only match whole words: ba."],
    )


def test_a_name_of_several_words_needs_no_quotation_marks(world: World) -> None:
    room_id = world.room("private")
    world.alice.patch(f"/rooms/{room_id}", {"name": "Quiet Bay"})
    assert world.bob.patch("/me", {"display_name": "Bobłąd Fisher"}).status_code == 200
    world.bob.say(room_id, "tea in the bay")
    world.alice.say(room_id, "tea for a fisher")
    for q in (
        "from:Bobłąd Fisher",
        "from: @boblad fisher, tea",
        "from:boblad fisher tea in:quiet bay",
        "in:Quiet Bay from:boblad fisher",
        f"in:quiet bay -from:{world.alice.username}",
    ):
        assert notices(world.carol, q) == (["tea in the bay"], []), q
        found = world.carol.listen().call("search", {"q": q})["results"]
        assert len(found) == 1, q
    assert search(world.carol, "-from:boblad fisher in:quiet bay") == ["tea for a fisher"]
    assert notices(world.mallory, "tea in:quiet bay")[1] == ["You are in no room called quiet."]
    assert world.alice.patch("/me", {"display_name": "Bobłąd"}).status_code == 200
    assert notices(world.carol, "from:boblad fisher") == (
        ["tea in the bay"],
        [
            "from: was read as boblad fisher. "
            'For boblad with fisher in the text, write from:"boblad" fisher'
        ],
    )
    assert search(world.carol, 'from:"boblad" fisher') == ["tea for a fisher"]
    browser = Browser(world.server).sign_in(world.carol)
    page = browser.get("/search?q=from:boblad+fisher+tea+in:quiet+bay").text
    assert "<mark>tea</mark> in the bay" in page
    assert "from: was read as boblad fisher." in page


def test_a_talk_of_two_is_found_by_the_name_of_the_other(world: World) -> None:
    talk = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    world.bob.say(talk, "tea between us")
    world.bob.say(world.room(), "tea for all")
    assert search(world.bob, f"tea in:@{world.carol.username}") == ["tea between us"]
    assert search(world.bob, f"tea -in:@{world.carol.username}") == ["tea for all"]


def test_signs_count_until_nothing_has_them_and_then_it_is_said(world: World) -> None:
    room_id = world.room()
    for body in ("plan c", "I like C++", "I like C#", "harbour news"):
        world.bob.say(room_id, body)
    for indexed in (False, True):
        if indexed:
            wait_until(lambda: seq_indexed(room_id) == 4, "the server indexed them")
        assert notices(world.carol, "c#") == (["I like C#"], [])
        assert search(world.carol, "c") == ["I like C#", "I like C++", "plan c"]
        assert notices(world.carol, "#harbour") == (["harbour news"], [searches.WITHOUT_SIGNS])
        assert notices(world.carol, '"#harbour"') == ([], [])
    page = world.carol.get("/search", params={"q": "c#", "limit": 1}).json()
    assert page["next"] is None
    cursor = world.carol.get("/search", params={"q": "like", "limit": 1}).json()["next"]
    assert notices(world.carol, "c#", before=cursor) == ([], []), (
        "the page after the last one with the sign"
    )


def test_days_are_those_of_the_reader(world: World, app: Flask) -> None:
    room_id = world.room("private")
    said = {}
    for body, moment in (
        ("tea late in the west", datetime(2026, 11, 28, 23, 30, tzinfo=UTC)),
        ("tea early in the east", datetime(2026, 11, 28, 15, 30, tzinfo=UTC)),
        ("tea before the clocks", datetime(2026, 10, 24, 22, 30, tzinfo=UTC)),
        ("tea as long as the day", datetime(2026, 10, 25, 22, 30, tzinfo=UTC)),
    ):
        said[body] = world.bob.say(room_id, body)["id"]
        database["log"].update_one({"_id": id_from(said[body])}, {"$set": {"created_at": moment}})
    late, early, before, last = said
    wait_until(lambda: seq_indexed(room_id) == 4, "the server indexed them")
    indexer.forget(id_from(room_id))  # it knew other times

    def on(q: str, tz: str = "") -> set[str]:
        return set(search(world.carol, f"tea {q}", room_id=room_id, **({"tz": tz} if tz else {})))

    assert on("on:2026-11-28") == on("on:2026-11-28", "UTC") == on("on:28.11.2026") == {late, early}
    assert on("on:2026-11-28", "America/New_York") == {late, early}
    assert on("on:2026-11-28", "Asia/Tokyo") == set()
    assert on("on:2026-11-29", "Asia/Tokyo") == on("after:2026-11-29", "+09:00") == {late, early}
    assert on("before:2026-11-29", "Pacific/Auckland") == {before, last}
    assert on("after:2026-11-28", "-16:00") == {late}
    assert on("on:2026-10-25", "Europe/Berlin") == {before, last}, "a day of 25 hours"
    assert on("during:2026-10", "Europe/Berlin") == on("on:October") == {before, last}
    assert on("after:2026-11 before:2026-12") == {late, early}
    assert on("on:today") == on("on:yesterday before:2020") == set()


def test_a_zone_may_be_sent_with_its_plus_as_it_is(world: World) -> None:
    room_id = world.room("private")
    said = world.bob.say(room_id, "tea early in the east")["id"]
    moment = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)
    database["log"].update_one({"_id": id_from(said)}, {"$set": {"created_at": moment}})
    asked = f"/search?q=tea+on:2026-11-29&room_id={room_id}"
    for zone in ("%2B09:00", "+09:00", "+0900", "UTC+9"):
        found = world.bob.get(f"{asked}&tz={zone}")
        assert found.status_code == 200, (zone, found.text)
        assert len(found.json()["results"]) == 1, zone
    browser = Browser(world.server).sign_in(world.bob)
    assert "<mark>tea</mark>" in browser.get("/search?q=tea+on:2026-11-29&tz=+09:00").text
    asked_by_event = {"q": "tea on:2026-11-29", "tz": " 09:00"}
    assert len(world.bob.listen().call("search", asked_by_event)["results"]) == 1


def test_the_page_shows_what_a_reader_sees_and_what_was_said_about_the_query(world: World) -> None:
    room_id = world.room()
    world.bob.say(
        room_id, "The **heliotrope** in [the garden](https://example.org/quincunx) :rocket: `a < b`"
    )
    browser = Browser(world.server).sign_in(world.carol)
    page = browser.get("/search?q=heliotrope").text
    assert "The <mark>heliotrope</mark> in the garden 🚀 <code>a &lt; b</code>" in page
    assert "**" not in page
    assert "<mark>quincunx</mark>" in browser.get("/search?q=quincunx").text, (
        "what only the address has is shown as it was typed"
    )
    assert "<mark>🚀</mark>" in browser.get("/search?q=🚀").text
    page = browser.get("/search?q=heliotrope+from:nobody-of-this-name&tz=Asia/Tokyo").text
    assert "No one is called nobody-of-this-name." in page
    assert 'name="tz" type="hidden" value="Asia/Tokyo"' in page
    assert "<mark>heliotrope</mark>" in browser.get("/search?q=heliotrope&tz=Mars/Olympus").text
    wrong = browser.get("/search?q=-all")
    assert (wrong.status_code, "leaves out what has it" in wrong.text) == (422, True)


def test_an_excerpt_begins_and_ends_between_words(world: World) -> None:
    words = [f"ferry{number:03}" for number in range(100)]
    words[40] = "heliotrope"
    world.bob.say(world.room(), " ".join(words))
    page = Browser(world.server).sign_in(world.carol).get("/search?q=heliotrope").text
    found = re.search(r'<p class="search-excerpt" dir="auto">(.*?)</p>', page)
    assert found
    shown = re.sub("</?mark>", "", found[1]).split()
    assert (shown[0], shown[-1]) == ("…", "…")
    assert "heliotrope" in shown
    assert set(shown[1:-1]) < set(words)
