"""What administrators and moderators did is in the audit; who may not read it reads none of it."""

from __future__ import annotations

from typing import Any

from flask import Flask

from chat.models.database import database
from chat.models.document import id_from
from tests.helpers.authenticator import Authenticator
from tests.helpers.command_line import bin_chat
from tests.helpers.form_browser import Browser
from tests.helpers.world import Person, World


def newest(world: World) -> int:
    found = world.alice.get("/admin/audit", params={"limit": 1}).json()["entries"]
    return found[0]["seq"] if found else 0


def since(person: Person, seq: int, path: str = "/admin/audit") -> list[Any]:
    """Return the entries after `seq`, the first one first."""
    found = person.get(path).json()["entries"]
    return [entry for entry in reversed(found) if entry["seq"] > seq]


def said(entry: Any) -> tuple[str, str | None, str | None]:
    """Return what happened, who did it, and to whom."""
    actor, user = entry["actor"], entry["user"]
    return entry["action"], actor and actor["id"], user and user["id"]


def test_what_administrators_do_about_people_and_the_chat_is_noted(world: World) -> None:
    begin, alice, bob = newest(world), world.alice.id, world.bob.id
    account = f"/admin/users/{bob}"
    for change in ({"role": "administrator"}, {"role": "administrator"}, {"role": "member"}):
        world.alice.patch(account, change)
    world.alice.patch(account, {"display_name": "Robert"})
    world.alice.post(f"{account}/reset-link")
    Authenticator(world.bob)
    for _ in range(2):
        world.alice.delete(f"{account}/totp")
    for is_off in (True, False):
        world.alice.patch(account, {"deactivated": is_off})
    world.alice.patch("/admin/settings", {"name": "Harbour office"})
    world.alice.patch("/admin/settings", {"name": "Chat"})
    made = world.alice.post("/invites", {"note": "zaffre"}).json()["id"]
    world.alice.delete(f"/invites/{made}")
    found = since(world.alice, begin)
    assert [said(entry) for entry in found] == [
        ("account.role", alice, bob),
        ("account.role", alice, bob),
        ("account.renamed", alice, bob),
        ("account.reset-link", alice, bob),
        ("account.second-factor-off", alice, bob),
        ("account.deactivated", alice, bob),
        ("account.activated", alice, bob),
        ("chat.setting", alice, None),
        ("chat.setting", alice, None),
        ("invite.made", alice, None),
        ("invite.revoked", alice, None),
    ], "a role given twice is given once"
    assert [(entry["before"], entry["after"]) for entry in found[:3]] == [
        ("member", "administrator"),
        ("administrator", "member"),
        ("Bob", "Robert"),
    ]
    setting = found[7]
    assert [setting[name] for name in ("name", "before", "after")] == [
        "name",
        "Chat",
        "Harbour office",
    ]
    assert {entry["invite_id"] for entry in found[9:]} == {made}
    assert "zaffre" not in str(found)


def test_what_moderators_do_in_a_public_room_is_noted_without_a_word_of_a_message(
    world: World,
) -> None:
    begin, bob = newest(world), world.bob.id
    room_id = world.room("public", name="Cellar")
    at = f"/rooms/{room_id}"
    own, others = world.carol.say(room_id, "gamboge")["id"], world.bob.say(room_id, "zaffre")["id"]
    for message_id in (own, others, others):
        world.carol.delete(f"/messages/{message_id}")
    world.alice.patch(f"{at}/members/{bob}", {"role": "moderator"})
    world.carol.delete(f"{at}/members/{bob}")
    world.mallory.post(f"{at}/join")
    world.mallory.post(f"{at}/leave")
    world.alice.patch(at, {"name": "Attic", "topic": "celadon", "archived": True})
    world.alice.delete(at)
    found = [entry for entry in since(world.alice, begin) if entry["room_id"] == room_id]
    alice, carol = world.alice.id, world.carol.id
    assert [said(entry) for entry in found if said(entry)[2] != carol] == [
        ("room.created", alice, None),
        ("message.deleted", carol, bob),
        ("member.role", alice, bob),
        ("member.removed", carol, bob),
        ("room.renamed", alice, None),
        ("room.archived", alice, None),
        ("room.deleted", alice, None),
    ]
    assert found[-1]["name"] == "Attic", "a public room's name stays"
    assert not {"gamboge", "zaffre", "celadon"} & set(str(found).split("'"))
    records = database["audit"].find({"room_id": id_from(room_id)})
    assert b"Attic" not in b"".join(record["texts"] or b"" for record in records)


def test_the_audit_says_when_a_ban_or_a_mute_ends_and_that_its_end_was_changed(
    world: World,
) -> None:
    begin, room_id, bob = newest(world), world.room("public", name="Cellar"), world.bob.id
    mute, bans = f"/rooms/{room_id}/members/{bob}/mute", f"/rooms/{room_id}/bans"
    soon, later = "2099-01-01T12:00:00.000Z", "2099-02-01T12:00:00.000Z"
    for until in (soon, soon, None):
        assert world.carol.put(mute, {"until": until}).ok
    world.carol.delete(mute)
    for until in (soon, soon, later, None):
        assert world.carol.post(bans, {"user_id": bob, "until": until}).ok
    found = [entry for entry in since(world.alice, begin) if entry["user"]]
    ends = [(each["action"], each["before"], each["after"]) for each in found]
    assert [each for each in ends if each[0] not in ("member.role", "member.removed")] == [
        ("member.muted", "", soon),
        ("member.muted", soon, "never"),
        ("member.unmuted", "never", ""),
        ("member.banned", "", soon),
        ("member.banned", soon, later),
        ("member.banned", later, "never"),
    ]
    for reader, path in ((world.alice, "/admin/audit"), (world.carol, f"/rooms/{room_id}/audit")):
        page = Browser(world.server).sign_in(reader).get(path).text
        assert f'until <time datetime="{later}">' in page
        assert "</q>, without an end" in page


def test_a_private_rooms_moderators_alone_read_what_happened_there(world: World) -> None:
    begin, room_id = newest(world), world.bob.make_room("Vault", "private")
    path = f"/rooms/{room_id}"
    world.bob.post(f"{path}/members", {"user_id": world.alice.id, "role": "member"})
    waiting = world.alice.get("/me/room-invitations").json()["invitations"]
    for invitation in waiting:
        world.alice.post(f"/me/room-invitations/{invitation['id']}/accept")
    world.bob.patch(path, {"name": "Safe"})
    assert [entry["room_id"] for entry in since(world.alice, begin)] == []
    assert world.alice.get(f"{path}/audit").status_code == 403, "an administrator is a member there"
    assert world.mallory.get(f"{path}/audit").status_code == 404
    found = since(world.bob, begin, f"{path}/audit")
    assert [entry["action"] for entry in found] == ["room.created", "room.renamed"]
    assert (found[1]["before"], found[1]["after"]) == ("Vault", "Safe")
    world.bob.patch(path, {"kind": "public"})
    world.bob.patch(path, {"name": "Hall"})
    told = since(world.alice, begin)
    assert [entry["action"] for entry in told] == ["room.public", "room.renamed"]
    assert "Vault" not in str(told)


def test_administrators_alone_read_the_audit_and_choose_from_it(world: World) -> None:
    room_id = world.room("public", name="Cellar")
    for person in (world.bob, world.carol):
        assert person.get("/admin/audit").json()["error"]["code"] == "forbidden"
    chosen = {"room_id": room_id, "action": "room.created"}
    (created,) = world.alice.get("/admin/audit", params=chosen).json()["entries"]
    assert created["name"] == "Cellar"
    assert world.alice.get("/admin/audit", params={"action": "x"}).status_code == 422
    first = world.alice.get("/admin/audit", params={"limit": 1}).json()
    second = world.alice.get("/admin/audit", params={"limit": 1, "before": first["next"]}).json()
    assert second["entries"][0]["seq"] < first["entries"][0]["seq"]


def test_the_operators_commands_are_noted_and_verified(world: World, app: Flask) -> None:
    begin = newest(world)
    for name in ("make-admin", "make-member", "deactivate", "activate", "reset-link"):
        assert bin_chat(app, "users", name, world.bob.username).exit_code == 0
    found = since(world.alice, begin)
    assert [said(entry) for entry in found] == [
        ("account.role", None, world.bob.id),
        ("account.role", None, world.bob.id),
        ("account.deactivated", None, world.bob.id),
        ("account.activated", None, world.bob.id),
        ("account.reset-link", None, world.bob.id),
    ]
    assert found[-1]["hash"]


def test_pages_tell_it_in_sentences(world: World) -> None:
    room_id = world.room("public", name="Cellar")
    told = world.bob.say(room_id, "zaffre")["id"]
    world.carol.delete(f"/messages/{told}")
    administrator = Browser(world.server).sign_in(world.alice)
    page = administrator.get("/admin/audit").text
    assert "deleted a message from" in page
    assert "zaffre" not in page
    chosen = administrator.get(f"/admin/audit?action=room.created&room_id={room_id}").text
    assert "created <q" in chosen
    assert "deleted a message from" not in chosen
    moderator = Browser(world.server).sign_in(world.carol)
    assert f"/rooms/{room_id}/audit" in moderator.get(f"/rooms/{room_id}/settings").text
    assert "deleted a message from" in moderator.get(f"/rooms/{room_id}/audit").text
    member = Browser(world.server).sign_in(world.bob)
    assert f"/rooms/{room_id}/audit" not in member.get(f"/rooms/{room_id}/settings").text
    assert member.get(f"/rooms/{room_id}/audit").status_code == 403
    assert member.get("/admin/audit").status_code == 403
