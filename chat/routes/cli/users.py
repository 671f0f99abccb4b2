"""Commands about people's accounts: roles, reset links, who may come in."""

from __future__ import annotations

from typing import NoReturn

import click

from chat.controllers import (
    accounts,
    administering,
    erasing,
    password_resets,
    profile_changes,
    second_factors,
)
from chat.controllers.administering import Account
from chat.models.account_list import STATES
from chat.models.erasure import CHOICES
from chat.models.user import User
from chat.routes.cli.answer import Answer, amount, command
from chat.routes.errors import sentences
from chat.routes.reset_links import reset_link_of
from chat.schemas.accounts import AccountInput, show_account, show_reset_link
from chat.utils.clock import rfc3339
from chat.utils.text import normalize


@click.group("users")
def users() -> None:
    """Look after people's accounts."""


@command("list")
@click.option("--state", type=click.Choice(STATES), default="active", show_default=True)
def list_all(answer: Answer, state: str) -> None:
    """List accounts by username, with their role and last use."""
    found: list[Account] = []
    after: str | None = ""
    while after is not None:
        page = administering.page_for_operator(q="", state=state, after=after)
        found += page.items
        after = page.following
        answer.progress(amount(len(found), "account", "accounts"))
    lines = [_line(account) for account in found]
    lines.append(f"{amount(len(found), 'account', 'accounts')}.")
    answer.give("\n".join(lines), users=[show_account(*account) for account in found])


@command("reset-link")
@click.argument("username")
def reset_link(answer: Answer, username: str) -> None:
    """Print a link with which USERNAME chooses a new password, once, within 24 hours.

    It replaces an earlier link. Whoever uses it is signed out everywhere else.
    """
    link, token = password_resets.make_for(find_person(answer, username))
    shown = show_reset_link(link, reset_link_of(token))
    answer.give(shown["url"], **shown)


@command("create")
@click.argument("username")
@click.option("--name", "display_name", default="", help="What others see; else USERNAME.")
def create(answer: Answer, username: str, display_name: str) -> None:
    """Make an account called USERNAME, and print a link for its person.

    By the link, which works once, within 24 hours, they choose a password.
    """
    _check(answer, username=username, **({"display_name": display_name} if display_name else {}))
    user = accounts.create(normalize("NFKC", username.strip()), display_name)
    link, token = password_resets.make_for(user)
    shown = show_reset_link(link, reset_link_of(token))
    answer.give(shown["url"], username=user.username, **shown)


@command("rename")
@click.argument("username")
@click.argument("new_username")
def rename(answer: Answer, username: str, new_username: str) -> None:
    """Give USERNAME the username NEW_USERNAME.

    For 90 days nobody else gets the old one. The display name follows if it was the same.
    """
    user = find_person(answer, username)
    _check(answer, username=new_username)
    user = profile_changes.change_username(user, normalize("NFKC", new_username.strip()))
    answer.give(f"{username} is {user.username} now.", username=user.username)


@command("erase")
@click.argument("username")
@click.option(
    "--messages",
    type=click.Choice(CHOICES),
    required=True,
    help="keep: under “Former member”. erase: delete them, for everyone.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(answer: Answer, username: str, messages: str, yes: bool) -> None:
    """Delete the account of USERNAME. This cannot be undone.

    They are signed out at once. The chat does the rest within seconds, or when it starts.
    """
    user = find_person(answer, username)
    if not yes:
        click.confirm(f"Delete the account of {user.label}?", abort=True, err=True)
    erasing.erase_for_operator(user, messages)
    answer.give(f"{username} is deleted.", username=username, messages=messages)


@command("deactivate")
@click.argument("username")
def deactivate(answer: Answer, username: str) -> None:
    """Sign USERNAME out everywhere, and keep them out. Their messages and rooms stay."""
    _change(answer, username, "is deactivated", deactivated=True)


@command("activate")
@click.argument("username")
def activate(answer: Answer, username: str) -> None:
    """Let USERNAME, who was deactivated, in again."""
    _change(answer, username, "is active", deactivated=False)


@command("make-admin")
@click.argument("username")
def make_admin(answer: Answer, username: str) -> None:
    """Make USERNAME an administrator."""
    _change(answer, username, "is an administrator", role="administrator")


@command("make-member")
@click.argument("username")
def make_member(answer: Answer, username: str) -> None:
    """Take the administrator's role from USERNAME."""
    _change(answer, username, "is a member", role="member")


@command("second-factor-off")
@click.argument("username")
def second_factor_off(answer: Answer, username: str) -> None:
    """Turn off the second factor of USERNAME, who lost the phone and the recovery codes.

    Passkeys are removed, too. The password stays. The person is told at the next sign-in.
    """
    user = second_factors.take_off(find_person(answer, username))
    answer.give(f"{user.username} signs in with the password alone.", username=user.username)


for each in (
    list_all,
    reset_link,
    create,
    rename,
    erase,
    deactivate,
    activate,
    make_admin,
    make_member,
    second_factor_off,
):
    users.add_command(each)


def _change(
    answer: Answer,
    username: str,
    state: str,
    *,
    role: str | None = None,
    deactivated: bool | None = None,
) -> NoReturn:
    user = administering.change_standing(
        find_person(answer, username), role=role, deactivated=deactivated
    )
    answer.give(f"{user.username} {state}.", username=user.username, is_admin=user.is_admin)


def _check(answer: Answer, **names: str) -> None:
    """Print an error and exit, unless a person may have these names."""
    if mistakes := AccountInput().validate(names):
        answer.fail(" ".join(sentences(mistakes).values()))


def find_person(answer: Answer, username: str) -> User:
    """Return the person, or print an error and exit."""
    return User.find_by_username(username) or answer.fail("Nobody has this username.")


def _line(account: Account) -> str:
    user, last_seen_at, _has_passkeys, owner = account
    role = "administrator" if user.is_admin else "member"
    if user.is_bot:
        role = f"bot of {owner.username if owner else 'nobody'}"
    if user.deactivated_at:
        state = f"deactivated {rfc3339(user.deactivated_at)}"
    else:
        state = f"last seen {rfc3339(last_seen_at)}" if last_seen_at else "not seen lately"
    return f"{user.username:32} {role:13} {state}"
