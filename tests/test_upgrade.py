"""An operator's upgrade: old program with data, stop, copy, new program, new key, restored copy.

The old program is a checkout of OLD with what its own `bin/run` installs, as docs/upgrading.md
has it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.models.migrations import SCHEMA_VERSION
from tests.helpers.installations import OLD, START_SECONDS, Installation, git
from tests.helpers.pictures import gradient, written
from tests.helpers.servers import ROOT, clean_environment
from tests.helpers.somebody import Somebody

SAID = 40


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    if subprocess.run(
        ["git", "-c", "safe.directory=*", "cat-file", "-e", OLD],
        cwd=ROOT,
        capture_output=True,
        check=False,
    ).returncode:
        pytest.skip("this clone has no history")
    there = Installation(tmp_path / "chat")
    yield there
    if there.process.poll() is None:
        there.process.kill()
        there.process.wait()
    shutil.rmtree(tmp_path)


@pytest.mark.timeout(300)  # it starts a chat of months ago, and two of now
def test_months_of_data_survive_an_upgrade_another_key_and_a_restored_copy(
    installation: Installation, tmp_path: Path
) -> None:
    chat = installation
    chat.start()
    alice, bob = Somebody(chat.url, "alice1").register(), Somebody(chat.url, "bob1").register()
    room = alice.post("/rooms", json={"name": "Ferry", "kind": "public"})["id"]
    bob.post(f"/rooms/{room}/join")
    image = bob.post(
        f"/rooms/{room}/images",
        files={"image": ("pier.png", written(gradient(), "PNG"), "image/png")},
    )["id"]
    for number in range(SAID):
        who, more = (bob, {"image_ids": [image]}) if number == 0 else (alice, {})
        body = {
            "client_id": secrets.token_hex(16),
            "body": f"a **gull** on the crème pier {number}",
        } | more
        said = who.post(f"/rooms/{room}/messages", json=body)
    assert alice.finds("gull") == SAID
    assert chat.stop() == 0

    copy, data = tmp_path / "copy", tmp_path / "data"
    shutil.copytree(data, copy)

    chat.upgrade()
    chat.start()
    assert "the chat starts" in chat.log.read_text()

    def holds() -> None:
        alice.sign_in()
        bob.sign_in()
        page = alice.get(f"/rooms/{room}/messages", limit=50)
        assert [message["body"] for message in page["messages"]] == [
            f"a **gull** on the crème pier {number}" for number in range(SAID)
        ]
        assert page["messages"][-1]["id"] == said["id"]
        assert (alice.finds("gull"), alice.finds("creme"), bob.picture(image)) == (SAID, SAID, 200)
        assert chat.bin_chat("verify")["problems"] == []
        assert chat.bin_chat("doctor")["database"]["schema_version"] == SCHEMA_VERSION

    holds()
    assert (
        bob.post(
            f"/rooms/{room}/messages", json={"client_id": "after", "body": "after the upgrade"}
        )["seq"]
        == SAID + 1
    )
    assert chat.stop() == 0

    # Another key, for good; the old one is forgotten.
    old_key = json.loads((tmp_path / "data-secrets/secrets.json").read_text())["SECRET_KEY"]
    new_key = secrets.token_urlsafe(48)
    chat.configure(SECRET_KEY=new_key, SECRET_KEYS_RETIRED=old_key)
    chat.start()
    assert chat.bin_chat("doctor")["keys"] == {"proved": True, "retired": 1, "needs_retired": True}
    assert chat.bin_chat("rotate-keys")["rotated"] > 0
    assert chat.bin_chat("doctor")["keys"]["needs_retired"] is False
    assert chat.stop() == 0
    chat.configure(SECRET_KEY=new_key)
    chat.start()
    assert alice.sign_in().finds("gull") == SAID
    assert alice.get(f"/rooms/{room}/messages")["head_seq"] == SAID + 1
    assert chat.stop() == 0

    # The copy from before it all, as after a disk that died.
    for folder in (data, tmp_path / "data-secrets"):
        shutil.rmtree(folder)
    shutil.copytree(copy, data)
    chat.configure()
    chat.start()
    holds()
    assert chat.stop() == 0

    # And the old program refuses what the new one has touched.
    git("checkout", "--quiet", OLD, cwd=chat.folder)
    refused = subprocess.run(
        ["bin/run"],
        cwd=chat.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert refused.returncode == 1
    assert "The chat cannot start." in refused.stderr
