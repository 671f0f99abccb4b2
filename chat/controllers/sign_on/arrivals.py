"""Decide what happens to somebody whom a provider vouches for."""

from __future__ import annotations

import logging
from typing import NamedTuple

from chat.controllers import accounts, second_factors, sessions
from chat.controllers.sign_on import administrators, connections, flows, newcomers
from chat.controllers.sign_on.vouched import Vouched
from chat.controllers.visitors import Visitor
from chat.models import email_addresses
from chat.models.identity import Identity
from chat.models.user import User
from chat.utils.configuration.providers import Provider
from chat.utils.errors import Conflict, Forbidden, SecondFactorRequired, Unauthenticated
from chat.utils.translation import _

logger = logging.getLogger(__name__)


class Arrival(NamedTuple):
    """Who enters. `needs_consent`: not yet, because the account was not connected before.

    `person`: whom the LDAP directory vouches for, if it does.
    """

    user: User
    is_new: bool = False
    needs_consent: bool = False
    person: Vouched | None = None


def arrive(provider: Provider, person: Vouched, visitor: Visitor) -> Arrival:
    """Return who enters.

    Raises Unauthenticated for a deactivated account, Forbidden for somebody without an account.
    """
    known = Identity.find(provider.issuer, person.subject)
    user = User.find_now(known.user_id) if known else None
    if known and user and not user.is_erased:
        sessions.must_be_active(user)
        known.note_use()
        return Arrival(administrators.follow(provider, person, user))
    if known and not known.is_pending:  # of an account that was erased
        known.forget()
    owner = owner_of_address(person)
    if owner:
        sessions.must_be_active(owner)
        return Arrival(owner, needs_consent=True)
    if not provider.creates:
        raise Forbidden(_no_account(provider))
    user = newcomers.create(provider, person, visitor)
    return Arrival(administrators.follow(provider, person, user), is_new=True)


def owner_of_address(person: Vouched) -> User | None:
    """Return whose verified address the provider verified, too."""
    user_id = email_addresses.person_with_address(person.email) if person.email else None
    user = User.find_now(user_id) if user_id else None
    return user if user and not user.is_erased else None


def consent(person: Vouched, password: str, otp: str, visitor: Visitor) -> User:
    """Connect the person whose address it is, by their password and, if it is on, a code.

    Raises Unauthenticated, SecondFactorRequired, RateLimited, Conflict.
    """
    provider = flows.provider_of(person.provider)
    owner = owner_of_address(person)
    if owner is None:
        raise Unauthenticated(flows.OVER)
    user = accounts.authenticate(owner.username, password, visitor)
    if user.id != owner.id:
        raise Unauthenticated(flows.OVER)
    sessions.must_be_active(user)
    if user.has_second_factor:
        if not otp:
            raise SecondFactorRequired(fields={"otp": SecondFactorRequired.sentence})
        second_factors.use(user, otp, visitor)
    connections.connect(provider, person, user)
    return administrators.follow(provider, person, user)


def create_instead(person: Vouched, visitor: Visitor) -> User:
    """Create an account for somebody who is not the person whose address it is, after all.

    Raises Forbidden, Conflict.
    """
    provider = flows.provider_of(person.provider)
    if not provider.creates:
        raise Forbidden(_no_account(provider))
    if Identity.find(provider.issuer, person.subject):
        raise Conflict(connections.taken(provider))
    user = newcomers.create(provider, person, visitor)
    return administrators.follow(provider, person, user)


def _no_account(provider: Provider) -> str:
    return _(
        "Nobody here is connected with this {provider} account. If you have an account here, sign "
        "in and connect it in your settings. If not, ask an administrator.",
        provider=provider.label,
    )
