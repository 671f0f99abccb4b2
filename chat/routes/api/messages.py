"""`/rooms/<id>/messages`, its `log`, `lines` and `pins`, and `/messages`: messages."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from marshmallow import ValidationError

from chat.controllers import catch_up, message_pages, room_lines, why_notified
from chat.controllers import messages as verbs
from chat.controllers.api_tokens import must_have
from chat.routes.api.parsing import Blueprint
from chat.routes.api.reading import answer_of_one_room, read_answer
from chat.routes.responses import json_answer
from chat.schemas.fields import Emoji
from chat.schemas.message_inputs import (
    ChosenQuery,
    EditInput,
    MessageInput,
    PageQuery,
    PinsQuery,
    VersionsQuery,
)
from chat.schemas.messages import (
    ChosenView,
    MessagesView,
    MessageView,
    PageView,
    VersionsView,
    message_json,
    show_message,
    show_messages,
    show_page,
    show_versions,
    tag_of_page,
)
from chat.schemas.notifications import WhyView, show_why
from chat.schemas.room_lines import LinesQuery, LinesView, show_lines
from chat.schemas.room_log import LogQuery, LogView, show_log
from chat.utils.errors import ValidationFailed

messages = Blueprint("messages", __name__, description="Messages of a room")

READ = "read"  # what a token needs as well where the answer is somebody else's message


@messages.get("/rooms/<id:room_id>/messages", name="listMessages", scope="read")
@messages.arguments(PageQuery, location="query")
@messages.conditional_response(PageView)
def page(query: dict[str, int], room_id: str) -> Response:
    """List a room's messages, in ascending order

    The newest ones, or those before, after or around a seq.
    """
    found = message_pages.page(g.person, room_id, **query)
    return answer_of_one_room(show_page(found, message_json), tag_of_page(found))


@messages.post("/rooms/<id:room_id>/messages", name="postMessage", scope="write")
@messages.arguments(MessageInput)
@messages.response(201, MessageView)
@messages.alt_response(200, schema=MessageView, description="The first result of this client_id")
def post(body: dict[str, Any], room_id: str) -> Response:
    """Post a message

    Safe to repeat: the same client_id gives the first result again, or a conflict if the content
    differs.
    """
    posted = verbs.post(g.person, room_id, **body)
    return json_answer(show_message(posted.message), 201 if posted.is_new else 200)


@messages.get("/rooms/<id:room_id>/log", name="getLog", scope="read")
@messages.arguments(LogQuery, location="query")
@messages.conditional_response(LogView)
def log(query: dict[str, int], room_id: str) -> Response:
    """Catch up: list a room's log entries after a seq, without gaps"""
    return answer_of_one_room(show_log(*catch_up.catch_up(g.person, room_id, **query)))


@messages.get("/rooms/<id:room_id>/lines", name="listLines", scope="read")
@messages.arguments(LinesQuery, location="query")
@messages.conditional_response(LinesView)
def list_lines(query: dict[str, Any], room_id: str) -> Response:
    """List what happened to a room and its people, to be shown among its messages

    Who joined or left, a new name or topic, pins. For a page of messages, `after` is its first seq
    (0 at the room's beginning), and `before` its last seq (nothing at the end).
    """
    lines = room_lines.between(g.person, room_id, query["after"], query["before"])
    return answer_of_one_room(show_lines(lines))


@messages.get("/rooms/<id:room_id>/pins", name="listPins", scope="read")
@messages.arguments(PinsQuery, location="query")
@messages.conditional_response(MessagesView)
def pins(query: dict[str, Any], room_id: str) -> Response:
    """List a room's pinned messages, the last pinned first

    A room has at most 200 pinned messages.
    """
    found = message_pages.pinned(g.person, room_id, **query)
    return answer_of_one_room(show_messages(*found, message_json))


@messages.get("/messages", name="getMessages", scope="read")
@messages.arguments(ChosenQuery, location="query")
@messages.conditional_response(ChosenView)
def chosen(query: dict[str, list[str]]) -> Response:
    """Get messages by their ids, of any of your rooms, in the order of the ids

    Those that you may not see, or that there are not, are left out.
    """
    found = message_pages.chosen(g.person, query["ids"])
    return read_answer(show_messages(*found, message_json))


@messages.get("/messages/<id:message_id>", name="getMessage", scope="read")
@messages.conditional_response(MessageView)
def show(message_id: str) -> Response:
    """Get a message"""
    return read_answer(show_message(verbs.show(g.person, message_id)))


@messages.get("/messages/<id:message_id>/why", name="getWhyNotified", scope="read")
@messages.response(200, WhyView)
def why(message_id: str) -> Response:
    """Get why a message notified you, or did not

    The rule that decides about the message as it is now, by your settings as they are now.
    """
    return json_answer(show_why(why_notified.why(g.person, message_id)))


@messages.patch("/messages/<id:message_id>", name="editMessage", scope="write")
@messages.arguments(EditInput)
@messages.response(200, MessageView)
def edit(body: dict[str, str], message_id: str) -> Response:
    """Edit a message of yours"""
    return json_answer(show_message(verbs.edit(g.person, message_id, **body)))


@messages.delete("/messages/<id:message_id>", name="deleteMessage", scope="write")
@messages.response(200, MessageView)
def delete(message_id: str) -> Response:
    """Delete a message of yours

    A tombstone remains. Moderators and owners can delete every message of their room.
    """
    return json_answer(show_message(verbs.delete(g.person, message_id)))


@messages.get("/messages/<id:message_id>/versions", name="listMessageVersions", scope="read")
@messages.arguments(VersionsQuery, location="query")
@messages.conditional_response(VersionsView)
def versions(query: dict[str, int], message_id: str) -> Response:
    """List a message's versions, the first version first

    For its author, for moderators and owners. A page may contain fewer than `limit`; there are more
    while `next` is not null.
    """
    return answer_of_one_room(show_versions(*verbs.versions(g.person, message_id, **query)))


@messages.put(
    "/messages/<id:message_id>/reactions/<emoji:emoji>", name="addReaction", scope="write"
)
@messages.response(200, MessageView)
def react(message_id: str, emoji: str) -> Response:
    """Add a reaction to a message

    The answer is the message: a token needs the scope `read` as well.
    """
    must_have(g.session, READ)
    return json_answer(show_message(verbs.react(g.person, message_id, _emoji(emoji), on=True)))


@messages.delete(
    "/messages/<id:message_id>/reactions/<emoji:emoji>", name="removeReaction", scope="write"
)
@messages.response(200, MessageView)
def take_reaction_back(message_id: str, emoji: str) -> Response:
    """Remove your reaction from a message

    The answer is the message: a token needs the scope `read` as well.
    """
    must_have(g.session, READ)
    return json_answer(show_message(verbs.react(g.person, message_id, _emoji(emoji), on=False)))


@messages.put("/messages/<id:message_id>/pin", name="pinMessage", scope="write")
@messages.response(200, MessageView)
def pin(message_id: str) -> Response:
    """Pin a message

    For moderators and owners; in a direct room for everybody. The answer is the message: a token
    needs the scope `read` as well.
    """
    must_have(g.session, READ)
    return json_answer(show_message(verbs.pin(g.person, message_id, on=True)))


@messages.delete("/messages/<id:message_id>/pin", name="unpinMessage", scope="write")
@messages.response(200, MessageView)
def unpin(message_id: str) -> Response:
    """Unpin a message

    The answer is the message: a token needs the scope `read` as well.
    """
    must_have(g.session, READ)
    return json_answer(show_message(verbs.pin(g.person, message_id, on=False)))


def _emoji(text: str) -> str:
    try:
        return Emoji().deserialize(text)
    except ValidationError as error:
        raise ValidationFailed(fields={"emoji": str(error.messages[0])}) from None
