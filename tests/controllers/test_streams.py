"""A stream ends with its session, also with one that ended while the stream began to listen."""

from __future__ import annotations

from flask import Flask

from chat.controllers.streams import StreamOfAll, StreamOfRoom
from chat.models.document import id_from
from chat.models.session import Session
from chat.models.user import User
from tests.helpers.world import World


def test_a_session_that_ended_meanwhile_hears_nothing(app: Flask, world: World) -> None:
    room_id = world.room()
    bob_id = id_from(world.bob.id)
    bob = User.find(bob_id) if bob_id else None
    assert bob
    session = Session.begin(bob.id, "a program")
    room, all_rooms = (kind(bob, session, "") for kind in (StreamOfRoom, StreamOfAll))
    session.revoke()  # no socket of it was there to close
    room.begin(room_id, 0)
    all_rooms.begin()
    world.alice.say(room_id, "not for this session")
    assert [next(iter(stream), "over") for stream in (room, all_rooms)] == ["over", "over"]
    for stream in (room, all_rooms):
        stream.close()


def test_an_open_session_is_looked_at_again(app: Flask, world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "before")
    bob_id = id_from(world.bob.id)
    bob = User.find(bob_id) if bob_id else None
    assert bob
    session = Session.begin(bob.id, "a program")
    stream = StreamOfRoom(bob, session, "")
    stream.begin(room_id, 0)
    events = iter(stream)
    first = next(events)
    assert first
    assert first.seq == 1
    session.revoke()
    stream._checked_at -= 60  # a minute later
    assert next(events, "over") == "over"
    stream.close()
