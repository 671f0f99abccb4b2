"""Let a provider decide who administers the chat, by a claim, at each sign-in."""

from __future__ import annotations

import logging

from chat.controllers import administering
from chat.controllers.sign_on.vouched import Vouched
from chat.models.user import User
from chat.utils.configuration.providers import Provider
from chat.utils.errors import Conflict

logger = logging.getLogger(__name__)


def follow(provider: Provider, person: Vouched, user: User) -> User:
    """Return the person with the role that the provider's claim says, if it decides that.

    The last active administrator stays one, whatever it says.
    """
    if person.administers is None or person.administers == user.is_admin:
        return user
    role = "administrator" if person.administers else "member"
    try:
        return administering.change_standing(user, role=role, provider=provider.label)
    except Conflict:
        logger.warning(
            "the last administrator stays, although the provider says otherwise",
            extra={"provider": provider.id, "user_id": str(user.id)},
        )
        return user
