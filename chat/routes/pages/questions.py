"""Questions that a page asks before something goes away: in a dialog, or as a page of its own."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for


class Question(NamedTuple):
    """A question, with what becomes of a yes and of a no."""

    title: str
    text: str  # what goes away
    does: str  # the label of the button that does it
    action: str  # where its form goes
    page: str  # where the question is a page of its own
    back: str  # where a no leads


def remove_avatar() -> Question:
    return Question(
        "Remove your picture?",
        "People see your initials instead. The picture is deleted.",
        "Remove picture",
        url_for("pages.settings.remove_avatar"),
        url_for("pages.settings.ask_remove_avatar"),
        url_for("pages.settings.show_profile"),
    )


def end_others(count: int) -> Question:
    return Question(
        "Sign out everywhere else?",
        f"{devices(count)} will be signed out at once. You stay signed in here.",
        "Sign out",
        url_for("pages.devices.end_others"),
        url_for("pages.devices.ask_end_others"),
        url_for("pages.devices.show"),
    )


def end_alike(session_id: str, name: str, count: int) -> Question:
    return Question(
        f"Sign out {name}?",
        f"{sessions(count)} of this program will end at once. It needs your password to come back.",
        f"Sign out all {count}",
        url_for("pages.devices.end_alike", session_id=session_id),
        url_for("pages.devices.ask_end_alike", session_id=session_id),
        url_for("pages.devices.show"),
    )


def devices(count: int) -> str:
    """Return a number of other devices in words."""
    return "One other device" if count == 1 else f"{count} other devices"


def sessions(count: int) -> str:
    """Return a number of sessions in words."""
    return "One session" if count == 1 else f"All {count} sessions"
