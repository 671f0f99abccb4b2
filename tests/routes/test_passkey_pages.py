"""The pages of passkeys, without and beside the script that speaks to the browser."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from tests.helpers.authenticator import Authenticator
from tests.helpers.form_browser import Browser
from tests.helpers.passkeys import Passkey, added, asked, origin_of
from tests.helpers.world import PASSWORD, World

SECURITY = "/settings/security"
NEW = f"{SECURITY}/passkeys/new"


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def made(page: str, origin: str) -> tuple[Passkey, dict[str, str]]:
    """Return a passkey for a page, and the fields that the script fills in."""
    found = re.search(r"data-options='([^']*)'", page)
    token = re.search(r'name="token" value="([^"]*)"', page)
    assert found
    assert token
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    passkey = Passkey(options)
    response = passkey.introduction(options["challenge"], origin, "localhost")["response"]
    fields = {"client_data": response["clientDataJSON"], "token": token[1]}
    return passkey, fields | {"attestation": response["attestationObject"]}


def entry_by(passkey: Passkey, visitor: Browser) -> dict[str, str]:
    """Return the fields that the script fills in on the page to sign in."""
    beginning = asked(visitor.server)
    said = passkey.answer(
        beginning["public_key"]["challenge"], origin_of(visitor.server), "localhost"
    )
    response = said["response"]
    return {
        "token": beginning["token"],
        "raw_id": said["rawId"],
        "client_data": response["clientDataJSON"],
        "authenticator_data": response["authenticatorData"],
        "signature": response["signature"],
        "user_handle": response["userHandle"],
    }


def test_bob_adds_names_and_removes_a_passkey_on_pages(world: World) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    assert "This is not your current password." in bob.submit(NEW, password="no", otp="").text
    page = bob.submit(NEW, password=PASSWORD, otp="")
    assert page.status_code == 201
    assert "This needs JavaScript." in page.text
    passkey, fields = made(page.text, origin_of(world.server))
    refused = bob.submit(f"{SECURITY}/passkeys", name="Phone", **fields | {"client_data": "e30"})
    assert refused.status_code == 409
    assert "Your browser made no passkey that works here. Start again." in refused.text
    done = bob.submit(f"{SECURITY}/passkeys", name="Phone", **fields)
    assert path_of(done) == SECURITY
    assert "Your passkey works from now on." in done.text
    assert "<strong>Phone</strong>" in done.text
    assert "never used" in done.text
    assert path_of(Browser(world.server).submit("/login/passkey", **entry_by(passkey, bob)))
    (listed,) = world.bob.get("/me/passkeys").json()["passkeys"]
    path = f"{SECURITY}/passkeys/{listed['id']}"
    assert 'value="Phone"' in bob.get(f"{path}/rename").text
    assert bob.submit(f"{path}/rename", name=" ").status_code == 422
    renamed = bob.submit(f"{path}/rename", name="Old phone")
    assert "<strong>Old phone</strong>" in renamed.text
    assert "last used" in renamed.text
    assert "Remove the passkey “Old phone”?" in bob.get(f"{path}/remove").text
    assert "Old phone" not in bob.submit(f"{path}/remove").text
    assert Browser(world.server).sign_in(world.mallory).get(f"{path}/rename").status_code == 404


def test_a_passkey_signs_in_like_a_password_and_leads_where_bob_wanted(world: World) -> None:
    passkey, visitor = added(world.bob), Browser(world.server)
    fields = entry_by(passkey, visitor)
    foreign = visitor.submit("/login/passkey", origin="https://evil.example", **fields)
    assert foreign.status_code == 403
    entered = visitor.submit("/login/passkey?next=/mentions", **fields)
    assert path_of(entered) == "/mentions"
    assert world.server.cookie("chat_device") in visitor.http.cookies, "a known device now"
    again = Browser(world.server).submit("/login/passkey", **fields)
    assert again.status_code == 401
    assert "This passkey is not known here. Sign in with your password." in again.text
    assert 'name="password"' in again.text
    away = Browser(world.server).submit("/login/passkey?next=//evil.example", **fields)
    assert "evil" not in urlsplit(away.url).netloc


def test_a_passkey_stands_for_the_code_of_the_second_step(world: World) -> None:
    app = Authenticator(world.bob)
    passkey, visitor = added(world.bob, app.code()), Browser(world.server)
    asked_for = visitor.submit("/login", username=world.bob.username, password=PASSWORD)
    assert path_of(asked_for) == "/login/code"
    assert path_of(visitor.submit("/login/passkey", **entry_by(passkey, visitor))) == "/rooms"
    assert world.server.cookie("chat_step") not in visitor.http.cookies


def test_pages_offer_passkeys_where_browsers_have_them_and_say_why_not_elsewhere(
    world: World, app: Flask
) -> None:
    url = world.server.url.replace("127.0.0.1", "localhost")
    offered, form = "Add a passkey", "/login/passkey"
    assert form in requests.get(f"{url}/login", timeout=20).text
    assert form not in requests.get(f"{world.server.url}/login", timeout=20).text
    elsewhere = Browser(world.server).sign_in(world.bob).get(SECURITY).text
    assert offered not in elsewhere
    assert f'href="{url}/settings/security#passkeys"' in elsewhere


@pytest.mark.parametrize("has_codes", [True, False])
def test_bob_is_told_once_that_his_passkeys_were_removed(world: World, has_codes: bool) -> None:
    codes = Authenticator(world.bob) if has_codes else None
    added(world.bob, codes.code() if codes else "")
    page = Browser(world.server).sign_in(world.alice)
    path = f"/admin/people/{world.bob.id}/second-factor"
    assert f'href="{path}' in page.get(f"/admin/people?q={world.bob.username}").text
    assert "Passkeys are removed, too." in page.get(path).text
    assert path not in page.submit(path).text
    fields = {"username": world.bob.username, "password": PASSWORD}
    told = Browser(world.server).submit("/login", **fields)
    assert path_of(told) == SECURITY
    assert "and removed passkeys" in told.text
    assert path_of(Browser(world.server).submit("/login", **fields)) == "/rooms"
