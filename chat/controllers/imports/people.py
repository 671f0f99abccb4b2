"""Which account of this chat is whose: there already, or made without a password."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from chat.controllers import avatars
from chat.controllers.imports import names
from chat.models import email_addresses, free_usernames
from chat.models.document import Id, derived_id
from chat.models.status import Status
from chat.models.user import User
from chat.utils.email_addresses import parsed
from chat.utils.errors import ChatError, Conflict
from chat.utils.imports.past import BEGINNING, ImportUnusable, PastPerson, Source
from chat.utils.imports.report import Report
from chat.utils.lookalikes import looks_of
from chat.utils.passwords import hash_of_nothing


@dataclass(frozen=True)
class Account:
    """An account that a person of the source has here.

    `is_older`: somebody had it before the import, and may be signed in now.
    """

    id: Id
    username: str
    is_older: bool


def person_id_of(source: Source, key: str) -> Id:
    """Return the id of the account that an import makes for a person of a source."""
    return _person_id(f"{source.name} {source.key}", key)


class People:
    """The people of one source.

    `mapping`: a key, username or address there -> a username here. `by_username`: whether who has
    the same username here is the same person. `is_dry`: write nothing.
    """

    def __init__(
        self,
        source_key: str,
        mapping: Mapping[str, str],
        report: Report,
        *,
        by_username: bool,
        is_dry: bool,
    ):
        self._source_key = source_key
        self._mapping = {name.casefold(): username for name, username in mapping.items()}
        self._report = report
        self._by_username = by_username
        self._is_dry = is_dry
        self._accounts: dict[str, Account] = {}
        self._taken: set[str] = set()  # looks of usernames that a dry run would give

    def take(self, person: PastPerson) -> None:
        """Find or make the account of a person. Raises ImportUnusable."""
        user_id = _person_id(self._source_key, person.key)
        if older := self._older(person):
            self._report.there["people"] += 1
            self._report.adapt("people who have an account here", _is(person, older.username))
            self._accounts[person.key] = Account(older.id, older.username, is_older=True)
            return
        if there := User.find_now(user_id):
            self._report.there["people"] += 1
            self._complete(there, person)
            username = there.username
        else:
            username = self._make(user_id, person)
            self._report.made["people"] += 1
        if username != person.username:
            self._report.adapt("usernames", _is(person, username))
        self._accounts[person.key] = Account(user_id, username, is_older=False)

    def find(self, key: str) -> Account | None:
        """Return the account of a person; None for a key that the source does not explain."""
        return self._accounts.get(key)

    def _older(self, person: PastPerson) -> User | None:
        """Return whose account it was before: as somebody said, or by a verified address."""
        for name in (person.key, person.username, person.email):
            if wanted := self._mapping.get(name.casefold()):
                found = User.find_by_username(wanted)
                if found is None:
                    raise ImportUnusable(f"--people: nobody here is called {wanted}.")
                return found
        address = parsed(person.email) if person.email else None
        if address and email_addresses.are_any():
            owner = email_addresses.person_with_address(address)
            if owner and (found := User.find_now(owner)):
                return found
        return User.find_by_username(person.username) if self._by_username else None

    def _make(self, user_id: Id, person: PastPerson) -> str:
        """Make an account that nobody can sign in to. Return its username."""
        while True:
            username = self._free_username(person)
            shown = names.display_name(person.display_name, username)
            made = None if self._is_dry else self._register(user_id, username, shown, person)
            if made or self._is_dry:
                break  # otherwise somebody else took the name just now
        if shown != person.display_name:
            self._report.adapt("names of people", f"{person.display_name} is {shown}")
        if made:
            self._complete(made, person)
        return username

    def _register(self, user_id: Id, username: str, shown: str, person: PastPerson) -> User | None:
        """Store the account; return None if somebody else took the name just now."""
        owner = self.find(person.owner)
        try:
            return User.register(
                username,
                shown,
                hash_of_nothing(),
                user_id=user_id,
                is_active=person.is_active,
                owner_id=owner.id if owner else None,
            )
        except Conflict:
            return None

    def _free_username(self, person: PastPerson) -> str:
        for username in names.usernames(person.username):
            looks = set(looks_of(username, username)["skeletons"])
            if looks.isdisjoint(self._taken) and free_usernames.is_free(username):
                if self._is_dry:
                    self._taken |= looks
                return username
        raise ImportUnusable(f"No username is left for {person.username}.")

    def _complete(self, user: User, person: PastPerson) -> None:
        """Give an account its title, status and avatar, as long as nobody can have chosen them."""
        if self._is_dry or user.has_password or user.is_erased:
            return
        changes: dict[str, object] = {}
        if (title := names.title(person.title)) and not user.about.title:
            changes["title"] = title
        if person.status and not user.about.kept_status:
            changes["status"] = Status(*person.status, None)
        if changes:
            user = user.change_about(changes)
        if person.avatar and user.avatar_id is None:
            with tempfile.TemporaryFile() as file:
                file.write(person.avatar)
                try:
                    avatars.change(user, file)
                except ChatError as refusal:
                    self._report.lose("avatars", f"{user.username}: {refusal.message}")


def _is(person: PastPerson, username: str) -> str:
    return f"{person.username} is {username}"


def _person_id(source_key: str, key: str) -> Id:
    return derived_id(BEGINNING, source_key, "person", key)
