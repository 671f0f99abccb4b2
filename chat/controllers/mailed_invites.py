"""Mail an invite to people who have no account yet."""

from __future__ import annotations

import logging
from typing import Any

from chat import extensions
from chat.controllers import budgets, invites, letters, mail_budgets, mails
from chat.controllers.invites import InviteWithRooms
from chat.models.user import User
from chat.utils.errors import Conflict
from chat.utils.translation import _

EVERYBODY = "everybody"  # whose budget is that of the chat

logger = logging.getLogger(__name__)


def make(
    person: User, emails: list[str], *, room_ids: list[str], **more: Any
) -> tuple[InviteWithRooms, str]:
    """Make an invite, as `invites.make` does, and mail its link to these addresses.

    The mails have no words of the person's own, so that nobody sends advertisements by them. Raises
    Conflict where the chat sends no mails, RateLimited, and what `invites.make` raises.
    """
    addresses = list(dict.fromkeys(emails))
    if addresses:
        invites.must_lead_into(person, room_ids)  # what is refused costs nobody a mail
        _admit(person, addresses)
    made, code = invites.make(person, room_ids=room_ids, **more)
    url = f"{extensions.settings().public_url}/join/{code}"
    if addresses:
        mails.post_to_each("invite", addresses, letters.invite(person, url))
        about = {"invite": str(made.invite.id), "addresses": len(addresses)}
        logger.info("an invite was mailed", extra={"user_id": str(person.id), **about})
    return made, code


def _admit(person: User, addresses: list[str]) -> None:
    if not mails.are_on():
        raise Conflict(fields={"emails": _("This chat sends no mails.")})
    # Nothing is charged for what another budget refuses.
    for use, use_for_address in (
        (budgets.check, mail_budgets.check),
        (budgets.charge, mail_budgets.charge),
    ):
        use("mail invites", person.answerable_id, len(addresses))
        use("mail invites of the chat", EVERYBODY, len(addresses))
        for address in addresses:
            use_for_address("invite", address)
