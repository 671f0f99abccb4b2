"""Mentioning: a message names people of its room by `@username`, and everybody by `@room`.

The log stores the ids of these people unencrypted, like the author's id. The counts and the list of
mentions are computed from the ids.
"""

from __future__ import annotations

from chat.models import block, mention_index
from chat.models.app_account import App
from chat.models.database import Record
from chat.models.document import Id
from chat.models.log import STEP, log_of
from chat.models.membership import Membership
from chat.models.message.text import Text
from chat.models.user import User
from chat.utils import markup

LARGE_ROOM = 50  # people; in a room with more, only certain roles may use `@room`


class Mentioning:
    mentions: list[Id]
    mentions_room: bool
    author: User

    @classmethod
    def compose(
        cls,
        room_id: Id,
        author: User,
        body: str,
        app: App | None = None,
        asked_by: User | None = None,
    ) -> Text:
        """Return the rendered text of a clean `body`, with the members of the room that it names.

        `author` decides whether `@room` counts. `asked_by`: for whom an app writes; the text does
        not name people who block them.
        """
        names = _bearers(room_id, author, markup.names_in(body))
        if asked_by:
            people = [Id(meant) for meant in names.values() if meant != markup.ROOM]
            found = block.blocking_any_among(people, asked_by.answering_ids)
            blocking = set(map(str, found))
            names = {name: meant for name, meant in names.items() if meant not in blocking}
        return Text.render(body, names, app)

    @staticmethod
    def named_by(text: Text) -> Record:
        """Return the fields of an entry that say whom a text names."""
        meant = set(text.names.values())
        return {
            "mentions": [Id(each) for each in sorted(meant - {markup.ROOM})],
            "mentions_room": markup.ROOM in meant,
        }

    @classmethod
    def note_mentions(cls, room_id: Id, message_id: Id, text: Text) -> None:
        """Record the people whom a message names, before the message or its edit is stored."""
        if not text.names:
            return
        named = cls.named_by(text)
        audience = set(named["mentions"])
        if named["mentions_room"]:
            audience |= set(Membership.people_in(room_id))
        mention_index.note(message_id, audience)

    @staticmethod
    def forget_mentions(*message_ids: Id) -> None:
        mention_index.forget(*message_ids)

    @staticmethod
    def forget_mentions_in(room_id: Id) -> None:
        """Forget the mentions of every message of a deleted room."""
        log = log_of(room_id)
        for after in range(0, log.head().seq, STEP):
            for record in log.entries(
                after, after + STEP, ("seq", "event", "mentions", "mentions_room")
            ):
                if record.get("mentions") or record.get("mentions_room"):
                    mention_index.forget(record["_id"])

    def calls(self, user_id: Id) -> bool:
        """Return whether the message names a person, by name or by `@room`.

        A message never calls its author.
        """
        return self.author.id != user_id and (self.mentions_room or user_id in self.mentions)


def _bearers(room_id: Id, author: User, names: set[str]) -> dict[str, str]:
    """Return the ids of a room's members by name, and markup.ROOM if the author may use `@room`."""
    if not names:
        return {}
    users = {user.id: user for user in User.find_by_usernames(names)}
    found: dict[str, str] = {}
    if users:
        for user_id in Membership.among(room_id, users):
            found[users[user_id].username.casefold()] = str(user_id)
    if markup.ROOM in names and _may_name_room(room_id, author):
        found[markup.ROOM] = markup.ROOM
    return found


def _may_name_room(room_id: Id, author: User) -> bool:
    mine = Membership.find(room_id, author.id)
    return mine is not None and (
        mine.may("name a large room") or Membership.count(room_id) <= LARGE_ROOM
    )
