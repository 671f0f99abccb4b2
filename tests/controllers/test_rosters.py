"""Who is in a room and who owns it is one decision after another, whatever is done at the same moment."""

from __future__ import annotations

import pytest

from tests.races import RACES, People, run
from tests.world import World


@pytest.fixture
def people(world: World) -> People:
    """They share a room, so nobody is a stranger."""
    room_id = world.room()
    world.mallory.join(room_id)
    return People(world.alice, world.bob, world.carol, world.mallory)


@pytest.mark.parametrize("name", RACES)
def test_a_room_with_people_in_it_has_an_owner_at_every_moment(people: People, name: str) -> None:
    run(RACES[name], people)
