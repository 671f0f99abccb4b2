"""`/me`: one's own account, preferences, devices, invitations and blocks."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import (
    avatars,
    blocks,
    budgets,
    erasing,
    preferences,
    profile_changes,
    room_invitations,
    sessions,
)
from chat.routes.api.parsing import Blueprint, multipart, sent_fields, sent_picture
from chat.routes.responses import json_answer
from chat.routes.visitors import has_hung_up, visitor
from chat.schemas.base import Input
from chat.schemas.erasing import EraseOwnInput
from chat.schemas.passwords import PasswordInput
from chat.schemas.preferences import PreferencesInput, PreferencesView, show_preferences
from chat.schemas.profiles import ProfileInput
from chat.schemas.room_invitations import RoomInvitationsView, show_invitations
from chat.schemas.rooms import RoomView, show_room
from chat.schemas.sessions import SessionsView, show_session
from chat.schemas.users import (
    MeView,
    PeopleView,
    show_me,
    show_user,
)

me = Blueprint("me", __name__, description="Your account and your devices")


@me.get("", name="getMe", scope="read")
@me.response(200, MeView)
def show() -> Response:
    """Get your account"""
    return json_answer(show_me(g.person))


@me.patch("", name="changeMe", scope="write")
@me.arguments(ProfileInput)
@me.response(200, MeView)
def change(body: dict[str, Any]) -> Response:
    """Change what others see of you, or switch read receipts"""
    return json_answer(show_me(profile_changes.change_profile(g.person, **body)))


@me.delete("", name="eraseMe")
@me.arguments(EraseOwnInput)
@me.response(204)
def erase(body: dict[str, str]) -> tuple[Any, int]:
    """Delete your account

    You are signed out everywhere and leave all rooms; names, picture and preferences are gone. Your
    messages stay under “Former member”, or are deleted. It cannot be undone. conflict for the last
    active administrator.
    """
    budgets.charge("change password", g.session.id)
    erasing.erase_own(g.person, body["password"], body["messages"], body["otp"], visitor())
    return "", 204


@me.put("/avatar", name="setMyAvatar", scope="write")
@me.doc(requestBody=multipart())
@me.response(200, MeView)
def change_avatar() -> Response:
    """Set your avatar

    Accepts the same formats as pictures in rooms. The chat stores the square in the middle, in
    three sizes, without the metadata of the file.
    """
    file = sent_picture()
    sent_fields(Input)
    return json_answer(show_me(avatars.change(g.person, file, has_hung_up())))


@me.delete("/avatar", name="removeMyAvatar", scope="write")
@me.response(204)
def remove_avatar() -> tuple[Any, int]:
    """Remove your avatar"""
    avatars.remove(g.person)
    return "", 204


@me.put("/password", name="changeMyPassword")
@me.arguments(PasswordInput)
@me.response(204)
def change_password(body: dict[str, str]) -> tuple[Any, int]:
    """Change your password

    Signs out all your other devices.
    """
    budgets.charge("change password", g.session.id)
    sessions.change_password(
        g.person, g.session, body["current_password"], body["new_password"], has_hung_up()
    )
    return "", 204


@me.get("/preferences", name="getMyPreferences", scope="read")
@me.response(200, PreferencesView)
def show_mine() -> Response:
    """Get your preferences"""
    return json_answer(show_preferences(g.person))


@me.patch("/preferences", name="changeMyPreferences")
@me.arguments(PreferencesInput)
@me.response(200, PreferencesView)
def change_preferences(body: dict[str, Any]) -> Response:
    """Change some of your preferences, on all your devices"""
    return json_answer(show_preferences(preferences.change(g.person, **body)))


@me.get("/sessions", name="listMySessions")
@me.response(200, SessionsView)
def list_sessions() -> Response:
    """List the devices that you are signed in on"""
    return json_answer(
        {
            "sessions": [
                show_session(session, g.session) for session in sessions.list_of(g.person)
            ],
            "next": None,
        }
    )


@me.delete("/sessions", name="endMyOtherSessions")
@me.response(204)
def end_other_sessions() -> tuple[Any, int]:
    """Sign out all your devices except this one"""
    sessions.end_others_of(g.person, g.session)
    return "", 204


@me.delete("/sessions/<id:session_id>", name="endMySession")
@me.response(204)
def end_session(session_id: str) -> tuple[Any, int]:
    """Sign out one of your devices"""
    sessions.end_one_of(g.person, session_id)
    return "", 204


@me.get("/room-invitations", name="listMyRoomInvitations", scope="read")
@me.response(200, RoomInvitationsView)
def list_invitations() -> Response:
    """List your invitations to rooms, the latest first"""
    return json_answer(show_invitations(room_invitations.list_of(g.person)))


@me.post("/room-invitations/<id:invitation_id>/accept", name="acceptRoomInvitation", scope="write")
@me.response(200, RoomView)
def accept_invitation(invitation_id: str) -> Response:
    """Accept an invitation to a room"""
    return json_answer(show_room(room_invitations.accept(g.person, invitation_id)))


@me.delete("/room-invitations/<id:invitation_id>", name="declineRoomInvitation", scope="write")
@me.response(204)
def decline_invitation(invitation_id: str) -> tuple[Any, int]:
    """Decline an invitation

    The same person cannot invite you to that room again for 30 days.
    """
    room_invitations.decline(g.person, invitation_id)
    return "", 204


@me.get("/blocks", name="listBlockedUsers", scope="read")
@me.response(200, PeopleView)
def list_blocks() -> Response:
    """List the people you block, the latest first"""
    blocked = [show_user(user) for user in blocks.list_of(g.person)]
    return json_answer({"users": blocked, "next": None})
