"""Look after people's accounts: their roles, and whether they are active."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from chat.controllers import access, audit, broadcasts, display_names, profile_changes, sessions
from chat.models import account_list, administrators, setup_link
from chat.models.account_list import BOTS
from chat.models.audit import Texts, actions
from chat.models.passkey import Passkey
from chat.models.reset_link import ResetLink
from chat.models.session import Session
from chat.models.user import User
from chat.models.user_search import people_found
from chat.utils.clock import now
from chat.utils.errors import Conflict, Forbidden, NotFound
from chat.utils.list_page import ListPage
from chat.utils.translation import _

logger = logging.getLogger(__name__)


class Account(NamedTuple):
    """A person or bot, when they used the chat last as far as their sessions tell, their passkeys.

    `owner`: of a bot.
    """

    user: User
    last_seen_at: datetime | None
    has_passkeys: bool
    owner: User | None = None


def page(person: User, *, q: str, state: str, after: str) -> ListPage[Account, str]:
    """Return a page of accounts by username; with `q`, those whose name or title begins with it.

    `state`: one of STATES. Raises Forbidden.
    """
    person.must("look after people")
    return page_for_operator(q=q, state=state, after=after)


def page_for_operator(*, q: str, state: str, after: str) -> ListPage[Account, str]:
    """Return the same for somebody with a shell on the machine."""
    if q:
        found = people_found(q, lambda user: _is_in(user, state))
        return ListPage(_accounts_of(found), None)
    listed = account_list.page(state, after)
    return ListPage(_accounts_of(listed.items), listed.following)


def change(
    person: User,
    user_id: str,
    *,
    role: str | None = None,
    deactivated: bool | None = None,
    display_name: str | None = None,
    username: str | None = None,
) -> Account:
    """Change what is not None of somebody's account.

    Raises Forbidden, NotFound, and Conflict if the chat would have no active administrator or
    somebody else has the username.
    """
    person.must("look after people")
    user = access.user(user_id)
    if user.is_erased:
        raise NotFound(_("There is no such person."))
    if deactivated and user.id == person.id:
        raise Forbidden(_("You can’t deactivate your own account."))
    changed = change_standing(user, role=role, deactivated=deactivated, by=person)
    if username is not None:
        changed = profile_changes.change_username(changed, username, person)
    if display_name not in (None, changed.display_name):
        texts = Texts(before=changed.display_name, after=display_name)
        changed = display_names.change_quietly(changed, display_name)
        audit.note(actions.ACCOUNT_RENAMED, person, user_id=user.id, texts=texts)
    return _accounts_of([changed])[0]


def change_standing(
    user: User,
    *,
    role: str | None = None,
    deactivated: bool | None = None,
    by: User | None = None,
    provider: str = "",
) -> User:
    """Change a person's role in the chat, or whether the account is active.

    A deactivated person is signed out everywhere. `by`: None for an operator with a shell on the
    machine, or for the `provider` of single sign-on that this name belongs to. Raises Conflict.
    """
    user = User.find_now(user.id) or user
    if user.is_bot and role is not None:
        raise Conflict(_("A bot has no role in the chat."))
    changes: dict[str, bool | datetime | None] = {}
    if role is not None:
        changes["is_admin"] = role == "administrator"
    if deactivated is not None and deactivated != (user.deactivated_at is not None):
        changes["deactivated_at"] = now() if deactivated else None
    if changes:
        administrators.change(user.id, changes, by.id if by else None)
        if changes.get("is_admin"):
            setup_link.close_setup()
        broadcasts.user_changed(user.id)
        about = {"user_id": str(user.id), "by": str(by.id) if by else provider or "an operator"}
        logger.info("an account was changed", extra=about | {"changed": sorted(changes)})
        _note(user, changes, by, provider)
    if deactivated:  # again, too: an earlier call may have died before it ended all
        sessions.end_all_of(user)
        sessions.close_sockets_of_bots(user)
        ResetLink.forget_of(user.id)
    return User.find(user.id) or user


def _note(
    user: User,
    changes: Mapping[str, bool | datetime | None],
    by: User | None,
    provider: str,
) -> None:
    if changes.get("is_admin", user.is_admin) != user.is_admin:
        texts = Texts(provider, before=_role(user.is_admin), after=_role(not user.is_admin))
        audit.note(actions.ACCOUNT_ROLE, by, user_id=user.id, texts=texts)
    if "deactivated_at" in changes:
        is_off = changes["deactivated_at"] is not None
        action = actions.ACCOUNT_DEACTIVATED if is_off else actions.ACCOUNT_ACTIVATED
        audit.note(action, by, user_id=user.id)


def _role(is_admin: bool) -> str:
    return "administrator" if is_admin else "member"


def _is_in(user: User, state: str) -> bool:
    if user.is_bot or state == BOTS:
        return user.is_bot and state == BOTS
    return state == "all" or (state == "active") == user.is_active


def _accounts_of(people: list[User]) -> list[Account]:
    ids = [user.id for user in people]
    used, with_passkeys = Session.last_used(ids), Passkey.owners_among(ids)
    owners = User.find_many({user.owner_id for user in people if user.owner_id})
    return [
        Account(
            user,
            used.get(user.id),
            user.id in with_passkeys,
            owners.get(user.owner_id) if user.owner_id else None,
        )
        for user in people
    ]
