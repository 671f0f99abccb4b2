"""Render the pages on which somebody signs in or registers."""

from __future__ import annotations

from flask import render_template, request

from chat import extensions
from chat.controllers import current_chat, mails
from chat.utils.errors import ChatError


def sign_in_page(template: str, mistake: ChatError | None = None, **values: object) -> str:
    """Return a page of signing in, with what went wrong."""
    settings = extensions.settings()
    return render_template(
        template,
        mistake=mistake,
        form=request.form,
        chat_name_is_fixed="name" in current_chat.fixed(),
        are_mails_on=mails.are_on(),
        registration=settings.registration,
        has_passwords=settings.passwords,
        asks_password=settings.passwords or settings.directory is not None,
        providers=settings.providers,
        **values,
    )
