"""Signing in by a page in two steps: the password, then a code; and the settings of it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pyotp
import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from chat.controllers import second_steps
from chat.controllers.devices import Device, token_of
from chat.models.database import database
from chat.models.user import User
from chat.routes import cookies
from chat.utils.passwords import hash_password
from tests.helpers.authenticator import Authenticator
from tests.helpers.form_browser import Browser
from tests.helpers.world import PASSWORD, Person, World

CODE = "/login/code"
SECURITY = "/settings/security"


def first_step(visitor: Browser, person: Person, next: str = "/rooms") -> requests.Response:
    """Send the right password, and return the page that comes then."""
    return visitor.submit(f"/login?next={next}", username=person.username, password=PASSWORD)


def after_first_step(person: Person) -> Browser:
    visitor = Browser(person.server)
    assert is_asked(visitor, person)
    return visitor


def is_asked(visitor: Browser, person: Person) -> bool:
    """Send the right password, and return whether a code is needed, too."""
    return path_of(first_step(visitor, person)) == CODE


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def user_of(person: Person) -> User:
    user = User.find_by_username(person.username)
    assert user
    return user


# the second step


def test_bob_signs_in_with_his_code_and_goes_where_he_wanted(world: World) -> None:
    app = Authenticator(world.bob)
    visitor = Browser(world.server)
    page = first_step(visitor, world.bob, next="/mentions")
    assert urlsplit(page.url)[2:4] == (CODE, "next=/mentions")
    assert 'name="otp"' in page.text
    assert 'name="password"' not in page.text, "it was right"
    assert path_of(visitor.get("/rooms")) == "/login", "and opens nothing yet"
    wrong = visitor.submit(f"{CODE}?next=/mentions", otp=app.wrong())
    assert wrong.status_code == 401
    assert "This code is wrong" in wrong.text
    entered = visitor.submit(f"{CODE}?next=/mentions", otp=app.code())
    assert path_of(entered) == "/mentions"
    assert world.server.cookie("chat_step") not in visitor.http.cookies
    again = after_first_step(world.bob)
    assert "recovery=1" in again.get(CODE).text
    assert 'inputmode="numeric"' not in again.get(f"{CODE}?recovery=1").text, "codes have letters"
    assert path_of(again.submit(CODE, otp=app.recovery_codes[0])) == "/rooms"


def test_without_the_first_step_there_is_no_second(world: World) -> None:
    app = Authenticator(world.bob)
    visitor = Browser(world.server)
    assert path_of(visitor.get(CODE)) == "/login"
    assert path_of(visitor.submit(CODE, otp=app.code())) == "/login"
    visitor.http.cookies.set(world.server.cookie("chat_step"), "bm9uc2Vuc2U.x.y")
    refused = visitor.submit(CODE, otp=app.code())
    assert path_of(refused) == "/login"
    assert "That took too long" in refused.text
    foreign = after_first_step(world.bob).submit(
        CODE, origin="https://evil.example", otp=app.code()
    )
    assert foreign.status_code == 403


def test_a_stolen_token_of_the_first_step_is_worth_nothing_after_a_new_password(
    world: World,
) -> None:
    app = Authenticator(world.bob)
    thief = after_first_step(world.bob)
    new = {"current_password": PASSWORD, "new_password": "a new horse battery staple"}
    assert world.bob.put("/me/password", new).status_code == 204
    assert path_of(thief.submit(CODE, otp=app.code())) == "/login"


def test_a_token_of_the_first_step_is_over_after_a_while_and_for_one_person(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = Authenticator(world.bob).code()
    token = second_steps.begin(user_of(world.bob))
    Authenticator(world.carol)
    assert send(app, second_steps.begin(user_of(world.carol)), code).status_code == 401
    monkeypatch.setattr(second_steps, "STEP_LASTS", timedelta(seconds=-1))
    late = send(app, token, code)
    assert (late.status_code, urlsplit(late.location).path) == (303, "/login")
    monkeypatch.undo()
    assert urlsplit(send(app, token, code).location).path == "/rooms"


# guesses


def send(
    app: Flask, token: str, code: str, network: str = "203.0.114.1", device: str = ""
) -> TestResponse:
    """Send a code with a token of the first step."""
    client = app.test_client()
    client.set_cookie(cookies.name_of(cookies.STEP), token, domain=app.config["SERVER_NAME"])
    headers = {"Origin": f"http://{app.config['SERVER_NAME']}"}
    if device:
        headers["X-Device-Token"] = device
    return client.post(
        CODE, data={"otp": code}, headers=headers, environ_overrides={"REMOTE_ADDR": network}
    )


def test_wrong_codes_of_a_network_count_like_wrong_passwords(limited: Flask, world: World) -> None:
    app = Authenticator(world.bob)
    token, wrong = second_steps.begin(user_of(world.bob)), app.wrong()
    tried = [send(limited, token, wrong).status_code for _ in range(12)]
    assert tried == [401] * 10 + [429] * 2
    assert send(limited, token, app.code()).status_code == 429, "the right one, too"
    assert send(limited, token, app.code(), "203.0.114.2").status_code == 303, "from elsewhere not"


def test_codes_of_all_networks_together_are_few_an_hour_and_a_known_device_has_its_own(
    limited: Flask, world: World
) -> None:
    app = Authenticator(world.bob)
    bob = user_of(world.bob)
    token, wrong = second_steps.begin(bob), app.wrong()
    tried = [send(limited, token, wrong, f"203.0.115.{each}").status_code for each in range(32)]
    assert tried == [401] * 30 + [429] * 2
    assert send(limited, token, app.code(), "203.0.116.1").status_code == 429
    device = token_of(Device.new().with_person(bob))
    assert send(limited, token, app.code(), "203.0.116.2", device).status_code == 303


# remembered devices


def remembered(person: Person, app: Authenticator) -> Browser:
    """Return a browser that the person signed in on, and which is not asked for codes."""
    visitor = after_first_step(person)
    app.forget_used()
    assert path_of(visitor.submit(CODE, otp=app.code(), remember="true")) == "/rooms"
    return visitor


def test_a_remembered_device_is_not_asked_and_others_are(world: World) -> None:
    visitor = remembered(world.bob, Authenticator(world.bob))
    visitor.submit("/logout")
    assert not is_asked(visitor, world.bob)
    assert visitor.get("/mentions").url.endswith("/mentions"), "he is in"
    assert is_asked(Browser(world.server), world.bob)
    Authenticator(world.carol)
    assert is_asked(visitor, world.carol), "another person on the same device is asked"
    thief, name = Browser(world.server), world.server.cookie("chat_remembered")
    thief.http.cookies.set(name, visitor.http.cookies[name])
    assert is_asked(thief, world.bob), "the token alone is worth nothing on another device"


@pytest.mark.parametrize("how", ["signs out elsewhere", "signs out one", "new password", "off, on"])
def test_a_device_is_remembered_until_its_person_ends_that(world: World, how: str) -> None:
    app = Authenticator(world.bob)
    visitor = remembered(world.bob, app)
    if how == "signs out elsewhere":
        assert world.bob.delete("/me/sessions").status_code == 204
    elif how == "signs out one":
        other = world.bob.second_device().session_id
        assert world.bob.delete(f"/me/sessions/{other}").status_code == 204
    elif how == "new password":
        user_of(world.bob).change_password_hash(hash_password(PASSWORD))
    else:
        assert world.alice.delete(f"/admin/users/{world.bob.id}/totp").status_code == 204
        app = Authenticator(world.bob)
    remembered(world.bob, app)
    assert is_asked(visitor, world.bob), "also while another one is remembered"


# a lost phone, a forgotten password


def test_a_reset_link_leaves_it_on(world: World) -> None:
    app = Authenticator(world.bob)
    path = urlsplit(world.alice.post(f"/admin/users/{world.bob.id}/reset-link").json()["url"]).path
    visitor = Browser(world.server)
    asked = visitor.submit(path, new_password="a new horse battery staple")
    assert path_of(asked) == CODE
    assert path_of(visitor.get("/rooms")) == "/login"
    assert path_of(visitor.submit(CODE, otp=app.code())) == "/rooms"


def test_bob_is_told_once_that_an_administrator_turned_it_off(world: World) -> None:
    Authenticator(world.bob)
    page = Browser(world.server).sign_in(world.alice)
    listed = page.get(f"/admin/people?q={world.bob.username}").text
    path = f"/admin/people/{world.bob.id}/second-factor"
    assert f'href="{path}' in listed
    assert "Turn off two-step sign-in for Bob" in page.get(path).text
    assert path not in page.submit(path).text
    told = first_step(Browser(world.server), world.bob)
    assert path_of(told) == SECURITY
    assert "An administrator turned off two-step sign-in" in told.text
    later = first_step(Browser(world.server), world.bob)
    assert path_of(later) == "/rooms"


# the settings


def test_bob_turns_it_on_and_off_on_pages(world: World) -> None:
    bob = Browser(world.server).sign_in(world.bob)
    refused = bob.submit(f"{SECURITY}/begin", password="not it")
    assert refused.status_code == 422
    assert "This is not your current password." in refused.text
    begun = bob.submit(f"{SECURITY}/begin", password=PASSWORD)
    key = re.search(r'class="secret-key">([^<]+)<', begun.text)
    assert key
    assert "data:image/svg+xml;base64," in begun.text
    totp = pyotp.TOTP("".join(key[1].split()))
    wrong = bob.submit(f"{SECURITY}/confirm", otp="nothing")
    assert wrong.status_code == 422
    assert key[0] in wrong.text, "the same key is still there to scan"
    on = bob.submit(f"{SECURITY}/confirm", otp=totp.now())
    shown = re.search(r"<textarea[^>]*>([^<]+)</textarea>", on.text)
    assert shown
    codes = shown[1].split()
    assert len(codes) == 10
    assert 'download="recovery-codes.txt"' in on.text
    settings = bob.get(SECURITY).text
    assert "10 recovery codes are left." in settings
    assert codes[0] not in settings
    proof = {"password": PASSWORD}
    renewed = bob.submit(f"{SECURITY}/recovery-codes", otp=codes[0], **proof)
    assert renewed.status_code == 201
    refused = bob.submit(f"{SECURITY}/off", otp=codes[1], **proof)
    assert refused.status_code == 422
    assert "This code is wrong" in refused.text
    shown = re.search(r"<textarea[^>]*>([^<]+)</textarea>", renewed.text)
    assert shown
    off = bob.submit(f"{SECURITY}/off", otp=shown[1].split()[0], **proof)
    assert path_of(off) == SECURITY
    assert "Two-step sign-in is off." in off.text


def test_an_administrator_without_one_is_led_to_turn_it_on(world: World) -> None:
    page = Browser(world.server).sign_in(world.alice)
    own = page.submit("/admin/settings", second_factor="administrators")
    assert path_of(own) == SECURITY
    assert "Turn on two-step sign-in for yourself first." in own.text
    app = Authenticator(world.alice)
    try:
        assert "Saved" in page.submit("/admin/settings", second_factor="administrators").text
        world.alice.patch(f"/admin/users/{world.carol.id}", {"role": "administrator"})
        carol = Browser(world.server).sign_in(world.carol)
        for path in ("/admin/settings", "/admin/people"):
            led = carol.get(path)
            assert path_of(led) == SECURITY
            assert "This chat requires two-step sign-in of administrators." in led.text
        led = carol.submit(f"/admin/people/{world.bob.id}/role", role="administrator")
        assert path_of(led) == SECURITY
        assert world.bob.get("/me").json()["is_admin"] is False
        assert path_of(carol.get("/rooms")) == "/rooms", "she is not locked out"
    finally:
        assert app.person.patch("/admin/settings", {"second_factor": "optional"}).ok
    assert database["meta"].find_one({"_id": "settings"})["second_factor"] == "optional"  # type: ignore[index]
