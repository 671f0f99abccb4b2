"""Administrators look after people's accounts on a page, with and without JavaScript."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from urllib.parse import urlsplit

from chat.models.database import database
from chat.models.document import id_from
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World

LIST = "/admin/people"


def row_of(page: str, username: str) -> str:
    """Return the row of a person; empty if there is none."""
    rows = re.findall(r'<li class="row account-row.*?</li>', page, re.DOTALL)
    return next((row for row in rows if f"@{username}" in row), "")


def test_a_reset_link_is_shown_once_and_leads_bob_in(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    before = f"{LIST}?q={world.bob.username}&state=all"
    made = page.submit(f"{LIST}/{world.bob.id}/reset-link", next=before)
    assert made.status_code == 201
    assert row_of(made.text, world.bob.username)
    assert not row_of(made.text, world.carol.username), "the search stays"
    assert f'name="next" value="{before.replace("&", "&amp;")}"' in made.text
    link = re.search(r'readonly value="([^"]+)"', made.text)
    assert link
    assert "Reset link for Bob" in made.text
    assert link[1] not in page.get(LIST).text
    visitor = Browser(world.server)
    entered = visitor.submit(urlsplit(link[1]).path, new_password="a new password")
    assert urlsplit(entered.url).path == "/rooms"


def test_roles_and_accounts_change_and_the_list_stays_where_it_was(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    here = f"{LIST}?q=bob&state=all"
    bob, bobs = f"{LIST}/{world.bob.id}", world.bob.username
    asked = page.get(f"{bob}/role", params={"role": "administrator", "next": here}).text
    assert "Make Bob an administrator?" in asked
    assert f'action="{bob}/role?role=administrator"' in asked
    given = page.submit(f"{bob}/role?role=administrator", next=here)
    assert given.url.startswith(f"{world.server.url}{here}&")
    assert "Bob is an administrator now." in given.text
    assert "administrator" in row_of(given.text, bobs)
    assert world.bob.get("/admin/settings").status_code == 200
    assert "Bob is a member now." in page.submit(f"{bob}/role", role="member").text
    assert world.bob.get("/admin/settings").status_code == 403
    asked = page.get(f"{bob}/deactivate", params={"next": here}).text
    assert "Deactivate Bob" in asked
    assert f'action="{bob}/deactivate"' in asked
    off = page.submit(f"{bob}/deactivate", next=here)
    assert "Bob is deactivated, and signed out everywhere." in off.text
    assert "deactivated" in row_of(off.text, bobs)
    assert "Create reset link" not in row_of(off.text, bobs)
    assert "Deactivated" in page.get(f"/people/{bobs}").text
    assert row_of(page.get(f"{LIST}?q=bob").text, bobs) == "", "the usual list is of active people"
    assert row_of(page.get(f"{LIST}?q=bob&state=deactivated").text, bobs)
    assert "Bob can sign in again." in page.submit(f"{bob}/activate").text
    assert "seen within the last hour" in row_of(page.get(f"{LIST}?q=bob").text, bobs)


def test_who_is_there_is_online_and_of_others_about_the_time_is_said(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    bob = id_from(world.bob.id)
    seen = datetime(2026, 3, 4, 9, 50, 7, tzinfo=UTC)
    database["sessions"].update_many({"user_id": bob}, {"$set": {"refreshed_at": seen}})
    shown = row_of(page.get(f"{LIST}?q=bob").text, world.bob.username)
    assert "last seen" in shown
    assert 'datetime="2026-03-04T10:00:00.000Z"' in shown
    device = world.bob.listen()
    assert "online now" in row_of(page.get(f"{LIST}?q=bob").text, world.bob.username)
    device.client.call("presence:be", {"status": "away"})
    assert "away now" in row_of(page.get(f"{LIST}?q=bob").text, world.bob.username)


def test_a_refused_change_says_why(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    own = page.submit(f"{LIST}/{world.alice.id}/deactivate")
    assert own.status_code == 403
    assert "You can’t deactivate your own account." in own.text
    assert "Deactivate…" not in row_of(page.get(f"{LIST}?q=alice").text, world.alice.username)
    page.submit(f"{LIST}/{world.bob.id}/deactivate")
    refused = page.submit(f"{LIST}/{world.bob.id}/reset-link")
    assert refused.status_code == 409
    assert "This account is deactivated. Activate it first." in refused.text
    assert page.submit(f"{LIST}/{world.bob.id}/role", role="king").status_code == 422
    assert page.submit(f"{LIST}/{'0' * 24}/activate").status_code == 404


def test_the_page_is_for_administrators(world: World) -> None:
    alice, bob = (Browser(world.server).sign_in(each) for each in (world.alice, world.bob))
    assert 'href="/admin"' in alice.get("/settings/profile").text
    assert f'href="{LIST}"' in alice.get("/admin").text
    assert 'href="/admin"' not in bob.get("/settings/profile").text
    for path in (LIST, f"{LIST}/{world.alice.id}/deactivate"):
        assert bob.get(path).status_code == 403
    for action in ("role", "activate", "deactivate", "reset-link"):
        assert bob.submit(f"{LIST}/{world.alice.id}/{action}", role="member").status_code == 403


def bots_of(person: Person, count: int) -> list[str]:
    names = [f"robby-{secrets.token_hex(5)}" for _ in range(count)]
    for name in names:
        assert person.post("/bots", {"username": name}).status_code == 201
    return names


def test_bots_have_a_list_of_their_own_with_their_owners(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    (name,) = bots_of(world.bob, 1)
    for state in ("active", "all"):
        shown = page.get(f"{LIST}?q=robby&state={state}").text
        assert not row_of(shown, name), "it is no person"
        assert row_of(page.get(f"{LIST}?q=bob&state={state}").text, world.bob.username)
    row = row_of(page.get(f"{LIST}?q=robby&state=bots").text, name)
    assert f'href="/people/{world.bob.username}"' in row and "bot of" in row
    assert "stands still" not in row
    for not_for_bots in ("administrator", "reset link", "two-step"):
        assert not_for_bots not in row
    assert row_of(page.get(f"{LIST}?q=bob&state=bots").text, world.bob.username) == ""
    world.alice.patch(f"/admin/users/{world.bob.id}", {"deactivated": True})
    row = row_of(page.get(f"{LIST}?q=robby&state=bots").text, name)
    assert "stands still: its owner is not active" in row


def test_the_list_of_bots_goes_on_and_has_each_once(world: World) -> None:
    people = [world.bob, world.carol, world.mallory]
    made = {name for person in people for name in bots_of(person, 20)}
    after, found = "", []
    while after is not None:
        answer = world.alice.get("/admin/users", params={"state": "bots", "after": after}).json()
        assert len(answer["users"]) <= 50
        found += answer["users"]
        after = answer["next"]
    names = [each["username"] for each in found]
    assert names == sorted(names) and len(set(names)) == len(names)
    assert made <= set(names) and all(each["is_bot"] for each in found)
    owners = {each["username"]: each["owner"]["id"] for each in found if each["username"] in made}
    assert set(owners.values()) == {person.id for person in people}
    after, usernames = "", []
    while after is not None:
        answer = world.alice.get("/admin/users", params={"state": "all", "after": after}).json()
        usernames += [(each["username"], each["owner"]) for each in answer["users"]]
        after = answer["next"]
    assert (world.bob.username, None) in usernames
    assert not made & {name for name, _owner in usernames}
