"""Bots: accounts without a password, under which programs write, with tokens.

A bot has an owner, who answers for it: without an active owner nobody can use it.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from chat.controllers import (
    access,
    api_tokens,
    audit,
    broadcasts,
    budgets,
    display_names,
    memberships,
    passing_on,
    profile_changes,
    sessions,
)
from chat.controllers import storage as space
from chat.models.api_token import ApiToken
from chat.models.audit import actions
from chat.models.bot import MOST, OVERLAP, Bot
from chat.models.membership import Membership
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Conflict, Forbidden
from chat.utils.passwords import hash_of_nothing
from chat.utils.translation import _

logger = logging.getLogger(__name__)


def list_of(person: User) -> list[Bot]:
    """Return the person's bots that were not removed, by username."""
    return [Bot(bot, person) for bot in User.bots_of(person.id) if bot.is_active]


def make(
    person: User,
    username: str,
    display_name: str,
    scopes: frozenset[str],
    lasts: timedelta | None,
) -> tuple[Bot, ApiToken, str]:
    """Make a bot of the person, with a token. Return both, and the text of the token.

    Raises Conflict, Forbidden, DiskNearlyFull.
    """
    person.must("make bots")
    if person.is_bot:
        raise Forbidden(_("A bot cannot have bots."))
    budgets.charge("make bots", person.id)
    if len(list_of(person)) >= MOST:
        raise Conflict(_("You have {most} bots already; remove one.", most=MOST))
    space.require_space()
    name = display_name or username
    bot = User.register(username, name, hash_of_nothing(), owner_id=person.id)
    logger.info("a bot was made", extra={"user_id": str(bot.id), "owner_id": str(person.id)})
    audit.note(actions.BOT_MADE, person, user_id=bot.id)
    return Bot(bot, person), *api_tokens.make(bot, username, scopes, lasts)


def find(person: User, bot_id: str) -> Bot:
    """Return one of the person's bots. Raises NotFound."""
    return Bot.of(access.bot(person, bot_id))


def change(
    person: User,
    bot_id: str,
    *,
    username: str | None = None,
    display_name: str | None = None,
    owner_id: str | None = None,
) -> Bot:
    """Change what is not None of a bot. Raises NotFound, Conflict, Forbidden.

    Administrators alone give a bot another owner, for example when the owner left. Its tokens end:
    the earlier owner has them.
    """
    bot = access.bot(person, bot_id)
    if owner_id is not None:
        bot = _change_owner(person, bot, access.user(owner_id))
    if username is not None:
        bot = profile_changes.change_username(bot, username, person)
    if display_name is not None:
        bot = display_names.change(bot, display_name)
    return Bot.of(bot)


def remove(person: User, bot_id: str) -> None:
    """End a bot: its tokens end at once, it leaves its rooms, and what it wrote stays.

    Raises NotFound.
    """
    bot = access.bot(person, bot_id)
    bot.deactivate_bot()
    sessions.end_all_of(bot)
    for room_id in Membership.all_rooms_of(bot.id):
        passing_on.leave(bot, room_id)
    broadcasts.user_changed(bot.id)
    logger.info("a bot was removed", extra={"user_id": str(bot.id), "by": str(person.id)})
    audit.note(actions.BOT_REMOVED, person, user_id=bot.id)


def make_token(
    person: User,
    bot_id: str,
    scopes: frozenset[str],
    lasts: timedelta | None,
    overlap: timedelta = OVERLAP,
) -> tuple[Bot, ApiToken, str]:
    """Make a token of a bot, and return it with its text, which nobody sees again.

    The bot's earlier tokens end after `overlap`, so that the program can take the new one
    meanwhile. Raises NotFound, Conflict, Forbidden.
    """
    bot = access.bot(person, bot_id)
    if bot.owner_id != person.id:  # whoever has a token of a bot reads what its owner reads
        raise Forbidden(_("Only its owner makes tokens of a bot."))
    earlier = ApiToken.of(bot.id)
    token, text = api_tokens.make(bot, bot.username, scopes, lasts)
    for each in earlier:
        if overlap:
            each.end_by(now() + overlap)
        else:
            api_tokens.end(each)
    return Bot.of(bot), token, text


def _change_owner(person: User, bot: User, owner: User) -> User:
    person.must("look after people")
    if owner.is_bot or not owner.is_active:
        raise Conflict(_("Choose somebody with an active account."))
    changed = bot.change_owner(owner.id)
    sessions.end_all_of(bot)  # the earlier owner has its tokens
    memberships.take_out_of_others_rooms(changed, person)
    broadcasts.user_changed(bot.id)
    logger.info("a bot has another owner", extra={"user_id": str(bot.id), "by": str(person.id)})
    audit.note(actions.BOT_OWNER, person, user_id=bot.id)
    return changed
