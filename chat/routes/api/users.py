"""`/users`: people."""

from __future__ import annotations

from flask import Response

from chat.controllers import people
from chat.routes.answers import json_answer
from chat.routes.api.parsing import Blueprint
from chat.schemas.users import PeopleQuery, PeopleView, UserView, show_user

users = Blueprint("users", __name__, description="People")


@users.get("")
@users.arguments(PeopleQuery, location="query")
@users.response(200, PeopleView)
def search(query: dict[str, str]) -> Response:
    """Find people by the beginning of a name

    Fifty at most; type more to see fewer.
    """
    return json_answer({"users": [show_user(user) for user in people.search(query["q"])], "next": None})


@users.get("/<user_id>")
@users.response(200, UserView)
def show(user_id: str) -> Response:
    """A person"""
    return json_answer(show_user(people.show(user_id)))
