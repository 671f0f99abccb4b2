"""Serve the pages that delete accounts: one's own, and other people's for administrators."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import budgets, people
from chat.controllers import erasing as verbs
from chat.routes import authentication
from chat.routes.pages.accounts import list_after
from chat.routes.pages.forms import change_or_explain, load, own_path, read_form, refuse
from chat.routes.visitors import visitor
from chat.schemas.erasing import EraseInput, EraseOwnInput
from chat.schemas.users import show_user
from chat.utils.errors import ChatError

erasing = Blueprint("erasing", __name__)


@erasing.get("/settings/delete-account")
def ask_own() -> str:
    return _own()


@erasing.post("/settings/delete-account")
def erase_own() -> AnyResponse:
    budgets.charge("change password", g.session.id)
    try:
        body = read_form(EraseOwnInput)
        verbs.erase_own(g.person, body["password"], body["messages"], body["otp"], visitor())
    except ChatError as mistake:
        return refuse(_own(mistake), mistake)
    authentication.sign_out()
    return redirect(url_for("sign_in.log_in", deleted=1), 303)


@erasing.get("/admin/people/<user_id>/erase")
def ask(user_id: str) -> str:
    return _of_person(user_id)


@erasing.post("/admin/people/<user_id>/erase")
def erase(user_id: str) -> AnyResponse:
    def change() -> None:
        chosen = load(EraseInput, {"messages": request.form.get("messages", "")})
        verbs.erase(g.person, user_id, chosen["messages"])

    return change_or_explain(
        change, lambda mistake: _of_person(user_id, mistake), list_after("erased", user_id)
    )


def _own(mistake: ChatError | None = None) -> str:
    return render_template(
        "settings/delete_account.html",
        form=request.form,
        mistake=mistake,
    )


def _of_person(user_id: str, mistake: ChatError | None = None) -> str:
    g.person.must("look after people")
    user = people.show(user_id)
    return render_template(
        "settings/erase.html",
        user=show_user(user),
        form=request.form,
        back=own_path(request.values.get("next"), url_for("pages.accounts.show")),
        mistake=mistake,
    )
