"""Show and answer a person's invitations to rooms."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import room_invitations as verbs
from chat.routes.pages.forms import own_path, refuse
from chat.routes.pages.once import once
from chat.schemas.room_invitations import show_invitations
from chat.utils.errors import ChatError, NotFound

invitations = Blueprint("invitations", __name__)


@invitations.get("/invitations")
def list_mine() -> str:
    return _page()


@invitations.post("/invitations/<invitation_id>/accept")
@once
def accept(invitation_id: str) -> AnyResponse:
    try:
        membership = verbs.accept(g.person, invitation_id)
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return redirect(url_for("pages.rooms.show", room_id=membership.room.id), 303)


@invitations.post("/invitations/<invitation_id>/decline")
@once
def decline(invitation_id: str) -> AnyResponse:
    verbs.decline(g.person, invitation_id)
    usual = url_for("pages.invitations.list_mine")
    return redirect(own_path(request.form.get("next"), usual), 303)


def _page(mistake: ChatError | None = None) -> str:
    shown = show_invitations(verbs.list_of(g.person))["invitations"]
    return render_template("invitations.html", invitations=shown, mistake=mistake)
