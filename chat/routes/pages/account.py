"""Serve one's own account: profile, password, devices."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import accounts, avatars, budgets, images, sessions
from chat.routes.pages.forms import read_form, refuse
from chat.routes.visitors import has_hung_up
from chat.schemas.users import PasswordInput, ProfileInput, ReceiptsInput, show_session
from chat.utils.errors import ChatError, ValidationFailed

account = Blueprint("account", __name__)


@account.get("/profile")
def show() -> str:
    return _profile()


@account.post("/profile")
def change() -> AnyResponse | tuple[str, int]:
    try:
        accounts.change_profile(g.person, **read_form(ProfileInput))
    except ChatError as mistake:
        return _profile(mistake), mistake.status
    return redirect(url_for("pages.account.show", saved="profile"), 303)


@account.post("/profile/receipts")
def switch_receipts() -> AnyResponse:
    accounts.change_profile(g.person, **read_form(ReceiptsInput))
    return redirect(url_for("pages.account.show", saved="receipts"), 303)


@account.post("/profile/password")
def change_password() -> AnyResponse:
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(PasswordInput)
        sessions.change_password(
            g.person, g.session, body["current_password"], body["new_password"], has_hung_up()
        )
    except ChatError as mistake:
        return refuse(_profile(mistake), mistake)
    return redirect(url_for("pages.account.show", saved="password"), 303)


@account.post("/profile/avatar")
def change_avatar() -> AnyResponse:
    try:
        file = request.files.get("image")
        if not file or not file.filename:
            raise ValidationFailed(fields={"image": "Choose a picture first."})
        avatars.change(g.person, file.stream, has_hung_up())
    except ChatError as mistake:
        return refuse(_profile(mistake), mistake)
    return redirect(url_for("pages.account.show", saved="avatar"), 303)


@account.post("/profile/avatar/remove")
def remove_avatar() -> AnyResponse:
    avatars.remove(g.person)
    return redirect(url_for("pages.account.show", saved="avatar"), 303)


@account.get("/sessions")
def list_sessions() -> str:
    shown = [show_session(session, g.session) for session in sessions.list_of(g.person)]
    return render_template("account/sessions.html", sessions=shown)


@account.post("/sessions/<session_id>/end")
def end_session(session_id: str) -> AnyResponse:
    sessions.end_one_of(g.person, session_id)
    return redirect(url_for("pages.account.list_sessions"), 303)


def _profile(mistake: ChatError | None = None) -> str:
    usage = images.usage_of(g.person)
    return render_template(
        "account/profile.html",
        mistake=mistake,
        form=request.form,
        saved=request.args.get("saved"),
        kept_bytes=usage.stored_bytes,
        most_bytes=usage.quota_bytes,
    )
