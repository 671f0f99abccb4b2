"""Find people; show who somebody is; block and unblock people."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import blocks, profiles
from chat.controllers import people as verbs
from chat.routes.pages import times
from chat.routes.pages.forms import own_path, read_query
from chat.schemas.people_pages import ProfileQuery
from chat.schemas.profiles import show_person
from chat.schemas.rooms import show_room
from chat.schemas.users import PeopleOrAdministratorsQuery, show_titled

people = Blueprint("people", __name__)


@people.get("/people")
def find() -> str:
    """Find people, or administrators, to see who somebody is or to write to them."""
    query = read_query(PeopleOrAdministratorsQuery)
    q = query["q"]
    found = verbs.administrators(q) if query["role"] else verbs.search(q)
    return render_template(
        "people.html",
        q=q,
        role=query["role"],
        found=[show_titled(user) for user in found],
        is_cut=len(found) == verbs.MOST_FOUND,
    )


@people.get("/people/<username>")
def show(username: str) -> str:
    """Show who somebody is; scripts show the same beside a name."""
    profile = profiles.show(g.person, username, read_query(ProfileQuery)["room"])
    zone = profile.user.about.time_zone
    return render_template(
        "person.html",
        profile=profile,
        local_time=times.clock_in(zone) if zone and profile.user.id != g.person.id else None,
        user=show_person(profile.user),
        profile_room=profile.mine and show_room(profile.mine),
    )


@people.post("/people/<user_id>/block")
def block(user_id: str) -> AnyResponse:
    blocks.block(g.person, user_id)
    return _back()


@people.post("/people/<user_id>/unblock")
def unblock(user_id: str) -> AnyResponse:
    blocks.unblock(g.person, user_id)
    return _back()


def _back() -> AnyResponse:
    """Redirect to the page that contained the button."""
    return redirect(own_path(request.form.get("next"), url_for("pages.settings.show_privacy")), 303)
