"""Define the input and the views of reports of messages."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.document import Id
from chat.models.report import OPEN, OUTCOMES, STATES, USUAL_PAGE, Report
from chat.models.user import User
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import Moment, Next, ObjectIdString, OneOf
from chat.schemas.text_fields import CleanText, StrictString
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339

LONGEST_REASON = 500
LONGEST_REPORT_NOTE = 700
MOST_REPORTS = USUAL_PAGE
LONGEST_PATH = 2_000


class ReportInput(Input):
    reason = CleanText(
        1,
        LONGEST_REASON,
        lines=True,
        required=True,
        metadata={"description": "what is wrong; administrators read it"},
    )


class ReportsQuery(QueryInput):
    state = OneOf(STATES, load_default=OPEN)
    before = ObjectIdString(metadata={"description": "`next` of the page before"})


class DecisionInput(Input):
    state = OneOf(STATES)
    note = CleanText(
        0,
        LONGEST_REPORT_NOTE,
        lines=True,
        metadata={"description": "what was done; administrators alone read it"},
    )
    outcome = OneOf(
        OUTCOMES,
        allow_none=True,
        metadata={"description": "of a report that is closed now; its reporter is told"},
    )


class DecisionForm(DecisionInput):
    """The same as the form of a page sends it, with the note that it showed.

    An empty state, and a note that is as it was shown, change nothing.
    """

    state = OneOf(("", *STATES), load_default="")
    note = CleanText(0, LONGEST_REPORT_NOTE, lines=True, load_default="")
    outcome = OneOf(("", *OUTCOMES), load_default="")
    shown_note = CleanText(0, LONGEST_REPORT_NOTE, lines=True, load_default="")
    next = StrictString(LONGEST_PATH, load_default="")


class OwnReportView(View):
    id = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    outcome = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "enum": [*OUTCOMES, None],
            "description": "of a closed one; null: nobody said whether something was done",
        },
    )
    reason = fields.String(required=True)
    created_at = Moment(required=True)


class ReportedMessageView(View):
    id = fields.String(required=True)
    room_id = fields.String(required=True)
    room_kind = fields.String(required=True)
    room_name = fields.String(
        required=True, allow_none=True, metadata={"description": "of a public room only"}
    )
    author = fields.Nested(UserView, required=True)
    body = fields.String(required=True, metadata={"description": "as it was when it was reported"})
    alts = fields.List(
        fields.String(), required=True, metadata={"description": "what its pictures are said to be"}
    )
    picture_urls = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "small copies of its first pictures"},
    )
    created_at = Moment(required=True)


class ReportView(OwnReportView):
    message = fields.Nested(ReportedMessageView, required=True)
    reporter = fields.Nested(UserView, required=True)
    note = fields.String(required=True)
    decided_by = fields.Nested(UserView, required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)


class ReportsView(View):
    reports = fields.List(fields.Nested(ReportView), required=True)
    open = fields.Integer(
        required=True,
        metadata={"description": "how many nobody has taken or closed, up to 5 seconds ago"},
    )
    next = Next("before")


def show_own_report(report: Report) -> dict[str, Any]:
    """Return an OwnReportView."""
    return {
        "id": str(report.id),
        "state": report.state,
        "outcome": report.outcome or None,
        "reason": report.texts["reason"],
        "created_at": rfc3339(report.id.generation_time),
    }


def show_report(report: Report, people: dict[Id, User]) -> dict[str, Any]:
    """Return a ReportView. `people`: everybody whom the report names."""
    return show_own_report(report) | {
        "message": {
            "id": str(report.message_id),
            "room_id": str(report.room_id),
            "room_kind": report.kind,
            "room_name": report.texts["room"] or None,
            "author": show_user(people[report.author_id]),
            "body": report.texts["body"],
            "alts": report.texts["alts"],
            "picture_urls": [
                f"/api/v1/admin/reports/{report.id}/pictures/{number}"
                for number in range(report.pictures)
            ],
            "created_at": rfc3339(report.posted_at),
        },
        "reporter": show_user(people[report.reporter_id]),
        "note": report.texts["note"],
        "decided_by": show_user(people[report.decided_by]) if report.decided_by else None,
        "decided_at": report.decided_at and rfc3339(report.decided_at),
    }
