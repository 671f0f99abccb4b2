"""Who may do what in a room: the one table."""

from __future__ import annotations

ROLES = ("member", "moderator", "owner")  # each may do what those before it may

# verb: the least role that may
PERMISSIONS: dict[str, str] = {
    "read": "member",
    "post": "member",
    "list members": "member",
    "add members": "member",
    "remove members": "moderator",
    "change roles": "owner",
    "change room": "moderator",
    "edit": "member",                   # one's own
    "delete": "member",                 # one's own
    "delete others' messages": "moderator",
    "react": "member",
    "pin": "moderator",
    "read others' versions": "moderator",
    "choose notifications": "member",
    "name a large room": "moderator",   # `@room` where it calls many
}


def may(role: str, verb: str) -> bool:
    """Whether somebody with `role` may do `verb`; an unknown verb is a defect and raises KeyError."""
    return ROLES.index(role) >= ROLES.index(PERMISSIONS[verb])
