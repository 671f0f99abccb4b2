"""Verify that all stored data is whole.

Every room's log and the audit must be without gaps, every text and picture must open, and no file
may be left over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from chat.controllers import avatars
from chat.models import audit, image_quota
from chat.models.avatar import Avatar
from chat.models.damaged import Damaged, whole
from chat.models.database import Record
from chat.models.document import Id
from chat.models.halves import Destroyed
from chat.models.image import Image
from chat.models.log import DELETED, POSTED, log_of
from chat.models.membership import Membership, roster_check
from chat.models.message import Message
from chat.models.prepared_export import PreparedExport
from chat.models.reading import FARTHEST, MOST, Recent
from chat.models.room import Room
from chat.models.sealed_file import all_file_ids
from chat.utils.encryption import CannotOpen

STEP = 200  # entries read at a time
_ENTRY = itemgetter("event", "ordinal", "author_id", "client_id")  # what every entry has


@dataclass
class Findings:
    """The numbers of verified records, and the problems.

    Each problem names the record, never its content.
    """

    rooms: int = 0
    entries: int = 0
    images: int = 0
    audit_entries: int = 0
    audit_hash: str = ""  # of the newest entry: what is removed at the end leaves no other trace
    problems: list[str] = field(default_factory=list)


def verify() -> Iterator[Findings]:
    """Verify all data step by step. Yield the findings so far after each step.

    This changes no data.
    """
    findings = Findings()
    for room_id in Room.all_ids():
        findings.rooms += 1
        before = len(findings.problems)
        recount = Recount()
        head_seq = log_of(room_id).head().seq
        for after in range(0, head_seq, STEP):
            last = min(after + STEP, head_seq)
            findings.problems += _problems_of_entries(room_id, after, last, recount)
            findings.entries += last - after
            yield findings
        findings.problems += _problems_of_room(room_id)
        if len(findings.problems) == before:  # counts of a log with gaps mean nothing
            findings.problems += _problems_of_counts(room_id, recount)
    for image_id in Image.all_ids():
        findings.images += 1
        findings.problems += _problems_of_image(image_id)
        yield findings
    for avatar_id, user_id in Avatar.all_settled():
        findings.problems += _problems_of_avatar(avatar_id, user_id)
        yield findings
    owners = (*Image.all_ids(), *Avatar.all_ids(), *PreparedExport.all_ids())
    known = {str(owner_id) for owner_id in owners}
    findings.problems += image_quota.problems()
    findings.problems += audit.chain.problems()
    findings.audit_entries, findings.audit_hash = audit.chain.newest()
    findings.problems += [
        f"file {file_id}: it belongs to no picture or export"
        for file_id in all_file_ids()
        if file_id.partition("/")[0] not in known
    ]
    yield findings


class Recount:
    """The unread messages, counted in the simplest way: by examining every message."""

    def __init__(self) -> None:
        self._posts: dict[int, Record] = {}
        self._sent: set[tuple[Id, str]] = set()

    def add(self, record: Record) -> bool:
        """Add an entry. Return whether this is its author's first entry with this client_id."""
        if record["event"] == POSTED:
            self._posts[record["seq"]] = record
        elif record["event"] == DELETED:
            self._posts.pop(record["message_seq"], None)
        key = record["author_id"], record["client_id"]
        is_new = key not in self._sent
        self._sent.add(key)
        return is_new

    def unread(self, user_id: Id, read_seq: int, head_seq: int) -> int:
        others = (
            seq
            for seq, post in self._posts.items()
            if post["author_id"] != user_id and "deleted_at" not in post
        )
        return min(MOST, sum(read_seq < seq <= head_seq for seq in others))


def _problems_of_room(room_id: Id) -> list[str]:
    try:
        Room.find_now(room_id)
        return roster_check.problems(room_id)
    except Damaged as error:
        return [str(error)]


def _problems_of_counts(room_id: Id, recount: Recount) -> Iterator[str]:
    room = Room.find(room_id)
    if room is None:
        return
    recent = Recent(room_id)
    for membership in Membership.within(room):
        reading = recent.reading(membership)
        recounted = recount.unread(membership.user_id, reading.read_seq, reading.head_seq)
        if reading.head_seq - reading.read_seq < FARTHEST and reading.unread != recounted:
            yield (
                f"room {room_id}: {reading.unread} messages count as unread for "
                f"{membership.user_id}, but {recounted} are"
            )


def _problems_of_entries(room_id: Id, after: int, last: int, recount: Recount) -> Iterator[str]:
    records = log_of(room_id).entries(after, last)
    there = {record["seq"] for record in records}
    yield from (
        f"room {room_id}: entry {seq} is missing"
        for seq in range(after + 1, last + 1)
        if seq not in there
    )
    ordinal = log_of(room_id).ordinal_at(after)
    for record in records:
        try:
            whole("log", record, _ENTRY)
        except Damaged as error:
            yield f"room {room_id}: entry {record['seq']} is damaged: {error}"
            ordinal = record.get("ordinal", ordinal)
            continue
        ordinal += record["event"] == POSTED
        if not recount.add(record):
            yield f"room {room_id}: entry {record['seq']} was sent before"
        if record["ordinal"] != ordinal:
            yield (
                f"room {room_id}: entry {record['seq']} counts as message {record['ordinal']}, "
                f"but is {ordinal}"
            )
        try:
            if record["event"] == POSTED or "text" in record:
                Message.open_text(record, record.get("message_id"))
            Message.open_reactions(record)
            yield from _problems_of_shown(
                record["room_id"], record["_id"], Message.open_images(record)
            )
        except Destroyed:
            pass  # somebody deleted the message just now, or after the restored backup was made
        except CannotOpen as error:
            yield f"room {room_id}: entry {record['seq']} does not open: {error}"


def _problems_of_shown(
    room_id: Id, message_id: Id, images: list[dict[str, object]]
) -> Iterator[str]:
    for reference in images:
        image = Image.find_referenced(reference)
        if image is None:
            yield f"message {message_id}: its image {reference['id']} is gone"
        elif image.message_id not in (None, message_id) or image.room_id != room_id:
            yield f"message {message_id}: its image {reference['id']} belongs to another message"


def _problems_of_image(image_id: Id) -> Iterator[str]:
    try:
        image = Image.find(image_id)
        if image is None:
            return
        for rendition in (image.original, image.thumbnail):
            segments = image.read(rendition, 0, rendition.bytes - 1)
            length = sum(len(segment) for segment in segments)
            if length != rendition.bytes:
                yield (
                    f"image {image_id}: its {rendition.name} has {length} bytes, not "
                    f"{rendition.bytes}"
                )
    except CannotOpen as error:
        yield f"image {image_id}: {error}"


def _problems_of_avatar(avatar_id: Id, user_id: Id | None) -> Iterator[str]:
    try:
        avatar = Avatar.find(avatar_id)
        if avatar is None:
            return
        if user_id is None or avatars.current_of(user_id) != avatar_id:
            yield f"avatar {avatar_id}: it is nobody's"
        for size in avatar.lengths:
            avatar.read(size)
    except CannotOpen as error:
        yield f"avatar {avatar_id}: {error}"
