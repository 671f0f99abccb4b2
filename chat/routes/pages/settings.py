"""Serve the settings of one's account, except notifications and devices, a page each."""

from __future__ import annotations

from babel import Locale
from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import (
    avatars,
    blocks,
    budgets,
    preferences,
    profile_changes,
    sessions,
)
from chat.models.preferences import AS_BROWSER
from chat.routes.pages import questions
from chat.routes.pages.forms import own_path, read_form, refuse, sent_picture
from chat.routes.pages.once import once
from chat.routes.pages.profile_page import profile_page
from chat.routes.visitors import has_hung_up
from chat.schemas.passwords import PasswordInput
from chat.schemas.preferences import PreferencesForm
from chat.schemas.profiles import ProfileInput, ReceiptsInput
from chat.schemas.users import show_user
from chat.utils.errors import ChatError
from chat.utils.translation import _, languages

settings = Blueprint("settings", __name__)


@settings.get("/settings")
def show() -> str:
    """Show the profile beside the list of settings; on a phone the list alone."""
    return profile_page(is_index=True)


# profile


@settings.get("/settings/profile")
def show_profile() -> str:
    return profile_page()


@settings.post("/settings/profile")
def change_profile() -> AnyResponse:
    try:
        profile_changes.change_profile(g.person, **read_form(ProfileInput))
    except ChatError as mistake:
        return refuse(profile_page(mistake), mistake)
    return _saved("show_profile", "profile")


@settings.post("/settings/profile/password")
@once
def change_password() -> AnyResponse:
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(PasswordInput)
        sessions.change_password(
            g.person, g.session, body["current_password"], body["new_password"], has_hung_up()
        )
    except ChatError as mistake:
        return refuse(profile_page(mistake), mistake)
    return _saved("show_profile", "password")


@settings.post("/settings/profile/avatar")
def change_avatar() -> AnyResponse:
    try:
        avatars.change(g.person, sent_picture(), has_hung_up())
    except ChatError as mistake:
        return refuse(profile_page(mistake), mistake)
    return _saved("show_profile", "avatar")


@settings.get("/settings/profile/avatar/remove")
def ask_remove_avatar() -> str:
    return render_template("question.html", question=questions.remove_avatar())


@settings.post("/settings/profile/avatar/remove")
def remove_avatar() -> AnyResponse:
    avatars.remove(g.person)
    return _saved("show_profile", "avatar")


@settings.post("/settings/profile/username/dismiss")
def dismiss_username() -> AnyResponse:
    """Show no longer that somebody else changed the username."""
    profile_changes.dismiss_new_username(g.person)
    usual = url_for("pages.settings.show_profile")
    return redirect(own_path(request.form.get("next"), usual), 303)


# appearance, privacy


@settings.get("/settings/appearance")
def show_appearance() -> str:
    names = [(code, str(Locale.parse(code).display_name)) for code in languages()]
    choices = [(AS_BROWSER, _("Same as browser")), *names]
    return render_template(
        "settings/appearance.html", saved=request.args.get("saved"), languages=choices
    )


@settings.post("/settings/appearance")
def change_appearance() -> AnyResponse:
    preferences.change(g.person, **read_form(PreferencesForm))
    return _saved("show_appearance", "appearance")


@settings.get("/settings/privacy")
def show_privacy() -> str:
    blocked = [show_user(user) for user in blocks.list_of(g.person)]
    return render_template(
        "settings/privacy.html", blocked=blocked, saved=request.args.get("saved")
    )


@settings.post("/settings/privacy")
def change_privacy() -> AnyResponse:
    profile_changes.change_profile(g.person, **read_form(ReceiptsInput))
    return _saved("show_privacy", "privacy")


def _saved(page: str, what: str) -> AnyResponse:
    """Redirect to a page that says what was saved."""
    return redirect(url_for(f"pages.settings.{page}", saved=what), 303)
