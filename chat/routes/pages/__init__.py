"""Serve HTML to people.

Every page can be read and used without JavaScript; with JavaScript, pages are live. The `sign_in`
pages are for everybody, the others for signed-in people.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Flask, g, request, url_for

from chat import extensions
from chat.controllers import budgets, current_chat, password_setting, room_invitations, storage
from chat.controllers import favourites as my_favourites
from chat.controllers import invites as invite_verbs
from chat.controllers import reports as report_verbs
from chat.models.preferences import USUAL
from chat.routes import (
    authentication,
    bodies,
    cookies,
    cpu_time,
    headers,
    static_files,
    streaming,
    uploads,
)
from chat.routes.own_origin import require_own_origin
from chat.routes.pages import filters, fragments, questions, sidebar_order, times
from chat.routes.pages.about_me import about_me
from chat.routes.pages.accounts import accounts
from chat.routes.pages.administration import administration
from chat.routes.pages.asking import asking
from chat.routes.pages.audit import audit
from chat.routes.pages.bans import bans
from chat.routes.pages.connections import connections
from chat.routes.pages.details import details
from chat.routes.pages.devices import device_name, devices
from chat.routes.pages.direct_rooms import direct_rooms
from chat.routes.pages.email import email
from chat.routes.pages.erasing import erasing
from chat.routes.pages.faces import faces_by_id
from chat.routes.pages.favourites import favourites
from chat.routes.pages.forgetting import forgetting
from chat.routes.pages.invitations import invitations
from chat.routes.pages.invites import invites
from chat.routes.pages.joining import joining
from chat.routes.pages.mail_stopping import mail_stopping
from chat.routes.pages.measures import MEASURES, is_long
from chat.routes.pages.members import members
from chat.routes.pages.mentions import mentions
from chat.routes.pages.messages import messages
from chat.routes.pages.notifications import notifications
from chat.routes.pages.oversight import oversight
from chat.routes.pages.overview import overview
from chat.routes.pages.people import people
from chat.routes.pages.push import push
from chat.routes.pages.reports import reports
from chat.routes.pages.resetting import resetting
from chat.routes.pages.room_settings import room_settings
from chat.routes.pages.rooms import rooms
from chat.routes.pages.search import search
from chat.routes.pages.second_step import second_step
from chat.routes.pages.security import security
from chat.routes.pages.settings import settings
from chat.routes.pages.sign_in import sign_in
from chat.routes.pages.single_sign_on import single_sign_on
from chat.routes.pages.sizes import file_size
from chat.schemas.chat_settings import show_chat
from chat.schemas.rooms import show_room_items
from chat.schemas.users import show_me
from chat.utils import translation
from chat.utils.colours import colour_of

OF_STRANGERS = (sign_in, forgetting, joining, resetting, second_step, single_sign_on)
# They require a person.
OF_PEOPLE = (
    rooms,
    details,
    members,
    bans,
    room_settings,
    direct_rooms,
    favourites,
    invitations,
    invites,
    messages,
    mentions,
    people,
    search,
    asking,
    settings,
    about_me,
    notifications,
    push,
    devices,
    security,
    email,
    connections,
    administration,
    accounts,
    erasing,
    overview,
    oversight,
    audit,
    reports,
)
# The action that a request to a page counts as. Any other request that makes a change counts as
# "write".
ACTIONS: dict[str, str] = {
    "sign_in.check_log_in": "log in from",
    "sign_in.check_register": "register",
    "joining.register": "register",
    "resetting.use": "log in from",
    "forgetting.ask": "forget passwords",
    "second_step.check": "log in from",
    "sign_in.check_set_up": "register",
    "sign_in.refresh": "refresh",
    "pages.search.find": "search",
    "pages.rooms.post_message": "send",
    "pages.invites.make": "make invites",
    "pages.settings.change_profile": "profile",
    "pages.about_me.change_status": "profile",
    "pages.about_me.change_time_zone": "profile",
    "pages.settings.change_avatar": "send",
    "pages.administration.change_icon": "send",
    "pages.messages.edit": "send",
    "pages.messages.delete": "send",
    "pages.messages.react": "send",
    "pages.messages.pin": "send",
}


def set_up(app: Flask) -> None:
    pages = Blueprint("pages", __name__)
    pages.before_request(authentication.require_person_of_page)
    pages.before_request(_count)
    pages.before_request(streaming.take_turn)
    pages.before_request(uploads.admit)
    pages.before_request(bodies.receive)
    pages.before_request(authentication.require_csrf_token)
    pages.after_request(fragments.mark)
    for blueprint in OF_STRANGERS:
        blueprint.before_request(_guard_sign_in)
        app.register_blueprint(blueprint)
    app.register_blueprint(mail_stopping)  # mail programs send its form from elsewhere
    for blueprint in OF_PEOPLE:
        pages.register_blueprint(blueprint)
    app.register_blueprint(pages)
    _equip_templates(app)


def _equip_templates(app: Flask) -> None:
    app.add_template_filter(filters.initials)
    app.add_template_filter(filters.called)
    app.add_template_filter(filters.label)
    app.add_template_filter(colour_of, "colour")
    app.add_template_filter(device_name)
    app.add_template_filter(filters.fitted)
    app.add_template_filter(filters.is_small)
    app.add_template_filter(sidebar_order.badge)
    app.add_template_filter(sidebar_order.begun)
    app.add_template_filter(sidebar_order.waiting)
    app.add_template_filter(filters.listed)
    app.add_template_filter(filters.excerpt)
    app.add_template_filter(filters.is_emoji_only)
    app.add_template_filter(is_long)
    app.add_template_global(faces_by_id)
    app.add_template_global(chat_icon)
    app.add_template_global(_open_reports, "open_reports")
    app.add_template_global(authentication.csrf_token)
    app.add_template_global(partial(cookies.name_of, cookies.CSRF), "csrf_cookie")
    app.add_template_global(partial(cookies.name_of, cookies.ZONE), "zone_cookie")
    app.add_template_global(partial(cookies.name_of, cookies.PANEL), "panel_cookie")
    app.add_template_global(partial(cookies.value_of, cookies.PANEL), "expects_panel")
    app.add_template_global(partial(cookies.name_of, cookies.FOLDED), "folded_cookie")
    app.add_template_global(partial(cookies.value_of, cookies.FOLDED), "folded_sections")
    app.add_template_global(lambda: password_setting.has_password(g.person), "has_password")
    app.add_template_global(static_files.script)
    app.add_template_filter(file_size)
    app.add_template_filter(times.number)
    app.add_template_filter(times.day, "day")
    app.add_template_filter(times.time_parts, "time_parts")
    app.jinja_env.globals["questions"] = questions
    # for kept pages, which come without headers: models/device_copies.js
    app.jinja_env.globals["content_security_policy"] = headers.CONTENT_SECURITY_POLICY
    app.context_processor(_for_every_page)


def _count() -> None:
    """Count the action before the form is read, so that refused forms count, too."""
    usual = "write" if request.method in authentication.UNSAFE else None
    if action := ACTIONS.get(request.endpoint or "", usual):
        budgets.charge(action, g.person.id)


def _guard_sign_in() -> None:
    """Require our own page for changes, and count them by address, as nobody is signed in."""
    if request.method in authentication.UNSAFE:
        require_own_origin()
        if action := ACTIONS.get(request.endpoint or ""):
            cpu_time.charge_visitor(action)


def _for_every_page() -> dict[str, Any]:
    person = g.get("person")
    chat = show_chat(current_chat.find())
    if person is None:
        return {"preferences": USUAL, "chat": chat, **_spoken()}
    return {
        "chat": chat,
        **_spoken(),
        "preferences": person.preferences,
        "me": show_me(person),
        "static_version": f"{static_files.current_version()}-{translation.current()}",
        "is_fragment": fragments.is_fragment(),
        "measures": MEASURES,
        "may_invite": invite_verbs.may_invite(person),
        "has_providers": bool(extensions.settings().sign_on),
        "disk_notice": storage.notice_for(person),
        "my_rooms": _my_rooms,
        "my_invitations": lambda: room_invitations.count(person),
    }


def _spoken() -> dict[str, Any]:
    return {"language": translation.current(), "locale": times.locale_name()}


def chat_icon(size: int, usual: str = "icons/chat.svg") -> str:
    """Return the address of the chat's icon in one of ICON_SIZES, or of a static file."""
    if icon_id := current_chat.find().icon_id:
        return url_for("icon", icon_id=icon_id, size=size)
    return url_for("static", filename=usual)


def _open_reports() -> int:
    """Return how many reports wait for an administrator. A request counts them at most once."""
    if "open_reports" not in g:
        g.open_reports = report_verbs.count_open(g.person)
    count: int = g.open_reports
    return count


def _my_rooms() -> list[dict[str, Any]]:
    """Return the RoomItemViews of the sidebar, which every page shows, in its order.

    A request reads them at most once.
    """
    if "my_rooms" not in g:
        g.my_rooms = sidebar_order.in_order(show_room_items(my_favourites.sidebar(g.person)))
    shown: list[dict[str, Any]] = g.my_rooms
    return shown
