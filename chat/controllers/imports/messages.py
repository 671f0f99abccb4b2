"""A message of another chat, as this one's log stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chat import extensions
from chat.controllers import past_images
from chat.controllers.imports import names
from chat.controllers.imports.bodies import Bodies
from chat.controllers.imports.people import People
from chat.models.app_account import APP_ACCOUNT, App
from chat.models.document import Id, derived_id
from chat.models.message.reactable import MOST_KINDS, MOST_REACTIONS
from chat.models.message.text import Text
from chat.models.past.posts import PastChange, PastPost
from chat.models.pins import MOST_PINS
from chat.schemas.images import LONGEST_ALT
from chat.schemas.message_inputs import MOST_IMAGES
from chat.utils.emojis import emoji_from
from chat.utils.hook_payloads import LONGEST_NAME
from chat.utils.imports.past import BEGINNING, PastFile, PastMessage, PastRoom
from chat.utils.imports.report import Report
from chat.utils.pictures import PictureRefused

LONGEST_FILE_NAME = 100
OLDER = "answers to messages that are not in the export"


@dataclass(frozen=True)
class Draft:
    """A message before its pictures are stored and its texts sealed: what costs time."""

    id: Id
    author_id: Id
    client_id: str
    created_at: datetime
    text: str
    names: dict[str, str]
    app: App | None
    pictures: tuple[PastFile, ...]
    reply_to_id: Id | None = None
    edited_at: datetime | None = None
    earlier: tuple[tuple[Text, datetime], ...] = ()
    changes: tuple[PastChange, ...] = ()

    @property
    def changed_by(self) -> list[Id]:
        """Return who makes each change: an author every edit."""
        edits = [self.author_id] * len(self.earlier)
        return edits + [change.author_id for change in self.changes]


class Messages:
    """Turns the messages of one room into drafts, and drafts into posts.

    The drafts of a message are the same every time, so that an import can be repeated.
    """

    def __init__(
        self, room: PastRoom, room_id: Id, source_key: str, people: People, report: Report
    ):
        self._room = room
        self._room_id = room_id
        self._source_key = source_key
        self._people = people
        self._report = report
        self._bodies = Bodies(people, extensions.settings().max_message_chars)
        self._ids: dict[str, Id] = {}
        self._pins = 0

    def drafts_of(self, message: PastMessage) -> Iterator[Draft]:
        """Yield a draft for each part of a message; none for a message with nothing to show."""
        pictures = [file for file in message.files if self._is_stored(file)]
        body, named = self._bodies.clean(self._with_files(message, pictures))
        parts = self._bodies.split(body)
        units = [(part, pictures[:0]) for part in parts[:-1]]
        units.append((parts[-1], pictures[:MOST_IMAGES]))
        rest = range(MOST_IMAGES, len(pictures), MOST_IMAGES)
        units += [("", pictures[start : start + MOST_IMAGES]) for start in rest]
        if not body and not pictures:
            self._report.lose("messages with nothing to show", f"{self._room.name} {message.key}")
            return
        if len(units) > 1:
            self._report.adapt("messages that were too long, in parts", body[:60])
        for number, (text, some) in enumerate(units):
            draft = self._draft(message, number, text, tuple(some), named)
            yield draft if number else self._first(draft, message, is_only=len(units) == 1)

    def post(self, draft: Draft, *, is_dry: bool) -> PastPost:
        """Return a draft with its pictures stored; in a dry run only checked."""
        references: list[dict[str, Any]] = []
        text = draft.text
        for file in draft.pictures:
            assert file.read
            try:
                if is_dry:
                    past_images.check(file.read())
                else:
                    references.append(self._stored(draft, file))
                self._report.made["pictures"] += 1
            except PictureRefused as refusal:
                self._report.lose("pictures that cannot be shown", f"{file.name}: {refusal}")
                text = self._bodies.cut("\n".join(filter(None, [text, _line_of(file)])))
        shown = Text.render(text, draft.names, draft.app)
        first = draft.earlier[0][0] if draft.earlier else shown
        edits = [
            PastChange(draft.author_id, at, version)
            for version, (_, at) in zip(
                [*(each for each, _ in draft.earlier[1:]), shown], draft.earlier, strict=False
            )
        ]
        return PastPost(
            draft.id,
            self._room_id,
            draft.author_id,
            draft.client_id,
            draft.created_at,
            first,
            tuple(references),
            draft.reply_to_id,
            None if edits else draft.edited_at,
            (*edits, *draft.changes),
        )

    def _draft(
        self,
        message: PastMessage,
        number: int,
        text: str,
        pictures: tuple[PastFile, ...],
        named: dict[str, str],
    ) -> Draft:
        account = self._people.find(message.author)
        key = (self._source_key, self._room.key, message.key, str(number))
        return Draft(
            id=derived_id(message.created_at, *key),
            author_id=account.id if account else APP_ACCOUNT,
            client_id=f"past-{hashlib.sha256(chr(0).join(key).encode()).hexdigest()[:24]}",
            created_at=message.created_at,
            text=text,
            names=named,
            app=None if account else self._app(message),
            pictures=pictures,
        )

    def _first(self, draft: Draft, message: PastMessage, *, is_only: bool) -> Draft:
        """Return the first part, which has the reactions, the pin and what it answers."""
        self._ids[message.key] = draft.id
        reply_to_id = self._ids.get(message.reply_to) if message.reply_to else None
        if message.reply_to and reply_to_id is None:
            self._report.lose(OLDER, f"{self._room.name} {message.key}")
        earlier = self._earlier(draft, message) if is_only and not draft.pictures else ()
        if message.earlier and not earlier:
            self._report.lose("earlier versions of messages in parts", count=len(message.earlier))
        changes = [*self._reactions(message), *self._pin(draft, message)]
        self._report.made["reactions"] += sum(bool(change.emoji) for change in changes)
        return replace(
            draft,
            reply_to_id=reply_to_id,
            edited_at=message.edited_at,
            earlier=earlier,
            changes=tuple(changes),
        )

    def _earlier(self, draft: Draft, message: PastMessage) -> tuple[tuple[Text, datetime], ...]:
        """Return each version before the last one, with the moment of the edit that ended it."""
        if not message.earlier or message.edited_at is None:
            return ()
        ends = [*(each.at for each in message.earlier[1:]), message.edited_at]
        cleaned = [self._bodies.clean(each.body) for each in message.earlier]
        return tuple(
            (Text.render(self._bodies.cut(text), named, draft.app), end)
            for (text, named), end in zip(cleaned, ends, strict=True)
        )

    def _reactions(self, message: PastMessage) -> Iterator[PastChange]:
        kinds: set[str] = set()
        count = 0
        for name, keys in message.reactions:
            emoji = emoji_from(name)
            if emoji is None or emoji in kinds or len(kinds) == MOST_KINDS:
                self._report.lose("reactions that this chat does not take", name, len(keys))
                continue
            kinds.add(emoji)
            for key in dict.fromkeys(keys):
                account = self._people.find(key)
                if account is None or count == MOST_REACTIONS:
                    self._report.lose("reactions of apps and unknown people", key)
                    continue
                count += 1
                yield PastChange(account.id, message.created_at, emoji=emoji)

    def _pin(self, draft: Draft, message: PastMessage) -> Iterator[PastChange]:
        if message.pinned_at is None:
            return
        self._pins += 1
        if self._pins > MOST_PINS:
            self._report.lose("pins beyond the first 200 of a room", self._room.name)
            return
        account = self._people.find(message.pinned_by)
        self._report.made["pins"] += 1
        yield PastChange(account.id if account else draft.author_id, message.pinned_at)

    def _app(self, message: PastMessage) -> App:
        if message.app is None:
            self._report.adapt("unknown authors, shown as apps", message.author)
        name, icon = message.app or (message.author, None)
        shown = names.line(name, LONGEST_NAME) or "app"
        return App(str(derived_id(BEGINNING, "app", shown)), shown, icon)

    def _is_stored(self, file: PastFile) -> bool:
        most = extensions.settings().max_image_bytes
        return file.is_picture and file.read is not None and file.size <= most

    def _with_files(self, message: PastMessage, pictures: list[PastFile]) -> str:
        """Return the body, with a line for each file that does not come over."""
        others = [file for file in message.files if file not in pictures]
        for file in others:
            kind = "pictures" if file.is_picture else "files"
            why = "are too large" if file.is_picture and file.read else "are not in the export"
            if not file.is_picture:
                why = "are no pictures; their names stay"
            self._report.lose(f"{kind} that {why}", file.name)
        return "\n".join(filter(None, [message.body, *map(_line_of, others)]))

    def _stored(self, draft: Draft, file: PastFile) -> dict[str, Any]:
        assert file.read
        alt = names.line(file.alt, LONGEST_ALT)
        image = past_images.store(self._room_id, draft.author_id, draft.client_id, file.read(), alt)
        return image.as_reference()


def _line_of(file: PastFile) -> str:
    return f"📎 {names.line(file.name, LONGEST_FILE_NAME) or 'file'}"
