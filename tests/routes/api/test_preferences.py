"""Preferences, and signing out everywhere else."""

from __future__ import annotations

import pytest

from chat.schemas.preferences import PreferencesView
from tests.helpers.openapi import fits
from tests.helpers.servers import Server, wait_until
from tests.helpers.world import Person, World

USUAL = {
    "theme": "system",
    "density": "comfortable",
    "font_size": "medium",
    "language": "browser",
    "time_format": "locale",
    "enter_sends": True,
    "notify": "all",
}


def test_who_chose_nothing_has_the_usual_preferences(world: World) -> None:
    shown = world.bob.get("/me/preferences").json()
    assert shown == USUAL
    fits(PreferencesView, shown)


def test_what_bob_prefers_is_his_alone_and_what_he_does_not_name_stays(world: World) -> None:
    assert world.bob.patch("/me/preferences", {"theme": "dark"}).json() == USUAL | {"theme": "dark"}
    changed = world.bob.patch("/me/preferences", {"time_format": "24", "enter_sends": False})
    expected = USUAL | {"theme": "dark", "time_format": "24", "enter_sends": False}
    assert (changed.status_code, changed.json()) == (200, expected)
    assert world.bob.patch("/me/preferences", {}).json() == expected
    assert world.bob.second_device().get("/me/preferences").json() == expected
    assert world.carol.get("/me/preferences").json() == USUAL
    assert "theme" not in world.bob.get("/me").json()
    assert "theme" not in world.carol.get(f"/users/{world.bob.id}").json()


@pytest.mark.parametrize(
    "body",
    [
        {"theme": "pink"},
        {"theme": None},
        {"density": 1},
        {"font_size": "200px"},
        {"time_format": 24},
        {"enter_sends": "yes"},
        {"enter_sends": "true"},
        {"notify": "everything"},
        {"language": "fr"},
        {"theme": "dark", "email": "never"},
    ],
)
def test_no_other_value_and_no_other_field_is_taken(world: World, body: dict[str, object]) -> None:
    answer = world.bob.patch("/me/preferences", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"].keys() <= body.keys()
    assert world.bob.get("/me/preferences").json() == USUAL


def test_a_change_is_heard_by_the_persons_own_sockets_and_by_nobody_else(world: World) -> None:
    world.room()
    laptop, phone = world.bob.listen(), world.bob.second_device().listen()
    alice, mallory = world.alice.listen(), world.mallory.listen()
    assert laptop.all("hello")[0]["preferences"] == USUAL
    world.bob.patch("/me/preferences", {"density": "compact"})
    expected = {"preferences": USUAL | {"density": "compact"}}
    assert laptop.next("preferences:updated") == phone.next("preferences:updated") == expected
    alice.pause()
    assert alice.all("preferences:updated") == mallory.all("preferences:updated") == []
    assert world.bob.listen().all("hello")[0]["preferences"] == expected["preferences"]


def test_what_one_process_changed_no_other_process_shows_as_it_was(
    world: World, two_workers: Server
) -> None:
    """Each new connection may reach either process, and both had cached the person."""
    world.bob.server = two_workers
    for theme in ("dark", "light", "dark", "light"):
        assert world.bob.patch("/me/preferences", {"theme": theme}).status_code == 200

        wait_until(lambda: seen_anew(world.bob) == {theme}, "both know", seconds=2)


def seen_anew(person: Person) -> set[str]:
    """Return the themes that several new connections are told."""
    themes = set()
    for _ in range(8):
        person._http.close()
        themes.add(person.get("/me/preferences").json()["theme"])
    return themes


def test_who_wants_no_notifications_gets_none_from_any_room(world: World) -> None:
    room_id = world.room()
    direct = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    bob, carol = world.bob.listen(), world.carol.listen()
    world.bob.patch("/me/preferences", {"notify": "nothing"})
    bob.next("preferences:updated")
    world.alice.say(direct, "are you there?")
    world.alice.say(room_id, f"@{world.bob.username} @{world.carol.username}")
    world.alice.say(room_id, "@room lunch")
    assert carol.next("notification")["message"]["body"].startswith("@")
    assert carol.next("notification")["message"]["body"] == "@room lunch"
    bob.pause()
    assert bob.all("notification") == []
    assert world.bob.standing(room_id)["mentions"] == 2, "counts say what happened"

    world.bob.patch("/me/preferences", {"notify": "mentions"})
    world.alice.say(direct, "still there?")
    world.alice.say(room_id, f"@{world.bob.username} tea?")
    assert bob.next("notification")["message"]["body"].endswith("tea?")
    assert len(bob.all("notification")) == 1, "the direct message did not notify"
    world.bob.put(f"/rooms/{room_id}/notifications", {"level": "nothing"})
    world.bob.patch("/me/preferences", {"notify": "all"})
    world.alice.say(room_id, f"@{world.bob.username} coffee?")
    world.alice.say(direct, "finally")
    assert bob.next("notification")["message"]["body"] == "finally", "the room stays quiet"


def test_signing_out_everywhere_else_ends_all_other_devices_and_their_sockets(
    world: World,
) -> None:
    phone, tablet = world.bob.second_device(), world.bob.second_device()
    here, there, carol = world.bob.listen(), phone.listen(), world.carol.listen()
    assert world.bob.delete("/me/sessions").status_code == 204
    wait_until(lambda: not there.client.connected, "the phone's socket closed")
    assert [who.get("/me").status_code for who in (phone, tablet, world.bob)] == [401, 401, 200]
    assert (here.client.connected, carol.client.connected) == (True, True)
    sessions = world.bob.get("/me/sessions").json()["sessions"]
    assert [session["current"] for session in sessions] == [True]
    assert world.bob.delete("/me/sessions").status_code == 204, "there are none, which is fine"
    assert world.carol.get("/me").status_code == 200
