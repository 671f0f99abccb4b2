"""Questions that a page asks before something goes away: in a dialog, or as a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import url_for

from chat.utils.translation import _, ngettext

Room = dict[str, Any]  # a RoomView
Message = dict[str, Any]  # a MessageView


class Question(NamedTuple):
    """A question, with what becomes of a yes and of a no."""

    title: str
    text: str  # what goes away
    does: str  # the label of the button that does it
    action: str  # where its form goes
    page: str  # where the question is a page of its own
    back: str  # where a no leads
    next: str = ""  # where its form leads, if not to its usual page
    typed: str = ""  # the name that the person has to type
    quoted: Message | None = None  # the message that goes away
    sent: Mapping[str, str] | None = None  # what its form sends besides


def remove_avatar() -> Question:
    return Question(
        _("Remove your picture?"),
        _("People see your initials instead. The picture is deleted."),
        _("Remove picture"),
        url_for("pages.settings.remove_avatar"),
        url_for("pages.settings.ask_remove_avatar"),
        url_for("pages.settings.show_profile"),
    )


def remove_icon() -> Question:
    return Question(
        _("Remove the icon?"),
        _("People see the usual icon again. The picture is deleted."),
        _("Remove icon"),
        url_for("pages.administration.remove_icon"),
        url_for("pages.administration.ask_remove_icon"),
        url_for("pages.administration.show"),
    )


def end_others(count: int) -> Question:
    return Question(
        _("Sign out everywhere else?"),
        ngettext(
            "One other device will be signed out at once. You stay signed in here.",
            "{count} other devices will be signed out at once. You stay signed in here.",
            count,
        ),
        _("Sign out"),
        url_for("pages.devices.end_others"),
        url_for("pages.devices.ask_end_others"),
        url_for("pages.devices.show"),
    )


def end_alike(session_id: str, name: str, count: int) -> Question:
    return Question(
        _("Sign out {name}?", name=name),
        ngettext(
            "One session of this program will end at once. It needs your password to come back.",
            "All {count} sessions of this program will end at once. It needs your password to "
            "come back.",
            count,
        ),
        _("Sign out both") if count == 2 else _("Sign out all {count}", count=count),
        url_for("pages.devices.end_alike", session_id=session_id),
        url_for("pages.devices.ask_end_alike", session_id=session_id),
        url_for("pages.devices.show"),
    )


def block(user_id: str, name: str, next: str = "") -> Question:
    return Question(
        _("Block {name}?", name=name),
        _(
            "{name} will not be able to message you directly, invite you or add you to rooms.",
            name=name,
        ),
        _("Block"),
        url_for("pages.people.block", user_id=user_id),
        url_for("pages.asking.block", user_id=user_id, next=next or None),
        next or url_for("pages.settings.show_privacy"),
        next,
    )


def remove_member(room: Room, user_id: str, name: str) -> Question:
    return Question(
        _("Remove {name} from {room}?", name=name, room=_name(room)),
        _(
            "{name} can’t read the room any more, and returns only if a moderator adds them again.",
            name=name,
        ),
        _("Remove"),
        url_for("pages.members.remove", room_id=room["id"], user_id=user_id),
        url_for("pages.asking.remove_member", room_id=room["id"], user_id=user_id),
        url_for("pages.members.show", room_id=room["id"]),
    )


def deactivate(user_id: str, name: str, next: str = "") -> Question:
    return Question(
        _("Deactivate {name}?", name=name),
        _(
            "{name} is signed out everywhere and can’t sign in. Messages and rooms stay. You can "
            "activate the account again.",
            name=name,
        ),
        _("Deactivate"),
        url_for("pages.accounts.deactivate", user_id=user_id),
        url_for("pages.accounts.ask_deactivate", user_id=user_id, next=next or None),
        next or url_for("pages.accounts.show"),
        next,
    )


def change_role(user_id: str, name: str, role: str, next: str = "") -> Question:
    """Ask before somebody becomes an administrator, or an administrator a member."""
    title = _("Make {name} an administrator?", name=name)
    text = _(
        "{name} will look after people, invites and public rooms, and can make and unmake "
        "administrators, you too.",
        name=name,
    )
    if role == "member":
        title = _("Make {name} a member?", name=name)
        text = _("{name} can no longer look after this chat. Rooms and messages stay.", name=name)
    return Question(
        title,
        text,
        _("Make administrator") if role == "administrator" else _("Make member"),
        url_for("pages.accounts.change_role", user_id=user_id, role=role),
        url_for("pages.accounts.ask_change_role", user_id=user_id, role=role, next=next or None),
        next or url_for("pages.accounts.show"),
        next,
    )


def own_room(room_id: str, name: str, next: str = "") -> Question:
    return Question(
        _("Become an owner of {name}?", name=name),
        _(
            "You join the room, and can change, archive and delete it. Its members see that you "
            "did so as an administrator."
        ),
        _("Become an owner"),
        url_for("pages.oversight.own", room_id=room_id),
        url_for("pages.oversight.ask_own", room_id=room_id, next=next or None),
        next or url_for("pages.oversight.show"),
        next,
    )


def revoke_invite(invite_id: str, next: str = "") -> Question:
    return Question(
        _("Revoke this invite link?"),
        _("It lets nobody in any more. People who came by it stay."),
        _("Revoke"),
        url_for("pages.invites.revoke", invite_id=invite_id),
        url_for("pages.invites.ask_revoke", invite_id=invite_id, next=next or None),
        next or url_for("pages.invites.show"),
        next,
    )


def turn_off_second_factor(user_id: str, name: str, next: str = "") -> Question:
    return Question(
        _("Turn off two-step sign-in for {name}?", name=name),
        _(
            "{name} signs in with the password alone, and is told so. Passkeys are removed, too. "
            "Do this only for somebody whose voice or face you know.",
            name=name,
        ),
        _("Turn off"),
        url_for("pages.accounts.turn_off_second_factor", user_id=user_id),
        url_for("pages.accounts.ask_turn_off_second_factor", user_id=user_id, next=next or None),
        next or url_for("pages.accounts.show"),
        next,
    )


def remove_passkey(passkey_id: str, name: str) -> Question:
    return Question(
        _("Remove the passkey “{name}”?", name=name),
        _("You can’t sign in with it any more. Devices that are signed in stay signed in."),
        _("Remove"),
        url_for("pages.passkeys.remove", passkey_id=passkey_id),
        url_for("pages.passkeys.ask_remove", passkey_id=passkey_id),
        url_for("pages.security.show", _anchor="passkeys"),
    )


def leave_room(room: Room) -> Question:
    comes_back = _("You can join again at any time.")
    if room["kind"] == "private":
        comes_back = _("Only a member can add you again.")
    if room["archived_at"]:
        comes_back = _("You can’t come back while it’s archived.")
    return Question(
        _("Leave {room}?", room=_name(room)),
        comes_back,
        _("Leave"),
        url_for("pages.room_settings.leave", room_id=room["id"]),
        url_for("pages.asking.leave_room", room_id=room["id"]),
        url_for("pages.room_settings.show", room_id=room["id"]),
    )


def delete_room(room: Room) -> Question:
    return Question(
        _("Delete {room}?", room=_name(room)),
        _(
            "Deletes every message and picture in {room} for everyone. This can’t be undone.",
            room=_name(room),
        ),
        _("Delete"),
        url_for("pages.room_settings.delete_room", room_id=room["id"]),
        url_for("pages.asking.delete_room", room_id=room["id"]),
        url_for("pages.room_settings.show", room_id=room["id"]),
        typed=room["name"],
    )


def delete_message(message: Message) -> Question:
    place = {"room_id": message["room_id"], "message_id": message["id"]}
    return Question(
        _("Delete this message?"),
        _("It goes away for everyone. You can’t undo this."),
        _("Delete"),
        url_for("pages.messages.delete", **place),
        url_for("pages.asking.delete_message", **place),
        url_for("pages.messages.show", **place),
        quoted=message,
    )


def _name(room: Room) -> str:
    return f"#{room['name']}" if room["kind"] == "public" else str(room["name"])
