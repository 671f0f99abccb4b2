"""Define the input and the views of accounts: people as administrators see them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.reset_link import ResetLink
from chat.schemas.base import View
from chat.schemas.fields import Moment
from chat.utils.clock import rfc3339


class ResetLinkView(View):
    url = fields.String(
        required=True, metadata={"description": "the link to give to the person; it works once"}
    )
    expires_at = Moment(required=True)


def show_reset_link(link: ResetLink, url: str) -> dict[str, Any]:
    """Return a ResetLinkView."""
    return {"url": url, "expires_at": rfc3339(link.expires_at)}
