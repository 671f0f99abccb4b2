"""Whoever is sent to an administrator reads who that is, or how to reach them from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat.models.database import database
from chat.models.document import id_from
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server
from tests.helpers.world import Person, World

ASK = "Questions about this chat?"
FOR_STRANGERS = ("/login", "/register", "/forgot", "/join/over", "/reset/over", "/nowhere")


@pytest.fixture
def only_alice(world: World) -> Iterator[None]:
    """Let alice be the only administrator, and the chat have no contact afterwards."""
    others = {"_id": {"$ne": id_from(world.alice.id)}}
    database["users"].update_many(others, {"$set": {"is_admin": False}})
    yield
    assert world.alice.patch("/admin/settings", {"contact": ""}).ok


def settings(world: World, contact: str) -> None:
    answer = world.alice.patch("/admin/settings", {"contact": contact})
    assert (answer.status_code, answer.json()["contact"]) == (200, contact)


def test_strangers_read_the_contact_that_administrators_chose_and_no_name(
    world: World, server: Server, only_alice: None
) -> None:
    stranger = Browser(server)
    for path in FOR_STRANGERS:
        assert ASK not in stranger.get(path).text
    for contact, shown in (
        ("help@example.org", '<a href="mailto:help@example.org">help@example.org</a>'),
        ("https://example.org/help", '<a href="https://example.org/help">'),
        ("javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>"),
        ("Ring 2 <b>, ask for Ann", "<bdi>Ring 2 &lt;b&gt;, ask for Ann</bdi>"),
    ):
        settings(world, contact)
        for path in FOR_STRANGERS:
            page = stranger.get(path).text
            assert f"{ASK} {shown}" in " ".join(page.split()), path
            assert world.alice.username not in page
    entry = world.alice.get("/admin/audit").json()["entries"][0]
    assert (entry["name"], entry["before"]) == ("contact", "javascript:alert(1)")
    page = Browser(server).sign_in(world.alice)
    assert "changed the contact of this chat" in page.get("/admin/audit").text
    assert world.bob.patch("/admin/settings", {"contact": "me"}).status_code == 403
    assert world.alice.patch("/admin/settings", {"contact": "x" * 201}).status_code == 422


def test_the_page_of_the_settings_changes_and_clears_the_contact(
    world: World, server: Server, only_alice: None
) -> None:
    page = Browser(server).sign_in(world.alice)
    assert (
        'value="help@example.org"'
        in page.submit("/admin/settings", contact="help@example.org").text
    )
    page.submit("/admin/settings", contact="")
    assert ASK not in Browser(server).get("/login").text


def test_people_who_are_signed_in_read_who_administers_the_chat(
    world: World, server: Server, only_alice: None
) -> None:
    bob = Browser(server).sign_in(world.bob)
    refused = bob.get("/admin/people")
    assert refused.status_code == 403
    link = f'href="/people/{world.alice.username}"'
    assert "Administrators of this chat:" in refused.text and link in refused.text
    assert link in bob.get("/settings/security/email").text
    found = bob.get("/people?role=administrator").text
    assert link in found and world.carol.username not in found
    assert "/people?role=administrator" in bob.get("/people").text
    own = Browser(server).sign_in(world.alice).get("/settings/security/email").text
    assert "Administrators of this chat:" not in own, "nobody asks themselves"


def names(person: Person, **query: str) -> list[str]:
    answer = person.get("/users", params={"role": "administrator"} | query)
    assert answer.status_code == 200, answer.text
    return [user["username"] for user in answer.json()["users"]]


def test_programs_learn_the_active_administrators_and_strangers_do_not(
    world: World, server: Server, only_alice: None
) -> None:
    alice = world.alice.username
    assert names(world.bob) == [alice]
    assert names(world.bob, q="alic") == [alice]
    assert names(world.bob, q="carol") == []
    world.alice.patch(f"/admin/users/{world.carol.id}", {"role": "administrator"})
    assert names(world.bob) == [alice, world.carol.username]
    world.alice.patch(f"/admin/users/{world.carol.id}", {"deactivated": True})
    assert names(world.bob) == [alice]
    assert world.bob.get("/users", params={"role": "owner"}).status_code == 422
    assert Browser(server).get("/api/v1/users?role=administrator").status_code == 401
    assert "/login" in Browser(server).get("/people?role=administrator").url


def test_of_many_administrators_three_are_named_and_the_others_are_a_link(
    world: World, server: Server, only_alice: None
) -> None:
    for number in range(4):
        Person(world, f"aaron{number}", is_admin=True)
    page = " ".join(Browser(server).sign_in(world.bob).get("/admin").text.split())
    assert "Aaron2" in page and "Aaron3" not in page
    assert '<a href="/people?role=administrator">2 others</a>' in page
