"""People, accounts, sessions: what is accepted, what is shown."""

from __future__ import annotations

import unicodedata
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates

from chat.models.session import Session
from chat.models.user import User, is_reserved, is_username
from chat.schemas.fields import Input, Switch, Text, View, Whole, Words
from chat.utils.clock import rfc3339
from chat.utils.pictures import AVATAR_SIZES
from chat.utils.text import clean_text

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 256
LONGEST_DISPLAY_NAME = 64
USUAL_AVATAR = 96  # px: 36 on a page, sharp on every screen


class Password(Words):
    """A password to be: 8 to 256 characters of any script, taken as it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        password = super()._deserialize(value, attr, data, **options)
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ValidationError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
        try:
            password.encode()
        except UnicodeEncodeError:
            raise ValidationError("This password has a character that cannot be stored.") from None
        return password


class RegisterInput(Input):
    username = Words(
        required=True,
        metadata={"description": "2 to 32 letters, digits, dots, underscores or hyphens; unique without regard to case"},
    )
    password = Password(required=True, metadata={"minLength": SHORTEST_PASSWORD, "maxLength": LONGEST_PASSWORD})
    display_name = Text(0, LONGEST_DISPLAY_NAME, load_default="")
    invite = Text(0, 200, load_default="", metadata={"description": "an invitation, where registration is by invitation"})

    @pre_load
    def _normalize(self, data: Any, **_: object) -> Any:
        # Fullwidth and mathematical letters are the letters they look like.
        if isinstance(data, dict) and isinstance(data.get("username"), str):
            return data | {"username": unicodedata.normalize("NFKC", data["username"])}
        return data

    @validates("username")
    def _username(self, username: str, **_: object) -> None:
        if not is_username(username):
            raise ValidationError("A username has 2 to 32 letters, digits, dots, hyphens or underscores.")
        if is_reserved(username):
            raise ValidationError("This username is reserved; choose another.")


class LoginInput(Input):
    username = Words(required=True)
    password = Words(required=True)

    @post_load
    def _shorten(self, data: dict[str, str], **_: object) -> dict[str, str]:
        # Nobody has a longer name or password: do not hash megabytes to find that out.
        username = unicodedata.normalize("NFKC", data["username"].strip()[:LONGEST_PASSWORD])
        return {"username": username, "password": data["password"][: LONGEST_PASSWORD + 1]}


class ProfileInput(Input):
    display_name = Text(1, LONGEST_DISPLAY_NAME)
    read_receipts = Switch(metadata={"description": "false: neither do others see how far you have read, nor you of them"})


class ReceiptsInput(Input):
    """A form's choice."""

    read_receipts = fields.Boolean(required=True)


class PasswordInput(Input):
    current_password = Words(required=True)
    new_password = Password(required=True)


class PeopleQuery(Input):
    q = Words(load_default="", metadata={"description": "the beginning of a username, or of a word of a display name"})

    @post_load
    def _clean(self, data: dict[str, str], **_: object) -> dict[str, str]:
        try:
            return data | {"q": clean_text(data["q"])[:LONGEST_DISPLAY_NAME]}
        except ValueError as error:
            raise ValidationError({"q": [str(error)]}) from None


class UserView(View):
    id = fields.String(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    avatar_url = fields.String(
        required=True, allow_none=True, metadata={"description": "changes with the picture; add &size= of 48, 96 (the default) or 256"}
    )


class MeView(UserView):
    is_admin = fields.Boolean(required=True)
    read_receipts = fields.Boolean(required=True)
    created_at = fields.String(required=True)


class SignedInView(View):
    user = fields.Nested(MeView, required=True)
    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds until the access token ends"})
    device_token = fields.String(
        required=True, metadata={"description": "keep it, and send it as X-Device-Token to /auth"}
    )


class AvatarQuery(Input):
    size = Whole(
        min(AVATAR_SIZES), max(AVATAR_SIZES), strict=False, load_default=USUAL_AVATAR,
        metadata={"enum": list(AVATAR_SIZES), "description": "pixels, wide and high"},
    )
    v = Words(load_default="", metadata={"description": "which picture, as avatar_url has it: that one can be kept for ever"})

    @validates("size")
    def _size(self, size: int, **_: object) -> None:
        if size not in AVATAR_SIZES:
            raise ValidationError(f"One of these is needed: {', '.join(map(str, AVATAR_SIZES))}.")


class PeopleView(View):
    users = fields.List(fields.Nested(UserView), required=True)
    next = fields.String(required=True, allow_none=True)


class SessionView(View):
    id = fields.String(required=True)
    device = fields.String(required=True)
    created_at = fields.String(required=True)
    refreshed_at = fields.String(required=True)
    current = fields.Boolean(required=True, metadata={"description": "whether it is the one that asks"})


class SessionsView(View):
    sessions = fields.List(fields.Nested(SessionView), required=True)
    next = fields.String(required=True, allow_none=True)


def show_user(user: User) -> dict[str, Any]:
    """A UserView: what everybody may know of a person."""
    return {"id": str(user.id), "username": user.username, "display_name": user.display_name, "avatar_url": _avatar_url(user)}


def show_me(user: User) -> dict[str, Any]:
    """A MeView: what a person is told of themselves."""
    return show_user(user) | {"is_admin": user.is_admin, "read_receipts": user.read_receipts, "created_at": rfc3339(user.created_at)}


def show_session(session: Session, current: Session) -> dict[str, Any]:
    """A SessionView."""
    return {
        "id": str(session.id), "device": session.device, "created_at": rfc3339(session.created_at),
        "refreshed_at": rfc3339(session.refreshed_at), "current": session.id == current.id,
    }


def _avatar_url(user: User) -> str | None:
    return f"/api/v1/users/{user.id}/avatar?v={user.avatar_id}" if user.avatar_id else None
