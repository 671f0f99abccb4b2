"""Signing in by providers: a real one, and one that says what it is told."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from chat.controllers import accounts, password_resets
from chat.controllers.sign_on import newcomers
from chat.controllers.visitors import OPERATOR
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden, ValidationFailed
from config import Settings
from tests.helpers.authenticator import Authenticator
from tests.helpers.false_provider import FalseProvider, ask, come_back
from tests.helpers.form_browser import Browser
from tests.helpers.oidc_provider import OidcProvider, sign_in_there
from tests.helpers.servers import Server, free_port, new_chat
from tests.helpers.world import PASSWORD, Person, World

PORT = free_port()
NOWHERE = "http://127.0.0.1:9"  # no provider is there


@pytest.fixture(scope="module")
def acme(folder: Path) -> Iterator[OidcProvider]:
    with OidcProvider(folder, f"http://127.0.0.1:{PORT}/auth/acme/callback") as provider:
        yield provider


@pytest.fixture(scope="module")
def other() -> Iterator[FalseProvider]:
    with FalseProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def server(
    app: Flask, settings: Settings, folder: Path, acme: OidcProvider, other: FalseProvider
) -> Iterator[Server]:
    variables = acme.variables("ACME", CREATE="on", ADMIN_CLAIM="groups:chat-admins")
    variables |= other.variables("OTHER", LABEL="The other one")
    variables |= {"OIDC_DOWN_ISSUER": NOWHERE, "OIDC_DOWN_CLIENT_ID": "chat"}
    with new_chat(folder, settings.mongo_uri, port=PORT, **variables) as running:
        yield running
    assert not running.errors()


def login_of(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}"


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def user_of(username: str) -> User:
    user = User.find_by_username(username)
    assert user
    return user


def come(server: Server, acme: OidcProvider, login: str, **claims: Any) -> Browser:
    """Sign in by the real provider, in a new browser."""
    acme.knows(**{login: {"preferred_username": login} | claims})
    browser = Browser(server)
    entered = sign_in_there(browser, browser.get("/auth/acme"), login)
    assert path_of(entered) == "/rooms", entered.text
    return browser


def enter(
    browser: Browser, other: FalseProvider, sub: str, query: str = "", **claims: Any
) -> requests.Response:
    """Sign in by the provider that says what it is told."""
    asked = ask(browser, "other", query)
    code = other.code_for(other.claims(asked, sub, **claims))
    return come_back(browser, "other", state=asked.state, code=code)


def connect(person: Person, other: FalseProvider, sub: str) -> Browser:
    """Connect the other provider with somebody's account, in their settings."""
    browser = Browser(person.server).sign_in(person)
    asked = enter(browser, other, sub, "?connect=1", email="me@other.example", email_verified=True)
    assert path_of(asked) == "/settings/sign-in/connect"
    assert "<strong>me@other.example</strong>" in asked.text
    refused = browser.submit("/settings/sign-in/connect", password="not it")
    assert (refused.status_code, "not your current password" in refused.text) == (422, True)
    done = browser.submit("/settings/sign-in/connect", password=PASSWORD)
    assert path_of(done) == "/settings/sign-in"
    assert "Connected." in done.text
    return browser


# a real provider


def test_dora_comes_by_the_provider_and_has_an_account_from_then_on(
    server: Server, acme: OidcProvider
) -> None:
    dora = login_of("dora")
    acme.knows(**{dora: {"name": "Dora Dorn", "preferred_username": f"{dora}@acme.example"}})
    browser = Browser(server)
    assert "Sign in with Acme" in browser.get("/login").text
    page = browser.get("/auth/acme?next=/mentions")
    assert "code_challenge_method=S256" in page.history[0].headers["Location"]
    entered = sign_in_there(browser, page, dora)
    assert path_of(entered) == "/mentions"
    user = user_of(dora)
    assert (user.display_name, user.is_admin, user.has_password) == ("Dora Dorn", False, False)
    assert "current_password" not in browser.get("/settings/profile").text
    again = Browser(server)
    assert path_of(sign_in_there(again, again.get("/auth/acme"), dora)) == "/rooms"
    assert f"@{dora}" in again.get("/settings/profile").text
    guess = requests.post(
        f"{server.url}/api/v1/auth/login", json={"username": dora, "password": ""}, timeout=20
    )
    assert guess.status_code == 401


def test_the_claim_decides_at_each_sign_in_who_administers(
    world: World, acme: OidcProvider
) -> None:
    erin = login_of("erin")
    come(world.server, acme, erin, groups=["staff", "chat-admins"])
    assert user_of(erin).is_admin
    come(world.server, acme, erin, groups="chat-admins, too")
    assert not user_of(erin).is_admin
    entries = world.alice.get("/admin/audit?action=account.role&limit=2").json()["entries"]
    assert [(each["name"], each["after"], each["actor"]) for each in entries] == [
        ("Acme", "member", None),
        ("Acme", "administrator", None),
    ]
    page = Browser(world.server).sign_in(world.alice).get("/admin/audit").text
    assert "<strong>Acme</strong> made" in page


def test_signing_out_offers_the_providers_sign_out(server: Server, acme: OidcProvider) -> None:
    browser = come(server, acme, login_of("finn"))
    left = browser.submit("/logout")
    assert (path_of(left), "still be signed in at Acme" in left.text) == ("/login", True)
    assert path_of(browser.get("/mentions")) == "/login"
    there = browser.get("/auth/acme/sign-out")
    assert there.url.startswith(f"{acme.issuer}/session/end"), there.url
    assert "Do you want to sign-out" in there.text
    after = browser.get("/login").text
    assert "still be signed in" not in after


def test_dora_who_does_not_sign_in_there_is_told_so(server: Server, acme: OidcProvider) -> None:
    browser = Browser(server)
    page = browser.get("/auth/acme")
    back = browser.http.get(f"{page.url}/abort", timeout=20)
    assert (back.status_code, "You did not sign in at Acme." in back.text) == (403, True)
    assert 'action="/login"' in back.text, "the form goes on from there"


def test_a_newcomer_is_not_called_like_a_deleted_account(
    server: Server, acme: OidcProvider
) -> None:
    login = login_of("nora")
    nora = come(server, acme, login, name="Former member")
    page = nora.get("/settings/profile").text
    assert f'value="{login}"' in page
    assert 'value="Former member"' not in page
    assert next(newcomers.usernames(("former-member",))) == "user"


# connecting


def test_bob_connects_a_provider_and_disconnects_it(world: World, other: FalseProvider) -> None:
    sub = secrets.token_hex(6)
    stranger = enter(Browser(world.server), other, sub)
    assert stranger.status_code == 403
    assert "Nobody here is connected with this The other one account." in stranger.text
    bob = connect(world.bob, other, sub)
    assert path_of(bob.get("/settings/sign-in/connect")) == "/settings/sign-in", "once"
    later = Browser(world.server)
    assert path_of(enter(later, other, sub)) == "/rooms"
    assert f"@{world.bob.username}" in later.get("/settings/profile").text
    (mine,) = world.bob.get("/me/identities").json()["identities"]
    assert (mine["provider"], mine["name"]) == ("other", "The other one")
    assert "Disconnected." in bob.submit("/settings/sign-in/other/disconnect").text
    assert enter(Browser(world.server), other, sub).status_code == 403
    assert world.bob.delete("/me/identities/other").status_code == 404


def test_an_identity_is_one_persons_and_a_person_has_one(
    world: World, other: FalseProvider
) -> None:
    sub = secrets.token_hex(6)
    connect(world.bob, other, sub)
    for person, subject, says in (
        (world.carol, sub, "is connected with somebody else here"),
        (world.bob, secrets.token_hex(6), "You are connected with another"),
    ):
        browser = Browser(world.server).sign_in(person)
        enter(browser, other, subject, "?connect=1")
        refused = browser.submit("/settings/sign-in/connect", password=PASSWORD)
        assert (refused.status_code, says in refused.text) == (409, True)


def test_a_flow_of_one_session_connects_no_other(world: World, other: FalseProvider) -> None:
    """Mallory signs bob's browser in as herself, or himself out, while he connects."""
    browser = Browser(world.server).sign_in(world.bob)
    asked = ask(browser, "other", "?connect=1")
    code = other.code_for(other.claims(asked, secrets.token_hex(6)))
    browser.sign_in(world.mallory)
    refused = come_back(browser, "other", state=asked.state, code=code)
    assert (refused.status_code, "This sign-in is over" in refused.text) == (401, True)
    browser.sign_in(world.bob)
    enter(browser, other, secrets.token_hex(6), "?connect=1")
    browser.sign_in(world.mallory)
    assert path_of(browser.get("/settings/sign-in/connect")) == "/settings/sign-in"
    browser.submit("/settings/sign-in/connect", password=PASSWORD)
    assert world.mallory.get("/me/identities").json()["identities"] == []
    assert path_of(Browser(world.server).get("/auth/other?connect=1")) == "/login"


def test_nobody_loses_their_last_way_in(server: Server, acme: OidcProvider) -> None:
    gina = come(server, acme, login_of("gina"))
    assert "You sign in this way only" in gina.get("/settings/sign-in").text
    refused = gina.submit("/settings/sign-in/acme/disconnect")
    assert (refused.status_code, "your only way to sign in" in refused.text) == (409, True)


# two-step sign-in


def test_a_second_factor_is_asked_to_connect_and_unless_the_provider_asked_for_one(
    world: World, other: FalseProvider
) -> None:
    sub, app = secrets.token_hex(6), Authenticator(world.bob)
    browser = Browser(world.server).sign_in(world.bob)
    enter(browser, other, sub, "?connect=1")
    for otp in ("", app.wrong()):
        refused = browser.submit("/settings/sign-in/connect", password=PASSWORD, otp=otp)
        assert (refused.status_code, 'name="otp"' in refused.text) == (422, True)
    assert enter(Browser(world.server), other, sub, amr=["mfa"]).status_code == 403
    done = browser.submit("/settings/sign-in/connect", password=PASSWORD, otp=app.code())
    assert "Connected." in done.text
    app.forget_used()
    visitor = Browser(world.server)
    asked = enter(visitor, other, sub, "?next=/mentions", amr=["pwd"])
    assert path_of(asked) == "/login/code"
    assert path_of(visitor.get("/rooms")) == "/login"
    assert path_of(visitor.submit("/login/code?next=/mentions", otp=app.code())) == "/mentions"
    assert path_of(enter(Browser(world.server), other, sub, amr=["otp", "mfa"])) == "/rooms"


def test_somebody_without_a_password_proves_it_by_having_signed_in_just_now(
    world: World, acme: OidcProvider
) -> None:
    login = login_of("hugo")
    hugo = come(world.server, acme, login)
    assert 'type="password"' not in hugo.get("/settings/security").text
    assert hugo.submit("/settings/security/begin", password="").status_code == 201
    user = user_of(login)
    just_now = replace(OPERATOR, signed_in_at=now() - timedelta(minutes=9))
    accounts.must_know_password(user, "", just_now)
    for at in (None, now() - timedelta(minutes=11), now() + timedelta(minutes=1)):
        with pytest.raises(Forbidden, match="Sign out and sign in again first"):
            accounts.must_know_password(user, "", replace(OPERATOR, signed_in_at=at))
    with pytest.raises(ValidationFailed):
        accounts.must_know_password(user_of(world.bob.username), "", just_now)


# a provider that is away


def test_a_provider_that_does_not_answer_stops_only_its_own_people(
    server: Server, acme: OidcProvider
) -> None:
    browser = Browser(server)
    down = browser.get("/auth/down")
    assert (down.status_code, "Down doesn’t answer just now." in down.text) == (503, True)
    assert down.headers["Retry-After"]
    come(server, acme, login_of("ida"))
    assert browser.get("/auth/nobody").status_code == 404


# the API, and a chat without passwords


def test_programs_learn_the_ways_to_sign_in(server: Server) -> None:
    found = requests.get(f"{server.url}/api/v1/auth/providers", timeout=20).json()
    assert found["passwords"] is True
    assert [each["id"] for each in found["providers"]] == ["acme", "down", "other"]
    assert found["providers"][2] == {
        "id": "other",
        "name": "The other one",
        "url": f"http://localhost:{PORT}/auth/other",
    }


@pytest.fixture(scope="module")
def without_passwords(
    app: Flask, settings: Settings, folder: Path, other: FalseProvider
) -> Iterator[Server]:
    variables = other.variables("OTHER", CREATE="on") | {"PASSWORDS": "off"}
    with new_chat(folder, settings.mongo_uri, **variables) as running:
        yield running
    assert not running.errors()


def test_without_passwords_only_providers_let_people_in(
    world: World, without_passwords: Server, other: FalseProvider
) -> None:
    says = "Passwords are off in this chat. Sign in with Other."
    browser, bob = Browser(without_passwords), world.bob
    assert 'type="password"' not in browser.get("/login").text
    assert 'type="password"' not in browser.get("/register").text
    sent = {"username": bob.username, "password": PASSWORD}
    for path in ("/login", "/register"):
        refused = browser.submit(path, **sent)
        assert (refused.status_code, says in refused.text) == (403, True), path
    for path in ("login", "register"):
        answer = requests.post(f"{without_passwords.url}/api/v1/auth/{path}", json=sent, timeout=20)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, says)
    new = {"current_password": PASSWORD, "new_password": "a new horse battery staple"}
    answer = requests.put(
        f"{without_passwords.url}/api/v1/me/password",
        json=new,
        headers={"Authorization": f"Bearer {bob.access_token}"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, says)
    assert path_of(enter(browser, other, secrets.token_hex(6))) == "/rooms"


def test_an_invite_leads_there_and_back(
    world: World, without_passwords: Server, other: FalseProvider
) -> None:
    room_id = world.room()
    made = world.alice.post("/invites", {"room_ids": [room_id]}).json()
    path, browser = urlsplit(made["url"]).path, Browser(without_passwords)
    page = browser.get(path).text
    assert 'type="password"' not in page
    assert f'href="/auth/other?next={path}"' in page
    entered = enter(browser, other, secrets.token_hex(6), f"?next={path}", name="Jo")
    assert "Join as Jo" in entered.text
    assert path_of(browser.submit(f"{path}/accept")) == f"/rooms/{room_id}"


def test_without_passwords_an_operator_lets_an_administrator_in(
    world: World, without_passwords: Server
) -> None:
    _, of_alice = password_resets.make_for(user_of(world.alice.username))
    _, of_bob = password_resets.make_for(user_of(world.bob.username))
    _, by_alice = password_resets.make_for(
        user_of(world.carol.username), user_of(world.alice.username)
    )
    for token in (of_bob, by_alice):
        assert Browser(without_passwords).get(f"/reset/{token}").status_code == 403
    browser = Browser(without_passwords)
    entered = browser.submit(f"/reset/{of_alice}", new_password="a new horse battery staple")
    assert path_of(entered) == "/rooms"
    assert parse_qs(urlsplit(entered.url).query) == {}
