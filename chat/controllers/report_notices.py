"""Tell people what became of the messages that they reported: as a note to themselves.

They read that somebody looked, and in general words what followed. Whom it concerned, what exactly
was done, and the notes of administrators are not told.
"""

from __future__ import annotations

import logging

from chat import extensions
from chat.controllers import app_messages, direct_rooms, storage
from chat.models.app_account import App
from chat.models.preferences import AS_BROWSER
from chat.models.report import ACTED, NOTHING, Report
from chat.models.user import User
from chat.utils.clock import milliseconds
from chat.utils.errors import ChatError
from chat.utils.sentences import N_
from chat.utils.translation import _, current, spoken

APP = "reports"
ICON = "🚩"
SENTENCES = {
    "": N_("An administrator looked at {message} that you reported. Thank you for telling us."),
    ACTED: N_(
        "An administrator looked at {message} that you reported, and did something about it. "
        "Thank you for telling us."
    ),
    NOTHING: N_(
        "An administrator looked at {message} that you reported, and found nothing to be done. "
        "Thank you for telling us."
    ),
}

logger = logging.getLogger(__name__)


def tell(report: Report, by: User) -> None:
    """Tell the person who reported a message that the report is closed, once each time.

    The decision stays if that fails: the page of the message says it, too.
    """
    reporter = User.find(report.reporter_id)
    if reporter is None or not reporter.is_active or reporter.id == by.id:
        return
    wanted = reporter.preferences.language
    try:
        with spoken(current() if wanted == AS_BROWSER else wanted):
            _post(report, reporter)
    except ChatError as error:
        about = {"report_id": str(report.id), "reason": str(error)}
        logger.warning("nobody told who reported a message", extra=about)


def _post(report: Report, reporter: User) -> None:
    """Post the sentence. Raises ChatError."""
    room = direct_rooms.open_direct(reporter, []).membership.room
    direct_rooms.appear(reporter.id, room)  # first: a client must have the room before the message
    place = f"/rooms/{report.room_id}/messages/{report.message_id}/report"
    link = f"[{_('the message')}]({extensions.settings().public_url}{place})"
    body = _(SENTENCES[report.outcome], message=link)
    decided = milliseconds(report.decided_at) if report.decided_at else 0
    client_id = f"report-{report.id}-{decided}"
    app_messages.post(room, App(APP, _("Reports"), ICON), client_id, body, _charge_nothing)


def _charge_nothing(_size: int) -> None:
    """Charge nothing: somebody else decided. Raises DiskNearlyFull."""
    storage.require_space()
