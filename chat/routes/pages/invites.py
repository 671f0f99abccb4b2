"""Serve the page of links that let people in."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import invites as verbs
from chat.controllers import mailed_invites, mails, own_bans
from chat.models.membership import Membership
from chat.routes.authentication import CSRF_FIELD
from chat.routes.join_links import link_of
from chat.routes.pages import questions
from chat.routes.pages.forms import load, own_path, read_query, refuse
from chat.routes.pages.join_page import join_page
from chat.routes.pages.once import once
from chat.schemas.invites import DAY, InviteFormInput, InvitesQuery, show_invite
from chat.utils.errors import ChatError, NotFound
from chat.utils.own_address import command_for_others, is_loopback
from chat.utils.translation import _, ngettext

invites = Blueprint("invites", __name__)

DAYS = (1, 7, 30, 365)
USUAL_DAYS = 7
USES = (1, 5, 25, 100)


@invites.get("/settings/invites")
def show() -> str:
    """Show a form for a new link, and the links that there are."""
    return _page(chosen_rooms=request.args.getlist("room_id"))


@invites.get("/admin/invitations")
def show_all() -> str:
    """Show everybody's links to an administrator."""
    g.person.must("look after invites")
    return render_template("settings/invitations.html", **_listed())


@invites.post("/settings/invites")
def make() -> AnyResponse | tuple[str, int]:
    """Make a link, and show it, which happens once."""
    try:
        form = _form()
        made, code = mailed_invites.make(g.person, **form)
    except NotFound:
        raise
    except ChatError as mistake:
        asked = request.form.getlist("room_ids")
        return refuse(_page(mistake=mistake, chosen_rooms=asked), mistake)
    shown = show_invite(*made, code, link_of(code))
    return _page(made=shown, mailed=len(form["emails"])), 201


@invites.get("/settings/invites/<invite_id>/revoke")
def ask_revoke(invite_id: str) -> str:
    back = own_path(request.args.get("next"), "")
    return render_template("question.html", question=questions.revoke_invite(invite_id, back))


@invites.post("/settings/invites/<invite_id>/revoke")
@once
def revoke(invite_id: str) -> AnyResponse:
    verbs.revoke(g.person, invite_id)
    return redirect(own_path(request.form.get("next"), url_for("pages.invites.show")), 303)


@invites.post("/join/<code>/accept")
def accept(code: str) -> AnyResponse:
    """Join the rooms of a link, for somebody who has an account.

    Say which of them the person is banned from.
    """
    joined = verbs.accept(g.person, code)
    shown = verbs.find(code)
    if own_bans.ends_among(g.person, shown.rooms):
        return Response(join_page(code, shown, joined=joined))
    return go_to_first(joined)


def go_to_first(joined: list[Membership]) -> AnyResponse:
    """Redirect to the first of the rooms that somebody joined."""
    if not joined:
        return redirect(url_for("pages.rooms.list_mine"), 303)
    return redirect(url_for("pages.rooms.show", room_id=joined[0].room.id), 303)


def _form() -> dict[str, Any]:
    """Return the form: a browser sends each chosen room, and an empty text for "no limit"."""
    texts = {name: text for name, text in request.form.items() if text and name != CSRF_FIELD}
    return load(InviteFormInput, texts | {"room_ids": request.form.getlist("room_ids")})


def _page(
    *,
    made: dict[str, Any] | None = None,
    mailed: int = 0,
    mistake: ChatError | None = None,
    chosen_rooms: list[str] | None = None,
) -> str:
    return render_template(
        "settings/invites.html",
        made=made,
        mailed=mailed,
        are_mails_on=mails.are_on(),
        reach=_reach(),
        qr_code=b64encode(made["qr_svg"].encode()).decode() if made else "",
        **_listed(),
        rooms=verbs.rooms_to_share(g.person),
        chosen_rooms=chosen_rooms or [],
        lifetimes=[(days * DAY, ngettext("{count} day", "{count} days", days)) for days in DAYS],
        usual_lifetime=str(USUAL_DAYS * DAY),
        use_choices=[
            ("", _("No limit")),
            *((uses, ngettext("{count} person", "{count} people", uses)) for uses in USES),
        ],
        form={} if made else request.form,
        mistake=mistake,
    )


def _reach() -> dict[str, str] | None:
    """Return the chat's address and how to start it for others; None if others reach it."""
    settings = extensions.settings()
    if not is_loopback(settings.public_url):
        return None
    return {"address": settings.public_url, "command": command_for_others(settings.port)}


def _listed() -> dict[str, Any]:
    """Return a page of the links that the person may see, each with whether it is over."""
    shown, following = verbs.page(g.person, **read_query(InvitesQuery))
    listed = [(show_invite(*each), each.invite.is_over) for each in shown]
    return {"invites": listed, "following": following}
