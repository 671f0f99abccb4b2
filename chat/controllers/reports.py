"""Report messages to administrators, who see what was reported and nothing else of its room."""

from __future__ import annotations

import logging
from typing import NamedTuple

from chat.controllers import access, audit, broadcasts, budgets, report_notices
from chat.models.audit import actions
from chat.models.document import Id, id_from
from chat.models.peers.change_notices import ChangeNotice
from chat.models.report import CLOSED, MOST_PICTURES, OPEN, TAKEN, Report
from chat.models.user import User
from chat.utils.errors import Conflict, Forbidden, NotFound
from chat.utils.list_page import ListPage
from chat.utils.translation import _

ACTIONS = {
    OPEN: actions.REPORT_OPENED,
    TAKEN: actions.REPORT_TAKEN,
    CLOSED: actions.REPORT_CLOSED,
}

NUMBERS = [str(number) for number in range(MOST_PICTURES)]

logger = logging.getLogger(__name__)


class SeenReport(NamedTuple):
    """A report, with everybody whom it names: `people` by id."""

    report: Report
    people: dict[Id, User]


def make(person: User, message_id: str, reason: str) -> tuple[Report, bool]:
    """Report a message, once. Return the report, and whether it is new.

    Raises NotFound, Forbidden for one's own, Conflict for a deleted one, RateLimited.
    """
    found = access.message(person, message_id)
    room = found.membership.must("report").room
    if earlier := Report.of(found.message.id, person.id):
        return earlier, False
    if found.message.author.id == person.id:
        raise Forbidden(_("You can’t report your own message."))
    if found.message.deleted_at:
        raise Conflict(_("This message was deleted."))
    budgets.charge("report", person.answerable_id)
    ChangeNotice.store("reports")
    report = Report.make(found.message, room, person.id, reason)
    broadcasts.reports_updated()
    about = {"report_id": str(report.id), "message_id": message_id, "user_id": str(person.id)}
    logger.info("a message was reported", extra=about)
    return report, True


def mine(person: User, message_id: str) -> Report | None:
    """Return the person's report of a message, to tell them what became of it. Raises NotFound."""
    return Report.of(access.message(person, message_id).message.id, person.id)


def page(person: User, *, state: str, before: str | None = None) -> ListPage[SeenReport, str]:
    """Return a page of the reports in a state, the latest first. Raises Forbidden."""
    person.must("look after reports")
    found = Report.page(state, id_from(before))
    return ListPage(_seen(found.items), found.following)


def decide(
    person: User,
    report_id: str,
    *,
    state: str | None = None,
    note: str | None = None,
    outcome: str | None = None,
) -> SeenReport:
    """Take or close a report, or open it again; change its note.

    Whoever reported the message hears that the report is closed, and its `outcome`. Raises
    Forbidden, NotFound.
    """
    report = _find(person, report_id)
    moved_to = state if state != report.state else None
    if moved_to:
        ChangeNotice.store("reports")
    after = report.decide(person.id, state, note, outcome or "")
    if moved_to:
        broadcasts.reports_updated()
        audit.note(ACTIONS[moved_to], person, user_id=report.author_id)
    if moved_to == CLOSED:
        report_notices.tell(after, person)
    return _seen([after])[0]


def picture(person: User, report_id: str, number: str) -> bytes:
    """Return a small picture (WebP) of the reported message: 0 to MOST_PICTURES - 1.

    Raises Forbidden, NotFound.
    """
    report = _find(person, report_id)
    found = report.picture(int(number)) if number in NUMBERS else None
    if found is None:
        raise NotFound(_("There is no such picture."))
    return found


def _find(person: User, report_id: str) -> Report:
    person.must("look after reports")
    found_id = id_from(report_id)
    report = Report.find(found_id) if found_id else None
    if report is None:
        raise NotFound(_("There is no such report."))
    return report


def _seen(reports: list[Report]) -> list[SeenReport]:
    named = {
        user_id
        for report in reports
        for user_id in (report.author_id, report.reporter_id, report.decided_by)
        if user_id
    }
    people = User.find_many(named)
    return [SeenReport(report, people) for report in reports]
