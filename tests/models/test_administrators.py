"""The chat keeps an active administrator, whoever decides at the same moment and whatever dies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from chat import connect
from chat.controllers import administering, password_resets, sessions
from chat.controllers.sign_on import by_password
from chat.controllers.visitors import OPERATOR
from chat.models import administrators
from chat.models.database import database
from chat.models.document import Id
from chat.models.session import Session
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Conflict, Forbidden, Unauthenticated
from chat.utils.passwords import hash_password
from config import Settings
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.world import PASSWORD


class Died(Exception):
    """The exception that ends the process here."""


@pytest.fixture
def people(app: Flask, own_uri: str, settings: Settings) -> Iterator[tuple[User, User]]:
    """Return alice and carol, who administer a chat of their own."""
    connect(settings, own_uri, embedded=IS_EMBEDDED)
    with app.app_context():
        yield person("alice"), person("carol")


def person(name: str, *, is_admin: bool = True) -> User:
    return User.register(f"{name}-{Id()}", name, "", is_admin=is_admin)


def active() -> set[Id]:
    """Return the active administrators, as the database has them."""
    found = database["users"].find({"is_admin": True})
    return {record["_id"] for record in found if record["deactivated_at"] is None}


def demote(user: User) -> bool:
    try:
        administrators.change(user.id, {"is_admin": False})
    except Conflict:
        return False
    return True


def deactivate(user: User) -> bool:
    try:
        administrators.change(user.id, {"deactivated_at": now()})
    except Conflict:
        return False
    return True


def test_the_last_active_administrator_stays_one(people: tuple[User, User]) -> None:
    alice, carol = people
    assert deactivate(carol)
    assert not demote(alice)
    assert not deactivate(alice)
    assert active() == {alice.id}
    administrators.change(carol.id, {"deactivated_at": None})
    assert demote(alice)
    assert active() == {carol.id}
    assert deactivate(alice), "she is none any more"


def test_two_who_take_each_other_the_role_at_once_leave_one(people: tuple[User, User]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            done = list(
                pool.map(
                    lambda change: change[0](change[1]),
                    [
                        (demote, people[0]),
                        (deactivate, people[1]),
                    ],
                )
            )
            assert sorted(done) == [False, True]
            assert len(active()) == 1
            for user in people:
                administrators.change(user.id, {"is_admin": True, "deactivated_at": None})


def test_who_looked_before_another_decision_looks_again(
    people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, carol = people
    look, looked = administrators.active, []

    def look_slowly() -> list[Id]:
        found = look()
        if not looked:
            looked.append(True)
            assert demote(carol), "another process is faster"
        return found

    monkeypatch.setattr(administrators, "active", look_slowly)
    assert not demote(alice)
    assert active() == {alice.id}


def test_what_a_dead_process_decided_is_completed_first(
    people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, carol = people

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(administrators, "_complete", die)
        with pytest.raises(Died):
            demote(carol)
    assert active() == {alice.id, carol.id}
    assert not demote(alice)
    assert active() == {alice.id}


def test_a_slow_process_does_not_undo_what_was_decided_later(people: tuple[User, User]) -> None:
    alice, carol = people
    assert demote(carol)
    slow = database["meta"].find_one({"_id": "administrators"})
    administrators.change(carol.id, {"is_admin": True})
    administrators._follow(carol.id, slow["number"], {"is_admin": False})
    assert active() == {alice.id, carol.id}


def test_accounts_of_before_are_active(people: tuple[User, User]) -> None:
    alice, bob = people[0], person("bob", is_admin=False)
    database["users"].update_one({"_id": bob.id}, {"$unset": {"deactivated_at": ""}})
    User.forget(bob.id)
    listed = administering.page(alice, q="", state="active", after="").items
    assert bob.id in {account.user.id for account in listed}
    assert administering.page(alice, q="", state="deactivated", after="").items == []
    administering.change(alice, str(bob.id), deactivated=True)
    (only,) = administering.page(alice, q="", state="deactivated", after="").items
    assert only.user.id == bob.id


def test_nobody_deactivates_themselves(people: tuple[User, User]) -> None:
    with pytest.raises(Forbidden):
        administering.change(people[0], str(people[0].id), deactivated=True)


def test_accounts_come_in_pages_by_username(
    people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.models.account_list.USUAL_PAGE", 2)
    bob = person("Bob", is_admin=False)
    names, after = [], ""
    while True:
        listed = administering.page(people[0], q="", state="all", after=after)
        names += [account.user.username for account in listed.items]
        if listed.following is None:
            break
        after = listed.following
    assert names == [people[0].username, bob.username, people[1].username]


@pytest.mark.parametrize("door", ["sign in", "reset link"])
def test_who_comes_in_while_the_account_is_deactivated_stays_outside(
    people: tuple[User, User], monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    bob = User.register(f"bob-{Id()}", "Bob", hash_password(PASSWORD))
    _, token = password_resets.make(people[0], str(bob.id))
    begin = Session.begin

    def begin_later(user_id: Id, device: str) -> Session:
        administering.change(people[0], str(bob.id), deactivated=True)
        return begin(user_id, device)

    monkeypatch.setattr(Session, "begin", begin_later)
    with pytest.raises(Unauthenticated, match="deactivated"):
        if door == "sign in":
            by_password.log_in(bob.username, PASSWORD, OPERATOR)
        else:
            user = password_resets.use(token, "a new password", OPERATOR)
            sessions.enter(user, OPERATOR)
    assert Session.of(bob.id) == []
