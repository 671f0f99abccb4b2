"""Preferences, and signing out everywhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat.schemas.notifications import WhyView
from chat.schemas.preferences import PreferencesView
from chat.utils.clock import now, rfc3339
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
    "sounds": True,
    "push_content": False,
    "email": "never",
    "email_content": False,
    "notify": "all",
    "keywords": [],
    "quiet_hours": None,
    "dnd_until": None,
}
NIGHT = {"from": "22:00", "to": "07:00", "days": [0, 4], "time_zone": "Europe/Berlin"}


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
        {"theme": "dark", "email": "daily"},
        {"keywords": "deploy"},
        {"keywords": ["x"]},
        {"keywords": ["!!"]},
        {"keywords": ["x" * 41]},
        {"keywords": [f"word {number}" for number in range(21)]},
        {"quiet_hours": "night"},
        {"quiet_hours": {"from": "22:00", "to": "07:00"}},
        {"quiet_hours": NIGHT | {"from": "24:00"}},
        {"quiet_hours": NIGHT | {"days": []}},
        {"quiet_hours": NIGHT | {"days": [7]}},
        {"quiet_hours": NIGHT | {"time_zone": "Mars/Olympus"}},
        {"dnd_until": "tomorrow"},
        {"dnd_until": "2026-01-31T09:30:00"},
        {"dnd_until": 1},
    ],
)
def test_no_other_value_and_no_other_field_is_taken(world: World, body: dict[str, object]) -> None:
    answer = world.bob.patch("/me/preferences", body)
    assert answer.status_code == 422
    told = answer.json()["error"]["fields"]
    assert {name.partition(".")[0] for name in told} <= body.keys()
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


def test_keywords_quiet_hours_and_a_moment_are_kept_as_they_were_chosen(world: World) -> None:
    changes = {
        "keywords": ["Release plan", "café", "CAFE", " release  plan "],
        "quiet_hours": NIGHT,
        "dnd_until": "2030-01-31T10:30:00+01:00",
    }
    shown = world.bob.patch("/me/preferences", changes).json()
    fits(PreferencesView, shown)
    expected = USUAL | {
        "keywords": ["Release plan", "café"],
        "quiet_hours": NIGHT,
        "dnd_until": "2030-01-31T09:30:00.000Z",
    }
    assert shown == expected == world.bob.get("/me/preferences").json()
    none = {"keywords": [], "quiet_hours": None, "dnd_until": None}
    assert world.bob.patch("/me/preferences", none).json() == USUAL


def test_a_keyword_notifies_whoever_has_it_except_in_a_muted_room(world: World) -> None:
    harbour, muted = world.room(), world.room()
    bob, carol = world.bob.listen(), world.carol.listen()
    world.bob.patch("/me/preferences", {"keywords": ["deploy"]})
    world.bob.put(f"/rooms/{muted}/notifications", {"level": "nothing"})
    world.alice.say(harbour, "Deploy at noon?")
    assert bob.next("notification")["kind"] == "keyword"
    world.alice.say(harbour, f"deploy, @{world.bob.username}")
    assert bob.next("notification")["kind"] == "mention"
    world.alice.say(muted, "deploy")
    world.bob.patch("/me/preferences", {"keywords": ["lunch"]})
    world.alice.say(harbour, "deploy once more")
    world.alice.say(harbour, f"@{world.carol.username} Lunch!")
    assert bob.next("notification")["message"]["body"].endswith("Lunch!")
    assert len(bob.all("notification")) == 3
    assert carol.next("notification")["kind"] == "mention"
    assert len(carol.all("notification")) == 1, "keywords are bob's alone"
    assert world.bob.standing(harbour)["mentions"] == 1, "keywords do not count as mentions"


def quiet_now(*, is_quiet: bool) -> dict[str, Any]:
    """Return quiet hours that have begun, or that begin in some hours."""
    begin = datetime.now(UTC) + timedelta(hours=-2 if is_quiet else 3)
    hours = {"from": f"{begin:%H:%M}", "to": f"{begin + timedelta(hours=5):%H:%M}"}
    return hours | {"days": [0, 1, 2, 3, 4, 5, 6], "time_zone": "UTC"}


def test_nothing_notifies_in_quiet_hours_and_before_the_chosen_moment(world: World) -> None:
    room_id = world.room()
    others = {"user_ids": [world.bob.id, world.carol.id]}
    direct = world.alice.post("/direct-rooms", others).json()["id"]
    world.alice.say(direct, "hello")
    bob, carol = world.bob.listen(), world.carol.listen()
    soon = rfc3339(now() + timedelta(hours=1))
    long_ago = rfc3339(now() - timedelta(hours=1))
    for quiet in (
        {"quiet_hours": quiet_now(is_quiet=True)},
        {"quiet_hours": None, "dnd_until": soon},
    ):
        world.bob.patch("/me/preferences", quiet)
        for where, body in (
            (room_id, f"@{world.bob.username} @{world.carol.username}"),
            (room_id, "@room"),
            (direct, "are you there?"),
        ):
            world.alice.say(where, body)
            carol.next("notification")  # now it was decided about bob, too
    loud = {"quiet_hours": quiet_now(is_quiet=False), "dnd_until": long_ago}
    world.bob.patch("/me/preferences", loud)
    world.alice.say(direct, "now?")
    assert bob.next("notification")["message"]["body"] == "now?"
    assert len(bob.all("notification")) == 1
    assert world.bob.standing(room_id)["mentions"] == 4, "counts say what happened"


def test_each_message_says_why_it_notified_or_did_not(world: World) -> None:
    room_id = world.room()
    named = world.alice.say(room_id, f"deploy, @{world.bob.username}")["id"]
    plain = world.alice.say(room_id, "deploy")["id"]
    assert world.bob.get(f"/messages/{named}/why").json() == {
        "called": True,
        "rule": "mention",
        "sentence": "Yes: it mentions you.",
    }

    def rule(person: Person, message_id: str) -> str:
        shown = person.get(f"/messages/{message_id}/why").json()
        fits(WhyView, shown)
        return f"{shown['rule']} {shown['called']}"

    assert rule(world.alice, named) == "own False"
    assert rule(world.bob, plain) == "room_mentions False"
    world.bob.patch("/me/preferences", {"keywords": ["deploy"], "language": "de"})
    assert rule(world.bob, plain) == "keyword True"
    german = world.bob.get(f"/messages/{plain}/why").json()["sentence"]
    assert german == "Ja: Sie enthält eines deiner Stichwörter."
    world.bob.patch("/me/preferences", {"dnd_until": rfc3339(now() + timedelta(hours=1))})
    assert rule(world.bob, named) == "mention True", "it came before"
    late = world.alice.say(room_id, f"@{world.bob.username}")["id"]
    assert rule(world.bob, late) == "do_not_disturb False"
    world.bob.put(f"/users/{world.alice.id}/block", None)
    assert rule(world.bob, named) == "blocked False"
    erin = Person(world, "erin")
    world.alice.post(f"/rooms/{room_id}/members", {"user_id": erin.id})
    assert rule(erin, plain) == "joined_later False"
    assert world.mallory.get(f"/messages/{named}/why").status_code == 404


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
