"""Make the page that an invite's link opens."""

from __future__ import annotations

from flask import g

from chat.controllers import own_bans
from chat.controllers.invites import InviteWithRooms
from chat.models.membership import Membership
from chat.routes import authentication
from chat.routes.pages.sign_in_page import sign_in_page
from chat.schemas.bans import show_own_ban
from chat.schemas.invites import show_invite
from chat.schemas.rooms import show_named_room
from chat.utils.errors import ChatError


def join_page(
    code: str,
    shown: InviteWithRooms,
    mistake: ChatError | None = None,
    joined: list[Membership] | None = None,
) -> str:
    """Return the page, which names the rooms that the person is banned from.

    `joined`: the rooms that they joined by it; None before they did.
    """
    is_signed_in = authentication.is_signed_in()
    ends = own_bans.ends_among(g.person, shown.rooms) if is_signed_in else {}
    banned = [room for room in shown.rooms if room.id in ends]
    return sign_in_page(
        "sign_in/join.html",
        mistake,
        code=code,
        invite=show_invite(*shown),
        is_signed_in=is_signed_in,
        bans=[(show_named_room(room), show_own_ban(ends[room.id])) for room in banned],
        is_done=joined is not None or (shown.rooms and banned == shown.rooms),
        joined=[show_named_room(each.room) for each in joined or []],
    )
