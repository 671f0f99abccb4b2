"""Serve the page on which administrators look after public rooms."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import oversight as verbs
from chat.controllers import profiles
from chat.routes.pages import questions
from chat.routes.pages.forms import change_or_explain, load, own_path, read_query
from chat.schemas.oversight import OwnerFormInput, show_seen_room
from chat.schemas.rooms import BrowseQuery
from chat.utils.errors import ChatError, NotFound, ValidationFailed
from chat.utils.translation import _

oversight = Blueprint("oversight", __name__, url_prefix="/admin/rooms")


@oversight.get("")
def show() -> str:
    return _page()


@oversight.post("/<room_id>/owner")
def give_owner(room_id: str) -> AnyResponse:
    """Make the person whose username was typed the owner of a room."""

    def give() -> None:
        typed = request.form.get("username", "").strip().removeprefix("@")
        username = load(OwnerFormInput, {"username": typed})["username"]
        try:
            user = profiles.show(g.person, username, "").user
            verbs.give_owner(g.person, room_id, str(user.id))
        except NotFound as mistake:
            raise ValidationFailed(_("Nobody in this room has this username.")) from mistake

    done = own_path(request.form.get("next"), url_for("pages.oversight.show"))
    return change_or_explain(give, _page, done)


@oversight.get("/<room_id>/own")
def ask_own(room_id: str) -> str:
    room = verbs.find(g.person, room_id)
    back = own_path(request.args.get("next"), "")
    return render_template("question.html", question=questions.own_room(room_id, room.name, back))


@oversight.post("/<room_id>/own")
def own(room_id: str) -> AnyResponse:
    """Make the administrator who asks an owner of a room."""
    done = own_path(request.form.get("next"), url_for("pages.oversight.show"))
    return change_or_explain(
        lambda: verbs.give_owner(g.person, room_id, str(g.person.id)), _page, done
    )


def _page(mistake: ChatError | None = None) -> str:
    query = read_query(BrowseQuery)
    listed = verbs.page(g.person, **query)
    rooms = [
        {**show_seen_room(*each), "is_own": g.person.id in {owner.id for owner in each.owners}}
        for each in listed.items
    ]
    return render_template(
        "settings/rooms.html",
        **query,
        rooms=rooms,
        following=listed.following,
        private_rooms=verbs.count_private(g.person),
        here=url_for("pages.oversight.show", q=query["q"] or None, after=query["after"] or None),
        mistake=mistake,
    )
