"""Mail people what they missed: what would have notified them, and is unread for a while.

One mail tells of all rooms, at most every few hours, and never while its person is there or does
not want to be disturbed. It names rooms and counts; what was written only for those who chose it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chat import extensions
from chat.controllers import letters, mails, missed_messages, preferences, presence
from chat.controllers.one_by_one import for_each
from chat.models import email_addresses, mail_outbox, missed_mail
from chat.models.document import id_from
from chat.models.email_addresses import EmailAddress
from chat.models.missed_mail import Watch
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import NotFound
from chat.utils.translation import _, spoken

UNREAD_FOR = timedelta(minutes=30)
MOST_AT_ONCE = 100  # people whom one run of the job looks at


def mail_missed() -> None:
    """Look at those who are due, and mail them what they missed."""
    if not mails.are_on():
        return
    for _count in range(MOST_AT_ONCE):
        watch = missed_mail.claim()
        if watch is None:
            return
        for_each([watch], _look_at, "nobody could look at what somebody missed")


def stop(token: str) -> User:
    """Stop these mails for the person of a link, who need not be signed in. Raises NotFound."""
    user = person_of(token)
    return preferences.change(user, email="never")


def person_of(token: str) -> User:
    """Return whose mails a link stops. Raises NotFound."""
    user_id = id_from(token[:24])
    user = User.find_now(user_id) if user_id else None
    if user is None or not email_addresses.is_stop_token(user.id, token):
        raise NotFound(_("This link doesn’t work any more. Stop the mails in your settings."))
    return user


def _look_at(watch: Watch) -> None:
    user = User.find_now(watch.user_id)
    if user is None or not user.is_active or user.preferences.email != "missed":
        missed_mail.end(watch.user_id)
        return
    if watch.held:  # whoever made the mail died before it went
        _release(watch)
        return
    address = email_addresses.find(user.id)
    if watch.until:
        _tell(watch, user, address)
        return
    until = now() - UNREAD_FOR
    if until <= watch.since or _is_unreachable(user):
        return
    if address and missed_messages.find(user, watch.since, until):
        begun = watch.begin_window(until)
        if begun:
            _tell(begun, user, address)
    else:
        watch.skip_to(until)


def _is_unreachable(user: User) -> bool:
    """Return whether a mail would be too early: its person is there, or wants to be left alone."""
    wishes = user.preferences
    is_there = presence.status_of(user.id) == presence.ONLINE
    return is_there or wishes.forbid_disturbing(now()) or wishes.are_quiet(now())


def _tell(watch: Watch, user: User, address: EmailAddress | None) -> None:
    """Mail what was missed in the window of `watch`, once, whoever dies meanwhile."""
    assert watch.until
    is_told = address is not None and _hold(watch, user, address, watch.until)
    ended = watch.end_window(watch.mail_id if is_told else None)
    if ended and ended.held:
        _release(ended)


def _hold(watch: Watch, user: User, address: EmailAddress, until: datetime) -> bool:
    """Put a mail into the outbox that waits for its release. Return False if nothing is missed."""
    missed = missed_messages.find(user, watch.since, until)
    if not missed:
        return False
    stop_url = (
        f"{extensions.settings().public_url}/email/stop/{email_addresses.stop_token(user.id)}"
    )
    with spoken(letters.language_of(user)):
        letter = letters.missed(user, missed_messages.lines(user, missed), stop_url)
        mails.post("missed", address.text, letter, user.id, watch.mail_id, is_held=True)
    return True


def _release(watch: Watch) -> None:
    assert watch.held
    mail_outbox.release(watch.held)
    watch.released()
