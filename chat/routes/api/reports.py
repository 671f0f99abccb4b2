"""`/messages/<id>/report` and `/admin/reports`: messages that administrators should look at."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import open_reports
from chat.controllers import reports as verbs
from chat.routes.api.parsing import Blueprint, picture_answers
from chat.routes.responses import harmless, json_answer
from chat.schemas.reports import (
    DecisionInput,
    OwnReportView,
    ReportInput,
    ReportsQuery,
    ReportsView,
    ReportView,
    show_own_report,
    show_report,
)

reports = Blueprint("reports", __name__, description="Messages that somebody reported")


@reports.post("/messages/<id:message_id>/report", name="reportMessage", scope="write")
@reports.arguments(ReportInput)
@reports.response(201, OwnReportView)
@reports.alt_response(200, schema=OwnReportView, description="Your earlier report of the message")
def make(body: dict[str, str], message_id: str) -> Response:
    """Report a message to the administrators

    They get a copy of the message as it is now, and see nothing else of the room.
    """
    report, is_new = verbs.make(g.person, message_id, body["reason"])
    return json_answer(show_own_report(report), 201 if is_new else 200)


@reports.get("/admin/reports", name="listReports", scope="admin")
@reports.arguments(ReportsQuery, location="query")
@reports.response(200, ReportsView)
def list_some(query: dict[str, Any]) -> Response:
    """List reports in a state, the latest first

    For administrators. Closed ones are deleted after 90 days, with their copies.
    """
    page = verbs.page(g.person, **query)
    shown = [show_report(*each) for each in page.items]
    return json_answer(
        {"reports": shown, "open": open_reports.count(g.person), "next": page.following}
    )


@reports.patch("/admin/reports/<id:report_id>", name="decideReport", scope="admin")
@reports.arguments(DecisionInput)
@reports.response(200, ReportView)
def decide(body: dict[str, str], report_id: str) -> Response:
    """Take a report, close it, open it again, or change its note

    Whoever reported the message sees the state on the message's page, and not the note. They are
    told that the report is closed, and its outcome.
    """
    return json_answer(show_report(*verbs.decide(g.person, report_id, **body)))


@reports.get(
    "/admin/reports/<id:report_id>/pictures/<number>", name="getReportedPicture", scope="admin"
)
@reports.doc(responses=picture_answers("image/webp", has_etag=False))
def show_picture(report_id: str, number: str) -> Response:
    """Get a small copy of a reported message’s picture"""
    answer = Response(verbs.picture(g.person, report_id, number), mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, no-store"
    return harmless(answer)
