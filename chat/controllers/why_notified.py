"""Say why a message notified a person, or did not."""

from __future__ import annotations

from chat.controllers import access
from chat.controllers.notification_cases import Post
from chat.models import keywords
from chat.models.notification_rules import Rule, decide
from chat.models.user import User
from chat.schemas.messages import show_message


def why(person: User, message_id: str) -> Rule:
    """Return the rule that decides about a message, by what the person prefers now.

    Raises NotFound.
    """
    found = access.message(person, message_id)
    own = keywords.phrases(keywords.unseal(person.id, person.sealed_keywords))
    post = Post.of(show_message(found.message), found.membership.room, {person.id: own})
    blocks_author = bool(post.blocking_among([person.id]))
    return decide(post.case_of(person, found.membership, blocks_author=blocks_author))
