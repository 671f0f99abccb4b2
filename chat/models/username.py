"""Usernames change: people keep their id, by which everything else knows them."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from chat.models import closed_names, namesakes
from chat.models.database import Record, database
from chat.models.user import User
from chat.utils.lookalikes import looks_of
from chat.utils.name_keys import keys_of


def change(user: User, username: str, *, by_others: bool) -> User:
    """Give a person another username, and the display name with it if it is the same.

    For a while nobody else gets the old one. `by_others`: the person has to learn of it. Raises
    Conflict as `User.register` does.
    """
    closed_names.must_be_open(username, user.id)
    is_same = user.display_name == user.username
    display_name = username if is_same else user.display_name
    looks = looks_of(username, display_name)
    names: Record = {
        "username": username,
        "username_key": username.casefold(),
        "display_name": display_name,
        "name_keys": keys_of(username, display_name),
        **looks,
        "shows_username": True,
        "is_renamed": by_others,
    }
    closed_names.close(user.username, user.id)  # first: nobody gets it in between
    try:
        database["users"].update_one({"_id": user.id}, {"$set": names})
    except DuplicateKeyError:
        closed_names.open_again(user.username)
        raise User.taken(username) from None
    closed_names.open_again(username)
    User.forget(user.id)
    before = looks_of(user.username, user.display_name)
    for user_id in namesakes.update({*looks["looks"], *before["looks"]}):
        User.forget(user_id)
    return User.find_now(user.id) or user


def note_known(user: User) -> None:
    """Note that the person knows the username that somebody gave them."""
    database["users"].update_one({"_id": user.id}, {"$set": {"is_renamed": False}})
    User.forget(user.id)
