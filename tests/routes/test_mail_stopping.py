"""The link in mails that stops them works for whoever has it, and for mail programs."""

from __future__ import annotations

import requests

from chat.models import email_addresses
from chat.models.document import Id
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World


def wants_mails(person: Person) -> str:
    """Let a person want mails. Return the path of the link that stops them."""
    email_addresses.keep_verified(Id(person.id), f"{person.username}@example.org")
    assert person.patch("/me/preferences", {"email": "missed"}).json()["email"] == "missed"
    return f"/email/stop/{email_addresses.stop_token(Id(person.id))}"


def preference(person: Person) -> object:
    return person.get("/me/preferences").json()["email"]


def test_a_mail_program_stops_them_with_one_click(world: World) -> None:
    path = wants_mails(world.bob)
    answer = requests.post(
        world.server.url + path, data={"List-Unsubscribe": "One-Click"}, timeout=20
    )
    assert answer.status_code == 200
    assert preference(world.bob) == "never"


def test_who_opens_the_link_is_asked_first(world: World) -> None:
    path = wants_mails(world.bob)
    visitor = Browser(world.server)
    assert "Stop these mails?" in visitor.get(path).text
    assert preference(world.bob) == "missed", "programs look into mails"
    assert "You get no more of these mails" in visitor.submit(path).text
    assert preference(world.bob) == "never"


def test_no_other_link_stops_them(world: World) -> None:
    bobs, alices = wants_mails(world.bob), wants_mails(world.alice)
    visitor = Browser(world.server)
    wrong = bobs[:-1] + ("0" if bobs[-1] != "0" else "1")
    mixed = bobs[: len("/email/stop/") + 24] + alices[len("/email/stop/") + 24 :]
    for path in (wrong, mixed, "/email/stop/x", "/email/stop/" + "ä" * 60):
        assert visitor.get(path).status_code == 404
        assert visitor.submit(path).status_code == 404
    email_addresses.keep_verified(Id(world.bob.id), f"{world.bob.username}@example.com")
    assert visitor.submit(bobs).status_code == 404, "the mailbox is not his any more"
    assert (preference(world.bob), preference(world.alice)) == ("missed", "missed")
