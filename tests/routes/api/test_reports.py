"""People report messages: administrators see a copy, and nothing else of a private room."""

from __future__ import annotations

from typing import Any

import requests
from bson import encode
from flask import Flask

from chat.controllers import open_reports
from chat.models.database import database
from chat.models.document import id_from
from chat.models.report import Report
from chat.models.user import User
from chat.utils.clock import now
from config import Settings
from tests.helpers.commands import counted, listen
from tests.helpers.form_browser import Browser
from tests.helpers.pictures import gradient, written
from tests.helpers.world import Person, World

WHY = "it names my gamboge address"


def report(person: Person, message: Any, reason: str = WHY) -> requests.Response:
    return person.post(f"/messages/{message['id']}/report", {"reason": reason})


def listed(world: World, message: Any, state: str = "open") -> Any:
    answer = world.alice.get("/admin/reports", params={"state": state}).json()
    return next((r for r in answer["reports"] if r["message"]["id"] == message["id"]), None)


def private_room(world: World) -> str:
    room_id = world.carol.make_room("Den", kind="private")
    world.room()  # so that they are no strangers
    world.carol.post(f"/rooms/{room_id}/members", {"user_id": world.bob.id})
    return room_id


def test_an_administrator_sees_the_message_even_after_it_was_deleted(world: World) -> None:
    room_id = private_room(world)
    file = {"image": ("a.png", written(gradient(), "PNG"), "image/png")}
    image = world.carol.ask("POST", f"/rooms/{room_id}/images", files=file).json()
    body = {"client_id": "c", "body": "celadon harm", "image_ids": [image["id"]]}
    said = world.carol.post(f"/rooms/{room_id}/messages", body).json()
    made = report(world.bob, said)
    assert (made.status_code, made.json()["state"]) == (201, "open")
    again = report(world.bob, said, "something else")
    assert (again.status_code, again.json()) == (200, made.json())
    world.carol.delete(f"/messages/{said['id']}")
    seen = listed(world, said)
    assert (seen["reason"], seen["message"]["body"]) == (WHY, "celadon harm")
    assert (seen["reporter"]["id"], seen["message"]["author"]["id"]) == (
        world.bob.id,
        world.carol.id,
    )
    assert (seen["message"]["room_kind"], seen["message"]["room_name"]) == ("private", None)
    (url,) = seen["message"]["picture_urls"]
    picture = world.alice.get(url.removeprefix("/api/v1"))
    assert (picture.status_code, picture.content[8:12]) == (200, b"WEBP")
    assert world.bob.get(url.removeprefix("/api/v1")).status_code == 403
    assert world.alice.get(f"/rooms/{room_id}").status_code == 404, "nothing else of the room"
    assert world.alice.get(f"/messages/{said['id']}").status_code == 404
    for record in database["reports"].find({}):
        for word in (b"gamboge", b"celadon"):
            assert word not in encode(record), "what people wrote is sealed"


def test_who_may_not_see_or_report_a_message_does_not(world: World) -> None:
    room_id = private_room(world)
    said = world.carol.say(room_id, "a secret")
    assert report(world.mallory, said).status_code == 404
    assert report(world.carol, said).json()["error"]["code"] == "forbidden", "it is her own"
    assert report(world.bob, said, "").status_code == 422
    assert report(world.bob, said, "x" * 501).status_code == 422
    world.carol.delete(f"/messages/{said['id']}")
    assert report(world.bob, said).json()["error"]["code"] == "conflict"
    assert listed(world, said) is None
    for answer in (world.bob.get("/admin/reports"), world.carol.get("/admin/reports")):
        assert answer.json()["error"]["code"] == "forbidden"


def test_a_report_is_taken_and_closed_with_a_note_that_its_reporter_does_not_see(
    world: World,
) -> None:
    said = world.bob.say(world.room(), "rude")
    report(world.carol, said)
    found = listed(world, said)
    path = f"/admin/reports/{found['id']}"
    page = Browser(world.server).sign_in(world.carol)
    own = f"/rooms/{said['room_id']}/messages/{said['id']}/report"
    assert "Nobody has looked at it yet." in page.get(own).text
    taken = world.alice.patch(path, {"state": "taken", "note": "I talk to him"}).json()
    assert (taken["state"], taken["note"]) == ("taken", "I talk to him")
    assert taken["decided_by"]["id"] == world.alice.id
    assert "An administrator is looking at it." in page.get(own).text
    closed = world.alice.patch(path, {"state": "closed"}).json()
    assert (closed["state"], closed["note"]) == ("closed", "I talk to him")
    text = page.get(own).text
    assert "An administrator has looked at it." in text
    assert "I talk to him" not in text
    assert listed(world, said) is None
    assert listed(world, said, "closed")["note"] == "I talk to him"
    record = database["reports"].find_one({"_id": id_from(found["id"])})
    assert record
    assert record["expires_at"] > now(), "some day it is deleted"
    actions = world.alice.get("/admin/audit", params={"limit": 2}).json()["entries"]
    assert [entry["action"] for entry in actions] == ["report.closed", "report.taken"]
    assert [entry["user"]["id"] for entry in actions] == [world.bob.id] * 2
    assert world.carol.patch(path, {"state": "open"}).status_code == 403


def told(person: Person) -> list[str]:
    """Return what the chat wrote to somebody about their reports, among their own notes."""
    own = person.post("/direct-rooms", {"user_ids": [person.id]}).json()["id"]
    return [each["body"] for each in person.reads(own)["messages"]]


def test_whoever_reported_a_message_hears_in_general_words_what_became_of_it(
    world: World,
) -> None:
    said = world.bob.say(world.room(), "gamboge insult")
    made = report(world.carol, said).json()
    assert made["outcome"] is None
    path = f"/admin/reports/{made['id']}"
    own = f"/rooms/{said['room_id']}/messages/{said['id']}/report"
    page = Browser(world.server).sign_in(world.carol)
    heard = world.carol.listen()
    world.alice.patch(path, {"state": "taken", "note": "celadon"})
    closed = world.alice.patch(path, {"state": "closed", "outcome": "acted"})
    assert closed.json()["outcome"] == "acted"
    message = heard.next("message:posted")["message"]
    assert (message["author"]["display_name"], message["author"]["is_bot"]) == ("🚩 Reports", True)
    assert heard.next("notification")["message"]["id"] == message["id"]
    world.alice.patch(path, {"state": "closed", "outcome": "acted"})
    (sentence,) = told(world.carol)
    assert "did something about it" in sentence
    assert own in sentence, "it leads to the message"
    assert "did something about it" in page.get(own).text
    for word in ("gamboge", "celadon", "insult", "Bob", "Alice", world.bob.id, world.alice.id):
        assert word not in sentence.replace(own, "")
    world.alice.patch(path, {"state": "open"})
    assert report(world.carol, said).json()["outcome"] is None
    world.carol.patch("/me/preferences", {"language": "de"})
    world.alice.patch(path, {"state": "closed", "outcome": "nothing"})
    assert "nichts zu tun" in told(world.carol)[-1], "in the language of who reads it"
    assert "found nothing to be done" not in page.get(own).text
    assert told(world.bob) == told(world.alice) == []


def test_nobody_hears_of_reports_who_closes_them_or_has_left(world: World) -> None:
    said = world.bob.say(world.room(), "rude")
    own = report(world.alice, said).json()
    world.alice.patch(f"/admin/reports/{own['id']}", {"state": "closed"})
    assert told(world.alice) == []
    theirs = report(world.carol, said).json()
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": True})
    path = f"/admin/reports/{theirs['id']}"
    assert world.alice.patch(path, {"state": "closed", "outcome": "acted"}).status_code == 200
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": False})
    assert told(world.carol.second_device()) == []
    assert world.alice.patch(path, {"outcome": "other"}).status_code == 422


def test_what_two_administrators_change_at_once_is_both_kept(app: Flask, world: World) -> None:
    said = world.bob.say(world.room(), "rude")
    report(world.carol, said)
    report_id = id_from(listed(world, said)["id"])
    assert report_id
    seen = Report.find(report_id)
    assert seen
    alice = id_from(world.alice.id)
    assert alice
    seen.decide(alice, "closed", None)
    after = seen.decide(alice, None, "I talked to him")
    assert (after.state, after.texts["note"]) == ("closed", "I talked to him")
    after = seen.decide(alice, "taken", None)
    assert (after.state, after.texts["note"]) == ("taken", "I talked to him")


def test_a_page_that_shows_an_old_note_or_state_does_not_bring_it_back(world: World) -> None:
    said = world.bob.say(world.room(), "rude")
    report(world.carol, said)
    found = listed(world, said)
    page = Browser(world.server).sign_in(world.alice)
    path = f"/admin/reports/{found['id']}"
    world.alice.patch(path, {"note": "I talk\nto him"})
    page.submit(path, state="closed", note="", shown_note="")
    assert listed(world, said, "closed")["note"] == "I talk\nto him"
    shown = page.get("/admin/reports?state=closed").text
    assert 'name="shown_note" value="I talk\nto him"' in shown
    assert 'name="state" value="">Save note' in shown
    page.submit(path, state="", note="I talked\r\nto him", shown_note="I talk\r\nto him")
    assert listed(world, said, "closed")["note"] == "I talked\nto him"
    world.alice.patch(path, {"note": "Done"})
    page.submit(path, state="open", note="I talked\r\nto him", shown_note="I talked\r\nto him")
    assert listed(world, said)["note"] == "Done"


def test_pages_do_the_same_without_a_script(world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "celadon in public")
    page = Browser(world.server).sign_in(world.carol)
    own = f"/rooms/{room_id}/messages/{said['id']}/report"
    assert f'href="{own}"' in page.get(own.removesuffix("/report")).text
    assert "They see nothing else of the room." in page.get(own).text
    assert "Nobody has looked at it yet." in page.submit(own, reason=WHY).text
    assert "You reported this already." in page.submit(own, reason="and rude, too").text
    his = Browser(world.server).sign_in(world.bob).get(own.removesuffix("/report")).text
    assert f'href="{own}"' not in his, "nobody reports their own"
    admin = Browser(world.server).sign_in(world.alice)
    shown = admin.get("/admin/reports").text
    assert "celadon in public" in shown
    assert "#Harbour" in shown
    assert 'class="badge"' in admin.get("/settings").text
    found = listed(world, said)
    done = admin.submit(f"/admin/reports/{found['id']}", state="closed", note="well")
    assert done.status_code == 200
    assert listed(world, said, "closed")["note"] == "well"
    assert page.get("/admin/reports").status_code == 403


def row_of(text: str, report_id: str) -> str:
    """Return the report's row of the page."""
    (row,) = (part for part in text.split('<li class="row report"') if report_id in part)
    return row


def test_the_page_asks_what_the_reporter_is_told(world: World) -> None:
    said = world.bob.say(world.room(), "rude")
    made = report(world.carol, said).json()
    page = Browser(world.server).sign_in(world.alice)
    assert "What Carol is told" in page.get("/admin/reports").text
    page.submit(f"/admin/reports/{made['id']}", state="closed", outcome="nothing")
    assert "found nothing to be done" in told(world.carol)[-1]
    assert "What Carol is told" not in page.get("/admin/reports?state=closed").text


def test_a_report_that_is_taken_stays_in_sight_with_who_took_it(world: World) -> None:
    said = world.bob.say(world.room(), "rude")
    report(world.carol, said)
    found = listed(world, said)
    admin = Browser(world.server).sign_in(world.alice)
    taken = admin.submit(f"/admin/reports/{found['id']}", state="taken", note="")
    assert taken.url.endswith(f"/admin/reports?state=taken#report-{found['id']}")
    row = row_of(taken.text, found["id"])
    assert "Taken by" in row and f'href="/people/{world.alice.username}"' in row


def test_who_took_a_report_stays_so_when_another_administrator_writes_a_note(
    world: World,
) -> None:
    said = world.bob.say(world.room(), "rude")
    report(world.carol, said)
    path = f"/admin/reports/{listed(world, said)['id']}"
    taken = world.alice.patch(path, {"state": "taken"}).json()
    world.alice.patch(f"/admin/users/{world.carol.id}", {"role": "administrator"})
    noted = world.carol.patch(path, {"note": "I know him", "state": "taken"}).json()
    assert noted["note"] == "I know him"
    assert noted["decided_by"]["id"] == world.alice.id
    assert noted["decided_at"] == taken["decided_at"]
    closed = world.carol.patch(path, {"state": "closed"}).json()
    assert closed["decided_by"]["id"] == world.carol.id


def test_a_report_that_is_closed_or_opened_again_says_where_it_went(world: World) -> None:
    said = world.bob.say(world.room(), "rude")
    report(world.carol, said)
    report_id = listed(world, said)["id"]
    admin = Browser(world.server).sign_in(world.alice)
    for state, before, sentence in (
        ("closed", "open", "The report is closed."),
        ("open", "closed", "The report is open again."),
    ):
        shown = f"/admin/reports?state={before}"
        done = admin.submit(f"/admin/reports/{report_id}", state=state, note="", next=shown)
        assert sentence in done.text
        assert f'href="/admin/reports?state={state}#report-{report_id}"' in done.text
        assert f'id="report-{report_id}"' not in done.text


def test_a_report_leads_to_what_the_administrator_may_do_anyway(world: World) -> None:
    room_id = world.room()
    said = world.bob.say(room_id, "rude")
    hidden = world.carol.say(private_room(world), "a secret")
    report(world.carol, said)
    report(world.bob, hidden)
    admin = Browser(world.server).sign_in(world.alice)
    text = admin.get("/admin/reports").text
    place = f"/rooms/{room_id}"
    links = (
        f"{place}?around={said['seq']}#message-{said['seq']}",
        f"{place}/messages/{said['id']}/delete",
        f"{place}/members/{world.bob.id}/ban",
        f"/admin/people/{world.bob.id}/deactivate?next=/admin/reports?state%3Dopen",
    )
    row = row_of(text, listed(world, said)["id"])
    for link in links:
        assert f'href="{link}"' in row
        assert admin.get(link).status_code == 200
    assert f'href="/people/{world.bob.username}"' in row
    private = row_of(text, listed(world, hidden)["id"])
    assert f"/admin/people/{world.carol.id}/deactivate" in private
    assert f"/rooms/{hidden['room_id']}" not in private, "she is not in the room"
    world.alice.delete(f"/messages/{said['id']}")
    assert links[1] not in row_of(admin.get("/admin/reports").text, listed(world, said)["id"])


def test_an_administrator_who_is_not_in_a_public_room_looks_in_and_learns_what_helps(
    world: World,
) -> None:
    room_id = world.carol.make_room("Pier")
    world.bob.post(f"/rooms/{room_id}/join")
    said = world.bob.say(room_id, "rude")
    report(world.carol, said)
    admin = Browser(world.server).sign_in(world.alice)
    row = row_of(admin.get("/admin/reports").text, listed(world, said)["id"])
    place = f"/rooms/{room_id}?around={said['seq']}#message-{said['seq']}"
    own = f"/admin/rooms/{room_id}/own?next=/admin/reports?state%3Dopen"
    assert f'href="{place}"' in row and f'href="{own}"' in row
    assert f'id="message-{said["seq"]}"' in admin.get(place).text
    assert admin.get(own).status_code == 200
    assert "/ban" not in row and "/delete" not in row
    admin.submit(f"/admin/rooms/{room_id}/own")
    row = row_of(admin.get("/admin/reports").text, listed(world, said)["id"])
    assert f'href="{own}"' not in row and f"/members/{world.bob.id}/ban" in row


def test_open_reports_call_administrators_from_every_page_and_nobody_else(world: World) -> None:
    room_id = world.room()
    report(world.carol, world.bob.say(room_id, "rude"))
    waiting = world.alice.get("/admin/reports").json()["open"]
    pages = {who: Browser(world.server).sign_in(who) for who in (world.alice, world.carol)}
    text = pages[world.alice].get(f"/rooms/{room_id}").text
    badges = text.split("<open-reports")[1:]
    assert len(badges) == 3, "on the account, in its menu, and on the tab of a phone"
    assert all(f'<span class="badge-count">{waiting}<' in badge for badge in badges)
    assert not any("hidden>" in badge.split("<span")[0] for badge in badges)
    hers = pages[world.carol].get(f"/rooms/{room_id}").text
    assert "<open-reports" not in hers


def test_administrators_and_nobody_else_learn_at_once_how_many_reports_are_open(
    world: World,
) -> None:
    room_id = world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    before = alice.all("hello")[0]["open_reports"]
    assert bob.all("hello")[0]["open_reports"] == 0
    said = world.bob.say(room_id, "rude")
    report(world.carol, said)
    assert alice.next("reports:updated") == {"open": before + 1}
    assert world.alice.listen().all("hello")[0]["open_reports"] == before + 1
    address = f"/admin/reports/{listed(world, said)['id']}"
    for state, waiting in (("taken", 0), ("open", 1), ("closed", 0)):
        world.alice.patch(address, {"state": state})
        assert alice.next("reports:updated") == {"open": before + waiting}
    world.carol.say(room_id, "that was all")
    bob.next("message:posted")
    assert bob.all("reports:updated") == []


def test_counting_open_reports_costs_next_to_nothing(
    app: Flask, settings: Settings, world: World
) -> None:
    listen(settings)
    alice, carol = (User.find_by_username(each.username) for each in (world.alice, world.carol))
    assert alice and carol
    open_reports.count(alice)
    with counted("reports") as commands:
        open_reports.count(alice)
        assert open_reports.count(carol) == 0
    assert commands == []
