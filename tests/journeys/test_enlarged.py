"""What people see who enlarge a page twice, in colours of their own, and want nothing to move."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.helpers.looks import covered
from tests.helpers.pages import live, message, shares
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Picture = Callable[[Page, str], None]
TWICE = {"viewport": {"width": 720, "height": 450}, "reduced_motion": "reduce"}  # 1440 by 900
OWN_COLOURS = {"forced_colors": "active", **TWICE}
OF_ROOM = ("", "/about", "/members", "/pins", "/images", "/settings")
PAGES = (
    *("/rooms", "/rooms/all", "/rooms/new", "/rooms/browse", "/people"),
    *("/direct-rooms/new", "/share", "/mentions"),
    *("/search?q=ferry", "/settings/profile", "/settings/appearance", "/settings/notifications"),
)
MOVING = """() => document.getAnimations().filter((each) => each.playState === "running"
  && Number(each.effect.getTiming().duration) > 1).map((each) => each.effect.target.className)"""
# What a state looks like where neither grounds nor shadows are painted.
LOOK = """(each) => ["borderBottomColor", "outlineStyle", "outlineColor", "backgroundColor"]
  .map((name) => getComputedStyle(each)[name]).join(" ")"""


def test_every_page_fits_and_nothing_is_covered_in_any_colours(
    opened: Opened, world: World, picture: Picture
) -> None:
    room_id = world.room(name="A harbour with a name that is long, and longer still")
    for number in range(4):
        said = world.carol.say(room_id, f"The ferry {number} leaves the harbour at seven")
    world.alice.put(f"/messages/{said['id']}/pin")
    world.alice.patch(f"/rooms/{room_id}", {"topic": "All that swims, and what it costs " * 4})
    page = opened(world.alice, **TWICE)
    shares(page)
    faults = {}
    for path in [*(f"/rooms/{room_id}{rest}" for rest in OF_ROOM), *PAGES]:
        page.goto(path)
        for colours in ("none", "active"):
            page.emulate_media(forced_colors=colours)
            found = covered(page) + page.evaluate(MOVING)
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > 720:
                found.append(f"{wide} px wide")
            if found:
                faults[path, colours] = found
            name = path.replace("/", "_")[:40].replace(room_id, "room")
            picture(page, f"enlarged-{colours}-{name}")
    assert not faults


def test_states_show_in_colours_of_ones_own(opened: Opened, world: World, picture: Picture) -> None:
    here, there = world.room(), world.room()
    said = world.carol.say(here, "Who comes?")
    for emoji, person in (("👍", world.bob), ("🎉", world.carol)):
        person.put(f"/messages/{said['id']}/reactions/{emoji}")
    page = live(opened(world.bob, **OWN_COLOURS), here)
    rooms = [page.locator(f'[data-room-id="{each}"] .room-item-link') for each in (here, there)]
    assert len({each.evaluate(LOOK) for each in rooms}) == 2
    reactions = message(page, "Who comes?").locator(".reaction")
    expect(reactions).to_have_count(2)
    assert len({each.evaluate(LOOK) for each in reactions.all()}) == 2
    picture(page, "forced-room")
    page.goto(f"/rooms/{here}/members")
    tabs = page.locator(".details-tab")
    assert tabs.nth(0).evaluate(LOOK) != tabs.nth(1).evaluate(LOOK)
    assert tabs.nth(0).evaluate(LOOK) == tabs.nth(2).evaluate(LOOK), "only where one is"
    picture(page, "forced-tabs")
    page.goto("/settings/appearance")
    theme = page.get_by_role("group", name="Theme").locator(".segment")
    assert theme.nth(0).evaluate(LOOK) != theme.nth(1).evaluate(LOOK)
    picture(page, "forced-settings")
