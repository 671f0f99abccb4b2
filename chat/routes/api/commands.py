"""`/rooms/<id>/commands`: what is typed behind a `/`; `/commands`: those of programs."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, g

from chat.controllers import api_tokens
from chat.controllers.commands import managing, running
from chat.routes import languages
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.commands import (
    CommandInput,
    OfferedCommandsView,
    OutcomeView,
    SlashCommandChangeInput,
    SlashCommandInput,
    SlashCommandsView,
    SlashCommandView,
    show_command,
    show_outcome,
)

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
    runs one. `/topic` and `/invite` need the scope `manage`, too, and `/remind list` needs `read`.
    A command that nobody knows is validation_failed.
    """
    allow = partial(api_tokens.must_have, g.session)
    ran = running.run(
        g.person,
        room_id,
        body["text"],
        body["client_id"],
        body["time_zone"],
        allow,
        languages.locale(),
    )
    return json_answer(show_outcome(ran.message, ran.answer))


@commands.get("/commands", name="listCommands", scope="admin")
@commands.response(200, SlashCommandsView)
def list_all() -> Response:
    """List the commands of programs, by name

    For administrators.
    """
    shown = [show_command(*each) for each in managing.list_of(g.person)]
    return json_answer({"commands": shown, "next": None})


@commands.post("/commands", name="makeCommand", scope="admin")
@commands.arguments(SlashCommandInput)
@commands.response(201, SlashCommandView)
def make(body: dict[str, str]) -> Response:
    """Make a command of a program

    For administrators. The answer has `secret`. conflict for a name that is taken, and with 50
    commands.
    """
    return json_answer(show_command(*managing.make(g.person, **body), with_secret=True), 201)


@commands.patch("/commands/<id:command_id>", name="changeCommand", scope="admin")
@commands.arguments(SlashCommandChangeInput)
@commands.response(200, SlashCommandView)
def change(body: dict[str, Any], command_id: str) -> Response:
    """Change a command of a program

    For administrators. With `new_secret` the answer has `secret`.
    """
    is_new_secret = body.pop("new_secret")
    changed = managing.change(g.person, command_id, is_new_secret=is_new_secret, **body)
    return json_answer(show_command(*changed, with_secret=is_new_secret))


@commands.delete("/commands/<id:command_id>", name="removeCommand", scope="admin")
@commands.response(204)
def remove(command_id: str) -> tuple[Any, int]:
    """Remove a command of a program

    For administrators. What it posted stays.
    """
    managing.remove(g.person, command_id)
    return "", 204
