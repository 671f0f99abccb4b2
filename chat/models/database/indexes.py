"""Every index of the database, in one table."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database as MongoDatabase

from chat.models.database.record import Record

# A query names only fields of one of these indexes: otherwise the embedded database
# scans the collection. No index lets records expire: `expiry.py` says which do, and why so.
INDEXES: dict[str, list[tuple[list[str], dict[str, Any]]]] = {
    "users": [
        (["username_key"], {"unique": True}),
        (["skeletons"], {"unique": True}),  # no two usernames look alike
        (["looks"], {}),  # the people whose names look like a given name
        (["name_keys"], {}),  # find people by the beginning of a name
        (["name_keys", "username_key"], {}),  # those of a crowd that shares a name
        (["title_tokens"], {}),  # find people by the beginning of a word of their title
        (["has_keywords"], {}),  # the people who have some
        (["is_admin"], {}),  # the administrators, and whether there is one yet
        (["deactivated_at"], {}),  # deactivated accounts
        (["erasing"], {}),  # accounts that are being erased
        (["owner_id", "username_key"], {}),  # somebody's bots; a page of people
        (["active_on"], {}),  # how many people used the chat lately
    ],
    "email_addresses": [(["key"], {"unique": True})],  # an address belongs to one person
    "address_proofs": [
        (["user_id"], {}),
        (["expires_at"], {}),
    ],
    "missed_mails": [(["check_at"], {})],  # who is looked at next
    "mails": [
        (["due_at"], {}),  # the mail that is due longest
        (["user_id"], {}),
    ],
    "common_names": [],  # names that many people share: see namesakes.py
    "closed_names": [
        (["user_id"], {}),  # the earlier usernames of somebody
        (["until"], {}),
    ],
    "sessions": [
        (["user_id"], {}),
        (["expires_at"], {}),
    ],
    "rooms": [
        (["shelf", "name_key"], {}),  # browse public rooms in the order of names
        (["people_key"], {"unique": True}),  # the one direct room of exactly these people
        (["pending.at"], {}),  # unfinished changes
    ],
    "public_names": [(["room_id"], {})],  # what the names of public rooms look like
    "memberships": [
        (["room_id", "user_id"], {"unique": True}),
        (["user_id", "room_id"], {}),  # which of some rooms a person is in
        (["user_id", "state"], {}),  # all rooms that a person lists, or hides
        (["user_id", "place"], {}),  # a page of somebody's list
        (["user_id", "favourite"], {}),  # favourites, however far behind in the list
        (["room_id", "number"], {}),  # a page of people
        (["room_id", "role"], {}),  # who owns a room
        (["room_id", "level"], {}),  # who wants every notification, or none
    ],
    "room_invitations": [
        (["room_id", "user_id"], {"unique": True}),  # a person has one invitation per room
        (["user_id"], {}),  # somebody's pending invitations
    ],
    "declined_invitations": [
        (["room_id", "user_id", "invited_by"], {"unique": True}),
        (["at"], {}),
    ],
    "invites": [
        (["digest"], {"unique": True}),
        (["invited_by", "_id"], {}),  # somebody's invites, the latest first
        (["expires_at"], {}),
    ],
    "incoming_webhooks": [
        (["digest"], {"unique": True}),
        (["room_id"], {}),
    ],
    "reminders": [
        (["due_at"], {}),  # what is to be said
        (["user_id", "client_id"], {"unique": True}),  # a request makes one
        (["room_id"], {}),
    ],
    "slash_commands": [(["name"], {"unique": True})],
    "command_calls": [
        (["digest"], {"unique": True}),
        (["sent_as"], {"unique": True}),  # a request that is sent again calls once
        (["expires_at"], {}),
    ],
    "reset_links": [
        (["user_id", "is_mailed"], {"unique": True}),  # a person has one of each
        (["expires_at"], {}),
    ],
    "identities": [(["user_id", "provider"], {"unique": True})],  # a person has one of each
    "passkeys": [(["user_id"], {})],
    # sign-ins by a provider that came back, challenges of passkeys; longer than one may take
    "used_states": [(["at"], {})],
    "bans": [
        (["room_id", "user_id"], {"unique": True}),  # a person has one ban per room
        (["room_id", "_id"], {}),  # a room's bans, the latest first
        (["user_id"], {}),
        (["until"], {}),
    ],
    "reports": [
        (["message_id", "reporter_id"], {"unique": True}),  # a person reports a message once
        (["state", "_id"], {}),  # those in a state, the latest first
        (["reporter_id"], {}),  # what somebody reported
        (["expires_at"], {}),
    ],
    "blocks": [
        (["user_id", "blocked_id"], {"unique": True}),
        (["blocked_id"], {}),  # who blocks somebody
    ],
    "images": [
        (["message_id", "created_at"], {}),  # images that no message has claimed, by age
        (["room_id", "seq"], {}),  # images that a room's messages show
        (["uploader_id"], {}),  # how many bytes somebody stores
    ],
    "push_subscriptions": [
        (["endpoint"], {"unique": True}),  # a browser has one
        (["user_id"], {}),
        (["session_id"], {}),
    ],
    "push_deliveries": [
        (["due_at"], {}),  # what is to be sent
        (["at"], {}),
    ],
    "outgoing_webhooks": [
        (["room_id"], {}),
        (["made_by"], {}),
        (["changed_at"], {}),  # what the job that delivers does not know yet
    ],
    "webhook_deliveries": [
        (["hook_id", "_id"], {}),  # a webhook's tries, the latest first
        (["at"], {}),
    ],
    "sent_forms": [(["at"], {})],
    "pins": [],  # one record per room
    "lines": [(["room_id", "seq"], {})],  # a page of what happened in a room
    "figures": [],  # one record per day
    "audit": [
        (["seq"], {"unique": True}),  # no two entries follow the same one
        (["room_id", "seq"], {}),
        (["action", "seq"], {}),
    ],
    "graves": [],  # deleted rooms, until nothing is left of them
    "mentions": [
        (["audience", "message_id"], {}),  # the messages that name somebody, by time
        (["message_id"], {}),
    ],
    "exports": [
        (["user_id"], {}),  # what somebody asked for
        (["room_id"], {}),  # of a deleted room
        (["try_at"], {}),  # which waits longest
        (["expires_at"], {}),
    ],
    "notices": [(["at"], {})],
    "presences": [(["at"], {})],
    "active_rooms": [(["until"], {})],
    "text_usage": [(["at"], {})],  # bytes a person wrote in a day
    "usage": [(["counted", "changed_at"], {})],  # the counters to recount
    "avatars": [(["unsettled_since"], {})],  # avatars that a crash during a change left behind
    "pictures.files": [(["filename", "uploadDate"], {})],  # both indexes as GridFS defines them
    "pictures.chunks": [(["files_id", "n"], {"unique": True})],
    "keys": [(["room_id"], {"unique": True})],
    "halves": [],  # only where HALVES=database
    "log": [
        (["room_id", "seq"], {"unique": True}),  # an entry's number: no two have the same
        # Idempotency: a retry finds its first result.
        (["room_id", "author_id", "client_id"], {"unique": True}),
        (["room_id", "message_id", "seq"], {}),  # the changes of a message
        # Pages of messages, however many changes lie between them.
        (["room_id", "event", "ordinal"], {}),
    ],
    "postings": [(["room_id"], {})],  # for dropping a room's whole index; other queries use the id
}


def create_indexes(mongo: MongoDatabase[Record]) -> None:
    """Create the indexes that do not exist yet."""
    for name, indexes in INDEXES.items():
        for fields, options in indexes:
            mongo[name].create_index([(field, ASCENDING) for field in fields], **options)
