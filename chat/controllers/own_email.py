"""Let people say at which e-mail address they are reached, once they have proved that it is theirs.

Nobody learns whether an address is somebody else's: the answer is the same, and a mail tells the
owner.
"""

from __future__ import annotations

import hmac
import logging

from chat import extensions
from chat.controllers import budgets, letters, mail_budgets, mails, second_factors
from chat.controllers.devices import keyed
from chat.controllers.visitors import Visitor
from chat.models import email_addresses
from chat.models.address_proof import AddressProof
from chat.models.email_addresses import EmailAddress
from chat.models.reset_link import ResetLink
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, Gone, RateLimited
from chat.utils.translation import _, spoken

logger = logging.getLogger(__name__)


def find(person: User) -> EmailAddress | None:
    return email_addresses.find(person.id)


def ask(person: User, address: str, password: str, code: str, visitor: Visitor) -> None:
    """Send a link to an address, which proves that the person reads it.

    The answer is the same, and there is no mail, once the address got too many: a refusal would
    tell what others asked about it. `address`: as `parsed` returns it. Raises Conflict without a
    mail server, ValidationFailed, RateLimited.
    """
    if not mails.are_on():
        raise Conflict(_("This chat sends no mails, so it cannot check an address."))
    second_factors.must_prove(person, password, code, visitor)
    budgets.charge("change email", person.id)
    try:
        mail_budgets.charge("confirm address", address)
    except RateLimited:
        logger.info("too many mails to one address", extra={"user_id": str(person.id)})
        return
    owner_id = email_addresses.person_with_address(address)
    owner = User.find_now(owner_id) if owner_id else None
    proof = AddressProof.make(person.id, address, _state_of(person))
    if owner is None or owner.id == person.id:
        url = f"{extensions.settings().public_url}/settings/security/email/confirm/{proof}"
        mails.post("confirm address", address, letters.confirm_address(person, url), person.id)
        return
    with spoken(letters.language_of(owner)):
        letter = letters.address_is_taken(owner, person)
        mails.post("address is taken", address, letter, owner.id)


def confirm(person: User, token: str) -> EmailAddress:
    """Keep the address that a link proves. Raises Gone, Forbidden, Conflict."""
    address = address_to_confirm(person, token)
    before = find(person)
    if not email_addresses.keep_verified(person.id, address):
        raise Conflict(_("This address belongs to another account."))
    AddressProof.forget_of(person.id)
    ResetLink.forget_of(person.id)  # a link in the mailbox from before
    logger.info("an e-mail address was confirmed", extra={"user_id": str(person.id)})
    if before and before.text != address:
        _tell_before(person, before)
    found = find(person)
    if found is None:  # removed meanwhile
        raise _over()
    return found


def address_to_confirm(person: User, token: str) -> str:
    """Return the address that a link proves. Raises Gone, Forbidden."""
    proof = AddressProof.of_token(token)
    if proof is None:
        raise _over()
    if proof.user_id != person.id:
        raise Forbidden(_("This link is for another account. Sign in with that one."))
    if not hmac.compare_digest(proof.state, _state_of(person)):
        raise _over()
    return proof.address


def remove(person: User, password: str, code: str, visitor: Visitor) -> None:
    """Forget the person's address. Raises ValidationFailed, RateLimited."""
    second_factors.must_prove(person, password, code, visitor)
    before = find(person)
    email_addresses.remove(person.id)
    if before:
        ResetLink.forget_of(person.id)
        logger.info("an e-mail address was removed", extra={"user_id": str(person.id)})
        _tell_before(person, before)


def _tell_before(person: User, before: EmailAddress) -> None:
    with spoken(letters.language_of(person)):
        mails.post("address changed", before.text, letters.address_changed(person), person.id)


def _state_of(person: User) -> str:
    """Return what ends the links to confirm an address: another password, or another address."""
    user = User.find_now(person.id) or person
    address = email_addresses.verified_address_of(person.id) or ""
    return keyed("e-mail", f"{user.id} {user.password_hash} {address}")


def _over() -> Gone:
    return Gone(_("This link is over. Enter the address again in your settings."))
