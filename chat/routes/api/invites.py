"""`/invites`: links that let people make an account, and join rooms."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import invites as verbs
from chat.controllers import mailed_invites
from chat.routes.api.parsing import Blueprint
from chat.routes.join_links import link_of
from chat.routes.responses import json_answer
from chat.schemas.invites import (
    CodeInput,
    InviteInput,
    InvitesQuery,
    InvitesView,
    InviteView,
    JoinedRoomsView,
    show_invite,
)
from chat.schemas.rooms import show_rooms

invites = Blueprint("invites", __name__, description="Links that lead into the chat")


@invites.get("", name="listInvites", scope="read")
@invites.arguments(InvitesQuery, location="query")
@invites.response(200, InvitesView)
def list_mine(query: dict[str, Any]) -> Response:
    """List your invites, the latest first

    Administrators see everybody's. An invite stays in the list for 30 days after its end.
    """
    shown, following = verbs.page(g.person, **query)
    return json_answer({"invites": [show_invite(*each) for each in shown], "next": following})


@invites.post("", name="makeInvite", scope="manage")
@invites.arguments(InviteInput)
@invites.response(201, InviteView)
def make(body: dict[str, Any]) -> Response:
    """Make an invite

    The setting INVITES decides who can. The response is the only one that shows the link. You can
    name public rooms, and rooms to which you may add people. A person who uses the invite joins
    those to which you may still add people then. The chat mails the link to `emails`, and forgets
    them; conflict where it sends no mails.
    """
    made, code = mailed_invites.make(g.person, **body)
    return json_answer(show_invite(*made, code, link_of(code)), 201)


@invites.post("/accept", name="acceptInvite")
@invites.arguments(CodeInput)
@invites.response(200, JoinedRoomsView)
def accept(body: dict[str, str]) -> Response:
    """Join the rooms of an invite

    This counts as a use unless you are in all its rooms. To make an account with an invite, send
    its code to `POST /auth/register`. gone for an invite that is used up or over.
    """
    return json_answer({"rooms": show_rooms(verbs.accept(g.person, body["code"]))})


@invites.delete("/<id:invite_id>", name="revokeInvite", scope="manage")
@invites.response(204)
def revoke(invite_id: str) -> tuple[Any, int]:
    """Revoke an invite, from now on

    Whoever came in by it stays.
    """
    verbs.revoke(g.person, invite_id)
    return "", 204
