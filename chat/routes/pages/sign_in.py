"""Sign in, register, set up the first administrator, sign out."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import accounts, chat_settings, current_chat, default_rooms, sessions
from chat.controllers.sign_on import by_password
from chat.routes import authentication, cookies
from chat.routes.pages.consenting import ask_for_consent
from chat.routes.pages.entering import enter, enter_or_ask
from chat.routes.pages.forms import own_path, read_form, refuse
from chat.routes.pages.sign_in_page import sign_in_page
from chat.routes.visitors import visitor
from chat.schemas.users import LoginInput, RegisterInput, SetUpInput
from chat.utils.errors import ChatError

sign_in = Blueprint("sign_in", __name__)


@sign_in.get("/")
def index() -> AnyResponse:
    return redirect(url_for("pages.rooms.list_mine"))


@sign_in.get("/login")
def log_in() -> AnyResponse | str:
    return _go_on() or sign_in_page("sign_in/login.html")


@sign_in.post("/login")
def check_log_in() -> AnyResponse:
    try:
        body = read_form(LoginInput, username="", password="")
        sender = visitor()
        arrival = by_password.check(body["username"], body["password"], sender)
        if arrival.person and arrival.needs_consent:
            return ask_for_consent(arrival.person, request.args.get("next"))
        return enter_or_ask(arrival.user, sender)
    except ChatError as mistake:
        return refuse(sign_in_page("sign_in/login.html", mistake), mistake)


@sign_in.get("/register")
def register() -> AnyResponse | str:
    return _go_on() or sign_in_page("sign_in/register.html")


@sign_in.post("/register")
def check_register() -> AnyResponse:
    try:
        sender = visitor()
        user = accounts.register(**read_form(RegisterInput), visitor=sender)
        first = [str(mine.room.id) for mine in default_rooms.joined(user)][:1]
        return enter(sessions.begin(user, sender.user_agent), *first)
    except ChatError as mistake:
        return refuse(sign_in_page("sign_in/register.html", mistake), mistake)


@sign_in.get("/setup/<token>")
def set_up(token: str) -> str:
    """Show the page of the one-time link that the chat prints at its first start."""
    accounts.check_setup_token(token)
    return sign_in_page("sign_in/setup.html")


@sign_in.post("/setup/<token>")
def check_set_up(token: str) -> AnyResponse:
    try:
        body = read_form(SetUpInput)
        user = accounts.register_first_admin(
            token, body["username"], body["password"], body["display_name"]
        )
        if body["chat_name"] and "name" not in current_chat.fixed():
            chat_settings.change(user, name=body["chat_name"])
        return enter(sessions.begin(user, visitor().user_agent))
    except ChatError as mistake:
        return refuse(sign_in_page("sign_in/setup.html", mistake), mistake)


@sign_in.post("/logout")
def log_out() -> AnyResponse:
    authentication.require_person_of_page()
    authentication.require_csrf_token()
    sessions.end(g.session)
    authentication.sign_out()
    provider_id = cookies.value_of(cookies.PROVIDER)
    response = redirect(url_for("sign_in.log_in", left=provider_id or None))
    if provider_id:
        cookies.remove(response, cookies.PROVIDER)
    return response


@sign_in.post("/session/refresh")
def refresh() -> Response:
    """Set new cookies, without content, for a page whose access token has expired."""
    authentication.renew()
    return Response(status=204)


def _go_on() -> AnyResponse | None:
    """Redirect somebody who is signed in to where they wanted to go, or to the first page.

    A page that learned that its session had ended (`ended`) is never sent back: its person may have
    signed in as somebody else meanwhile.
    """
    if request.args.get("ended") or not authentication.is_signed_in():
        return None
    return redirect(own_path(request.args.get("next"), url_for("pages.rooms.list_mine")))
