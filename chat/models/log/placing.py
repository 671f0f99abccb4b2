"""Placing: decide which drafts go into the next insert, and make their records."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pymongo.errors import PyMongoError

from chat.models.database import Record
from chat.models.document import Id
from chat.models.log.drafts import Change, Draft, Pending
from chat.models.log.folding import fold
from chat.models.log.head import Head


class Placed(NamedTuple):
    """The drafts of an insert, their records, and the rest, which waits for the next insert."""

    batch: list[Pending]
    records: list[Record]
    rest: list[Pending]


class _Decision(NamedTuple):
    """The decision about a change of a message whose record is `state`.

    `content`: the content of the entry to store; None to store nothing. `refusal`: the exception
    that refused the change.
    """

    state: Record
    content: Record | None
    refusal: Exception | None = None


def place(
    waiting: list[Pending],
    last: Head,
    state_of: Callable[[Id], Record],
    settle: Callable[[Pending, Exception | None], None],
) -> Placed:
    """Place drafts after the entry `last`, in order.

    A change's `decide` gets the message's record after all earlier entries, including entries of
    this batch. The insert is ordered, so the change is stored only if these entries are stored.
    `state_of` returns a message's record as of `last`. `settle` gets each change that is refused or
    changes nothing.
    """
    batch: list[Pending] = []
    records: list[Record] = []
    states: dict[Id, Record] = {}
    for number, pending in enumerate(waiting):
        draft = pending.draft
        if isinstance(draft, Draft):
            last = Head(last.seq + 1, last.ordinal + 1)
            record = {**draft.record, "seq": last.seq, "ordinal": last.ordinal}
        else:
            decision = _decide(draft, states, state_of)
            if decision.content is None:
                if draft.message_id in states:
                    # The decision depends on an entry of this batch, which is not stored yet.
                    return Placed(batch, records, waiting[number:])
                settle(pending, decision.refusal)
                continue
            last = Head(last.seq + 1, last.ordinal)
            record = draft.record_at(last, decision.state, decision.content)
            pending.before = decision.state
            pending.after = fold(decision.state, [record])
            states[draft.message_id] = pending.after
        batch.append(pending)
        records.append(record)
    return Placed(batch, records, [])


def _decide(draft: Change, states: dict[Id, Record], state_of: Callable[[Id], Record]) -> _Decision:
    state: Record = {}
    try:
        state = states.get(draft.message_id) or state_of(draft.message_id)
        return _Decision(state, draft.decide(state))
    except PyMongoError:
        raise
    except Exception as refusal:  # noqa: BLE001  the change's writer raises it; the batch goes on
        return _Decision(state, None, refusal)
