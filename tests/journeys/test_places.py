"""The reading position in a room stays, whatever changes size around it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.helpers import pictures
from tests.helpers.pages import are_uploaded, is_live, live, photo
from tests.helpers.world import World
from tests.journeys.conftest import Opened

Change = Callable[[Page, World, str], None]

HIDDEN_BELOW = """() => {
    const scroll = document.querySelector(".timeline-scroll");
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
}"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def type_six_lines(page: Page, world: World, room_id: str) -> None:
    page.get_by_label("Message to").fill("\n".join("abcdef"))


def open_a_keyboard(page: Page, world: World, room_id: str) -> None:
    page.set_viewport_size({"width": 1200, "height": 500})


def narrow_the_window(page: Page, world: World, room_id: str) -> None:
    page.set_viewport_size({"width": 500, "height": 800})


def choose_a_picture(page: Page, world: World, room_id: str) -> None:
    page.locator(".composer-files").set_input_files(photo())  # type: ignore[arg-type]
    are_uploaded(page, 1)


def lose_the_line(page: Page, world: World, room_id: str) -> None:
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.locator(".composer .connection-notice")).to_be_visible()


def answer_the_last(page: Page, world: World, room_id: str) -> None:
    page.evaluate(
        """() => document.querySelector(".message:last-child [data-action=reply]").click()"""
    )
    expect(page.get_by_text("Replying to")).to_be_visible()


def write_too_much(page: Page, world: World, room_id: str) -> None:
    page.get_by_label("Message to").fill("x" * 8001)
    page.get_by_label("Message to").press("Enter")
    expect(page.get_by_text("the limit is 8000")).to_be_visible()


def enlarge_the_letters(page: Page, world: World, room_id: str) -> None:
    page.evaluate("document.documentElement.style.fontSize = '24px'")


def receive_a_message(page: Page, world: World, room_id: str) -> None:
    world.alice.say(room_id, "new\n" * 8)
    expect(page.locator(".message:last-child .message-body", has_text="new")).to_be_attached()


def lengthen_an_early_message(page: Page, world: World, room_id: str) -> None:
    early = world.alice.reads(room_id)["messages"][0]
    world.alice.patch(f"/messages/{early['id']}", {"body": "longer\n" * 8})
    expect(page.locator(".message-body", has_text="longer")).to_be_attached()


def react_to_all(page: Page, world: World, room_id: str) -> None:
    told = world.alice.reads(room_id)["messages"]
    for each in (told[0], told[-1]):
        world.carol.put(f"/messages/{each['id']}/reactions/👍")
    expect(page.locator(".reaction")).to_have_count(2)


CHANGES = [
    receive_a_message,
    lengthen_an_early_message,
    react_to_all,
    type_six_lines,
    open_a_keyboard,
    narrow_the_window,
    choose_a_picture,
    answer_the_last,
    write_too_much,
    enlarge_the_letters,
    lose_the_line,
]


def full_room(world: World) -> str:
    room_id = world.room()
    for number in range(40):
        world.alice.say(room_id, f"number {number}\nand what it means")
    return room_id


def holding(held: list[Route]) -> Callable[[Route], None]:
    def hold(route: Route) -> None:
        held.append(route)

    return hold


def hidden_below(page: Page) -> float:
    page.evaluate(SETTLED)
    return float(page.evaluate(HIDDEN_BELOW))


def place_of(page: Page, seq: int) -> float:
    """Return how far below the upper edge of the messages a text begins."""
    page.evaluate(SETTLED)
    return float(
        page.locator(f"#message-{seq} .message-body").evaluate(
            "(body) => body.getBoundingClientRect().top"
            " - body.closest('.timeline-scroll').getBoundingClientRect().top"
        )
    )


def test_whoever_reads_the_newest_goes_on_seeing_all_of_it(opened: Opened, world: World) -> None:
    room_id = full_room(world)
    page = live(opened(world.bob, viewport={"width": 1200, "height": 800}), room_id)
    assert hidden_below(page) == 0
    for change in CHANGES:
        change(page, world, room_id)
        assert hidden_below(page) == 0, change.__name__


def test_whoever_reads_in_the_middle_goes_on_seeing_the_same(opened: Opened, world: World) -> None:
    room_id = full_room(world)
    page = live(opened(world.bob, viewport={"width": 1200, "height": 800}), room_id)
    page.locator("#message-21 .message-body").evaluate("(body) => body.scrollIntoView()")
    before = place_of(page, 21)
    for change in CHANGES:
        change(page, world, room_id)
        assert abs(place_of(page, 21) - before) < 1, change.__name__
        assert hidden_below(page) > 100, change.__name__


def test_a_picture_that_comes_late_moves_nobody(opened: Opened, world: World) -> None:
    room_id = full_room(world)
    held: list[Route] = []
    for width, seq in ((900, 41), (901, 42)):
        data = pictures.written(pictures.gradient(width, 700), "JPEG")
        image = world.bob.ask("POST", f"/rooms/{room_id}/images", files={"image": data}).json()
        said = world.bob.post(
            f"/rooms/{room_id}/messages", {"client_id": f"c{seq}", "image_ids": [image["id"]]}
        ).json()
        assert said["seq"] == seq
    page = opened(world.carol, viewport={"width": 390, "height": 844})
    page.route("**/thumbnail", holding(held))
    page.goto(f"/rooms/{room_id}", wait_until="domcontentloaded")
    is_live(page)
    assert hidden_below(page) == 0
    page.locator("#message-42 img").evaluate_all(
        "(images) => images.forEach((image) => image.removeAttribute('height'))"
    )
    assert hidden_below(page) == 0
    page.unroute("**/thumbnail")  # which lets them go
    page.locator("#message-42 .message-image-thumbnail").evaluate("(image) => image.decode()")
    assert hidden_below(page) == 0


def test_what_is_loaded_above_moves_nobody_who_scrolls_meanwhile(
    opened: Opened, world: World
) -> None:
    room_id = world.room()
    for number in range(1, 121):
        world.alice.say(room_id, f"number {number}")
    world.bob.put(f"/rooms/{room_id}/read", {"seq": 120})
    page = opened(world.bob)
    held: list[Route] = []
    page.route("**/messages?before=*", holding(held))
    live(page, room_id)
    page.locator(".timeline-scroll").evaluate("(scroll) => { scroll.scrollTop = 200 }")
    expect(page.locator(".messages")).to_have_attribute("aria-busy", "true")
    before = place_of(page, 76)
    page.evaluate("""() => { // somebody scrolls in the very moment in which the list grows
        const scroll = document.querySelector(".timeline-scroll");
        new MutationObserver((_, observer) => {
            observer.disconnect();
            scroll.dispatchEvent(new Event("wheel"));
            scroll.scrollTop -= 30;
        }).observe(document.querySelector(".messages"), { childList: true });
    }""")
    held[0].continue_()
    expect(page.locator("#message-71")).to_be_attached()
    expect(page.locator(".messages")).to_have_attribute("aria-busy", "false")
    assert abs(place_of(page, 76) - before - 30) < 1


def test_whoever_turns_away_from_the_end_is_not_held_there_however_much_is_said(
    opened: Opened, world: World
) -> None:
    room_id = full_room(world)
    page = live(opened(world.bob, viewport={"width": 1200, "height": 800}), room_id)
    page.evaluate("""() => { // in each frame something grows
        const last = document.querySelector(".message:last-child");
        const grow = (frames) => {
            last.style.paddingBottom = `${frames}px`;
            requestAnimationFrame(() => grow(frames + 1));
        };
        grow(1);
    }""")
    page.locator(".timeline-scroll").hover()
    for _ in range(3):
        page.mouse.wheel(0, -150)
    page.wait_for_function(f"() => ({HIDDEN_BELOW})() > 300")  # an expression would need eval


def test_above_a_keyboard_that_lies_over_the_page_the_composer_is_in_sight(
    opened: Opened, world: World
) -> None:
    """As Safari on a phone tells it: by the visual viewport alone."""
    room_id = full_room(world)
    page = opened(world.bob, viewport={"width": 390, "height": 844})
    page.add_init_script("""
        const sight = Object.assign(new EventTarget(), { height: 844, scale: 1 });
        Object.defineProperty(window, "visualViewport", { value: sight });
    """)
    live(page, room_id)

    def show_keyboard(height: int, scale: float = 1) -> None:
        page.evaluate(f"""() => {{
            Object.assign(visualViewport, {{ height: {height}, scale: {scale} }});
            visualViewport.dispatchEvent(new Event("resize"));
        }}""")
        assert hidden_below(page) == 0

    def bottom_of_the_composer() -> float:
        return float(
            page.locator("message-composer").evaluate(
                "(composer) => composer.getBoundingClientRect().bottom"
            )
        )

    show_keyboard(508)
    assert bottom_of_the_composer() == 508
    show_keyboard(844)
    assert bottom_of_the_composer() == 844
    show_keyboard(422, scale=2)
    assert bottom_of_the_composer() == 844, "who looks closer has no keyboard"
