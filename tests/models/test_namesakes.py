"""Whoever could be mistaken for somebody else is shown with the username, as long as that is so."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from chat.models import namesakes
from chat.models.user import User
from chat.utils.errors import Conflict


@pytest.fixture
def family(app: Flask) -> str:
    """Return a name that no other test uses."""
    return "".join(secrets.choice("xyzw") for _ in range(10))


def someone(display_name: str, username: str = "") -> User:
    return User.register(username or f"user-{secrets.token_hex(6)}", display_name, "")


def shows(user: User) -> bool:
    found = User.find(user.id)
    assert found
    return found.shows_username


def test_who_alone_has_a_name_does_not_show_their_username(family: str) -> None:
    ada = someone(f"Ada {family}")
    assert not ada.shows_username
    assert not shows(ada)
    assert ada.label == f"Ada {family}"


@pytest.mark.parametrize(
    "other",
    [
        "Eloise {}",
        "eloise  {}.",
        "Еlоisе {}",
        "ELOISE-{}",
        "E1oise {}",
        "𝐄loise {}",
        "Eloise {} 🚀",
    ],
)
def test_two_who_look_alike_both_show_it_until_one_takes_another_name(
    family: str, other: str
) -> None:
    ada, other = someone(f"Eloise {family}"), other.format(family)
    assert not shows(ada), "premise"
    mallory = someone(other)
    assert mallory.shows_username
    assert shows(ada)
    assert mallory.label == f"{other} @{mallory.username}"
    assert not mallory.rename(f"Mallory {family}").shows_username
    assert not shows(ada)
    assert mallory.rename(other).shows_username
    assert shows(ada)


def test_a_name_that_looks_like_anothers_username_shows_it_whoever_came_first(family: str) -> None:
    word = f"ada{secrets.token_hex(5)}"
    early = someone(word.upper())
    assert not shows(early)
    bearer = someone(f"Somebody {family}", username=word)
    assert shows(early)
    assert not shows(bearer), "nobody takes them for another by the name they show"
    late = someone(f"«{word}»")
    assert late.shows_username


@pytest.mark.parametrize(
    "name",
    [
        "Administrator",
        "✅ Ada (admin)",
        "Bob · Moderator",
        "Sуstem",
        "Chat",
        "Owner",
        "Mod",
        "Admin 1",
        "Everyone",
        "Ada ✔",
        "👑 Ada",
        "ADMlN",
        "Former member",
        "Ehemaliges Mitglied",
    ],
)
def test_a_name_that_claims_a_role_always_shows_it(app: Flask, name: str) -> None:
    assert someone(name).shows_username


def test_names_of_everyday_do_not(family: str) -> None:
    for name in ("Adam", "Rooney", "Modesty", "Владимир", "田中さん", "José", "Ann-Marie", "🚀"):
        assert not someone(f"{name} {family}").shows_username, name


def test_of_those_who_take_a_name_at_one_moment_all_show_it(family: str) -> None:
    people = [someone(f"Someone {secrets.token_hex(5)}") for _ in range(6)]
    with ThreadPoolExecutor(6) as at_once:
        list(at_once.map(lambda person: person.rename(f"Quincy {family}"), people))
    assert all(shows(person) for person in people)
    with ThreadPoolExecutor(6) as at_once:
        list(at_once.map(lambda person: person.rename(f"Someone {secrets.token_hex(5)}"), people))
    assert not any(shows(person) for person in people)


def test_one_comes_while_the_other_goes_and_whoever_is_left_is_told_apart_only_from_who_is_there(
    app: Flask,
) -> None:
    for _ in range(10):
        name = f"Quincy {secrets.token_hex(5)}"
        first, second, third = someone(name), someone(name), someone("Someone")
        with ThreadPoolExecutor(2) as at_once:
            coming = at_once.submit(third.rename, name)
            at_once.submit(second.rename, f"Someone {secrets.token_hex(5)}").result()
            coming.result()
        assert shows(first)
        assert shows(third)
        assert not shows(second)


def test_what_many_are_called_is_nobodys_and_costs_nothing_more(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = [someone(f"Chris {family}") for _ in range(namesakes.COMMON)]
    assert all(shows(person) for person in crowd)
    monkeypatch.setattr(
        namesakes,
        "_who_look_like",
        lambda names: pytest.fail("all are looked at") if f"chrls-{family}" in names else [],
    )
    assert someone(f"Chris {family}").shows_username


def test_a_rare_name_does_not_become_common_beside_one_that_many_have(family: str) -> None:
    crowd = [someone(f"Chris {family}") for _ in range(namesakes.COMMON - 1)]
    dana = someone(f"Dana {family}")
    crowd[0].rename(f"Dana {family}")  # twenty people have one of the two names
    assert shows(dana)
    dana.rename(f"Robin {family}")
    assert not shows(crowd[0]), "nobody else is called Dana any more"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada{}", "аdа{}"),
        ("bill{}", "BILL{}."),
        ("owner1{}", "owner1{}."),
        ("owner1{}", "_owner1{}"),
        ("ada.b{}", "ada--b{}"),
        ("ada.b{}", "ada_b{}"),
        ("alice{}", "a1ice{}"),
        ("alice{}", "AIice{}"),
        ("modern{}", "rnodern{}"),
        ("олег{}", "oлeг{}"),
        ("zoo{}", "z00{}"),
    ],
)
def test_no_two_usernames_look_alike(app: Flask, first: str, second: str) -> None:
    mark = "".join(secrets.choice("xyzw") for _ in range(8))
    User.register(first.format(mark), "First", "")
    with pytest.raises(Conflict, match=r"looks like another person's|taken"):
        User.register(second.format(mark), "Second", "")
