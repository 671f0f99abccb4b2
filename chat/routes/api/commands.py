"""`/rooms/<id>/commands`: what is typed behind a `/`, done instead of posted."""

from __future__ import annotations

from functools import partial

from flask import Response, g

from chat.controllers import api_tokens
from chat.controllers.commands import running
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.commands import CommandInput, OfferedCommandsView, OutcomeView, show_outcome

commands = Blueprint("commands", __name__, description="Commands that begin with a slash")


@commands.get("/rooms/<id:room_id>/commands", name="listRoomCommands", scope="read")
@commands.response(200, OfferedCommandsView)
def list_offered(room_id: str) -> Response:
    """List the commands that you may give in a room, by name"""
    shown = [each._asdict() for each in running.offered(g.person, room_id)]
    return json_answer({"commands": shown, "next": None})


@commands.post("/rooms/<id:room_id>/commands", name="runCommand", scope="write")
@commands.arguments(CommandInput)
@commands.response(200, OutcomeView)
def run(body: dict[str, str], room_id: str) -> Response:
    """Run a command

    `/me waves`. A text that is no command is posted as it is; `POST /rooms/<id>/messages` never
    runs one. `/topic` and `/invite` need the scope `manage`, too. A command that nobody knows is
    validation_failed.
    """
    allow = partial(api_tokens.must_have, g.session)
    ran = running.run(g.person, room_id, body["text"], body["client_id"], body["time_zone"], allow)
    return json_answer(show_outcome(ran.message, ran.answer))
