"""`/search`: search messages."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import searches
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.search import FoundView, SearchQuery, show_found

search = Blueprint("search", __name__, description="Search of messages")


@search.get("", name="searchMessages", scope="read")
@search.arguments(SearchQuery, location="query")
@search.response(200, FoundView)
def find(query: dict[str, Any]) -> Response:
    """Search the messages of your rooms, the newest first"""
    return json_answer(show_found(searches.search(g.person, **query)))
