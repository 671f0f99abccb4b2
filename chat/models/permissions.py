"""Permissions: the table that says which role may do which action in a room.

A second table, for the whole chat, says what administrators may do.
"""

from __future__ import annotations

from typing import NamedTuple

ROLES = ("member", "moderator", "owner")  # each role may do everything that the roles before it may


class Permission(NamedTuple):
    """The least role that may do an action, and whether the action is possible in some rooms.

    These are archived rooms, direct rooms, and rooms that are not direct (`in_others`).
    `while_muted`: whether somebody may do it who is muted there.
    """

    role: str
    in_archived: bool = False
    in_direct: bool = True
    in_others: bool = True
    while_muted: bool = True


# verb -> who may do it, and where
PERMISSIONS: dict[str, Permission] = {
    "read": Permission("member", in_archived=True),
    "list members": Permission("member", in_archived=True),
    "leave": Permission("member", in_archived=True, in_direct=False),
    "choose notifications": Permission("member", in_archived=True),
    "choose favourites": Permission("member", in_archived=True),
    "hide": Permission("member", in_others=False),  # until somebody posts there
    "post": Permission("member", while_muted=False),
    "name a large room": Permission("moderator"),  # `@room` where it notifies many
    "edit": Permission("member", while_muted=False),  # one's own message
    "delete": Permission("member", in_archived=True),  # one's own message, which is always allowed
    "react": Permission("member", while_muted=False),
    "delete others' messages": Permission("moderator", in_archived=True),
    "read others' versions": Permission("moderator", in_archived=True),
    "pin": Permission("moderator", while_muted=False),
    "report": Permission("member", in_archived=True),  # a message, to the administrators
    "add members": Permission("member", in_direct=False),
    "begin again after removal": Permission("moderator", in_direct=False),  # add a removed person
    "read the audit": Permission("moderator", in_archived=True, in_direct=False),
    "remove members": Permission("moderator", in_archived=True, in_direct=False),
    "ban": Permission("moderator", in_archived=True, in_direct=False),
    # Incoming and outgoing ones, which bring words in and carry them out.
    "manage webhooks": Permission("moderator", in_archived=True, in_direct=False),
    "mute": Permission("moderator", in_direct=False),
    "change roles": Permission("owner", in_archived=True, in_direct=False),
    # Only an owner makes others owners. The first member of a room is its owner.
    "become owner": Permission("owner", in_archived=True, in_direct=False),
    "change room": Permission("moderator", in_direct=False, while_muted=False),  # name, topic
    "archive room": Permission("owner", in_archived=True, in_direct=False),
    "change kind": Permission("owner", in_direct=False),  # public, private
    "delete room": Permission("owner", in_archived=True, in_direct=False),
    "export": Permission("owner", in_archived=True, in_direct=False),  # all of it, into a file
    # After how many days it deletes messages; conversations follow the chat.
    "choose retention": Permission("owner", in_archived=True, in_direct=False),
}

# verb -> who may do it in the whole chat: "person" or "administrator"
CHAT_PERMISSIONS: dict[str, str] = {
    "make bots": "person",
    "change the chat": "administrator",  # its name, icon, default rooms
    "manage commands": "administrator",  # of programs
    "look after invites": "administrator",  # everybody's
    "read the chat's audit": "administrator",
    "keep messages for longer": "administrator",  # in a room of theirs than in the chat
    "see the figures": "administrator",  # how much the chat is used
    "look after rooms": "administrator",  # an owner for a public room whose owners are gone
    "look after reports": "administrator",  # messages that people report
    "look after people": "administrator",  # reset links, roles, whose account is active
}


def may_in_chat(verb: str, *, is_admin: bool) -> bool:
    """Return whether somebody may do `verb`. Raises KeyError for an unknown verb."""
    return is_admin or CHAT_PERMISSIONS[verb] == "person"


def may(
    role: str, verb: str, *, archived: bool = False, direct: bool = False, muted: bool = False
) -> bool:
    """Return whether somebody with `role` may do `verb`. Raises KeyError for an unknown verb.

    A direct room has no owner or moderator, so every member may pin there.
    """
    permission = PERMISSIONS[verb]
    if muted and not permission.while_muted:
        return False
    if direct and not permission.in_direct:
        return False
    if not direct and not permission.in_others:
        return False
    if archived and not permission.in_archived:
        return False
    return (direct and verb == "pin") or ROLES.index(role) >= ROLES.index(permission.role)
