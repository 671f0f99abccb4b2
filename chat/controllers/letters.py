"""What the mails of the chat say, in the language that is spoken now."""

from __future__ import annotations

from chat import extensions
from chat.controllers import current_chat
from chat.models import email_addresses
from chat.models.preferences import AS_BROWSER
from chat.models.user import User
from chat.utils.letters import Items, Letter, Link, Part, is_link_like
from chat.utils.translation import ENGLISH, _


def language_of(user: User) -> str:
    """Return the language of mails to a person: the preferred one, or that of the address."""
    if user.preferences.language != AS_BROWSER:
        return user.preferences.language
    found = email_addresses.find(user.id)
    return found.language if found else ENGLISH


def name_of(person: User) -> str:
    """Return what a mail to others calls a person: never something that becomes a link there."""
    if is_link_like(person.display_name):
        return handle_of(person)
    return person.display_name if is_link_like(person.username) else person.label


def handle_of(person: User) -> str:
    """Return a person's username for a mail to others; another word where it becomes a link."""
    return _("Somebody") if is_link_like(person.username) else f"@{person.username}"


def confirm_address(user: User, url: str) -> Letter:
    """Ask somebody who reads this whether the address is theirs."""
    chat = current_chat.find().name
    is_odd = is_link_like(user.display_name)  # and whoever reads this may not be the person
    where = _("The link works for a day, where you are signed in.")
    if not is_link_like(user.username):
        name = user.username
        where = _("The link works for a day, where you are signed in as @{name}.", name=name)
    return Letter(
        _("Confirm your e-mail address for {chat}", chat=chat),
        (
            _("Hello,") if is_odd else _("Hello {name},", name=user.display_name),
            _("You want to use this e-mail address in {chat}. Confirm it here:", chat=chat),
            Link(_("Confirm this address"), url),
            where,
        ),
        (_("If this wasn’t you, ignore this mail. Nothing changes then."), *chat_itself()),
    )


def reset_link(user: User, url: str) -> Letter:
    """Bring somebody who forgot the password the link to choose a new one."""
    chat = current_chat.find().name
    return Letter(
        _("A new password for {chat}", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _(
                "Somebody, probably you, forgot the password of your account @{name} in {chat}. "
                "Choose a new one here:",
                name=user.username,
                chat=chat,
            ),
            Link(_("Choose a new password"), url),
            _("The link works once, for a day. Don’t give it to anybody."),
        ),
        (_("If this wasn’t you, ignore this mail. Your password stays as it is."), *chat_itself()),
    )


def password_elsewhere(user: User, provider: str) -> Letter:
    """Tell somebody who forgot the password that the chat does not have it."""
    chat = current_chat.find().name
    return Letter(
        _("Your password for {chat}", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _(
                "Somebody, probably you, forgot the password of your account @{name} in {chat}. "
                "You sign in there with your password of {provider}: change it there, or ask those "
                "who look after it.",
                name=user.username,
                chat=chat,
                provider=provider,
            ),
        ),
        (_("If this wasn’t you, ignore this mail. Your password stays as it is."), *chat_itself()),
    )


def invite(person: User, url: str) -> Letter:
    """Invite somebody who has no account yet."""
    chat, name = current_chat.find().name, name_of(person)
    return Letter(
        _("{person} invites you to {chat}", person=name, chat=chat),
        (
            _("Hello,"),
            _("{person} invites you to {chat}, a chat for teams.", person=name, chat=chat),
            Link(_("See the invitation"), url),
        ),
        (
            _(
                "{person} entered your address for this one mail; the chat doesn’t keep it. If you "
                "don’t know who that is, ignore this mail.",
                person=handle_of(person),
            ),
            *chat_itself(),
        ),
    )


def missed(user: User, rooms: tuple[tuple[str, tuple[str, ...]], ...], stop_url: str) -> Letter:
    """Tell somebody what they missed. `rooms`: as `Items` has them."""
    chat = current_chat.find().name
    return Letter(
        _("What you missed in {chat}", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _("This came while you were away:"),
            Items(rooms),
            Link(_("Open the chat"), extensions.settings().public_url),
        ),
        (
            _("You get this mail because you chose it in your settings."),
            Link(_("Stop these mails"), stop_url),
            *chat_itself(),
        ),
        {
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def address_is_taken(owner: User, other: User) -> Letter:
    """Tell somebody that another person wants to use their address."""
    chat = current_chat.find().name
    return Letter(
        _("Your e-mail address in {chat}", chat=chat),
        (
            _("Hello {name},", name=owner.display_name),
            _(
                "{other} wants to use this e-mail address, which belongs to your account "
                "@{name} in {chat}. It stays yours, and nobody learns about it.",
                other=handle_of(other),
                name=owner.username,
                chat=chat,
            ),
            _("If both accounts are yours, remove the address from one of them first."),
        ),
        chat_itself(),
    )


def address_changed(user: User) -> Letter:
    """Tell somebody at the address from before that it is not the one of the account any more."""
    chat = current_chat.find().name
    return Letter(
        _("Your e-mail address in {chat}", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _(
                "This e-mail address no longer belongs to your account @{name} in {chat}. It was "
                "changed or removed in the settings.",
                name=user.username,
                chat=chat,
            ),
            _("If this wasn’t you, change your password, and tell an administrator."),
        ),
        chat_itself(),
    )


def password_changed(user: User) -> Letter:
    """Tell somebody that their password was changed."""
    chat = current_chat.find().name
    return Letter(
        _("Your password in {chat} was changed", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _(
                "The password of your account @{name} in {chat} was changed.",
                name=user.username,
                chat=chat,
            ),
            _("If this wasn’t you, choose another one at once, and tell an administrator:"),
            Link(_("Choose a new password"), f"{extensions.settings().public_url}/forgot"),
        ),
        chat_itself(),
    )


def passkey_added(user: User) -> Letter:
    """Tell somebody that their account has one more passkey."""
    chat = current_chat.find().name
    return Letter(
        _("A new passkey for your account in {chat}", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _(
                "A passkey was added to your account @{name} in {chat}. Whoever has it can sign in "
                "without the password.",
                name=user.username,
                chat=chat,
            ),
            *_if_it_was_not_you(),
        ),
        chat_itself(),
    )


def second_factor_off(user: User) -> Letter:
    """Tell somebody that their account has no second factor any more."""
    chat = current_chat.find().name
    return Letter(
        _("Two-step sign-in is off for your account in {chat}", chat=chat),
        (
            _("Hello {name},", name=user.display_name),
            _(
                "Two-step sign-in was turned off for your account @{name} in {chat}.",
                name=user.username,
                chat=chat,
            ),
            *_if_it_was_not_you(),
        ),
        chat_itself(),
    )


def _if_it_was_not_you() -> tuple[Part, ...]:
    return (
        _("If this wasn’t you, change your password, and tell an administrator."),
        Link(_("See how you sign in"), f"{extensions.settings().public_url}/settings/security"),
    )


def chat_itself() -> tuple[Part, ...]:
    """Return which chat wrote, for the end of a letter."""
    return (f"{current_chat.find().name} · {extensions.settings().public_url}",)
