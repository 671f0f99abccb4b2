"""Erasure: an account is deleted, and what it leaves belongs to "Former member".

`administrators.change` decides it, and `erasing` of the person's record says that the rest is to be
done: "keep" leaves their messages, "erase" deletes these as well. The record itself stays, without
anything about the person, because messages and changes of rooms name its id.
"""

from __future__ import annotations

from chat.models import block, closed_names, namesakes
from chat.models.account_list import BEYOND
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.log import POSTED
from chat.models.user import User
from chat.utils.lookalikes import FORMER, looks_of

CHOICES = ("keep", "erase")  # what becomes of the messages
USERNAME = "former-member-{id}"  # nobody registers one of so many characters
# Fields of a person's record that say nothing about anybody any more.
NOTHING: Record = {
    "display_name": FORMER,
    "earlier_name": None,
    "name_keys": [],
    "name_skeletons": [],
    "looks": [],
    "shows_username": False,
    "password_hash": "",
    "read_receipts": False,
    "preferences": {},
    "keywords": None,
    "status": None,
    "title": None,
    "title_tokens": [],
    "time_zone": None,
    "has_keywords": False,
    "second_factor": None,
    "second_factor_removed_at": None,
    "is_renamed": False,
}


def unfinished() -> list[tuple[Id, str]]:
    """Return who is being erased, and what becomes of their messages."""
    query = {"erasing": {"$in": list(CHOICES)}}
    records = database["users"].find(query, {"erasing": 1})
    return [(record["_id"], record["erasing"]) for record in records]


def finish(user_id: Id, messages: str) -> None:
    """Note that all is done, unless somebody chose otherwise meanwhile."""
    done = {"_id": user_id, "erasing": messages}
    database["users"].update_one(done, {"$set": {"erasing": None}})


def take_names(user: User) -> User:
    """Take names, password, preferences and second factor from a record. Return the nobody."""
    username = USERNAME.format(id=user.id)
    if user.username == username:
        return user
    closed_names.close_all_of(user.id)
    closed_names.close(user.username, None)
    before = looks_of(user.username, user.display_name)
    names = {"username": username, "username_key": BEYOND + username, "skeletons": [username]}
    database["users"].update_one(
        {"_id": user.id}, {"$set": NOTHING | names, "$unset": {"active_on": ""}}
    )
    User.forget(user.id)
    for user_id in namesakes.update(set(before["looks"])):
        User.forget(user_id)
    return User.find_now(user.id) or user


def forget_ties(user_id: Id) -> None:
    """Delete what ties a person to devices, passkeys, providers, invites, invitations, blocks."""
    for name, field in (
        ("sessions", "user_id"),
        ("reset_links", "user_id"),
        ("identities", "user_id"),
        ("passkeys", "user_id"),
        ("invites", "invited_by"),
        ("room_invitations", "user_id"),
        ("bans", "user_id"),
    ):
        database[name].delete_many({field: user_id})
    for blocked_id in block.blocked_by(user_id):
        block.unblock(user_id, blocked_id)
    for by in block.who_block(user_id):
        block.unblock(by, user_id)
    key_ring.destroy(user_id)  # of the second factor, the passkeys, the keywords, the avatar


def forget_readings(user_id: Id) -> None:
    """Forget how far a person read, and what they chose for rooms."""
    fields = {"read_seq": 0, "seen_seq": 0, "unread_mark": 0, "level": "nothing"}
    database["memberships"].update_many({"user_id": user_id}, {"$set": fields})
    database["memberships"].update_many(
        {"user_id": user_id, "favourite": True}, {"$set": {"favourite": False}}
    )


def messages_of(user_id: Id, room_id: Id) -> list[Id]:
    """Return the messages of a room that a person wrote or reacted to, and that are there."""
    query = {"room_id": room_id, "author_id": user_id}
    fields = {"event": 1, "message_id": 1, "deleted_at": 1}
    found: dict[Id, None] = {}
    for record in database["log"].find(query, fields):
        if "deleted_at" not in record:
            is_post = record["event"] == POSTED
            found[record["_id"] if is_post else record["message_id"]] = None
    return list(found)
