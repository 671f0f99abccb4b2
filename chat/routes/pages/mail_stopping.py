"""Serve the link in mails that stops them: without signing in, and for mail programs (RFC 8058).

Whoever has the link reads the mails of its person, so it needs nothing else.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from chat.controllers import missed_mails

mail_stopping = Blueprint("mail_stopping", __name__, url_prefix="/email/stop")


@mail_stopping.get("/<token>")
def ask(token: str) -> str:
    """Ask, because programs that look into mails open their links. Raises NotFound."""
    missed_mails.person_of(token)
    return render_template("sign_in/stop_mails.html", is_done=False)


@mail_stopping.post("/<token>")
def stop(token: str) -> str:
    """Stop the mails. A mail program sends `List-Unsubscribe=One-Click`. Raises NotFound."""
    missed_mails.stop(token)
    return render_template("sign_in/stop_mails.html", is_done=True)
