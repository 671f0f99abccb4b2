"""Finding people, to talk to them directly."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from chat.controllers import people as verbs
from chat.routes.pages.forms import read_query
from chat.schemas.users import PeopleQuery, show_user

people = Blueprint("people", __name__)


@people.get("/people")
def find() -> str:
    query = read_query(PeopleQuery)
    found = [show_user(user) for user in verbs.search(query["q"]) if user.id != g.person.id]
    return render_template("people.html", found=found, q=query["q"])
