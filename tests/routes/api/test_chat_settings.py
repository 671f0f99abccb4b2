"""The settings of the whole chat: who changes them, and who sees them at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from chat.models.avatar import Avatar
from chat.models.database import database
from chat.models.own_ids import CHAT_ID
from tests.helpers.form_browser import Browser
from tests.helpers.pictures import Image, written
from tests.helpers.servers import Server
from tests.helpers.uploads import thirds
from tests.helpers.world import Person, World


@pytest.fixture(autouse=True)
def usual_afterwards(world: World) -> Iterator[None]:
    yield
    assert world.alice.delete("/admin/settings/icon").status_code == 204
    world.alice.patch("/admin/settings", {"name": "Chat"})


def set_icon(person: Person, content: bytes | None = None) -> requests.Response:
    content = content or written(thirds(), "PNG")
    return person.ask(
        "PUT", "/admin/settings/icon", files={"image": ("icon.png", content, "image/png")}
    )


def icon_of(person: Person) -> Any:
    answer = set_icon(person)
    assert answer.status_code == 200, answer.text
    return answer.json()["icon_url"]


def test_an_administrator_names_the_chat_and_everybody_sees_it_at_once(
    world: World, server: Server
) -> None:
    bob, mallory = world.bob.listen(), world.mallory.listen()
    usual = {
        "name": "Chat",
        "icon_url": None,
        "contact": "",
        "default_rooms": [],
        "hides_first_steps": True,
        "second_factor": "optional",
        "retention_days": 0,
        "keeps_pinned": True,
        "fixed": [],
    }
    assert world.alice.get("/admin/settings").json() == usual
    changed = world.alice.patch("/admin/settings", {"name": "  Harbour   office "})
    assert changed.json() == usual | {"name": "Harbour office"}
    for heard in (bob, mallory):
        chat = heard.next("chat:updated")["chat"]
        assert chat == {"name": "Harbour office", "icon_url": None, "contact": ""}
    late = world.carol.listen()
    assert late.all("hello")[0]["chat"]["name"] == "Harbour office"
    for page in (
        Browser(server).get("/login"),
        Browser(server).get("/nowhere"),
        Browser(server).sign_in(world.bob).get("/rooms"),
        Browser(server).get("/api/v1/docs"),
    ):
        assert "Harbour office</title>" in page.text, page.url
    manifest = Browser(server).get("/manifest.webmanifest").json()
    assert (manifest["name"], manifest["short_name"]) == ("Harbour office", "Harbour office")


def test_nobody_else_changes_or_reads_the_settings(world: World, server: Server) -> None:
    for person in (world.bob, world.carol, world.mallory):
        assert person.get("/admin/settings").status_code == 403
        assert person.patch("/admin/settings", {"name": "Mine"}).status_code == 403
        assert person.delete("/admin/settings/icon").status_code == 403
        assert set_icon(person).status_code == 403
        browser = Browser(server).sign_in(person)
        assert browser.get("/admin/settings").status_code == 403
        assert browser.submit("/admin/settings", name="Mine").status_code == 403
        assert "/admin/settings" not in browser.get("/settings").text
    assert requests.get(f"{server.url}/api/v1/admin/settings", timeout=20).status_code == 401
    assert world.alice.get("/admin/settings").json()["name"] == "Chat"
    assert CHAT_ID not in {owner_id for _, owner_id in Avatar.all_settled()}


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 65, None, 7])
def test_a_name_that_is_none_is_refused(world: World, name: Any) -> None:
    answer = world.alice.patch("/admin/settings", {"name": name})
    assert (answer.status_code, [*answer.json()["error"]["fields"]]) == (422, ["name"])


def test_the_icon_is_made_anew_and_for_everybody_at_an_address_that_stays(
    world: World, server: Server
) -> None:
    bob = world.bob.listen()
    url = icon_of(world.alice)
    assert bob.next("chat:updated")["chat"]["icon_url"] == url
    for size in (64, 192, 512):
        answer = requests.get(f"{server.url}{url}?size={size}", timeout=20)
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, picture.size) == ("PNG", (size, size))
        assert picture.convert("RGB").getpixel((size // 2, size // 2)) == (0, 255, 0), "the middle"
    page = Browser(server).get("/login").text
    assert f'<link rel="icon" href="{url}?size=192"' in page
    assert f'<link rel="apple-touch-icon" href="{url}?size=192"' in page
    assert f'src="{url}?size=64"' in page
    manifest = requests.get(f"{server.url}/manifest.webmanifest", timeout=20).json()
    assert [icon["sizes"] for icon in manifest["icons"]] == ["192x192", "512x512"]
    for icon in manifest["icons"]:
        assert requests.get(server.url + icon["src"], timeout=20).status_code == 200


def test_an_icon_that_was_replaced_or_removed_is_gone(world: World, server: Server) -> None:
    first = icon_of(world.alice)
    second = icon_of(world.alice)
    assert first != second
    assert world.alice.delete("/admin/settings/icon").status_code == 204
    for url in (first, second):
        assert requests.get(server.url + url, timeout=20).status_code == 404
    assert database["avatars"].count_documents({"user_id": CHAT_ID}) == 0
    for url in (first, second):
        names = [f"{url.removeprefix('/icon/')}/{size}" for size in (64, 192, 512)]
        for part in ("files", "chunks"):
            field = "_id" if part == "files" else "files_id"
            stored = database[f"pictures.{part}"].count_documents({field: {"$in": names}})
            assert stored == 0
    assert "icons/chat.svg" in Browser(server).get("/login").text


def test_what_is_no_picture_or_no_size_is_refused(world: World, server: Server) -> None:
    assert set_icon(world.alice, b"<svg onload=alert(1)>").status_code == 415
    url = icon_of(world.alice)
    for size in ("63", "0", "-64", "x", "64.0", "9" * 5000, ""):
        assert requests.get(f"{server.url}{url}?size={size}", timeout=20).status_code == 404
    assert requests.get(f"{server.url}/icon/{'f' * 24}", timeout=20).status_code == 404


def test_the_page_of_the_settings_works_without_scripts(world: World, server: Server) -> None:
    alice = Browser(server).sign_in(world.alice)
    assert 'href="/admin/settings"' in alice.get("/admin/people").text
    page = alice.submit("/admin/settings", name="Harbour office")
    assert page.url.endswith("/admin/settings?saved=settings")
    assert 'value="Harbour office"' in page.text
    assert "This chat · Harbour office</title>" in page.text
    refused = alice.submit("/admin/settings", name="\u200b")
    assert refused.status_code == 422
    assert "field-wrong" in refused.text
    cookie = alice.http.cookies[server.cookie("chat_csrf")]
    sent = alice.http.post(
        f"{server.url}/admin/settings/icon",
        data={"csrf_token": cookie},
        files={"image": ("icon.png", written(thirds(), "PNG"), "image/png")},
        headers={"Origin": server.url},
        timeout=20,
    )
    assert "The icon is changed." in sent.text
    assert world.alice.get("/admin/settings").json()["icon_url"]
    assert "Remove the icon?" in alice.get("/admin/settings/icon/remove").text
    alice.submit("/admin/settings/icon/remove")
    assert world.alice.get("/admin/settings").json()["icon_url"] is None
