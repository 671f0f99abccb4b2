"""Let a person in after the page of signing in: at once, or by a second step."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import second_factors, second_steps, sessions
from chat.controllers.sessions import SignedIn
from chat.controllers.visitors import Visitor
from chat.models.user import User
from chat.routes import authentication, cookies
from chat.routes.pages.forms import own_path


def enter_or_ask(user: User, sender: Visitor, next: str | None = None) -> AnyResponse:
    """Sign in somebody whose password is right, or redirect to the second step.

    `next`: where the person wants to go, if the address does not say it. Raises Unauthenticated.
    """
    wanted = request.args.get("next") if next is None else next
    if not second_steps.is_needed(user, sender.device, cookies.value_of(cookies.REMEMBERED)):
        return enter(sessions.enter(user, sender), next=wanted)
    response = redirect(url_for("second_step.show", next=wanted or None), 303)
    seconds = int(second_steps.STEP_LASTS.total_seconds())
    cookies.store(response, cookies.STEP, second_steps.begin(user), seconds)
    return response


def enter(signed_in: SignedIn, room_id: str = "", next: str | None = None) -> AnyResponse:
    """Sign in, and go on where the person wanted to go, to a room, or to the first page.

    Somebody whose second factor was turned off meanwhile goes to the page that says so.
    """
    authentication.end_session_of_browser()
    authentication.sign_in(signed_in)
    if second_factors.take_removal(signed_in.user):
        return redirect(url_for("pages.security.show", removed=1), 303)
    usual = (
        url_for("pages.rooms.show", room_id=room_id)
        if room_id
        else url_for("pages.rooms.list_mine")
    )
    return redirect(own_path(request.args.get("next") if next is None else next, usual), 303)
