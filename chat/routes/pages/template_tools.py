"""What every template can use: filters, globals, and what each page shows."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, g, url_for

from chat import VERSION, extensions
from chat.controllers import (
    current_chat,
    open_reports,
    password_setting,
    people,
    room_invitations,
    storage,
)
from chat.controllers import favourites as my_favourites
from chat.controllers import invites as invite_verbs
from chat.models.preferences import USUAL
from chat.models.user import User
from chat.routes import (
    authentication,
    cookies,
    headers,
    static_files,
)
from chat.routes.device_names import device_name
from chat.routes.pages import filters, fragments, questions, sidebar_order, times
from chat.routes.pages.faces import faces_by_id
from chat.routes.pages.measures import MEASURES, is_long
from chat.routes.pages.passkey_sign_in import passkey_obstacle
from chat.routes.pages.sizes import file_size
from chat.schemas.chat_settings import show_chat
from chat.schemas.rooms import show_room_items
from chat.schemas.users import show_me, show_user
from chat.utils import translation
from chat.utils.clock import now
from chat.utils.colours import colour_of


def equip(app: Flask) -> None:
    """Give every template its filters, globals and context."""
    app.add_template_filter(filters.initials)
    app.add_template_filter(filters.called)
    app.add_template_filter(filters.label)
    app.add_template_filter(filters.address)
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
    app.add_template_global(passkey_obstacle)
    app.add_template_global(lambda: _is_undisturbed(g.person), "is_undisturbed")
    app.add_template_global(_administrators, "administrators")
    app.add_template_global(static_files.script)
    app.add_template_filter(file_size)
    app.add_template_filter(times.number)
    app.add_template_filter(times.day, "day")
    app.add_template_filter(times.day_ending, "day_ending")
    app.add_template_filter(times.time_parts, "time_parts")
    app.jinja_env.globals["questions"] = questions
    app.jinja_env.globals["chat_version"] = VERSION
    # for kept pages, which come without headers: models/device_copies.js
    app.jinja_env.globals["content_security_policy"] = headers.CONTENT_SECURITY_POLICY
    app.context_processor(_for_every_page)


def _is_undisturbed(person: User) -> bool:
    until = person.preferences.dnd_until
    return until is not None and until > now()


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
        "is_renamed": person.is_renamed,
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


def _administrators() -> list[dict[str, Any]]:
    """Return the active administrators, for people who need one of them."""
    return [show_user(user) for user in people.administrators()]


def _open_reports() -> int:
    """Return how many reports wait for an administrator. A request counts them at most once."""
    if "open_reports" not in g:
        g.open_reports = open_reports.count(g.person)
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
