"""A roster changes by one decision after another, whatever happens at the same moment."""

from __future__ import annotations

import pytest

from tests.helpers.races import RACES, People, run
from tests.helpers.world import World


@pytest.fixture
def people(world: World) -> People:
    """Return people who share a room, so that none of them is a stranger to another."""
    room_id = world.room()
    world.mallory.join(room_id)
    return People(world.alice, world.bob, world.carol, world.mallory)


@pytest.mark.parametrize("name", RACES)
def test_a_room_with_people_in_it_has_an_owner_at_every_moment(people: People, name: str) -> None:
    run(RACES[name], people)
