"""Records that expire: one table says which, and a job deletes them.

No index of the database lets them expire, although MongoDB can. SecantusDB reads every record of a
collection with such an index once a minute, under its global lock. Then its cursor holds the page
that follows, and each access to that page gets slower, until operations run into their limits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chat.models.database import database
from chat.models.room_invitation import DECLINED_FOR
from chat.utils.clock import now

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than every record: a range's lower end
AT_ONCE = timedelta()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# collection -> (field of a moment, how long the record is kept after it)
EXPIRY: dict[str, tuple[str, timedelta]] = {
    "active_rooms": ("until", HOUR),
    "address_proofs": ("expires_at", AT_ONCE),
    "bans": ("until", AT_ONCE),
    "command_calls": ("expires_at", AT_ONCE),
    "closed_names": ("until", AT_ONCE),
    "declined_invitations": ("at", DECLINED_FOR),
    "invites": ("expires_at", 30 * DAY),  # whoever made one sees what became of it
    "notices": ("at", HOUR),
    "presences": ("at", HOUR),
    "push_deliveries": ("at", 2 * DAY),
    "reports": ("expires_at", AT_ONCE),
    "reset_links": ("expires_at", 30 * DAY),  # the page of an old link says that it is over
    "sent_forms": ("at", HOUR),
    "sessions": ("expires_at", HOUR),  # until the sockets of API tokens are closed
    "text_usage": ("at", 2 * DAY),
    # Sign-ins by a provider that came back, and challenges of passkeys: none may take an hour.
    "used_states": ("at", HOUR),
    "webhook_deliveries": ("at", 7 * DAY),
}


def delete_expired() -> None:
    """Delete what has expired. Raises DatabaseError."""
    for name, (field, kept) in EXPIRY.items():
        database[name].delete_many({field: {"$gt": BEGINNING, "$lt": now() - kept}})
