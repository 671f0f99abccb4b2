"""Serve HTML to people.

Every page can be read and used without JavaScript; with JavaScript, pages are live. The `sign_in`
pages are for everybody, the others for signed-in people.
"""

from __future__ import annotations

from flask import Blueprint, Flask, g, request

from chat.controllers import budgets
from chat.routes import (
    authentication,
    bodies,
    cpu_time,
    streaming,
    uploads,
)
from chat.routes.own_origin import require_own_origin
from chat.routes.pages import fragments, template_tools
from chat.routes.pages.about_me import about_me
from chat.routes.pages.accounts import accounts
from chat.routes.pages.administration import administration
from chat.routes.pages.asking import asking
from chat.routes.pages.audit import audit
from chat.routes.pages.bans import bans
from chat.routes.pages.commands import commands
from chat.routes.pages.connections import connections
from chat.routes.pages.details import details
from chat.routes.pages.devices import devices
from chat.routes.pages.direct_rooms import direct_rooms
from chat.routes.pages.email import email
from chat.routes.pages.erasing import erasing
from chat.routes.pages.exports import exports
from chat.routes.pages.favourites import favourites
from chat.routes.pages.forgetting import forgetting
from chat.routes.pages.integrations import integrations
from chat.routes.pages.invitations import invitations
from chat.routes.pages.invites import invites
from chat.routes.pages.joining import joining
from chat.routes.pages.keeping import keeping
from chat.routes.pages.mail_stopping import mail_stopping
from chat.routes.pages.members import members
from chat.routes.pages.mentions import mentions
from chat.routes.pages.messages import messages
from chat.routes.pages.notifications import notifications
from chat.routes.pages.outgoing_webhooks import outgoing_webhooks
from chat.routes.pages.oversight import oversight
from chat.routes.pages.overview import overview
from chat.routes.pages.passkey_sign_in import passkey_sign_in
from chat.routes.pages.passkeys import passkeys
from chat.routes.pages.people import people
from chat.routes.pages.programs import programs
from chat.routes.pages.push import push
from chat.routes.pages.reminders import reminders
from chat.routes.pages.reports import reports
from chat.routes.pages.resetting import resetting
from chat.routes.pages.room_settings import room_settings
from chat.routes.pages.rooms import rooms
from chat.routes.pages.search import search
from chat.routes.pages.second_step import second_step
from chat.routes.pages.security import security
from chat.routes.pages.settings import settings
from chat.routes.pages.sharing import receiving, sharing
from chat.routes.pages.sign_in import sign_in
from chat.routes.pages.single_sign_on import single_sign_on

OF_STRANGERS = (
    sign_in,
    passkey_sign_in,
    forgetting,
    joining,
    resetting,
    second_step,
    single_sign_on,
)
# They require a person.
OF_PEOPLE = (
    rooms,
    details,
    members,
    bans,
    outgoing_webhooks,
    room_settings,
    keeping,
    integrations,
    commands,
    direct_rooms,
    favourites,
    invitations,
    invites,
    messages,
    mentions,
    people,
    search,
    sharing,
    asking,
    settings,
    about_me,
    notifications,
    reminders,
    exports,
    push,
    devices,
    programs,
    security,
    passkeys,
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
    "passkey_sign_in.check": "log in from",
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
    app.register_blueprint(receiving)  # and share sheets theirs
    for blueprint in OF_PEOPLE:
        pages.register_blueprint(blueprint)
    app.register_blueprint(pages)
    template_tools.equip(app)


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
        bodies.receive_of_stranger()
