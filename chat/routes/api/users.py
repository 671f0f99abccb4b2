"""`/users`: people."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from chat.controllers import avatars, blocks, people
from chat.routes.api.parsing import Blueprint, picture_answers
from chat.routes.responses import harmless, json_answer
from chat.schemas.profiles import PersonView, show_person
from chat.schemas.users import (
    AvatarQuery,
    FoundPeopleView,
    PeopleOrAdministratorsQuery,
    show_titled,
)

KEPT_FOR = "private, max-age=31536000, immutable"  # a year, because a changed picture has a new URL

users = Blueprint("users", __name__, description="People")


@users.get("", name="findUsers", scope="read")
@users.arguments(PeopleOrAdministratorsQuery, location="query")
@users.response(200, FoundPeopleView)
def search(query: dict[str, str]) -> Response:
    """Find people by the beginning of a name or title

    Returns at most 50 people, those with such a name first.
    """
    find = people.administrators if query["role"] else people.search
    return json_answer({"users": [show_titled(user) for user in find(query["q"])], "next": None})


@users.get("/<id:user_id>", name="getUser", scope="read")
@users.response(200, PersonView)
def show(user_id: str) -> Response:
    """Get a person"""
    return json_answer(show_person(people.show(user_id)))


@users.put("/<id:user_id>/block", name="blockUser")
@users.response(204)
def block(user_id: str) -> tuple[Any, int]:
    """Block a person

    They can no longer open a direct room with you or write in it, invite you or add you, and their
    messages do not notify you. In rooms that you share you still see their messages.
    """
    blocks.block(g.person, user_id)
    return "", 204


@users.delete("/<id:user_id>/block", name="unblockUser")
@users.response(204)
def unblock(user_id: str) -> tuple[Any, int]:
    """Unblock a person"""
    blocks.unblock(g.person, user_id)
    return "", 204


@users.get("/<id:user_id>/avatar", name="getAvatar", scope="read")
@users.arguments(AvatarQuery, location="query")
@users.doc(responses=picture_answers("image/webp"))
def show_avatar(query: dict[str, Any], user_id: str) -> Response:
    """Get a person's avatar

    A square; not_found if the person has none.
    """
    avatar = avatars.show(user_id, query["v"])
    size = query["size"]
    etag = f"{avatar.id}-{size}"
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        response = Response(avatar.read(size), mimetype="image/webp")
        response.headers["Content-Disposition"] = f"inline; filename={avatar.id}.webp"
    response.set_etag(etag)
    is_current = str(avatar.id) == query["v"]
    response.headers["Cache-Control"] = KEPT_FOR if is_current else "private, no-cache"
    return harmless(response)
