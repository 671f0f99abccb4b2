"""Serve the page on which administrators look after people's accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import administering, password_resets, presence, second_factors
from chat.controllers import people as people_verbs
from chat.controllers.administering import Account
from chat.controllers.password_setting import resettable
from chat.models.user import User
from chat.routes.pages import questions
from chat.routes.pages.forms import (
    address_with,
    change_or_explain,
    load,
    own_path,
    read_query,
    refuse,
)
from chat.routes.reset_links import reset_link_of
from chat.schemas.accounts import (
    AccountsQuery,
    NamesInput,
    RoleInChatInput,
    show_account,
    show_reset_link,
)
from chat.schemas.users import show_user
from chat.utils.clock import now
from chat.utils.errors import ChatError, NotFound
from chat.utils.sentences import N_
from chat.utils.translation import _

# What a person is after a change, by what was changed and whether that is so now.
AFTER_CHANGE = {
    ("role", True): N_("{person} is an administrator now."),
    ("role", False): N_("{person} is a member now."),
    ("active", True): N_("{person} can sign in again."),
    ("active", False): N_("{person} is deactivated, and signed out everywhere."),
    ("second factor", False): N_("{person} signs in without a second step now."),
    ("names", True): N_("{person} has these names now."),
    ("erased", True): N_("The account is deleted. The rest is done within seconds."),
}

accounts = Blueprint("accounts", __name__, url_prefix="/admin/people")


@accounts.get("")
def show() -> str:
    """Show people with their roles, and what can be done about their accounts."""
    return _page()


@accounts.post("/<user_id>/role")
def change_role(user_id: str) -> AnyResponse:
    role = _role()
    return _change(user_id, "role", lambda: administering.change(g.person, user_id, role=role))


@accounts.get("/<user_id>/role")
def ask_change_role(user_id: str) -> str:
    role = _role()

    def question(user_id: str, name: str, back: str) -> questions.Question:
        return questions.change_role(user_id, name, role, back)

    return _ask(question, user_id)


@accounts.get("/<user_id>/rename")
def ask_rename(user_id: str) -> str:
    return _names(user_id)


@accounts.post("/<user_id>/rename")
def rename(user_id: str) -> AnyResponse:
    def change() -> object:
        kept = ("username", "display_name")
        names = load(NamesInput, {name: request.form.get(name, "") for name in kept})
        return administering.change(g.person, user_id, **names)

    return change_or_explain(
        change, lambda mistake: _names(user_id, mistake), list_after("names", user_id)
    )


@accounts.post("/<user_id>/activate")
def activate(user_id: str) -> AnyResponse:
    return _change(
        user_id, "active", lambda: administering.change(g.person, user_id, deactivated=False)
    )


@accounts.get("/<user_id>/deactivate")
def ask_deactivate(user_id: str) -> str:
    return _ask(questions.deactivate, user_id)


@accounts.post("/<user_id>/deactivate")
def deactivate(user_id: str) -> AnyResponse:
    return _change(
        user_id, "active", lambda: administering.change(g.person, user_id, deactivated=True)
    )


@accounts.get("/<user_id>/second-factor")
def ask_turn_off_second_factor(user_id: str) -> str:
    return _ask(questions.turn_off_second_factor, user_id)


@accounts.post("/<user_id>/second-factor")
def turn_off_second_factor(user_id: str) -> AnyResponse:
    return _change(user_id, "second factor", lambda: second_factors.turn_off_for(g.person, user_id))


@accounts.post("/<user_id>/reset-link")
def make_reset_link(user_id: str) -> AnyResponse | tuple[str, int]:
    """Make a link, and show it, which happens once."""
    try:
        link, token = password_resets.make(g.person, user_id)
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    user = people_verbs.show(user_id)
    made = show_reset_link(link, reset_link_of(token))
    return _page(made=made, made_for=user.label), 201


def _names(user_id: str, mistake: ChatError | None = None) -> str:
    """Ask an administrator for the new names of a person."""
    g.person.must("look after people")
    user = people_verbs.show(user_id)
    back = own_path(request.values.get("next"), url_for("pages.accounts.show"))
    return render_template(
        "settings/rename.html", user=show_user(user), form=request.form, back=back, mistake=mistake
    )


def _role() -> str:
    """Return the role that the address or the form names. Raises ValidationFailed."""
    return str(load(RoleInChatInput, {"role": request.values.get("role", "")})["role"])


def _ask(question: Callable[[str, str, str], questions.Question], user_id: str) -> str:
    """Ask an administrator before something is done about a person's account."""
    g.person.must("look after people")
    user = people_verbs.show(user_id)
    back = own_path(request.args.get("next"), "")
    return render_template("question.html", question=question(user_id, user.label, back))


def _change(user_id: str, what: str, change: Callable[[], object]) -> AnyResponse:
    """Make the change, and redirect to the list as it was, which says `what` has changed."""
    return change_or_explain(change, _page, list_after(what, user_id))


def list_after(what: str, user_id: str) -> str:
    """Return the address of the list as it was, which says `what` has changed of a person."""
    before = own_path(request.form.get("next"), url_for("pages.accounts.show"))
    return address_with(before, changed=what, of=user_id)


def _told() -> str:
    """Return what the last change made of a person; "" where none was made."""
    found = people_verbs.chosen([request.args.get("of", "")])
    return _after_change(found[0], request.args.get("changed", "")) if found else ""


def _after_change(user: User, what: str) -> str:
    states = {
        "role": user.is_admin,
        "active": user.is_active,
        "second factor": user.has_second_factor,
        "names": True,
        "erased": user.is_erased,
    }
    sentence = AFTER_CHANGE.get((what, states.get(what, False)))
    return _(sentence, person=user.label) if sentence else ""


def _page(
    mistake: ChatError | None = None, *, made: dict[str, Any] | None = None, made_for: str = ""
) -> str:
    query = read_query(AccountsQuery, url_for("pages.accounts.show"))
    listed = administering.page(g.person, **query)
    return render_template(
        "settings/people.html",
        **query,
        accounts=[_row(account) for account in listed.items],
        resettable={str(user_id) for user_id in resettable([each.user for each in listed.items])},
        following=listed.following,
        here=_place_of(**query),
        made=made,
        made_for=made_for,
        mistake=mistake,
        told="" if mistake or made else _told(),
    )


def _row(account: Account) -> dict[str, Any]:
    """Return an AccountView, with `presence` and whether the person was here `lately`.

    A bot `stands_still` without an active owner.

    A session notes its use every quarter of an hour. So the page shows half hours.
    """
    seen = account.last_seen_at
    if seen:
        late = seen + timedelta(minutes=15)
        seen = late.replace(minute=late.minute // 30 * 30, second=0, microsecond=0)
    owner = account.owner
    return show_account(account.user, seen, account.has_passkeys, owner) | {
        "stands_still": account.user.is_active and not account.user.has_active_owner(),
        "presence": presence.status_of(account.user.id),
        "lately": account.last_seen_at and now() - account.last_seen_at < timedelta(hours=1),
    }


def _place_of(q: str, state: str, after: str) -> str:
    """Return the address of the same list."""
    kept = None if state == "active" else state
    return url_for("pages.accounts.show", q=q or None, state=kept, after=after or None)
