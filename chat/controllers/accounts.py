"""What people do with their account: register, change what it says, change its password."""

from __future__ import annotations

import os
import secrets
import threading

from chat import extensions
from chat.controllers import storage
from chat.models import setup_link
from chat.models.user import User
from chat.utils.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from chat.utils.passwords import hash_password, verify_password

# Hashing takes a whole CPU for a quarter of a second; more at once than CPUs only makes everybody wait longer.
_hashing = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))
_nobodys_hash: list[str] = []


def register(username: str, password: str, display_name: str = "", invite: str = "") -> User:
    """A new account, as REGISTRATION allows. Raises Forbidden, Conflict."""
    mode = extensions.settings().registration
    if mode == "closed":
        raise Forbidden("Registration is closed here; ask an administrator.")
    if mode == "invite":
        raise Forbidden("Registration is by invitation here; ask an administrator for a link.")
    storage.must_have_room()
    return User.register(username, display_name or username, _hash(password))


def register_first_admin(token: str, username: str, password: str, display_name: str = "") -> User:
    """The account of the first administrator, by the one-time link. Raises NotFound, Conflict."""
    check_setup_token(token)
    storage.must_have_room()
    hashed = _hash(password)
    if not setup_link.use_setup_token(token):
        raise NotFound("This link was used already.")
    try:
        return User.register(username, display_name or username, hashed, is_admin=True)
    except BaseException:
        setup_link.reopen_setup(token)
        raise


def check_setup_token(token: str) -> None:
    """Raises NotFound unless the one-time link is still good."""
    if not setup_link.is_setup_token(token):
        raise NotFound("This link was used already, or a newer one was printed since.")


def create_admin(username: str, password: str) -> User:
    """An administrator, made by whoever has a shell on the machine. Raises Conflict."""
    user = User.register(username, username, _hash(password), is_admin=True)
    setup_link.close_setup()
    return user


def authenticate(username: str, password: str) -> User:
    """The person with this name and password. Raises Unauthenticated, after the same time for a name that is not there."""
    user = User.find_by_username(username)
    with _hashing:
        right = extensions.off_the_loop(verify_password, password, user.password_hash if user else _a_hash())
    if user is None or not right:
        raise Unauthenticated("Wrong username or password.")
    return user


def change_password(person: User, current: str, new: str) -> None:
    """Another password. Raises ValidationFailed when `current` is not the one."""
    with _hashing:
        right = extensions.off_the_loop(verify_password, current, person.password_hash)
    if not right:
        raise ValidationFailed(fields={"current_password": "This is not your current password."})
    person.change_password_hash(_hash(new))


def change_profile(person: User, *, display_name: str | None = None, read_receipts: bool | None = None) -> User:
    """What is not None is changed."""
    if display_name is not None:
        person = person.rename(display_name)
    if read_receipts is not None:
        person = person.switch_read_receipts(read_receipts)
    return person


def _hash(password: str) -> str:
    with _hashing:
        return extensions.off_the_loop(hash_password, password)


def _a_hash() -> str:
    """A hash of something nobody knows, as costly to compare with as a real one."""
    if not _nobodys_hash:
        _nobodys_hash.append(extensions.off_the_loop(hash_password, secrets.token_hex()))
    return _nobodys_hash[0]
