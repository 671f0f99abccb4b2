"""The account under which webhooks post: one for the whole chat, which nobody signs in to.

Each message says by itself which app wrote it: its name and its icon are part of the sealed text.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from chat.models.account_list import BEYOND
from chat.models.database import database
from chat.models.document import Id
from chat.models.user import User
from chat.utils.clock import now

APP_ACCOUNT = Id("0" * 23 + "1")  # no id of a person: those begin with the time
USERNAME = "webhook-of-this-chat-000000000000000001"  # nobody registers one of so many characters


class App(NamedTuple):
    """The app that wrote a message. `hook`: the id of its webhook, as text."""

    hook: str
    name: str
    icon: str | None = None  # an emoji

    def as_author(self, account: User) -> User:
        """Return the account as the author of the app's message, with the name of the app."""
        shown = " ".join(filter(None, (self.icon, self.name)))
        digest = hashlib.sha256(f"{self.hook}\0{shown}".encode()).digest()
        return replace(account, username="", display_name=shown, shown_id=Id(digest[:12]))


def app_account() -> User:
    """Return the account, which the first webhook makes. Lists of people do not contain it."""
    found = User.find(APP_ACCOUNT)
    if found is None:
        with contextlib.suppress(DuplicateKeyError):  # another process made it just now
            database["users"].insert_one(_record())
        found = User.find_now(APP_ACCOUNT)
    assert found
    return found


def _record() -> dict[str, object]:
    return {
        "_id": APP_ACCOUNT,
        "username": USERNAME,
        "username_key": BEYOND + USERNAME,
        "display_name": "",
        "name_keys": [],
        "password_hash": "",
        "is_admin": False,
        "is_app": True,
        "created_at": now(),
        "deactivated_at": now(),
        "skeletons": [USERNAME],
        "name_skeletons": [],
        "looks": [],
        "shows_username": False,
        "places": 0,
    }
