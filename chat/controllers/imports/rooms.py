"""A room of another chat: its members, its messages and its name; then it opens."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

from chat.controllers import past_images, storage
from chat.controllers.imports import names
from chat.controllers.imports.messages import Messages
from chat.controllers.imports.people import People
from chat.models import deleted_rooms, public_names
from chat.models.app_account import APP_ACCOUNT, app_account
from chat.models.document import Id, derived_id
from chat.models.incoming_webhook import IncomingWebhook
from chat.models.key_ring import key_ring
from chat.models.past.log import OtherPast, PastLog
from chat.models.past.places import PlacesAhead
from chat.models.past.room import open_past
from chat.models.room import Room
from chat.utils.clock import now
from chat.utils.errors import Conflict
from chat.utils.imports.past import BEGINNING, ImportUnusable, PastRoom, Source
from chat.utils.imports.report import Report

MOST_NAMES = 1_000  # of rooms alike


def room_id_of(source: Source, room: PastRoom) -> Id:
    """Return the id that a room of a source gets here, in every import."""
    return derived_id(BEGINNING, f"{source.name} {source.key}", "room", room.key)


class RoomImport:
    """Imports one room. `taken`: what a dry run would take: looks of public names, and
    people of conversations."""

    def __init__(
        self,
        source: Source,
        room: PastRoom,
        people: People,
        report: Report,
        taken: set[str],
        places: PlacesAhead,
        *,
        is_dry: bool,
    ):
        self._source = source
        self._room = room
        self._people = people
        self._report = report
        self._taken = taken
        self._places = places
        self._is_dry = is_dry
        self._source_key = f"{source.name} {source.key}"
        self.room_id = room_id_of(source, room)
        self._members = [account for key in room.members if (account := people.find(key))]

    def run(self) -> Iterator[int]:
        """Import the room, unless it is there; yield 1 for each message.

        Raises ImportUnusable, StorageFull, DatabaseError.
        """
        if Room.find_now(self.room_id):
            self._report.there["rooms"] += 1
            return
        if self.room_id in deleted_rooms.unfinished():
            raise ImportUnusable(f"{self._room.name} is being deleted here; repeat this later.")
        if self._is_dry:
            yield from self._rehearse()
            return
        storage.require_space()
        key_ring.make(self.room_id)
        app_account()
        before = deepcopy(self._report)
        log = PastLog(self.room_id)
        try:
            yield from self._write(log)
        except OtherPast:  # an earlier attempt was made with another file
            vars(self._report).update(vars(before))
            log.destroy()
            log = PastLog(self.room_id)
            yield from self._write(log)
        self._open(log)

    def _write(self, log: PastLog) -> Iterator[int]:
        messages = self._messages()
        for message in self._source.messages(self._room):
            for draft in messages.drafts_of(message):
                if not log.skips(draft.id, draft.author_id, draft.changed_by):
                    log.add(messages.post(draft, is_dry=False))
                self._report.made["messages"] += 1
                yield 1
        log.flush()
        past_images.settle(self.room_id)

    def _rehearse(self) -> Iterator[int]:
        """Go through the messages, and decide about the room, without writing anything."""
        messages = self._messages()
        authors: set[Id] = set()
        for message in self._source.messages(self._room):
            for draft in messages.drafts_of(message):
                messages.post(draft, is_dry=True)
                authors.add(draft.author_id)
                self._report.made["messages"] += 1
                yield 1
        if roles := self._roles(authors):
            self._kind_and_name(roles)
            self._report.made["rooms"] += 1
        else:
            self._report.lose("rooms without people", self._room.name)

    def _messages(self) -> Messages:
        return Messages(self._room, self.room_id, self._source_key, self._people, self._report)

    def _open(self, log: PastLog) -> None:
        roles = self._roles(log.authors)
        if not roles:
            self._report.lose("rooms without people", self._room.name)
            log.destroy()
            key_ring.destroy(self.room_id)
            return
        room = self._prepared(roles)
        self._make_hooks(room)
        unread = {
            account.id: log.read_seq_before(count)
            for key, count in self._room.unread
            if (account := self._people.find(key))
        }
        open_past(
            room,
            log.head,
            roles,
            self._places,
            wrote=log.authors,
            others=log.people - {APP_ACCOUNT},
            read_seqs=unread,
            online=[account.id for account in self._members if account.is_older],
        )
        self._report.made["rooms"] += 1

    def _make_hooks(self, room: Room) -> None:
        """Make the incoming webhooks of the room, which an interrupted import may have made."""
        known = {hook.name for hook in IncomingWebhook.of(room.id)}
        for name in self._room.hooks:
            if room.created_by and name not in known:
                IncomingWebhook.make(room.id, room.created_by, name)

    def _roles(self, authors: set[Id]) -> dict[Id, str]:
        """Return the role of each member.

        If nobody owns the room, its creator does, or else the first member.
        """
        ids = [account.id for account in self._members] or sorted(authors - {APP_ACCOUNT})
        roles = dict.fromkeys(ids, "member")
        for key, role in self._room.roles:
            account = self._people.find(key)
            if account and account.id in roles:
                roles[account.id] = role
        if roles and "owner" not in roles.values():
            creator = self._people.find(self._room.creator)
            is_member = creator is not None and creator.id in roles
            roles[creator.id if creator and is_member else next(iter(roles))] = "owner"
        return roles

    def _prepared(self, roles: dict[Id, str]) -> Room:
        kind, name = self._kind_and_name(roles)
        if kind == "direct":
            people = tuple(sorted(roles))
            return Room(self.room_id, kind, "", None, None, self._room.created_at, people)
        creator = self._people.find(self._room.creator)
        room = Room.prepare(
            kind,
            name,
            names.topic(self._room.topic),
            self.room_id,
            created_by=creator.id if creator else None,
        )
        archived_at = now() if self._room.is_archived else None
        return replace(room, created_at=self._room.created_at, archived_at=archived_at)

    def _kind_and_name(self, roles: dict[Id, str]) -> tuple[str, str]:
        """Decide what the room is here. Take its name, if it is public."""
        kind = self._room.kind
        if kind == "direct":
            people = " ".join(sorted(map(str, roles)))
            if Room.find_direct(set(roles)) is None and people not in self._taken:
                self._taken.add(people)
                return kind, ""
            self._report.adapt("conversations that people have here, too, in a private room")
            members = [account.username for account in self._members]
            return "private", names.room_name(", ".join(members), "room")
        wanted = names.room_name(self._room.name, self._room.key[:50] or "room")
        name = self._taken_name(wanted) if kind == "public" else wanted
        if name != self._room.name:
            self._report.adapt("names of rooms", f"{self._room.name} is {name}")
        return kind, name

    def _taken_name(self, wanted: str) -> str:
        """Take a name that no other public room has; in a dry run only find it."""
        for number in range(1, MOST_NAMES):
            name = wanted if number == 1 else names.numbered(wanted, number)
            if self._takes(name):
                return name
        raise ImportUnusable(f"No name is left for the room {wanted}.")

    def _takes(self, name: str) -> bool:
        if self._is_dry:
            looks = set(public_names.looks_of(name))
            is_free = looks.isdisjoint(self._taken) and public_names.is_free(name)
            self._taken |= looks if is_free else set()
            return is_free
        try:
            public_names.take(self.room_id, name)
        except Conflict:
            return False
        return True
