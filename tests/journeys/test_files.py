"""Files that people paste, drop and choose, in a real browser."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.helpers import pictures
from tests.helpers.pages import are_uploaded, choose, live, message, photo
from tests.helpers.servers import wait_until
from tests.helpers.world import World
from tests.journeys.conftest import Opened

PNG = pictures.written(pictures.gradient(40, 30), "PNG")
CELLS = "Test 1\tX\nTest 2\tY"
TABLE = "<table><tr><td>Test 1<td>X<tr><td>Test 2<td>Y</table>"
NOT_A_PICTURE = "report.pdf – only pictures can be sent"

# A transfer as a browser hands it over: {types: texts} and [(name, type, bytes)].
MAKE = """({ texts, files }) => {
    const transfer = new DataTransfer();
    for (const [type, text] of Object.entries(texts)) transfer.setData(type, text);
    for (const { name, type, content } of files) {
        const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
    return transfer;
}"""


def file(name: str, kind: str, content: bytes = PNG) -> dict[str, str]:
    return {"name": name, "type": kind, "content": base64.b64encode(content).decode()}


def paste(page: Page, texts: dict[str, str], *files: dict[str, str]) -> bool:
    """Return whether the browser's own pasting was prevented."""
    return bool(
        page.evaluate(
            f"""(given) => {{
        const clipboardData = ({MAKE})(given);
        const init = {{ clipboardData, bubbles: true, cancelable: true }};
        const event = new ClipboardEvent("paste", init);
        return !document.querySelector("textarea:focus, .composer-body").dispatchEvent(event);
    }}""",
            {"texts": texts, "files": files},
        )
    )


def drop(page: Page, selector: str, texts: dict[str, str], *files: dict[str, str]) -> list[bool]:
    """Return whether the browser's own handling of dragging and dropping was prevented."""
    return list(
        page.evaluate(
            f"""([selector, given]) => ["dragover", "drop"].map((name) => {{
        const init = {{ dataTransfer: ({MAKE})(given), bubbles: true, cancelable: true }};
        const event = new DragEvent(name, init);
        return !document.querySelector(selector).dispatchEvent(event);
    }})""",
            [selector, {"texts": texts, "files": files}],
        )
    )


@pytest.fixture
def room(opened: Opened, world: World) -> Page:
    return live(opened(world.bob), world.room())


def test_cells_are_pasted_as_text_though_a_picture_of_them_is_on_the_clipboard(room: Page) -> None:
    """The clipboard is the browser's own."""
    room.context.grant_permissions(["clipboard-read", "clipboard-write"])
    room.evaluate(
        """async ([text, html, png]) => {
        const bytes = Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0));
        const forms = { "text/plain": text, "text/html": html, "image/png": bytes };
        const blobOf = ([type, content]) => [type, new Blob([content], { type })];
        const blobs = Object.fromEntries(Object.entries(forms).map(blobOf));
        await navigator.clipboard.write([new ClipboardItem(blobs)]);
    }""",
        [CELLS, TABLE, base64.b64encode(PNG).decode()],
    )
    composer = room.get_by_label("Message to")
    composer.press("Control+v")
    expect(composer).to_have_value(CELLS)
    expect(room.locator(".upload")).to_have_count(0)
    composer.press("Control+z")
    expect(composer).to_have_value("")


CLIPBOARDS: list[
    tuple[dict[str, str], list[str], str, int]
] = [  # texts, names of files; what is written, how many are sent
    ({"text/plain": CELLS, "text/html": TABLE}, ["image.png"], CELLS, 0),
    (
        {"text/plain": "https://x.example/a.png", "text/html": "<img src=a>"},
        ["image.png"],
        "https://x.example/a.png",
        0,
    ),
    ({"text/plain": "one\r\ntwo"}, ["slide.png"], "one\ntwo", 0),
    ({}, ["image.png"], "", 1),
    ({"text/plain": ""}, ["a.png", "b.png"], "", 2),
    ({"text/html": "<img src=a>"}, ["image.png"], "", 1),
    ({"text/plain": "a.png\nb.png"}, ["a.png", "b.png"], "", 2),
]


def test_of_text_and_files_on_one_clipboard_that_is_taken_which_is_meant(room: Page) -> None:
    for texts, names, value, uploads in CLIPBOARDS:
        room.get_by_label("Message to").fill("")
        assert paste(room, texts, *[file(name, "image/png") for name in names])
        expect(room.locator(".upload")).to_have_count(uploads)
        expect(room.get_by_label("Message to")).to_have_value(value)
        for _ in range(uploads):
            room.get_by_role("button", name="Remove this picture").first.click()


def test_an_address_beside_its_picture_links_the_words_that_it_is_pasted_over(room: Page) -> None:
    composer = room.get_by_label("Message to")
    composer.fill("map")
    composer.press("Control+a")
    texts = {"text/plain": "https://x.example/a.png"}
    assert paste(room, texts, file("image.png", "image/png"))
    expect(composer).to_have_value("[map](https://x.example/a.png)")
    expect(room.locator(".upload")).to_have_count(0)


def test_pasted_html_is_text_and_never_markup(room: Page, world: World) -> None:
    html = "<b>bold</b><img src=x onerror='window.pwned = 1'>"
    assert paste(room, {"text/plain": html, "text/html": html}, file("image.png", "image/png"))
    room.get_by_label("Message to").press("Enter")
    expect(message(room, html)).to_be_visible()
    assert room.evaluate("window.pwned") is None


def test_text_alone_is_left_to_the_browser(room: Page) -> None:
    assert not paste(room, {"text/plain": "words", "text/html": "<b>words</b>"})
    assert drop(room, ".composer-body", {"text/plain": "words"}) == [False, False]


def test_a_file_may_be_dropped_anywhere_in_a_room_and_the_page_stays(room: Page) -> None:
    given = file("a.png", "image/png"), file("report.pdf", "application/pdf", b"%PDF-1.7")
    places = [".composer-body", ".timeline-scroll", ".sidebar", "body", ".composer-files"]
    for count, place in enumerate(places, start=1):
        assert drop(room, place, {}, *given) == [True, True], place
        expect(room.locator(".upload")).to_have_count(count)
        expect(room.get_by_text(NOT_A_PICTURE)).to_be_visible()
    are_uploaded(room, len(places))
    expect(room.locator(".composer-dropping")).to_have_count(0)


def test_a_page_without_a_composer_stays_and_its_field_for_files_takes_what_is_dropped_there(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob)
    page.goto("/settings/profile")
    page.locator("search-field:defined").wait_for(state="attached")
    assert drop(page, ".main", {}, file("a.png", "image/png")) == [True, True]
    assert drop(page, "input[type=file]", {}, file("a.png", "image/png")) == [False, False]


def test_content_decides_what_a_picture_is_and_the_server_about_what_nobody_knows(
    room: Page,
) -> None:
    drop(room, ".main", {}, file("photo", ""), file("scan.pdf", "application/pdf"))
    are_uploaded(room, 2)
    drop(room, ".main", {}, file("Makefile", "", b"all: lint"))
    expect(room.get_by_text("Use a PNG, JPEG, WebP")).to_be_visible()
    room.get_by_label("Message to").press("Enter")
    expect(room.get_by_text("A picture was not uploaded.")).to_be_visible()


def test_a_file_that_is_chosen_and_not_taken_is_named(room: Page) -> None:
    room.locator(".composer-files").set_input_files(
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    expect(room.get_by_text(NOT_A_PICTURE)).to_be_visible()
    room.locator(".composer-files").set_input_files(
        [photo(f"{number}.jpg") for number in range(11)]
    )  # type: ignore[misc]
    expect(room.get_by_text("10.jpg – at most 10 pictures fit a message")).to_be_visible()
    expect(room.get_by_text(NOT_A_PICTURE)).to_be_hidden()
    room.get_by_role("button", name="Dismiss").click()
    expect(room.get_by_text("10.jpg")).to_be_hidden()
    expect(room.get_by_label("Message to")).to_be_focused()


def test_a_folder_is_named_and_not_sent(room: Page, tmp_path: Path) -> None:
    """Dropped by the browser's own hand: scripts cannot make a folder."""
    (tmp_path / "holidays").mkdir()
    line = room.context.new_cdp_session(room)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(tmp_path / "holidays")], "dragOperationsMask": 1}
        line.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 300, "data": data})
    expect(room.get_by_text("holidays – a folder, or a file that can’t be read")).to_be_visible()
    expect(room.locator(".upload")).to_have_count(0)


def test_of_words_and_a_picture_that_are_dragged_the_words_are_meant_but_not_an_address(
    room: Page,
) -> None:
    composer = room.get_by_label("Message to")
    assert drop(
        room, ".timeline-scroll", {"text/plain": "a quote"}, file("image.png", "image/png")
    ) == [True, True]
    expect(composer).to_have_value("a quote")
    drop(
        room,
        ".timeline-scroll",
        {"text/plain": "https://x.example/a.png"},
        file("a.png", "image/png"),
    )
    expect(room.locator(".upload")).to_have_count(1)
    expect(composer).to_have_value("a quote")


def test_pictures_of_the_page_itself_are_not_sent_when_they_are_dragged_over_it(room: Page) -> None:
    room.evaluate("dispatchEvent(new DragEvent('dragstart'))")
    assert drop(room, ".composer-body", {}, file("avatar.webp", "image/webp")) == [True, True], (
        "the page stays"
    )
    expect(room.locator(".upload")).to_have_count(0)


def test_the_pictures_of_a_sent_message_stay_and_that_is_said(opened: Opened, world: World) -> None:
    room_id = world.room()
    world.bob.say(room_id, "words")
    page = live(opened(world.bob), room_id)
    choose(page, "words", "Edit")
    editor = page.get_by_label("Edit message")
    expect(editor).to_be_editable()
    assert paste(page, {}, file("image.png", "image/png"))
    expect(page.get_by_text("The pictures of a sent message can’t be changed.")).to_be_visible()
    assert paste(page, {"text/plain": " and cells"}, file("image.png", "image/png"))
    expect(editor).to_have_value("words and cells")


ANSWERS: list[tuple[dict[str, Any], str]] = [
    ({"status": 403, "body": "Forbidden"}, "answered in its place (403)"),
    ({"status": 200, "content_type": "text/html", "body": "<html>"}, "answered in its place (200)"),
    (
        {"status": 413, "content_type": "text/html", "body": "<html>"},
        "takes no file as large as this",
    ),
    (
        {"status": 403, "content_type": "application/json", "body": '{"error": "no"}'},
        "answered in its place (403)",
    ),
]


def test_what_answers_an_upload_in_the_place_of_the_chat_is_told(room: Page) -> None:
    answers = iter([answer for answer, _ in ANSWERS])
    room.route("**/images", lambda route: route.fulfill(**next(answers)))
    for _, said in ANSWERS:
        room.locator(".composer-files").set_input_files(photo())  # type: ignore[arg-type]
        expect(room.get_by_text(said)).to_be_visible()
        room.get_by_role("button", name="Remove this picture").click()


@pytest.fixture
def uploads(room: Page) -> list[Route]:
    """Hold the uploads of the room's page back: they go on when the test says so."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    room.route("**/images", hold)
    return held


def is_held(room: Page, uploads: list[Route], count: int) -> None:
    """Wait for the route's handler, which runs while the page is asked something."""
    wait_until(lambda: room.evaluate("1") and len(uploads) == count, f"{count} uploads")


def begin_to_send(room: Page, uploads: list[Route]) -> None:
    room.locator(".composer-files").set_input_files(photo())  # type: ignore[arg-type]
    is_held(room, uploads, 1)
    room.get_by_label("Message to").fill("look")
    room.get_by_label("Message to").press("Enter")
    expect(room.get_by_text("Sends when uploaded")).to_be_visible()
    expect(room.get_by_label("Message to")).to_have_value("look")


def test_a_message_is_sent_when_its_pictures_are_here(
    room: Page, uploads: list[Route], picture: Callable[[Page, str], None]
) -> None:
    begin_to_send(room, uploads)
    picture(room, "waiting-for-pictures")
    uploads[0].continue_()
    expect(message(room, "look").locator(".message-image")).to_have_count(1)
    expect(room.get_by_label("Message to")).to_have_value("")
    expect(room.get_by_text("Sends when uploaded")).to_be_hidden()


def test_who_goes_on_writing_or_cancels_sends_by_another_enter(
    room: Page, uploads: list[Route]
) -> None:
    composer = room.get_by_label("Message to")
    begin_to_send(room, uploads)
    composer.press("Escape")
    expect(room.get_by_text("Sends when uploaded")).to_be_hidden()
    composer.press("Enter")
    expect(room.get_by_text("Sends when uploaded")).to_be_visible()
    composer.press_sequentially(" here")
    expect(room.get_by_text("Sends when uploaded")).to_be_hidden()
    uploads[0].continue_()
    are_uploaded(room, 1)
    room.get_by_label("Description of this picture").press("Enter")  # that field is done
    expect(composer).to_be_focused()
    expect(composer).to_have_value("look here")
    composer.press("Enter")
    expect(message(room, "look here").locator(".message-image")).to_have_count(1)


def test_a_picture_that_fails_keeps_the_message_that_waits_for_it(
    room: Page, uploads: list[Route]
) -> None:
    begin_to_send(room, uploads)
    uploads[0].abort()
    expect(room.get_by_text("A picture was not uploaded. Remove it, or retry.")).to_be_visible()
    expect(room.get_by_label("Message to")).to_have_value("look")
    expect(room.locator(".upload")).to_have_count(1)
    room.get_by_role("button", name="Retry").click()
    is_held(room, uploads, 2)
    uploads[1].continue_()
    are_uploaded(room, 1)
    room.get_by_label("Message to").press("Enter")
    expect(message(room, "look").locator(".message-image")).to_have_count(1)


def test_what_waits_for_pictures_is_sent_though_its_author_looks_at_another_room(
    room: Page, uploads: list[Route], world: World
) -> None:
    other_id = world.room()
    begin_to_send(room, uploads)
    room.locator(f'.sidebar a[href="/rooms/{other_id}"]').click()
    room.wait_for_url(f"**/rooms/{other_id}")
    expect(room.get_by_text("Sends when uploaded")).to_be_hidden()
    uploads[0].continue_()
    room.go_back()
    expect(message(room, "look").locator(".message-image")).to_have_count(1)


def test_a_message_that_the_browser_cannot_store_stays_in_the_composer_whole(
    room: Page, world: World
) -> None:
    room_id = room.url.rpartition("/")[2]
    world.alice.say(room_id, "Which one?")
    choose(room, "Which one?", "Reply")
    room.locator(".composer-files").set_input_files(photo())  # type: ignore[arg-type]
    are_uploaded(room, 1)
    room.get_by_label("Description").fill("The harbour")
    fail = "() => { throw new Error('no space left') }"
    room.evaluate(f"() => {{ IDBObjectStore.prototype.add = {fail} }}")
    room.locator(".composer-body").fill("This one")
    room.keyboard.press("Enter")
    expect(room.locator(".composer-problem")).to_contain_text("no space left")
    expect(room.locator(".composer-body")).to_have_value("This one")
    expect(room.locator(".composer-context-excerpt")).to_contain_text("Which one?")
    expect(room.get_by_label("Description")).to_have_value("The harbour")
