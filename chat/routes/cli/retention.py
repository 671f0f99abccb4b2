"""The command that deletes messages which are older than the chat keeps them."""

from __future__ import annotations

from typing import Any

import click

from chat.controllers import retention as verbs
from chat.controllers import retention_preview
from chat.routes.cli.answer import Answer, amount, command


@command("retention")
@click.option("--now", "deletes", is_flag=True, help="Delete them now; otherwise only say which.")
def retention(answer: Answer, deletes: bool) -> None:
    """Say which messages are too old to be kept.

    RETENTION_DAYS, the settings of the chat and those of its rooms decide.

    The chat deletes them by itself, after midnight (UTC). The numbers are the highest possible:
    some of the messages may be deleted or pinned already.
    """
    found: list[dict[str, Any]] = []
    for room, terms, count in retention_preview.plan():
        found.append({"room_id": str(room.id), "days": terms.days, "messages": count})
        answer.progress(f"{len(found)} rooms")
    if deletes:
        deleted = verbs.keep_terms()
        if deleted is None:
            answer.fail("The running chat is deleting them now.")
        answer.give(f"{amount(deleted, 'message', 'messages')} deleted.", messages=deleted)
    lines = [
        f"Room {each['room_id']}: at most {amount(each['messages'], 'message', 'messages')} older "
        f"than {amount(each['days'], 'day', 'days')}."
        for each in found
    ]
    answer.give("\n".join(lines or ["No message is too old."]), rooms=found)
