"""`/rooms/<id>/bans`, and mutes: people who are kept out of a room, or do not write there."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import bans as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.bans import BanInput, BansQuery, BansView, BanView, show_ban
from chat.schemas.members import MemberView, show_member
from chat.schemas.mutes import MuteInput

bans = Blueprint("bans", __name__, description="Bans and mutes in rooms")


@bans.post("/<id:room_id>/bans", name="banPerson", scope="manage")
@bans.arguments(BanInput)
@bans.response(201, BanView)
@bans.alt_response(200, schema=BanView, description="They are banned already; this changes the ban")
def ban(body: dict[str, Any], room_id: str) -> Response:
    """Ban a person from a room

    For owners and moderators. The person leaves the room at once, and comes in by no way until the
    ban ends: not by joining, by invitations or by being added.
    """
    seen, is_new = verbs.ban(g.person, room_id, **body)
    return json_answer(show_ban(*seen), 201 if is_new else 200)


@bans.get("/<id:room_id>/bans", name="listBans", scope="read")
@bans.arguments(BansQuery, location="query")
@bans.response(200, BansView)
def list_some(query: dict[str, Any], room_id: str) -> Response:
    """List a room's bans, the latest first

    For owners and moderators.
    """
    page = verbs.page(g.person, room_id, **query)
    return json_answer({"bans": [show_ban(*each) for each in page.items], "next": page.following})


@bans.delete("/<id:room_id>/bans/<id:user_id>", name="liftBan", scope="manage")
@bans.response(204)
def lift(room_id: str, user_id: str) -> tuple[Any, int]:
    """Lift a ban

    For owners and moderators. The person may come back as anybody may.
    """
    verbs.lift(g.person, room_id, user_id)
    return "", 204


@bans.put("/<id:room_id>/members/<id:user_id>/mute", name="muteMember", scope="manage")
@bans.arguments(MuteInput)
@bans.response(200, MemberView)
def mute(body: dict[str, Any], room_id: str, user_id: str) -> Response:
    """Mute a member

    For owners and moderators. The person may read, and neither post, edit nor react; also after
    leaving and coming back.
    """
    return json_answer(show_member(*verbs.mute(g.person, room_id, user_id, **body)))


@bans.delete("/<id:room_id>/members/<id:user_id>/mute", name="unmuteMember", scope="manage")
@bans.response(200, MemberView)
def unmute(room_id: str, user_id: str) -> Response:
    """Unmute a member"""
    return json_answer(show_member(*verbs.unmute(g.person, room_id, user_id)))
