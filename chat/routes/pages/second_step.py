"""Serve the second step of signing in: a code of the authenticator app, or a recovery code."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import second_steps
from chat.routes import cookies
from chat.routes.pages.entering import enter
from chat.routes.pages.forms import read_form, refuse
from chat.routes.visitors import visitor
from chat.schemas.second_factor import SecondStepForm
from chat.utils.errors import ChatError, Unauthenticated

second_step = Blueprint("second_step", __name__, url_prefix="/login/code")


@second_step.get("")
def show() -> AnyResponse | str:
    """Ask for the code, or lead to the first step when that is too long ago."""
    try:
        second_steps.person_of(cookies.value_of(cookies.STEP))
    except Unauthenticated:
        return _first_step()
    return _page()


@second_step.post("")
def check() -> AnyResponse:
    """Sign in, and remember the device if the person says so."""
    sender, token = visitor(), cookies.value_of(cookies.STEP)
    try:
        second_steps.person_of(token)
    except Unauthenticated:
        return _first_step()
    try:
        body = read_form(SecondStepForm)
        signed_in = second_steps.finish(token, body["otp"], sender)
        response = enter(signed_in)
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    cookies.remove(response, cookies.STEP)
    if body["remember"]:
        seconds = int(second_steps.REMEMBERED_FOR.total_seconds())
        remembered = second_steps.remember(signed_in.user, sender.device)
        cookies.store(response, cookies.REMEMBERED, remembered, seconds)
    return response


def _first_step() -> AnyResponse:
    address = url_for("sign_in.log_in", next=request.args.get("next"), late=1)
    response = redirect(address, 303)
    cookies.remove(response, cookies.STEP)
    return response


def _page(mistake: ChatError | None = None) -> str:
    return render_template(
        "sign_in/code.html", mistake=mistake, by_recovery_code="recovery" in request.args
    )
