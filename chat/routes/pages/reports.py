"""Serve the pages on which people report a message, and administrators look at reports."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import messages, report_remedies, rooms
from chat.controllers import reports as verbs
from chat.models.report import TAKEN
from chat.routes.pages.forms import (
    address_with,
    change_or_explain,
    own_path,
    read_form,
    read_query,
    refuse,
)
from chat.schemas.messages import show_message
from chat.schemas.reports import (
    LONGEST_REPORT_NOTE,
    DecisionForm,
    ReportInput,
    ReportsQuery,
    show_own_report,
    show_report,
)
from chat.schemas.rooms import show_room
from chat.utils.errors import ChatError, NotFound
from chat.utils.translation import _

reports = Blueprint("reports", __name__)


@reports.get("/rooms/<room_id>/messages/<message_id>/report")
def ask(room_id: str, message_id: str) -> str:
    """Ask what is wrong with a message; later, tell what became of the report."""
    return _ask(room_id, message_id)


@reports.post("/rooms/<room_id>/messages/<message_id>/report")
def make(room_id: str, message_id: str) -> AnyResponse:
    """Report a message; say so if the person reported it already, which changes nothing."""
    try:
        _report, is_new = verbs.make(g.person, message_id, read_form(ReportInput)["reason"])
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_ask(room_id, message_id, mistake), mistake)
    if not is_new:
        return Response(_ask(room_id, message_id, is_again=True))
    return redirect(url_for("pages.reports.ask", room_id=room_id, message_id=message_id), 303)


@reports.get("/admin/reports")
def show() -> str:
    return _page()


@reports.post("/admin/reports/<report_id>")
def decide(report_id: str) -> AnyResponse:
    """Take or close a report, or open it again.

    What was taken is shown among what is taken. From other lists it goes, and they say whereto.
    """
    before = own_path(request.form.get("next"), url_for("pages.reports.show"))
    moved_to = request.form.get("state")
    if moved_to == TAKEN:
        done = url_for("pages.reports.show", state=TAKEN, _anchor=f"report-{report_id}")
    elif moved_to:
        done = address_with(before, moved=moved_to, of=report_id)
    else:
        done = before

    def change() -> None:
        body = read_form(DecisionForm)
        note = None if body["note"] == body["shown_note"] else body["note"]
        verbs.decide(
            g.person, report_id, state=body["state"] or None, note=note, outcome=body["outcome"]
        )

    return change_or_explain(change, _page, done)


def _ask(
    room_id: str, message_id: str, mistake: ChatError | None = None, *, is_again: bool = False
) -> str:
    message = show_message(messages.show(g.person, message_id))
    if message["room_id"] != room_id:
        raise NotFound(_("There is no such message."))
    made = verbs.mine(g.person, message_id)
    return render_template(
        "rooms/report.html",
        room=show_room(rooms.show(g.person, room_id)),
        message=message,
        report=made and show_own_report(made),
        form=request.form,
        mistake=mistake,
        is_again=is_again,
    )


def _page(mistake: ChatError | None = None) -> str:
    query = read_query(ReportsQuery, url_for("pages.reports.show"))
    found = verbs.page(g.person, **query)
    return render_template(
        "settings/reports.html",
        state=query["state"],
        reports=[
            (show_report(*each), report_remedies.find(g.person, each)) for each in found.items
        ],
        following=found.following,
        here=url_for("pages.reports.show", state=query["state"]),
        moved=request.args.get("moved") if not mistake else None,
        moved_id=request.args.get("of"),
        longest_note=LONGEST_REPORT_NOTE,
        mistake=mistake,
    )
