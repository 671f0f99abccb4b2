"""What a person may not see looks like what does not exist: same words, same amount of work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pymongo.collection import Collection

from chat.controllers import access
from chat.models.document import Id, new_id
from chat.models.membership import Membership
from chat.models.user import User
from chat.utils.encryption import SealingKey
from chat.utils.errors import ChatError
from tests.helpers.uploads import uploaded
from tests.helpers.world import World


class Work:
    """A counter of an answer's cost: database queries, and texts that are opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.done: list[str] = []
        self._thread = threading.get_ident()  # others may still end what an earlier test began
        for owner, name in ((Collection, "find"), (Collection, "find_one"), (SealingKey, "open")):
            monkeypatch.setattr(owner, name, self._counted(name, getattr(owner, name)))

    def _counted(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **options: object) -> object:
            if threading.get_ident() == self._thread:
                self.done.append(name)
            return real(*arguments, **options)

        return counted

    def of(
        self, ask: Callable[[User, str], object], person: User, what: str
    ) -> tuple[str, list[str]]:
        self.done.clear()
        with pytest.raises(ChatError) as told:
            ask(person, what)
        return str(told.value.as_dict()), list(self.done)


@pytest.mark.parametrize("what", ["message", "image", "room", "room to join"])
def test_a_foreign_thing_costs_what_one_that_is_not_there_costs(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    room_id = str(
        world.alice.post("/rooms", {"name": "Harbour", "kind": "private", "topic": "tides"}).json()[
            "id"
        ]
    )
    foreign = {
        "message": lambda: world.alice.say(room_id, "heliotrope")["id"],
        "image": lambda: uploaded(world.alice, room_id)["id"],
    }.get(what, lambda: room_id)()
    ask = {
        "message": access.message,
        "image": access.image,
        "room": access.membership,
        "room to join": access.room_to_join,
    }[what]
    mallory = User.find(Id(world.mallory.id))
    assert mallory
    work = Work(monkeypatch)
    for _ in range(3):  # however often
        assert work.of(ask, mallory, foreign) == work.of(ask, mallory, str(new_id()))
    assert work.done, "the premise: something is counted"


@pytest.mark.parametrize("what", ["image", "answered message"])
def test_nor_what_another_room_has(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    room_id, mallorys_room = (
        world.alice.make_room(kind="private"),
        world.mallory.make_room(kind="private"),
    )
    mallory = User.find(Id(world.mallory.id))
    assert mallory
    mine = Membership.find(Id(mallorys_room), mallory.id)
    assert mine
    if what == "image":
        foreign, ask = (
            uploaded(world.alice, room_id)["id"],
            lambda person, image: access.own_image(person, Id(mallorys_room), image),
        )
    else:
        foreign, ask = (
            world.alice.say(room_id, "heliotrope")["id"],
            lambda _, message: access.message_to_answer(mine, message),
        )
    work = Work(monkeypatch)
    assert work.of(ask, mallory, foreign) == work.of(ask, mallory, str(new_id()))
