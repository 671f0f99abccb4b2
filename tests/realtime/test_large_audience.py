"""A large audience is served in slices, and with rests when more keeps coming: it hears all of it, in order."""

from __future__ import annotations

import json

from chat.realtime.flushing import LARGE
from tests.realtime.tools import Plain, Talker

PEOPLE, DROPS = LARGE + 60, 200


def test_a_large_audience_hears_everything_in_order_while_more_keeps_coming(patient: Plain) -> None:
    crowd = [Talker(patient) for _ in range(PEOPLE)]
    for talker in crowd:
        assert talker.call("join", "square") == [True]
    crowd[0].event("flood", "square", DROPS, 10)  # it lets the loop go round now and then
    for talker in crowd:
        assert [json.loads(talker.until('42["drop"')[2:])[1][0] for _ in range(DROPS)] == list(range(DROPS))
    for talker in crowd:
        talker.close()
