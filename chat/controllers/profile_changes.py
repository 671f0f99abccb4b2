"""Change who a person is to others: their names, their status, and what else their profile says."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from chat.controllers import audit, broadcasts, display_names
from chat.models import username as names
from chat.models.audit import actions
from chat.models.audit.texts import Texts
from chat.models.user import User

logger = logging.getLogger(__name__)


def change_username(user: User, username: str, by: User | None = None) -> User:
    """Change somebody's username, which they sign in with. Mentions keep meaning the person.

    `by`: None for an operator with a shell on the machine. Raises Conflict.
    """
    user = User.find_now(user.id) or user
    if username == user.username:
        return user
    changed = names.change(user, username, by_others=by is None or by.id != user.id)
    broadcasts.user_updated(changed)
    logger.info("a username was changed", extra={"user_id": str(user.id)})
    texts = Texts(before=user.username, after=username)
    audit.note(actions.ACCOUNT_USERNAME, by, user_id=user.id, texts=texts)
    return changed


def dismiss_new_username(person: User) -> None:
    """Note that the person knows the username that somebody gave them."""
    names.note_known(person)
    broadcasts.user_changed(person.id)


def change_about(person: User, changes: Mapping[str, object]) -> User:
    """Change what the person tells everybody: `status`, a Status; `title`; `time_zone`.

    None or an empty text takes one away.
    """
    person = person.change_about(changes)
    broadcasts.user_updated(person)
    return person


def change_profile(
    person: User,
    *,
    display_name: str | None = None,
    read_receipts: bool | None = None,
    **about: object,
) -> User:
    """Change the fields that are given. `about`: as `change_about` takes it. Raises RateLimited."""
    if display_name is not None:
        person = display_names.change(person, display_name)
    if about:
        person = change_about(person, about)
    if read_receipts is not None:
        person = person.switch_read_receipts(read_receipts)
        broadcasts.user_changed(person.id)
    return person
