"""Define the input and the views of people, accounts and sessions."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates

from chat.models.user import User
from chat.schemas.account_names import LONGEST_DISPLAY_NAME, DisplayName, Username
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import (
    ID_LENGTH,
    Moment,
    Next,
    OneOf,
    StrictInteger,
    one_of,
)
from chat.schemas.statuses import StatusView, show_status
from chat.schemas.text_fields import CleanText, Name, StrictString
from chat.utils.clock import rfc3339
from chat.utils.configuration.chat_name import LONGEST as LONGEST_CHAT_NAME
from chat.utils.lookalikes import is_reserved
from chat.utils.names import is_username, why_no_username
from chat.utils.pictures import AVATAR_SIZES
from chat.utils.translation import _

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
LONGEST_INVITE = 200
LONGEST_CODE = 40  # characters as typed, with spaces
USUAL_AVATAR = 96  # px: enough on every screen for the 36 px that a page shows


class Password(StrictString):
    """A new password: 8 to 256 characters of any script, unchanged."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_PASSWORD, **options)

    @property
    def described(self) -> dict[str, Any]:
        return super().described | {"minLength": SHORTEST_PASSWORD}

    def _wrong_length(self, characters: int) -> str:
        return _(
            "A password has {least} to {most} characters.",
            least=SHORTEST_PASSWORD,
            most=LONGEST_PASSWORD,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        password = super()._deserialize(value, attr, data, **options)
        if len(password) < SHORTEST_PASSWORD:
            raise ValidationError(self._wrong_length(len(password)))
        return password


class RegisterInput(Input):
    username = Username(
        required=True,
        metadata={
            "description": "2 to 32 letters, digits, dots, underscores or hyphens, of one script; "
            "unique without regard to case and to characters that look alike"
        },
    )
    password = Password(required=True)
    display_name = DisplayName(0, load_default="")
    invite = CleanText(
        0,
        LONGEST_INVITE,
        load_default="",
        metadata={"description": "an invitation, if registration needs one"},
    )

    @validates("username")
    def _username(self, username: str, **_options: object) -> None:
        must_be_username(username)


def must_be_username(username: str) -> None:
    """Raise marshmallow's ValidationError unless a person may have this username."""
    if not is_username(username):
        raise ValidationError(why_no_username(username))
    if is_reserved(username):
        raise ValidationError(_("This username is reserved; choose another."))


class SetUpInput(RegisterInput):
    """The first administrator's account, and what the chat is called."""

    chat_name = Name(0, LONGEST_CHAT_NAME, load_default="")


class LoginInput(Input):
    username = Username(required=True)
    password = StrictString(LONGEST_PASSWORD, required=True)
    otp = StrictString(
        LONGEST_CODE,
        load_default="",
        metadata={"description": "a code of the second factor, or a recovery code"},
    )


class PeopleQuery(QueryInput):
    q = CleanText(
        0,
        LONGEST_DISPLAY_NAME,
        load_default="",
        metadata={
            "description": "the beginning of a username, or of a word of a display name or title"
        },
    )


class PeopleOrAdministratorsQuery(PeopleQuery):
    role = OneOf(
        ("administrator",),
        load_default=None,
        allow_none=True,
        metadata={"description": "only the active administrators of the chat"},
    )


class UserView(View):
    id = fields.String(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    shows_username = fields.Boolean(
        required=True,
        metadata={
            "description": "show `@username` beside the display name, "
            "which alone could be mistaken for another person's or for a role"
        },
    )
    erased = fields.Boolean(
        required=True,
        metadata={"description": "whether the account was deleted; nothing is known of the person"},
    )
    is_bot = fields.Boolean(
        required=True, metadata={"description": "whether a program writes under this name"}
    )
    avatar_url = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "changes with each new avatar; add &size= of 48, 96 (the default) or 256"
        },
    )
    status = fields.Nested(StatusView, required=True, allow_none=True)


class TitledUserView(UserView):
    """A person in a list in which people are found by their titles, too."""

    title = fields.String(required=True, metadata={"description": "what the person does here"})


class MeView(UserView):
    is_admin = fields.Boolean(required=True)
    second_factor = fields.Boolean(
        required=True, metadata={"description": "whether signing in needs a code, too"}
    )
    read_receipts = fields.Boolean(required=True)
    title = fields.String(required=True)
    time_zone = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)


class SignedInView(View):
    user = fields.Nested(MeView, required=True)
    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    expires_in = fields.Integer(
        required=True, metadata={"description": "seconds until the access token expires"}
    )
    device_token = fields.String(
        required=True, metadata={"description": "store it, and send it as X-Device-Token to /auth"}
    )


class AvatarQuery(QueryInput):
    size = StrictInteger(
        min(AVATAR_SIZES),
        max(AVATAR_SIZES),
        strict=False,
        load_default=USUAL_AVATAR,
        metadata={"enum": list(AVATAR_SIZES), "description": "pixels, wide and high"},
    )
    v = StrictString(
        ID_LENGTH,
        load_default="",
        metadata={
            "description": "which avatar, as in avatar_url; clients may cache that one for ever"
        },
    )

    @validates("size")
    def _size(self, size: int, **_options: object) -> None:
        if size not in AVATAR_SIZES:
            raise ValidationError(one_of(AVATAR_SIZES))


class PeopleView(View):
    users = fields.List(fields.Nested(UserView), required=True)
    next = Next()


class FoundPeopleView(View):
    users = fields.List(fields.Nested(TitledUserView), required=True)
    next = Next()


def show_user(user: User) -> dict[str, Any]:
    """Return a UserView: the data of a person that everybody may know."""
    return {
        "id": str(user.shown_id or user.id),
        "username": user.username,
        "display_name": user.display_name,
        "shows_username": user.shows_username,
        "erased": user.is_erased,
        "is_bot": user.is_bot,
        "avatar_url": _avatar_url(user),
        "status": show_status(user.about.status),
    }


def show_titled(user: User) -> dict[str, Any]:
    """Return a TitledUserView."""
    return show_user(user) | {"title": user.about.title}


def show_me(user: User) -> dict[str, Any]:
    """Return a MeView: the data of a person that they may see themselves."""
    return show_user(user) | {
        "is_admin": user.is_admin,
        "second_factor": user.has_second_factor,
        "read_receipts": user.read_receipts,
        "title": user.about.title,
        "time_zone": user.about.time_zone,
        "created_at": rfc3339(user.created_at),
    }


def _avatar_url(user: User) -> str | None:
    if user.avatar_id is None:
        return None
    return f"/api/v1/users/{user.id}/avatar?v={user.avatar_id}"
