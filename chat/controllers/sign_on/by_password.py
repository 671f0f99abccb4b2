"""Sign in with a password: of an account here, or of the LDAP directory.

A name of somebody who has a password here is asked here alone, so that no directory learns it.
"""

from __future__ import annotations

import logging

from chat import extensions
from chat.controllers import accounts, second_factors, sessions, turns
from chat.controllers.guesses import Guess
from chat.controllers.sessions import SignedIn
from chat.controllers.sign_on import arrivals
from chat.controllers.sign_on.arrivals import Arrival
from chat.controllers.sign_on.vouched import Vouched
from chat.controllers.visitors import Visitor
from chat.utils import ldap_directory
from chat.utils.configuration.ldap import Directory
from chat.utils.email_addresses import parsed
from chat.utils.errors import Conflict, SecondFactorRequired, Unauthenticated, Unavailable
from chat.utils.ldap_directory import DirectoryEntry
from chat.utils.outgoing import NoAnswer
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def log_in(username: str, password: str, visitor: Visitor, otp: str = "") -> SignedIn:
    """Sign in the person with this name and password and, if it is on, a second factor.

    Raises Unauthenticated, SecondFactorRequired, RateLimited, Forbidden, Unavailable, Conflict.
    """
    user, _is_new, needs_consent, _person = check(username, password, visitor)
    if needs_consent:
        raise Conflict(_("Sign in on the chat’s page once, to connect your account."))
    if user.has_second_factor:
        if not otp:
            raise SecondFactorRequired
        second_factors.use(user, otp, visitor)
    return sessions.enter(user, visitor)


def check(username: str, password: str, visitor: Visitor) -> Arrival:
    """Return the person with this name and password. Raises what `log_in` raises."""
    settings = extensions.settings()
    user = accounts.find_named(username)
    is_of_chat = settings.passwords and user is not None and user.has_password
    if settings.directory is None or is_of_chat:
        return Arrival(sessions.check_password(username, password, visitor))
    is_known = user is not None and visitor.device.knows(user)
    guess = Guess(visitor, username, is_known=is_known)
    guess.begin()
    with turns.DIRECTORY.turn(turns.STRANGERS, visitor.network, visitor.has_hung_up):
        guess.check()
        found = _found(settings.directory, username, password)
        if found is None:
            guess.was_wrong()
            logger.info("a sign-in failed", extra={"network": visitor.network, "user_id": None})
            raise Unauthenticated(_("Wrong username or password."))
    person = _vouched(settings.directory, username, found)
    arrival = arrivals.arrive(settings.directory.provider, person, visitor)
    return arrival._replace(person=person)


def _found(directory: Directory, username: str, password: str) -> DirectoryEntry | None:
    try:
        return ldap_directory.find(directory, username, password)
    except NoAnswer as error:
        label = directory.provider.label
        logger.warning("a provider does not answer", extra={"reason": f"directory: {error}"})
        sentence = _("{provider} doesn’t answer just now. Try again in a moment.", provider=label)
        raise Unavailable(sentence, reason=f"directory: {error}") from None


def _vouched(directory: Directory, username: str, found: DirectoryEntry) -> Vouched:
    """Return whom the directory vouches for; its operator answers for its addresses."""
    if directory.admin_group and found.administers is None:
        logger.warning("the group of administrators cannot be read", extra={"provider": "ldap"})
    return Vouched(
        provider=directory.provider.id,
        subject=found.subject,
        email=parsed(found.address) or "",
        display_name=found.display_name,
        names=(username.partition("@")[0],),
        has_two_factors=False,
        administers=found.administers,
    )
