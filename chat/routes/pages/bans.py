"""Serve the pages on which moderators ban and mute people of a room."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import bans as verbs
from chat.controllers import people, rooms
from chat.routes.pages.forms import change_or_explain, load, read_query
from chat.schemas.bans import BansQuery, ForForm, show_ban
from chat.schemas.rooms import show_room
from chat.schemas.users import show_user
from chat.utils.errors import ChatError

bans = Blueprint("bans", __name__)


@bans.get("/rooms/<room_id>/bans")
def show(room_id: str) -> str:
    return _page(room_id)


@bans.get("/rooms/<room_id>/members/<user_id>/ban")
def ask_ban(room_id: str, user_id: str) -> str:
    return _ask("ban", room_id, user_id)


@bans.post("/rooms/<room_id>/members/<user_id>/ban")
def ban(room_id: str, user_id: str) -> AnyResponse:
    done = url_for("pages.bans.show", room_id=room_id)
    ask = partial(_ask, "ban", room_id, user_id)
    return change_or_explain(lambda: verbs.ban(g.person, room_id, user_id, **_sent()), ask, done)


@bans.post("/rooms/<room_id>/bans/<user_id>/lift")
def lift(room_id: str, user_id: str) -> AnyResponse:
    done = url_for("pages.bans.show", room_id=room_id)
    return change_or_explain(
        lambda: verbs.lift(g.person, room_id, user_id), partial(_page, room_id), done
    )


@bans.get("/rooms/<room_id>/members/<user_id>/mute")
def ask_mute(room_id: str, user_id: str) -> str:
    return _ask("mute", room_id, user_id)


@bans.post("/rooms/<room_id>/members/<user_id>/mute")
def mute(room_id: str, user_id: str) -> AnyResponse:
    return _change_mute(
        room_id, user_id, lambda: verbs.mute(g.person, room_id, user_id, _sent()["until"])
    )


@bans.post("/rooms/<room_id>/members/<user_id>/unmute")
def unmute(room_id: str, user_id: str) -> AnyResponse:
    return _change_mute(room_id, user_id, lambda: verbs.unmute(g.person, room_id, user_id))


def _change_mute(room_id: str, user_id: str, change: Callable[[], object]) -> AnyResponse:
    done = url_for("pages.members.show", room_id=room_id)
    return change_or_explain(change, partial(_ask, "mute", room_id, user_id), done)


def _sent() -> dict[str, Any]:
    return load(ForForm, {name: request.form.get(name, "") for name in ("seconds", "reason")})


def _ask(verb: str, room_id: str, user_id: str, mistake: ChatError | None = None) -> str:
    """Ask for how long, and why."""
    mine = rooms.show(g.person, room_id).must(verb)
    return render_template(
        "rooms/ban.html",
        verb=verb,
        action=url_for(f"pages.bans.{verb}", room_id=room_id, user_id=user_id),
        room=show_room(mine),
        user=show_user(people.show(user_id)),
        form=request.form,
        mistake=mistake,
    )


def _page(room_id: str, mistake: ChatError | None = None) -> str:
    mine = rooms.show(g.person, room_id)
    found = verbs.page(g.person, room_id, **read_query(BansQuery))
    return render_template(
        "rooms/bans.html",
        room=show_room(mine),
        bans=[show_ban(*each) for each in found.items],
        following=found.following,
        mistake=mistake,
    )
