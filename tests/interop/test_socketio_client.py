"""The real socket.io-client of npm against the running server."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.helpers.node import node
from tests.helpers.servers import ROOT
from tests.helpers.world import World


@pytest.mark.parametrize("transport", ["websocket", "polling", "polling,websocket"])
def test_the_real_client_talks_over_every_transport(world: World, transport: str) -> None:
    room_id = world.room()
    command = [
        node(),
        str(ROOT / "tests/interop/client.mjs"),
        world.server.url,
        world.alice.access_token,
        world.bob.access_token,
        world.mallory.access_token,
        room_id,
        transport,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    messages = (
        world.carol.reads(room_id, after=0, limit=200)["messages"]
        + world.carol.reads(room_id, after=200)["messages"]
    )
    history = {message["seq"]: message["id"] for message in messages}
    assert found["first"]["ok"]
    assert found["alice"] == found["bob"] == [[seq, history[seq]] for seq in range(1, 202)]
    assert found["bodies"] == [f"{i}" for i in range(200)], "a burst keeps its order"
    assert found["mallory"] == 0
    assert found["refusal"] == "unauthenticated"
    assert found["unknown"]["error"]["code"] == "bad_request"
    assert found["outsider"]["error"]["code"] == "not_found"
    assert found["transport"] == ("polling" if transport == "polling" else "websocket")
