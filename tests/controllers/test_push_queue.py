"""Nobody's push services, however slow, keep the messages to others waiting."""

from __future__ import annotations

from chat.controllers.pushes.queue import (
    LONGEST_PAUSE,
    MOST_FAILURES,
    MOST_WAITING,
    PER_PERSON,
    Queue,
    Silences,
)
from chat.models.document import Id, new_id
from chat.models.push_delivery import PushDelivery
from chat.utils.clock import now


def delivery(person: Id, subscription: Id | None = None) -> PushDelivery:
    message = new_id()
    subscription = subscription or new_id()
    return PushDelivery(
        f"{message}{subscription}", subscription, person, new_id(), message, 1, "direct", 0, now()
    )


def people_of(deliveries: list[PushDelivery]) -> list[Id]:
    return [each.user_id for each in deliveries]


def test_people_take_turns_and_each_has_a_few_under_way() -> None:
    queue, mallory, bob = Queue(), new_id(), new_id()
    queue.add([delivery(mallory) for _ in range(100)])
    queue.add([delivery(bob) for _ in range(2)])
    taken, _ = queue.take(4, 0.0)
    assert people_of(taken) == [mallory, bob, mallory, bob]
    more, _ = queue.take(50, 0.0)
    assert people_of(more) == [mallory] * (PER_PERSON - 2), "the others wait for answers"
    assert queue.take(50, 0.0) == ([], [])
    queue.forget([taken[0].id])
    assert people_of(queue.take(50, 0.0)[0]) == [mallory]


def test_what_waits_is_known_and_who_has_too_much_loses_the_oldest() -> None:
    queue, mallory, bob = Queue(), new_id(), new_id()
    many = [delivery(mallory) for _ in range(MOST_WAITING + 2)]
    assert queue.add(many) == many[:2]
    assert queue.add(many[2:]) == []
    assert queue.add([delivery(bob)]) == []
    taken, _ = queue.take(2, 0.0)
    assert queue.add(taken) == [], "it is under way"
    queue.clear()
    assert not queue
    assert queue.add(taken) == []
    assert not queue


def test_a_service_that_does_not_answer_has_one_try_at_a_time() -> None:
    queue, mallory, silent = Queue(), new_id(), new_id()
    queue.add([delivery(mallory, silent) for _ in range(9)])
    (first, *rest), _ = queue.take(50, 0.0)
    queue.silences.note(silent, 10.0, is_answered=False)
    queue.forget(each.id for each in (first, *rest))
    taken, put_off = queue.take(2, 10.0)
    assert taken == []
    assert [pause for _, pause in put_off] == [10.0, 10.0]
    (tried,), put_off = queue.take(50, 20.0)
    assert len(put_off) == 1, "one try is under way"
    queue.silences.note(silent, 30.0, is_answered=True)
    queue.forget([tried.id])
    again = [delivery(mallory, silent) for _ in range(2)]
    queue.add(again)
    assert queue.take(50, 30.0) == (again, [])


def test_the_pauses_grow_and_tries_at_the_same_time_count_once() -> None:
    silences, silent = Silences(), new_id()
    moment, pauses = 0.0, []
    for _ in range(MOST_FAILURES):
        for _ in range(5):
            silences.note(silent, moment, is_answered=False)
        found = silences.find(silent)
        assert found
        pauses.append(found.until - moment)
        moment = found.until
    assert pauses == [10, 20, 40, 80, 160, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert not silences.is_lasting(silent), "perhaps the chat reaches nobody"
    silences.note(new_id(), moment, is_answered=True)
    assert silences.is_lasting(silent)
    silences.note(silent, moment, is_answered=True)
    assert not silences.is_lasting(silent)
