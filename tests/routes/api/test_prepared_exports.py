"""People ask for exports, of a room or of their own data, and get a file for a day."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from chat.controllers import prepared_exports
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.prepared_export import MOST, NEVER, PreparedExport
from chat.models.sealed_file import SEGMENT, all_file_ids
from chat.utils.clock import now
from tests.helpers.servers import tree_of, wait_until
from tests.helpers.world import PASSWORD, Person, World

WITHIN = 60  # seconds: a program starts for it


def asked(person: Person, path: str) -> Any:
    answer = person.post(path)
    assert answer.status_code == 202, answer.text
    return answer.json()


def state_of(person: Person, export: Any) -> Any:
    return person.get(f"/exports/{export['id']}").json()["state"]


def ready(person: Person, export: Any) -> Any:
    """Return an export once it is ready."""

    wait_until(lambda: state_of(person, export) == "ready", "the export is ready", WITHIN)
    return person.get(f"/exports/{export['id']}").json()


def file_of(person: Person, export: Any) -> zipfile.ZipFile:
    answer = person.get(f"/exports/{export['id']}/file")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    return zipfile.ZipFile(io.BytesIO(answer.content))


def files_of(export: Any) -> list[str]:
    return [each for each in all_file_ids() if each.startswith(export["id"])]


def contains(file: zipfile.ZipFile, word: str) -> bool:
    return any(word.encode() in file.read(name) for name in file.namelist())


def test_an_owner_gets_the_whole_room_and_nothing_else(world: World) -> None:
    room_id, other = world.room(name="Ferry"), world.room(name="Elsewhere")
    world.bob.say(room_id, "The heliotrope blooms")
    world.bob.say(other, "The delphinium blooms")
    export = asked(world.alice, f"/rooms/{room_id}/exports")
    lines = world.bob.get(f"/rooms/{room_id}/lines?after=0").json()["lines"]
    told = [each["actor"]["id"] for each in lines if each["kind"] == "exported"]
    assert told == [world.alice.id], "whoever is there reads who exports it, before it is made"
    export = ready(world.alice, export)
    assert (export["room"]["name"], export["is_own_data"], export["rooms"]) == ("Ferry", False, 1)
    file = file_of(world.alice, export)
    about = json.loads(file.read("export.json"))
    assert about["exported_by"] == world.alice.username
    assert about["scope"] == {"kind": "room", "id": room_id}
    assert contains(file, "heliotrope")
    assert not contains(file, "delphinium")
    entries = world.alice.get(f"/rooms/{room_id}/audit").json()["entries"]
    assert [each["actor"]["id"] for each in entries if each["action"] == "room.exported"] == [
        world.alice.id
    ]


def test_a_person_gets_what_is_theirs(world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "bob's heliotrope")
    world.carol.say(room_id, "carol's delphinium")
    direct = world.bob.post("/direct-rooms", {"user_ids": [world.carol.id]}).json()["id"]
    world.carol.say(direct, "to bob: an aquilegia")
    export = ready(world.bob, asked(world.bob, "/me/exports"))
    assert (export["room"], export["is_own_data"]) == (None, True)
    file = file_of(world.bob, export)
    assert contains(file, "heliotrope")
    assert contains(file, "aquilegia")
    assert not contains(file, "delphinium")


def test_only_its_asker_gets_an_export_and_only_while_they_may(world: World) -> None:
    room_id = world.room()
    world.alice.say(room_id, "a heliotrope")
    assert world.bob.post(f"/rooms/{room_id}/exports").status_code == 403
    assert world.mallory.post(f"/rooms/{room_id}/exports").status_code == 404
    export = ready(world.alice, asked(world.alice, f"/rooms/{room_id}/exports"))
    for path in ("", "/file"):
        assert world.bob.get(f"/exports/{export['id']}{path}").status_code == 404
    assert world.bob.delete(f"/exports/{export['id']}").status_code == 404
    world.alice.patch(f"/rooms/{room_id}/members/{world.bob.id}", {"role": "owner"})
    world.bob.patch(f"/rooms/{room_id}/members/{world.alice.id}", {"role": "member"})
    assert world.alice.get(f"/exports/{export['id']}/file").status_code == 403
    banned = world.bob.post(f"/rooms/{room_id}/bans", {"user_id": world.alice.id})
    assert banned.status_code in (200, 201), banned.text
    assert world.alice.get(f"/exports/{export['id']}/file").status_code in (403, 404)
    assert world.alice.get(f"/exports/{export['id']}").json()["room"] is None
    assert world.alice.delete(f"/exports/{export['id']}").status_code == 204


def test_who_loses_the_right_while_an_export_waits_gets_none(world: World, app: Flask) -> None:
    room_id = world.room()
    export = planted(world.mallory, room_id, tries=0, state="waiting")
    wait_until(lambda: state_of(world.mallory, export) == "failed", "it failed", WITHIN)
    entries = world.alice.get(f"/rooms/{room_id}/audit").json()["entries"]
    assert not [each for each in entries if each["action"] == "room.exported"]


def test_programs_neither_ask_for_exports_nor_get_them(world: World) -> None:
    token = world.bob.post("/me/tokens", {"name": "all", "scopes": ["read", "write", "manage"]})
    secret = token.json()["token"]
    for method, path in (("POST", "/me/exports"), ("GET", "/exports")):
        answer = world.bob.ask(method, path, token=secret)
        assert answer.status_code == 403, answer.text


def test_a_deleted_export_leaves_nothing_and_nothing_of_it_is_readable_before(
    world: World, app: Flask
) -> None:
    room_id = world.room()
    world.alice.say(room_id, "a heliotrope")
    export = ready(world.alice, asked(world.alice, f"/rooms/{room_id}/exports"))
    of_it = {"files_id": {"$regex": f"^{export['id']}/"}}
    chunks = list(database["pictures.chunks"].find(of_it))
    assert chunks
    assert not any(each["data"][:2] == b"PK" or b"heliotrope" in each["data"] for each in chunks)
    assert world.alice.delete(f"/exports/{export['id']}").status_code == 204
    assert world.alice.get(f"/exports/{export['id']}").status_code == 404
    assert not files_of(export)
    assert not list(database["pictures.chunks"].find(of_it))


def test_after_a_day_and_with_its_room_an_export_is_gone(world: World, app: Flask) -> None:
    room_id = world.room()
    first = ready(world.alice, asked(world.alice, f"/rooms/{room_id}/exports"))
    database["exports"].update_one(
        {"_id": Id(first["id"])}, {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    )
    prepared_exports.delete_expired()
    assert not files_of(first), "its file goes with it"
    assert world.alice.get(f"/exports/{first['id']}").status_code == 404
    second = ready(world.alice, asked(world.alice, f"/rooms/{room_id}/exports"))
    assert world.alice.delete(f"/rooms/{room_id}").status_code == 204
    PreparedExport.end_all(Id(room_id))
    assert world.alice.get(f"/exports/{second['id']}").status_code == 404


def test_an_export_goes_with_the_account_of_its_asker(world: World, app: Flask) -> None:
    world.bob.say(world.room(), "a heliotrope")
    export = ready(world.bob, asked(world.bob, "/me/exports"))
    assert files_of(export)
    erased = world.bob.ask("DELETE", "/me", json={"password": PASSWORD, "messages": "keep"})
    assert erased.ok, erased.text
    mine = {"user_id": Id(world.bob.id)}
    wait_until(lambda: not database["exports"].find_one(mine), "it is gone", WITHIN)
    assert not files_of(export)


def planted(person: Person, room_id: str, **fields: Any) -> dict[str, str]:
    """Store an export as a program left it, and return it."""
    moment = now()
    record = {"user_id": Id(person.id), "room_id": Id(room_id), "state": "working", "tries": 1}
    times = {"created_at": moment, "expires_at": moment + timedelta(days=1), "try_at": moment}
    export_id = new_id()
    database["exports"].insert_one({"_id": export_id} | record | times | fields)
    return {"id": str(export_id)}


def test_one_that_is_under_way_is_not_made_twice(world: World, app: Flask) -> None:
    room_id = world.room()
    export = planted(world.alice, room_id, try_at=now() + timedelta(seconds=20))
    assert asked(world.alice, f"/rooms/{room_id}/exports")["id"] == export["id"]


def test_a_person_has_a_few_at_most(world: World, app: Flask) -> None:
    room_id = world.room()
    for _ in range(MOST):
        planted(world.alice, room_id, state="failed", try_at=NEVER)
    refused = world.alice.post(f"/rooms/{room_id}/exports")
    assert refused.status_code == 409
    assert "delete one of them first" in refused.json()["error"]["message"]


def test_an_export_whose_program_was_killed_is_made_again(world: World, app: Flask) -> None:
    room_id = world.room()
    world.alice.say(room_id, "a heliotrope")
    export = planted(world.alice, room_id)
    assert contains(file_of(world.alice, ready(world.alice, export)), "heliotrope")


def test_kill_9_of_its_program_costs_a_try_and_nothing_else(world: World, app: Flask) -> None:
    room_id = world.room()
    for number in range(200):
        world.alice.say(room_id, f"heliotrope {number}")
    export = asked(world.alice, f"/rooms/{room_id}/exports")
    same = {"_id": Id(export["id"])}
    wait_until(lambda: database["exports"].find_one({**same, "tries": 1}), "it begins", WITHIN)
    for pid in tree_of(world.server.pid):
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"make-exports" in command.read_bytes():
            os.kill(pid, signal.SIGKILL)
    database["exports"].update_one({**same, "state": "working"}, {"$set": {"try_at": now()}})
    file = file_of(world.alice, ready(world.alice, export))
    assert sum(file.read(name).count(b"heliotrope") > 0 for name in file.namelist())
    assert len(files_of(export)) == 1, "the try that was killed left no other file"


def test_a_damaged_record_holds_up_no_other_export(world: World, app: Flask) -> None:
    room_id = world.room()
    damaged = planted(world.carol, room_id, try_at=now() - timedelta(hours=1))
    database["exports"].update_one({"_id": Id(damaged["id"])}, {"$unset": {"tries": ""}})
    export = planted(world.alice, room_id)
    ready(world.alice, export)
    assert not PreparedExport.are_due(), "nothing is started again and again for it"
    database["exports"].delete_one({"_id": Id(damaged["id"])})


def test_what_ends_its_program_again_and_again_is_given_up(world: World, app: Flask) -> None:
    export = planted(world.alice, world.room(), tries=3)
    wait_until(lambda: state_of(world.alice, export) == "failed", "it is given up", WITHIN)
    assert world.alice.get(f"/exports/{export['id']}/file").status_code == 409


class Overtaken(io.BytesIO):
    """A file during whose sealing another program takes the export over, and finishes first."""

    def __init__(self, content: bytes, overtake: Callable[[], None]):
        super().__init__(content)
        self._overtake = [overtake]

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() and self._overtake:  # the second segment
            self._overtake.pop()()
        return super().read(size)


def test_a_slow_program_keeps_its_claim_and_spoils_no_file_of_another(
    world: World, app: Flask
) -> None:
    later = now() + timedelta(hours=1)
    mine = {"_id": Id(planted(world.alice, world.room(), try_at=later)["id"])}
    slow = PreparedExport.find(mine["_id"])
    assert slow

    def overtake() -> None:
        record = database["exports"].find_one(mine)
        assert record
        assert record["try_at"] != later, "each step of sealing renews the claim"
        database["exports"].update_one(mine, {"$set": {"tries": 2}})
        other = PreparedExport.find(mine["_id"])
        assert other
        assert other.finish(io.BytesIO(b"of the other"), lambda seconds: None)

    assert not slow.finish(Overtaken(bytes(3 * SEGMENT), overtake), lambda seconds: None)
    found = PreparedExport.find(mine["_id"])
    assert found
    assert b"".join(found.read()) == b"of the other"
    assert len([each for each in all_file_ids() if each.startswith(str(found.id))]) == 1
    PreparedExport.end_of_person(Id(world.alice.id))
    assert not [each for each in all_file_ids() if each.startswith(str(found.id))]
