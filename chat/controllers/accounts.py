"""Register accounts; change their profile and password."""

from __future__ import annotations

import logging
from collections.abc import Callable

from chat import extensions
from chat.controllers import (
    audit,
    broadcasts,
    chat_settings,
    default_rooms,
    invites,
    storage,
    turns,
)
from chat.controllers.guesses import Guess
from chat.controllers.new_passwords import hash_new
from chat.controllers.password_setting import (
    has_password,
    must_have_signed_in_lately,
    require_passwords,
)
from chat.controllers.visitors import OPERATOR, Visitor
from chat.models import closed_names, setup_link
from chat.models.audit import actions
from chat.models.own_ids import NAMES_ID
from chat.models.reset_link import ResetLink
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, NotFound, Unauthenticated, ValidationFailed
from chat.utils.fair_queue import never
from chat.utils.passwords import hash_of_nothing, verify_password
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def register(
    username: str,
    password: str,
    display_name: str = "",
    invite: str = "",
    *,
    visitor: Visitor = OPERATOR,
) -> User:
    """Create an account, as REGISTRATION allows, and join the default rooms.

    `invite`: a code, whose rooms the person joins, too.

    Raises Forbidden, NotFound, Gone, Conflict, ValidationFailed, RateLimited.
    """
    require_passwords()
    mode = extensions.settings().registration
    if mode == "closed":
        raise Forbidden(_("Registration is closed here; ask an administrator."))
    if mode == "invite" and not invite:
        raise Forbidden(_("Registration is by invitation here; ask an administrator for a link."))
    if invite:
        invites.show(invite)  # before the work for the password
    storage.require_space()
    with turns.PASSWORDS.turn(turns.STRANGERS, visitor.network, visitor.has_hung_up):
        hashed = hash_new("password", password, username, display_name)
    if not invite:
        user = User.register(username, display_name or username, hashed)
        _made(user, network=visitor.network)
        default_rooms.join(user)
        return user
    return _register_invited(username, display_name, hashed, invite, visitor)


def _register_invited(
    username: str, display_name: str, hashed: str, code: str, visitor: Visitor
) -> User:
    used = invites.use(code)
    try:
        user = User.register(username, display_name or username, hashed)
    except BaseException:
        used.invite.give_back()
        raise
    _made(user, network=visitor.network, invite=str(used.invite.id))
    default_rooms.join(user)
    invites.bring_in(user, used)
    return user


def register_first_admin(token: str, username: str, password: str, display_name: str = "") -> User:
    """Create the account of the first administrator, by the one-time link, and a first room.

    Raises NotFound, Conflict, ValidationFailed, RateLimited.
    """
    check_setup_token(token)
    storage.require_space()
    # The link proves that an operator sent this, so the request need not wait behind strangers'.
    with turns.PASSWORDS.turn(turns.SIGNED_IN, "the first administrator"):
        hashed = hash_new("password", password, username, display_name)
    if not setup_link.use_setup_token(token):
        raise NotFound(_("This link was used already."))
    try:
        admin = _made(User.register(username, display_name or username, hashed, is_admin=True))
        audit.note(actions.ACCOUNT_CREATED, None, user_id=admin.id)
    except BaseException:
        setup_link.reopen_setup(token)
        raise
    if room := default_rooms.make_first(admin):
        chat_settings.change(admin, default_room_ids=[str(room.id)])
    return admin


def check_setup_token(token: str) -> None:
    """Raise NotFound unless the one-time link is still valid."""
    if not setup_link.is_setup_token(token):
        raise NotFound(_("This link was used already, or a newer one was printed since."))


def create(username: str, display_name: str = "") -> User:
    """Create an account without a password, for somebody with a shell on the machine.

    A reset link lets its person choose one. Raises Conflict.
    """
    user = _made(User.register(username, display_name or username, hash_of_nothing()))
    default_rooms.join(user)
    return user


def create_admin(username: str, password: str) -> User:
    """Create an administrator for somebody with a shell on the machine.

    Raises Conflict, ValidationFailed.
    """
    user = _made(
        User.register(username, username, hash_new("password", password, username), is_admin=True)
    )
    setup_link.close_setup()
    audit.note(actions.ACCOUNT_CREATED, None, user_id=user.id)
    return user


def _made(user: User, **how: str) -> User:
    logger.info(
        "an account was made", extra={"user_id": str(user.id), "is_admin": user.is_admin, **how}
    )
    return user


def find_named(username: str) -> User | None:
    """Return whose username this is, or was until lately.

    Ask for both in any case, so that the time does not tell which names somebody gave up.
    """
    user = User.find_by_username(username)
    former_id = closed_names.former_owner(username)
    former = User.find_now(former_id or NAMES_ID)  # which is no person
    return user or former


def authenticate(username: str, password: str, visitor: Visitor) -> User:
    """Return the person with this name and password. The name may be their former one.

    Raises RateLimited. Raises Unauthenticated, after the same time whether the name or the password
    is wrong.
    """
    user = find_named(username)
    is_known = user is not None and visitor.device.knows(user)
    guess = Guess(visitor, username, is_known=is_known)
    guess.begin()
    if is_known:
        turn = turns.PASSWORDS.turn(turns.KNOWN_DEVICES, username.casefold(), visitor.has_hung_up)
    else:
        turn = turns.PASSWORDS.turn(turns.STRANGERS, visitor.network, visitor.has_hung_up)
    with turn:
        guess.check()  # guesses ahead in the queue may have been wrong and used the budget up
        hashed = (user and user.password_hash) or hash_of_nothing()
        if not extensions.off_the_loop(verify_password, password, hashed) or user is None:
            guess.was_wrong()
            # The log must not contain the name, because people type a password there by mistake.
            logger.info(
                "a sign-in failed",
                extra={"network": visitor.network, "user_id": user and str(user.id)},
            )
            raise Unauthenticated(_("Wrong username or password."))
    return user


def change_password(
    person: User, current: str, new: str, has_hung_up: Callable[[], bool] = never
) -> None:
    """Change the password.

    Reset links of the person end. Raises ValidationFailed when `current` is wrong or `new` is
    easily guessed, RateLimited, Conflict if the password was changed meanwhile, Forbidden.
    """
    require_passwords()
    with turns.PASSWORDS.turn(turns.SIGNED_IN, person.id, has_hung_up):
        _must_be_password(person, current, "current_password")
        hashed = hash_new("new_password", new, person.username, person.display_name)
        if not person.change_password_hash(hashed):
            raise Conflict(_("Your password was changed meanwhile. Sign in with the new one."))
        ResetLink.forget_of(person.id)
        broadcasts.user_changed(person.id)
        logger.info("a password was changed", extra={"user_id": str(person.id)})


def must_know_password(person: User, password: str, visitor: Visitor) -> None:
    """Raise ValidationFailed for the field `password` unless it is the person's; RateLimited.

    Somebody without one has to have signed in just now, by a provider. Raises Forbidden.
    """
    if not has_password(person):
        must_have_signed_in_lately(visitor)
        return
    with turns.PASSWORDS.turn(turns.SIGNED_IN, person.id, visitor.has_hung_up):
        _must_be_password(person, password, "password")


def _must_be_password(person: User, password: str, field: str) -> None:
    if not extensions.off_the_loop(verify_password, password, person.password_hash):
        raise ValidationFailed(fields={field: _("This is not your current password.")})
