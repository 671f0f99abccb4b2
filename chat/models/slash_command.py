"""Commands of programs: what is typed behind a slash goes to another server, which answers.

Descriptions, addresses and secrets are sealed with a key of the chat's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from bson import Binary
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.models.own_ids import COMMANDS_ID
from chat.utils.clock import now
from chat.utils.encryption import padded
from chat.utils.errors import Conflict
from chat.utils.link_tokens import digest_of, new_token
from chat.utils.translation import _

MOST = 50  # of a chat
STEP = 256  # bytes; what is sealed is padded to a multiple of it
MOST_ANSWERS = 5  # to one call, by its address
ANSWERED_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class SlashCommand:
    """A command. `secret`: what its requests are signed with."""

    id: Id
    name: str
    made_by: Id
    created_at: datetime
    description: str
    url: str
    secret: str

    @classmethod
    def make(cls, made_by: Id, name: str, description: str, url: str, secret: str) -> SlashCommand:
        """Store a command. Raises Conflict for a name that is taken, and for one too many."""
        command = cls(new_id(), name, made_by, now(), description, url, secret)
        record: Record = {
            "_id": command.id,
            "name": name,
            "made_by": made_by,
            "created_at": command.created_at,
            "sealed": command._seal(),
        }
        try:
            database["slash_commands"].insert_one(record)
        except DuplicateKeyError:
            raise taken() from None
        if len(cls.all()) > MOST:  # asked now: others may make some at the same time
            command.remove()
            raise Conflict(_("A chat can have at most {most} commands.", most=MOST))
        return command

    @classmethod
    def all(cls) -> list[SlashCommand]:
        """Return all commands, by name."""
        found = map(_from, database["slash_commands"].find({"name": {"$gte": "a"}}))
        return sorted(found, key=lambda each: each.name)

    @classmethod
    def find(cls, command_id: Id) -> SlashCommand | None:
        record = database["slash_commands"].find_one({"_id": command_id})
        return _from(record) if record else None

    @classmethod
    def called(cls, name: str) -> SlashCommand | None:
        record = database["slash_commands"].find_one({"name": name})
        return _from(record) if record else None

    def store(self) -> None:
        """Store the fields that changed. Raises Conflict for a name that is taken."""
        changes = {"name": self.name, "sealed": self._seal()}
        try:
            database["slash_commands"].update_one({"_id": self.id}, {"$set": changes})
        except DuplicateKeyError:
            raise taken() from None

    def remove(self) -> None:
        database["slash_commands"].delete_one({"_id": self.id})

    def _seal(self) -> Binary:
        plain = padded(orjson.dumps([self.description, self.url, self.secret]), STEP, b" ")
        return Binary(key_ring.made(COMMANDS_ID).data.seal(plain, _place(self.id)))


@dataclass(frozen=True)
class CommandCall:
    """Somebody's call of a command, which its program may answer for a while."""

    id: Id
    command_id: Id
    user_id: Id
    room_id: Id
    left: int  # how many more answers

    @classmethod
    def begin(
        cls, command_id: Id, user_id: Id, room_id: Id, client_id: str
    ) -> tuple[CommandCall, str]:
        """Store a call, and return it with the token of the address that takes answers.

        Raises Conflict for a `client_id` that called before, unless that `failed`.
        """
        call, token = cls(new_id(), command_id, user_id, room_id, MOST_ANSWERS), new_token()
        record: Record = {
            "_id": call.id,
            "command_id": command_id,
            "user_id": user_id,
            "room_id": room_id,
            "sent_as": f"{user_id}/{room_id}/{client_id}",
            "digest": digest_of(token),
            "left": MOST_ANSWERS,
            "expires_at": now() + ANSWERED_WITHIN,
        }
        try:
            database["command_calls"].insert_one(record)
        except DuplicateKeyError:
            raise Conflict(_("This command ran already.")) from None
        return call, token

    def failed(self) -> None:
        """Let the same request call again. What the program answers late is still taken."""
        freed = {"$set": {"sent_as": str(self.id)}}
        database["command_calls"].update_one({"_id": self.id}, freed)

    @classmethod
    def take(cls, token: str) -> CommandCall | None:
        """Take one of the answers that are left; None if there is none, or no such call."""
        query = {"digest": digest_of(token)}
        record = database["command_calls"].find_one(query)
        if record is None or record["expires_at"] <= now() or record["left"] < 1:
            return None
        same = {"_id": record["_id"], "left": record["left"]}
        if not database["command_calls"].update_one(same, {"$inc": {"left": -1}}).matched_count:
            return cls.take(token)  # another answer came at the same time
        ids = record["command_id"], record["user_id"], record["room_id"]
        return cls(record["_id"], *ids, record["left"] - 1)


def taken() -> Conflict:
    """Return the error that another command has this name."""
    sentence = _("There is a command of this name already.")
    return Conflict(sentence, fields={"name": sentence})


def _place(command_id: Id) -> str:
    return f"slash command/{command_id}"


def _from(record: Record) -> SlashCommand:
    plain = key_ring.made(COMMANDS_ID).open(record["sealed"], _place(record["_id"]))
    return SlashCommand(
        record["_id"],
        record["name"],
        record["made_by"],
        record["created_at"],
        *orjson.loads(plain),
    )
