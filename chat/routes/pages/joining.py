"""Serve the page that an invite's link opens: to make an account, or to join with one."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import accounts, default_rooms, invites, sessions
from chat.routes import authentication
from chat.routes.pages.forms import read_form, refuse
from chat.routes.pages.invites import go_to_first
from chat.routes.pages.join_page import join_page
from chat.routes.visitors import visitor
from chat.schemas.users import RegisterInput
from chat.utils.errors import ChatError, Gone, NotFound

joining = Blueprint("joining", __name__, url_prefix="/join")


@joining.get("/<code>")
def show(code: str) -> str:
    """Show who invites to what. Raises NotFound, Gone."""
    return join_page(code, invites.show(code))


@joining.post("/<code>")
def register(code: str) -> AnyResponse:
    """Make an account, sign in, and join the rooms."""
    shown = invites.show(code)
    try:
        sender = visitor()
        user = accounts.register(**read_form(RegisterInput, invite=code), visitor=sender)
        authentication.end_session_of_browser()
        authentication.sign_in(sessions.begin(user, sender.user_agent))
    except (NotFound, Gone):
        raise
    except ChatError as mistake:
        return refuse(join_page(code, invites.show(code), mistake), mistake)
    return go_to_first(invites.joined(user, shown) or default_rooms.joined(user))
