"""Serve the devices that somebody is signed in on, as a page of the settings."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import sessions
from chat.models.session import Session
from chat.routes.device_names import device_name
from chat.routes.pages import questions
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.sessions import show_session

devices = Blueprint("devices", __name__)


@devices.get("/settings/devices")
def show() -> str:
    """Show this device, and the others; sessions of the same program share a row."""
    others = _others()
    return render_template(
        "settings/devices.html",
        current=show_session(g.session, g.session),
        programs=[_program(alike) for alike in _programs(others)],
        end_others=questions.end_others(len(others)),
    )


@devices.post("/settings/devices/<session_id>/end")
@once
def end(session_id: str) -> AnyResponse:
    sessions.end_one_of(g.person, session_id)
    return _back()


@devices.get("/settings/devices/end-others")
def ask_end_others() -> str:
    return _ask(questions.end_others(len(_others())))


@devices.post("/settings/devices/end-others")
def end_others() -> AnyResponse:
    sessions.end_others_of(g.person, g.session)
    return _back()


@devices.get("/settings/devices/<session_id>/end-alike")
def ask_end_alike(session_id: str) -> str:
    return _ask(_question_about(sessions.alike(g.person, session_id, g.session)))


@devices.post("/settings/devices/<session_id>/end-alike")
@once
def end_alike(session_id: str) -> AnyResponse:
    sessions.end_alike(g.person, session_id, g.session)
    return _back()


def _others() -> list[Session]:
    return [session for session in sessions.list_of(g.person) if session.id != g.session.id]


def _programs(others: list[Session]) -> list[list[Session]]:
    """Return lists of sessions of the same program, the one that was used last first."""
    by_device = sorted(others, key=lambda session: session.device)
    programs = [
        list(alike) for _device, alike in groupby(by_device, lambda session: session.device)
    ]
    return sorted(programs, key=lambda alike: alike[0].refreshed_at, reverse=True)


def _program(alike: list[Session]) -> dict[str, Any]:
    return {
        "name": device_name(alike[0].device),
        "sessions": [show_session(session, g.session) for session in alike],
        "question": _question_about(alike),
    }


def _question_about(alike: list[Session]) -> Question:
    return questions.end_alike(str(alike[0].id), device_name(alike[0].device), len(alike))


def _ask(question: Question) -> str:
    return render_template("question.html", question=question)


def _back() -> AnyResponse:
    return redirect(url_for("pages.devices.show"), 303)
