"""Signing in by a provider under attack: whatever comes back, nobody gets another's account."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from joserfc.jwk import OctKey, RSAKey

from chat.models import email_addresses
from chat.models.database import database
from chat.models.document import Id
from config import Settings
from tests.helpers.false_provider import CLIENT_SECRET, FalseProvider, ask, come_back
from tests.helpers.form_browser import Browser
from tests.helpers.servers import Server, new_chat
from tests.helpers.world import PASSWORD, World

OVER = "This sign-in is over, or it began in another browser. Start again."
UNSURE = "Acme did not confirm who you are. Start again."


@pytest.fixture(scope="module")
def acme() -> Iterator[FalseProvider]:
    with FalseProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def evil() -> Iterator[FalseProvider]:
    """Return a provider that serves the chat, too, and is in mallory's hands."""
    with FalseProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def server(
    app: Flask, settings: Settings, folder: Path, acme: FalseProvider, evil: FalseProvider
) -> Iterator[Server]:
    variables = acme.variables("ACME", CREATE="on") | evil.variables("EVIL", CREATE="on")
    with new_chat(folder, settings.mongo_uri, **variables) as running:
        yield running
    assert not running.errors()


def person() -> str:
    return f"sub-{secrets.token_hex(6)}"


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def is_in(browser: Browser) -> bool:
    return path_of(browser.get("/mentions")) == "/mentions"


def enter(
    browser: Browser, acme: FalseProvider, sub: str, provider: str = "acme", **claims: Any
) -> requests.Response:
    """Sign in as the provider's person `sub`, with more or other claims."""
    asked = ask(browser, provider)
    claims = {"preferred_username": person()} | claims  # nobody else's, whatever the address is
    code = acme.code_for(acme.claims(asked, sub, **claims))
    return come_back(browser, provider, state=asked.state, code=code)


def username_of(browser: Browser) -> str:
    access = browser.http.cookies[browser.server.cookie("chat_access")]
    me = requests.get(
        f"{browser.server.url}/api/v1/me", headers={"Authorization": f"Bearer {access}"}, timeout=20
    )
    return str(me.json()["username"])


# ID tokens


def test_a_right_token_lets_the_same_person_in_each_time(
    server: Server, acme: FalseProvider
) -> None:
    sub = person()
    first, second = Browser(server), Browser(server)
    assert path_of(enter(first, acme, sub, preferred_username=sub)) == "/rooms"
    assert path_of(enter(second, acme, sub, preferred_username="another")) == "/rooms"
    assert username_of(first) == username_of(second) == sub
    assert acme.exchanged[-1].keys() == {"grant_type", "redirect_uri", "code", "code_verifier"}


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("another nonce", {"nonce": "another"}),
    ("no nonce", {"nonce": None}),
    ("another issuer", {"iss": "https://acme.example"}),
    ("no issuer", {"iss": None}),
    ("another audience", {"aud": "another chat"}),
    ("another audience in our name", {"aud": "another chat", "azp": "chat"}),
    ("no audience", {"aud": None}),
    ("more audiences, and not for us", {"aud": ["chat", "another"], "azp": "another"}),
    ("more audiences, and for nobody", {"aud": ["chat", "another"]}),
    ("for another client", {"azp": "another"}),
    ("expired", {"exp": 1_700_000_000}),
    ("expired a while ago", {"exp": int(time.time()) - 3600}),
    ("without an end", {"exp": None}),
    ("from the future", {"iat": int(time.time()) + 3600}),
    ("not valid yet", {"nbf": int(time.time()) + 3600}),
    ("nobody", {"sub": None}),
    ("an empty subject", {"sub": ""}),
    ("a subject that is none", {"sub": ["a"]}),
    ("a long subject", {"sub": "x" * 256}),
    ("another access token's", {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
]


@pytest.mark.parametrize("claims", [each[1] for each in WRONG], ids=[each[0] for each in WRONG])
def test_a_token_that_is_not_exactly_right_lets_nobody_in(
    server: Server, acme: FalseProvider, claims: dict[str, Any]
) -> None:
    browser = Browser(server)
    refused = enter(browser, acme, **{"sub": person()} | claims)
    assert (refused.status_code, UNSURE in refused.text) == (401, True), refused.text
    assert not is_in(browser)


def unsigned(claims: dict[str, Any], alg: str) -> str:
    parts = ({"alg": alg, "kid": "first"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in parts]
    return ".".join(each.rstrip("=") for each in encoded) + "."


@pytest.mark.parametrize(
    "how", ["none", "None", "client secret", "public key", "foreign key", "cut"]
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    server: Server, acme: FalseProvider, how: str
) -> None:
    browser = Browser(server)
    asked = ask(browser, "acme")
    claims = acme.claims(asked, person())
    if how in ("none", "None"):
        code = acme.code_for_token(unsigned(claims, how))
    elif how == "client secret":
        code = acme.code_for(claims, OctKey.import_key(CLIENT_SECRET.ljust(32)), "HS256")
    elif how == "public key":
        public = acme.key.as_pem(private=False).decode().replace("-----", "=====")
        code = acme.code_for(claims, OctKey.import_key(public), "HS256")
    elif how == "foreign key":
        code = acme.code_for(claims, RSAKey.generate_key(2048, {"kid": "first"}))
    else:
        whole = acme.answers[acme.code_for(claims)][1]["id_token"]
        code = acme.code_for_token(whole.rpartition(".")[0] + ".")
    refused = come_back(browser, "acme", state=asked.state, code=code)
    assert (refused.status_code, UNSURE in refused.text) == (401, True)
    assert not is_in(browser)


def test_clocks_may_differ_by_a_minute(server: Server, acme: FalseProvider) -> None:
    late, early = int(time.time()) - 30, int(time.time()) + 30
    for claims in ({"exp": late}, {"iat": early, "nbf": early}):
        assert path_of(enter(Browser(server), acme, person(), **claims)) == "/rooms"


# states, codes and browsers


def test_an_answer_counts_once(server: Server, acme: FalseProvider) -> None:
    browser = Browser(server)
    asked, sub = ask(browser, "acme"), person()
    (cookie,) = [each for each in browser.http.cookies if each.name.startswith("chat_flow_")]
    codes = [acme.code_for(acme.claims(asked, sub)) for _ in range(2)]
    assert path_of(come_back(browser, "acme", state=asked.state, code=codes[0])) == "/rooms"
    thief = Browser(server)
    thief.http.cookies.set_cookie(cookie)
    refused = come_back(thief, "acme", state=asked.state, code=codes[1])
    assert (refused.status_code, OVER in refused.text) == (401, True)
    assert codes[1] in acme.answers, "and its code is not tried"
    assert not is_in(thief)


def test_a_code_that_was_used_is_refused_by_the_provider_and_lets_nobody_in(
    server: Server, acme: FalseProvider
) -> None:
    browser = Browser(server)
    refused = come_back(browser, "acme", state=ask(browser, "acme").state, code="used before")
    assert (refused.status_code, UNSURE in refused.text) == (401, True)


def test_an_answer_to_another_browser_lets_nobody_in(server: Server, acme: FalseProvider) -> None:
    """Mallory sends bob a link with her own code, so that he writes in her account."""
    mallory, bob = Browser(server), Browser(server)
    hers, his = ask(mallory, "acme"), ask(bob, "acme")
    code = acme.code_for(acme.claims(hers, person()))
    for state in (hers.state, "", "nonsense", "x" * 5000, "ä\0"):
        refused = come_back(bob, "acme", state=state, code=code)
        assert (refused.status_code, OVER in refused.text) == (401, True)
    assert code in acme.answers
    refused = come_back(bob, "acme", state=his.state, code=code)
    assert UNSURE in refused.text, "her code does not have his nonce"
    his = ask(bob, "acme")
    refused = come_back(bob, "acme", state=his.state[:8] + hers.state[8:], code=code)
    assert OVER in refused.text
    assert not is_in(bob)


def test_an_answer_of_another_provider_lets_nobody_in(
    server: Server, acme: FalseProvider, evil: FalseProvider
) -> None:
    """Mix-up: mallory's provider wants the code that acme made for bob."""
    bob = Browser(server)
    asked = ask(bob, "acme")
    code = acme.code_for(acme.claims(asked, person()))
    assert asked.redirect_uri.endswith("/auth/acme/callback")
    refused = come_back(bob, "evil", state=asked.state, code=code)
    assert (refused.status_code, OVER in refused.text) == (401, True)
    assert not any(form.get("code") == code for form in evil.exchanged)
    refused = come_back(bob, "acme", state=asked.state, code=code, iss=evil.issuer)
    assert (refused.status_code, OVER in refused.text) == (401, True)
    assert not is_in(bob)


def test_a_token_of_another_provider_lets_nobody_in(
    server: Server, acme: FalseProvider, evil: FalseProvider
) -> None:
    bob = Browser(server)
    asked = ask(bob, "evil")
    as_acme = acme.claims(asked, person())
    for code in (
        evil.code_for(as_acme),
        evil.code_for_token(acme.answers[acme.code_for(as_acme)][1]["id_token"]),
    ):
        refused = come_back(bob, "evil", state=asked.state, code=code)
        assert refused.status_code == 401
        asked = ask(bob, "evil")
        as_acme["nonce"] = asked.nonce


def test_the_same_subject_at_two_providers_is_two_people(
    server: Server, acme: FalseProvider, evil: FalseProvider
) -> None:
    sub, bob, mallory = person(), Browser(server), Browser(server)
    enter(bob, acme, sub, preferred_username=sub)
    enter(mallory, evil, sub, "evil", preferred_username=sub)
    assert is_in(mallory)
    assert username_of(bob) == sub != username_of(mallory)


def test_two_tabs_sign_in_at_the_same_time(server: Server, acme: FalseProvider) -> None:
    browser = Browser(server)
    first, second = ask(browser, "acme", "?next=/mentions"), ask(browser, "acme", "?next=/people")
    for asked, leads in ((second, "/people"), (first, "/mentions")):
        code = acme.code_for(acme.claims(asked, "two tabs"))
        page = come_back(browser, "acme", state=asked.state, code=code)
        assert path_of(page) == leads


def test_who_begins_ever_again_keeps_few_cookies(server: Server, acme: FalseProvider) -> None:
    browser = Browser(server)
    for _ in range(8):
        last = ask(browser, "acme", f"?next=/search?q={'x' * 400}")
    kept = [each for each in browser.http.cookies if each.name.startswith("chat_flow_")]
    assert len(kept) == 4
    assert all("HttpOnly" in each._rest and each.path == "/auth" for each in kept)
    assert sum(len(each.value or "") for each in kept) < 6000
    code = acme.code_for(acme.claims(last, person()))
    assert path_of(come_back(browser, "acme", state=last.state, code=code)) == "/search"


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "/\\evil.example", "x"]
)
def test_nobody_is_led_to_another_site(server: Server, acme: FalseProvider, next: str) -> None:
    browser = Browser(server)
    asked = ask(browser, "acme", f"?next={next}")
    code = acme.code_for(acme.claims(asked, person()))
    assert path_of(come_back(browser, "acme", state=asked.state, code=code)) == "/rooms"


def test_one_new_person_who_comes_twice_at_once_has_one_account(
    server: Server, acme: FalseProvider
) -> None:
    sub = person()
    browsers = [Browser(server) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        pages = list(
            threads.map(lambda each: enter(each, acme, sub, preferred_username=sub), browsers)
        )
    assert {path_of(page) for page in pages} == {"/rooms"}
    assert {username_of(browser) for browser in browsers} == {sub}
    assert database["users"].count_documents({"username_key": {"$regex": f"^{sub}"}}) == 1


def test_two_new_people_of_one_name_have_two_accounts(server: Server, acme: FalseProvider) -> None:
    name = f"erin-{secrets.token_hex(4)}"
    subs = [person() for _ in range(4)]
    browsers = [Browser(server) for _ in subs]
    with ThreadPoolExecutor(4) as threads:
        list(
            threads.map(
                lambda each: enter(each[0], acme, each[1], preferred_username=name),
                zip(browsers, subs, strict=True),
            )
        )
    assert {username_of(each) for each in browsers} == {name, *(f"{name}{n}" for n in (2, 3, 4))}


# addresses


def address_of(world: World, name: str) -> str:
    """Verify an address of somebody, and return it."""
    found = getattr(world, name)
    address = f"{found.username}@acme.example"
    assert email_addresses.keep_verified(Id(found.id), address)
    return address


@pytest.mark.parametrize("is_verified", [False, None, "true", 1])
def test_an_address_that_the_provider_did_not_verify_is_nobodys(
    world: World, acme: FalseProvider, is_verified: object
) -> None:
    mallory = Browser(world.server)
    address = address_of(world, "bob")
    page = enter(mallory, acme, person(), email=address, email_verified=is_verified)
    assert path_of(page) == "/rooms", "an account of her own"
    assert username_of(mallory) != world.bob.username


def test_bobs_verified_address_alone_does_not_let_the_provider_in(
    world: World, acme: FalseProvider
) -> None:
    sub, mallory = person(), Browser(world.server)
    address = address_of(world, "bob")
    page = enter(mallory, acme, sub, email=address.upper(), email_verified=True)
    assert path_of(page) == "/login/connect"
    assert not is_in(mallory)
    refused = mallory.submit("/login/connect", password="not it")
    assert (refused.status_code, "Wrong username or password." in refused.text) == (401, True)
    foreign = mallory.submit("/login/connect", origin="https://evil.example", password=PASSWORD)
    assert foreign.status_code == 403
    assert not is_in(mallory)
    created = mallory.submit("/login/connect", create="true")
    assert path_of(created) == "/rooms"
    assert username_of(mallory) != world.bob.username
    again = Browser(world.server)
    enter(again, acme, sub, email=address, email_verified=True)
    assert username_of(again) == username_of(mallory), "and stays hers"


def test_bob_consents_by_his_password_once(world: World, acme: FalseProvider) -> None:
    sub, bob = person(), Browser(world.server)
    address = address_of(world, "bob")
    enter(bob, acme, sub, email=address, email_verified=True)
    assert path_of(bob.submit("/login/connect?next=/people", password=PASSWORD)) == "/people"
    assert username_of(bob) == world.bob.username
    later = Browser(world.server)
    assert path_of(enter(later, acme, sub)) == "/rooms"
    assert username_of(later) == world.bob.username
    without = Browser(world.server)
    assert path_of(without.get("/login/connect")) == "/login"


# accounts that are closed


def test_a_deactivated_person_stays_out_and_gets_no_other_account(
    world: World, acme: FalseProvider
) -> None:
    sub, bob = person(), Browser(world.server)
    address = address_of(world, "bob")
    enter(bob, acme, sub, email=address, email_verified=True)
    bob.submit("/login/connect", password=PASSWORD)
    world.alice.patch(f"/admin/users/{world.bob.id}", {"deactivated": True})
    for known in (sub, person()):
        refused = enter(Browser(world.server), acme, known, email=address, email_verified=True)
        assert refused.status_code == 401
        assert "This account is deactivated." in refused.text


def test_a_person_whose_account_was_deleted_comes_as_somebody_new(
    world: World, acme: FalseProvider
) -> None:
    sub, browser = person(), Browser(world.server)
    enter(browser, acme, sub, preferred_username=sub)
    (made,) = [each["_id"] for each in database["users"].find({"username_key": sub})]
    assert world.alice.ask("DELETE", f"/admin/users/{made}", json={"messages": "keep"}).ok
    again = Browser(world.server)
    assert path_of(enter(again, acme, sub, preferred_username=sub)) == "/rooms"
    assert username_of(again) == f"{sub}2", "nobody gets the old name for a while"
