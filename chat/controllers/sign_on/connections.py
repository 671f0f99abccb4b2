"""A person's own identities at providers: connect one, list them, disconnect one."""

from __future__ import annotations

import logging

from chat import extensions
from chat.controllers import second_factors
from chat.controllers.password_setting import has_password
from chat.controllers.sign_on import flows
from chat.controllers.sign_on.vouched import Vouched
from chat.controllers.visitors import Visitor
from chat.models.identity import Identity
from chat.models.user import User
from chat.utils.configuration.providers import Provider
from chat.utils.errors import Conflict, NotFound
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def connect_own(user: User, person: Vouched, password: str, code: str, visitor: Visitor) -> None:
    """Connect one's own account, after the same proof as for any other way in.

    `code`: of the second factor; empty for none. Raises what `must_prove` and `connect` raise.
    """
    second_factors.must_prove(user, password, code, visitor)
    connect(flows.provider_of(person.provider), person, user)


def connect(provider: Provider, person: Vouched, user: User) -> None:
    """Connect a person with whom the provider vouches for.

    Raises Conflict if somebody else is, or the person is connected with another one.
    """
    if not Identity.connect(provider.issuer, person.subject, provider.id, user.id):
        found = Identity.find(provider.issuer, person.subject)
        if found is None or found.user_id != user.id:
            raise Conflict(taken(provider) if found else _has_another(provider))
    logger.info(
        "a sign-in provider was connected",
        extra={"user_id": str(user.id), "provider": provider.id},
    )


def of(person: User) -> dict[str, Identity]:
    """Return the person's identities by provider; without providers that are gone."""
    found = {identity.provider: identity for identity in Identity.of(person.id)}
    return {each.id: found[each.id] for each in extensions.settings().sign_on if each.id in found}


def disconnect(person: User, provider_id: str) -> None:
    """Disconnect a provider. Raises NotFound, and Conflict if it is the last way in."""
    mine = of(person)
    if provider_id not in mine:
        raise NotFound
    if is_last_way_in(person, mine):
        raise Conflict(
            _(
                "This is your only way to sign in. Ask an administrator for a link, and choose a "
                "password first."
            )
            if extensions.settings().passwords
            else _("This is your only way to sign in. Connect another one first.")
        )
    mine[provider_id].forget()
    logger.info(
        "a sign-in provider was disconnected",
        extra={"user_id": str(person.id), "provider": provider_id},
    )


def is_last_way_in(person: User, mine: dict[str, Identity]) -> bool:
    """Return whether somebody could not sign in any more with one identity less."""
    return len(mine) <= 1 and not has_password(person)


def taken(provider: Provider) -> str:
    return _(
        "This {provider} account is connected with somebody else here.", provider=provider.label
    )


def _has_another(provider: Provider) -> str:
    return _(
        "You are connected with another {provider} account. Disconnect that one first.",
        provider=provider.label,
    )
