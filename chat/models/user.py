"""A person who has an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pymongo.errors import DuplicateKeyError

from chat.models import about, closed_names, namesakes
from chat.models.about import About
from chat.models.chat_settings import ChatSettings
from chat.models.damaged import readable, whole
from chat.models.database import Record, database, seconds_left
from chat.models.document import Id
from chat.models.earlier_name import EarlierName
from chat.models.permissions import may_in_chat
from chat.models.stored_user import StoredUser, new_record
from chat.models.user_ids import new_user_id
from chat.utils.clock import now
from chat.utils.errors import AdministratorsOnly, Conflict, SecondFactorMissing
from chat.utils.lookalikes import looks_of, skeletons
from chat.utils.name_keys import keys_of
from chat.utils.sentences import N_
from chat.utils.ttl_cache import TtlCache

USERS_CACHED = 10_000


class User(StoredUser):
    """A person who has an account."""

    @classmethod
    def register(
        cls,
        username: str,
        display_name: str,
        password_hash: str,
        *,
        is_admin: bool = False,
        user_id: Id | None = None,
        owner_id: Id | None = None,
        is_active: bool = True,
    ) -> User:
        """Create a person; with an owner, a bot.

        Raises Conflict when somebody has this id, username or a lookalike.

        Also when somebody gave it up lately.
        """
        closed_names.must_be_open(username)
        record = new_record(username, display_name) | {
            "_id": user_id or new_user_id(),
            "password_hash": password_hash,
            "is_admin": is_admin,
        }
        if owner_id:
            record["owner_id"] = owner_id
        if not is_active:
            record["deactivated_at"] = record["created_at"]
        try:
            database["users"].insert_one(record)
        except DuplicateKeyError:
            raise cls.taken(username) from None
        try:
            closed_names.must_be_open(username)  # its person may have given it up just now
        except Conflict:
            database["users"].delete_one({"_id": record["_id"]})
            raise
        _update_namesakes(set(record["looks"]))
        return _one({"_id": record["_id"]}) or User.from_record(record)

    @classmethod
    def find(cls, user_id: Id) -> User | None:
        return _cache.get_or_load(user_id, lambda: _one({"_id": user_id}))

    @staticmethod
    def forget(user_id: Id) -> None:
        """Drop the person from the cache: another process changed their record."""
        _cache.invalidate(user_id)

    @classmethod
    def bots_of(cls, owner_id: Id) -> list[User]:
        """Return the bots of a person, deactivated ones too, by username."""
        found = _from_many(database["users"].find({"owner_id": owner_id}))
        return sorted(found, key=lambda bot: bot.username)

    @classmethod
    def accounts_beside(cls, user_id: Id) -> list[Id]:
        """Return the ids of whoever answers for an account, and of all their bots."""
        user = cls.find(user_id)
        answerable = user.answerable_id if user else user_id
        return [answerable, *(bot.id for bot in cls.bots_of(answerable))]

    @classmethod
    def find_by_username(cls, username: str) -> User | None:
        return _one({"username_key": username.casefold()})

    @classmethod
    def find_by_usernames(cls, usernames: Iterable[str]) -> list[User]:
        """Return the existing people among `usernames`, in one query."""
        keys = [username.casefold() for username in usernames]
        return _from_many(database["users"].find({"username_key": {"$in": keys}}))

    @classmethod
    def find_now(cls, user_id: Id) -> User | None:
        """Return the person from the database, bypassing the cache."""
        return _one({"_id": user_id})

    @classmethod
    def avatar_id_now(cls, user_id: Id) -> Id | None:
        """Return the avatar's id from the database, bypassing the cache."""
        user = cls.find_now(user_id)
        return user.avatar_id if user else None

    @classmethod
    def has_admin(cls) -> bool:
        return database["users"].find_one({"is_admin": True}, {"_id": 1}) is not None

    @classmethod
    def find_many(cls, user_ids: Iterable[Id]) -> dict[Id, User]:
        """Return the existing people among `user_ids`, by id.

        Each query reads up to 100 people who are not cached.
        """
        return _cache.get_or_load_many(user_ids, _read_many)

    def may_act(self) -> bool:
        """Return whether the account is active, and that of a bot's owner."""
        return self.is_active and self.has_active_owner()

    def has_active_owner(self) -> bool:
        """Return False for a bot whose owner is deactivated; True for people."""
        if self.owner_id is None:
            return True
        owner = User.find(self.owner_id)
        return owner is not None and owner.is_active

    def may(self, verb: str) -> bool:
        """Return whether the person may do `verb` in the whole chat."""
        return may_in_chat(verb, is_admin=self.is_admin)

    def must(self, verb: str) -> None:
        """Raise Forbidden, or SecondFactorMissing, unless the person may do `verb` in the chat."""
        if not self.may(verb):
            raise AdministratorsOnly
        if self.lacks_second_factor() and (self.find_now(self.id) or self).lacks_second_factor():
            raise SecondFactorMissing

    def lacks_second_factor(self) -> bool:
        """Return whether the person has to turn on a second factor before administering."""
        lacks = self.is_admin and not self.has_second_factor
        return lacks and ChatSettings.find().second_factor == "administrators"

    def change_owner(self, owner_id: Id) -> User:
        """Give a bot another owner."""
        self._set({"owner_id": owner_id})
        return _one({"_id": self.id}) or self

    def deactivate_bot(self) -> None:
        """Deactivate a bot. People are deactivated one at a time: see administrators.py."""
        self._set({"deactivated_at": now()})

    def rename(self, display_name: str, earlier: EarlierName | None = None) -> User:
        """Change the display name. `earlier`: the one that the profile shows beside it."""
        looks = looks_of(self.username, display_name)
        del looks["skeletons"]  # these come from the username, which does not change
        names = {"display_name": display_name, "name_keys": keys_of(self.username, display_name)}
        shown = {"shows_username": True, "earlier_name": earlier and earlier._asdict()}
        self._set({**names, **looks, **shown})
        _update_namesakes({*looks["name_skeletons"], *skeletons(self.display_name)})
        return _one({"_id": self.id}) or replace(self, display_name=display_name)

    @classmethod
    def taken(cls, username: str) -> Conflict:
        """Return the error that somebody has this username or a lookalike."""
        sentence = N_("This username looks like another person's.")
        if cls.find_by_username(username):
            sentence = N_("This username is taken.")
        return Conflict(sentence, fields={"username": sentence})

    def switch_read_receipts(self, on: bool) -> User:
        self._set({"read_receipts": on})
        return replace(self, read_receipts=on)

    def change_preferences(self, changes: Mapping[str, object]) -> User:
        """Change some preferences; concurrent changes of others stay."""
        if changes:
            self._set({f"preferences.{name}": value for name, value in changes.items()})
        return _one({"_id": self.id}) or self

    def change_keywords(self, sealed: bytes | None) -> None:
        self._set({"keywords": sealed, "has_keywords": sealed is not None})

    def change_about(self, changes: Mapping[str, object]) -> User:
        """Change some of `status`, `title` and `time_zone`, as about.py stores them."""
        self._set(about.stored(self.id, changes))
        return _one({"_id": self.id}) or self

    def change_avatar(self, avatar_id: Id | None) -> Id | None:
        """Set another avatar, or none. Return the avatar that this call replaced.

        Concurrent calls return different avatars.
        """
        while True:
            before = self.avatar_id_now(self.id)
            changed = database["users"].update_one(
                {"_id": self.id, "avatar_id": before}, {"$set": {"avatar_id": avatar_id}}
            )
            _cache.invalidate(self.id)
            if changed.matched_count:
                return before

    def change_password_hash(self, password_hash: str) -> bool:
        """Return False if another call changed the password since this person was read."""
        changed = database["users"].update_one(
            {"_id": self.id, "password_hash": self.password_hash},
            {"$set": {"password_hash": password_hash}},
        )
        _cache.invalidate(self.id)
        return bool(changed.matched_count)

    def _set(self, changes: Record) -> None:
        database["users"].update_one({"_id": self.id}, {"$set": changes})
        _cache.invalidate(self.id)


def _update_namesakes(names: set[str]) -> None:
    for user_id in namesakes.update(names):
        _cache.invalidate(user_id)


def _one(query: Record) -> User | None:
    record = database["users"].find_one(query)
    return whole("users", record, User.from_record) if record else None


def _from_many(records: Iterable[Record]) -> list[User]:
    return list(readable("users", records, User.from_record))


def _read_many(user_ids: list[Id]) -> dict[Id, User]:
    records = list(database.find_by_ids("users", user_ids))
    About.load_keys(records)
    return {user.id: user for user in _from_many(records)}


_cache: TtlCache[Id, User] = TtlCache(USERS_CACHED, seconds_left=seconds_left, read_many=_read_many)
