"""Signing in with the password of an LDAP directory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from chat.models import email_addresses
from chat.models.document import Id
from chat.models.user import User
from chat.utils import ldap_directory
from chat.utils.configuration import ldap
from chat.utils.configuration.ldap import Directory
from chat.utils.configuration.variables import Variables
from chat.utils.outgoing import NoAnswer
from config import Settings
from tests.helpers.form_browser import Browser
from tests.helpers.ldap_directory import LdapDirectory
from tests.helpers.mail_server import MailServer
from tests.helpers.servers import Server, free_port, new_chat
from tests.helpers.world import PASSWORD, World

RUN = secrets.token_hex(3)
DORA = {
    "uid": f"dora-{RUN}",
    "password": "dora's own",
    "displayName": "Dora Dorn",
    "mail": f"dora-{RUN}@example.org",
    "entryUUID": f"uuid-{RUN}",
}
GINA, HUGO = (
    {"uid": f"{name}-{RUN}", "password": f"{name}'s own", "entryUUID": f"{name}-{RUN}"}
    for name in ("gina", "hugo")
)
GROUPS = [
    {"cn": "admins", "member": ["uid=x,dc=example", f"uid={GINA['uid']},ou=people,dc=example"]},
    {"cn": "posix", "memberUid": [HUGO["uid"]]},
]


@pytest.fixture(scope="module")
def directory(folder: Path) -> Iterator[LdapDirectory]:
    with LdapDirectory(folder, [DORA]) as running:
        yield running


@pytest.fixture(scope="module")
def server(
    app: Flask, settings: Settings, folder: Path, directory: LdapDirectory
) -> Iterator[Server]:
    variables = directory.variables(CREATE="on", LABEL="The directory")
    with new_chat(folder, settings.mongo_uri, **variables) as running:
        yield running
    assert not running.errors()


def configured(directory: LdapDirectory, **other: str) -> Directory:
    found = ldap.read(Variables({}, directory.variables(**other)))
    assert found
    return found


def path_of(page: requests.Response) -> str:
    return urlsplit(page.url).path


def log_in(server: Server, username: str, password: str) -> requests.Response:
    sent = {"username": username, "password": password}
    return requests.post(f"{server.url}/api/v1/auth/login", json=sent, timeout=20)


def test_dora_signs_in_with_the_password_of_the_directory(world: World, server: Server) -> None:
    browser = Browser(server)
    for wrong in ("not it", "", " "):
        refused = browser.submit("/login", username=DORA["uid"], password=wrong)
        assert (refused.status_code, "Wrong username" in refused.text) == (401, True), wrong
    page = browser.submit("/login?next=/mentions", username=DORA["uid"], password=DORA["password"])
    assert path_of(page) == "/mentions"
    answer = log_in(server, DORA["uid"], DORA["password"])
    assert answer.status_code == 200, "and programs do, too"
    assert answer.json()["user"]["display_name"] == "Dora Dorn"
    user = User.find_by_username(DORA["uid"])
    assert user
    assert not user.has_password
    assert "The directory" in browser.get("/settings/sign-in").text
    world.alice.patch(f"/admin/users/{user.id}", {"deactivated": True})
    try:
        assert log_in(server, DORA["uid"], DORA["password"]).status_code == 401
    finally:
        world.alice.patch(f"/admin/users/{user.id}", {"deactivated": False})


def test_a_password_of_the_chat_is_asked_here_alone(world: World, server: Server) -> None:
    assert log_in(server, world.bob.username, PASSWORD).status_code == 200
    assert log_in(server, world.bob.username, "not it").status_code == 401
    assert log_in(server, f"nobody-{RUN}", "not it").status_code == 401


def test_bob_whose_address_the_directory_has_consents_first(
    world: World, app: Flask, settings: Settings, folder: Path
) -> None:
    login = f"bobby-{RUN}"
    address = f"{world.bob.username}@example.org"
    assert email_addresses.keep_verified(Id(world.bob.id), address)
    person = {"uid": login, "password": "of the directory", "mail": address, "displayName": "Bob"}
    with (
        LdapDirectory(folder, [person], plain=True) as directory,
        new_chat(
            folder,
            settings.mongo_uri,
            PASSWORDS="off",
            **directory.variables(STARTTLS="off", CREATE="on"),
        ) as chat,
    ):
        assert log_in(chat, login, person["password"]).status_code == 409
        browser = Browser(chat)
        asked = browser.submit("/login", username=login, password=person["password"])
        assert path_of(asked) == "/login/connect"
        assert path_of(browser.submit("/login/connect", password=PASSWORD)) == "/rooms"
        answer = log_in(chat, login, person["password"])
        assert answer.json()["user"]["username"] == world.bob.username
        assert log_in(chat, world.bob.username, PASSWORD).status_code == 401, "passwords are off"
        page = Browser(chat).sign_in(world.alice).get(f"/admin/people?q={world.carol.username}")
        assert "Rename…" in page.text and "Create reset link" not in page.text


def test_whose_password_the_directory_has_gets_no_link_and_reads_where_it_is(
    world: World, app: Flask, settings: Settings, folder: Path
) -> None:
    nora = {"uid": f"nora-{RUN}", "password": "nora's own", "mail": f"nora-{RUN}@example.org"}
    bobs = f"{world.bob.username}@example.org"
    assert email_addresses.keep_verified(Id(world.bob.id), bobs)
    with (
        MailServer() as post,
        LdapDirectory(folder, [nora]) as directory,
        new_chat(
            folder,
            settings.mongo_uri,
            SMTP_URL=post.url,
            **directory.variables(CREATE="on", LABEL="The directory"),
        ) as chat,
    ):
        user = log_in(chat, nora["uid"], nora["password"]).json()["user"]
        admin = Browser(chat).sign_in(world.alice)
        link = "Create reset link"
        assert link not in admin.get(f"/admin/people?q={nora['uid']}").text
        assert link in admin.get(f"/admin/people?q={world.bob.username}").text
        refused = admin.submit(f"/admin/people/{user['id']}/reset-link")
        assert refused.status_code == 409
        assert "The directory has this person’s password. Change it there." in refused.text
        assert "your password of The directory?" in Browser(chat).get("/forgot").text
        asked = [Browser(chat).submit("/forgot", account=name) for name in (nora["uid"], "nobody")]
        assert asked[0].text == asked[1].text, "strangers do not learn whose account there is"
        mail = post.next_to(nora["mail"])
        assert "You sign in there with your password of The directory" in mail.text
        assert "/reset/" not in mail.text
        Browser(chat).submit("/forgot", account=world.bob.username)
        assert "/reset/" in post.next_to(bobs).text


def test_the_group_of_administrators_decides_at_each_sign_in(
    world: World, app: Flask, settings: Settings, folder: Path
) -> None:
    variables = {"CREATE": "on", "ADMIN_GROUP": "cn=admins,ou=groups,dc=example"}
    with (
        LdapDirectory(folder, [GINA, HUGO, *GROUPS]) as directory,
        new_chat(folder, settings.mongo_uri, **directory.variables(**variables)) as chat,
    ):

        def administers(person: dict[str, str]) -> bool:
            answer = log_in(chat, person["uid"], person["password"])
            assert answer.status_code == 200
            user = User.find_by_username(person["uid"])
            assert user
            return user.is_admin

        assert administers(GINA)
        assert not administers(HUGO)
        hugo = User.find_by_username(HUGO["uid"])
        assert hugo
        world.alice.patch(f"/admin/users/{hugo.id}", {"role": "administrator"})
        assert not administers(HUGO), "the directory says otherwise"


# the directory itself


@pytest.mark.parametrize(
    "username", ["*", "d*", "DORA*", "DORA)(uid=*", "*)(|(uid=*", "DORA\0", "\\2a", "(", ""]
)
def test_no_username_is_a_filter(directory: LdapDirectory, username: str) -> None:
    name = username.replace("DORA", DORA["uid"])
    assert ldap_directory.find(configured(directory), name, DORA["password"]) is None


def test_the_directory_says_who_it_is(directory: LdapDirectory) -> None:
    dora = ldap_directory.find(configured(directory), DORA["uid"], DORA["password"])
    assert dora
    assert (dora.subject, dora.display_name) == (DORA["entryUUID"], "Dora Dorn")
    assert dora.address == DORA["mail"]


@pytest.mark.parametrize("password", ["", "\0", "wrong"])
def test_an_empty_password_is_nobodys_although_the_directory_says_yes(
    directory: LdapDirectory, password: str
) -> None:
    assert ldap_directory.find(configured(directory), DORA["uid"], password) is None


@pytest.mark.parametrize("what", ["reader", "base", "authority", "name", "address"])
def test_a_directory_that_gives_no_answer_lets_nobody_in(
    directory: LdapDirectory, what: str
) -> None:
    right = configured(directory)
    wrong = {
        "reader": replace(right, bind_password="wrong"),
        "base": replace(right, base="ou=people,dc=elsewhere"),
        "authority": replace(right, ca_file=None),
        "name": replace(right, host="localhost"),  # which the certificate does not name
        "address": replace(right, port=free_port()),
    }[what]
    with pytest.raises(NoAnswer):
        ldap_directory.find(wrong, DORA["uid"], DORA["password"])


def test_without_tls_no_password_is_sent(folder: Path) -> None:
    with LdapDirectory(folder, [DORA], plain=True) as plain:
        with_tls = configured(plain)
        assert with_tls.starts_tls
        with pytest.raises(NoAnswer):
            ldap_directory.find(with_tls, DORA["uid"], DORA["password"])
        without = replace(with_tls, starts_tls=False)
        assert ldap_directory.find(without, DORA["uid"], DORA["password"])


@pytest.mark.parametrize(
    ("group", "gina", "hugo"),
    [
        ("", None, None),
        ("cn=admins,ou=groups,dc=example", True, False),
        ("cn=posix,ou=groups,dc=example", False, True),
        ("cn=gone,ou=groups,dc=example", None, None),  # nobody loses the role by a wrong name
    ],
)
def test_the_directory_says_who_is_in_the_group_of_administrators(
    folder: Path, group: str, gina: bool | None, hugo: bool | None
) -> None:
    with LdapDirectory(folder, [GINA, HUGO, *GROUPS]) as directory:
        asked = configured(directory, ADMIN_GROUP=group)
        for person, expected in ((GINA, gina), (HUGO, hugo)):
            found = ldap_directory.find(asked, person["uid"], person["password"])
            assert found
            assert found.administers is expected
