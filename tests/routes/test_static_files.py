"""Static files have addresses that change with their content, and are sent compressed."""

from __future__ import annotations

import gzip
import re
import subprocess
from fnmatch import fnmatch
from io import BytesIO
from itertools import chain
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask, url_for
from PIL import Image

from chat.routes import static_files
from chat.routes.encodings import COMPRESSIONS
from chat.utils.module_joiner import join_with_later_ones
from tests.helpers.form_browser import Browser
from tests.helpers.node import node
from tests.helpers.raw_http import Answer, say
from tests.helpers.servers import ROOT, Server
from tests.helpers.world import World

YEAR = "public, max-age=31536000, immutable"
PLAIN = {"Accept-Encoding": "identity"}
# Names of files, in templates: `url_for('static', filename='icons/chat.svg')`.
NAMED = re.compile(r"url_for\(\s*['\"]static['\"],\s*filename=(?:script\()?['\"]([^'\"]+)['\"]")


@pytest.fixture
def addresses(app: Flask) -> dict[str, str]:
    """The address of each static file."""
    with app.test_request_context():
        return {name: url_for("static", filename=name) for name in static_files.files()}


def asked(server: Server, path: str, method: str = "GET", **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, server.url + path, headers=PLAIN | named, timeout=10)


# Addresses


def test_the_files_of_a_page_are_stored_for_a_year(server: Server, world: World) -> None:
    bob = Browser(server).sign_in(world.bob)
    page = bob.get(f"/rooms/{world.room()}").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert {Path(file).suffix for file in files} >= {".css", ".js", ".svg"}
    for file in files:
        answer = bob.get(file)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, YEAR), file


def test_an_address_changes_with_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = static_files.current_version.__wrapped__()
    assert before == static_files.current_version()
    changed = dict(static_files.files())
    icon = changed["icons/chat.svg"]
    changed["icons/chat.svg"] = type(icon)(icon.body + b" ", icon.mimetype)
    monkeypatch.setattr(static_files, "files", lambda: changed)
    assert static_files.current_version.__wrapped__() != before


def test_during_an_upgrade_another_versions_address_leads_to_the_file_and_is_not_stored(
    server: Server, addresses: dict[str, str]
) -> None:
    for name in ("scripts/app.js", "stylesheets/app.css", "icons/chat.svg", "js/main.js"):
        current = asked(server, addresses[name])
        for path in (f"/static/{'0' * 16}/{name}", f"/static/{name}"):
            answer = asked(server, path)
            assert answer.content == current.content
            assert answer.headers["Cache-Control"] == "no-cache"
            assert asked(server, path, If_None_Match=answer.headers["ETag"]).status_code == 304
    for path in ("/static/nothing.js", f"/static/{'0' * 16}/nothing.js", "/static/", "/static/js"):
        missing = asked(server, path)
        assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_relative_imports_and_pictures_of_styles_lead_to_files_of_the_same_version(
    addresses: dict[str, str],
) -> None:
    known = set(addresses.values())
    for name, file in static_files.files().items():
        if not name.endswith((".js", ".css")) or name.startswith("vendor/"):
            continue
        text = file.body.decode()
        for found in re.findall(r'(?:from |url\()"(\.[^"]+)"', text):
            assert urljoin(addresses[name], found) in known, (name, found)


def test_every_file_that_a_template_names_exists() -> None:
    templates = (ROOT / "chat/templates").rglob("*.html")
    named = {name for each in templates for name in NAMED.findall(each.read_text())}
    assert named >= {"scripts/app.js", "stylesheets/app.css", "stylesheets/sign_in.css"}
    assert named <= set(static_files.files())


def test_nothing_outside_the_folder_is_reachable(server: Server) -> None:
    version = static_files.current_version()
    for start in ("/static/", f"/static/{version}/", f"/static/{version}/js/"):
        for way in ("../", "%2e%2e/", "..%2f", "%2e%2e%2f", "..\\", "....//", "//", "/etc/../"):
            for depth in range(1, 5):
                path = f"{start}{way * depth}config.py"
                lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
                request = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
                answer = Answer.of(say(server.port, request))
                assert answer.status in (400, 404), path
                assert b"class Settings" not in answer.rest
    assert asked(server, "/static/vendor/.fetched").status_code == 404


# What is joined


def test_every_module_of_ours_is_joined_and_valid(tmp_path: Path) -> None:
    later = static_files.LATER_SCRIPTS["scripts/app.js"]
    for module in static_files.FOLDER.glob("js/**/*.js"):
        name = module.relative_to(static_files.FOLDER).as_posix()
        join_with_later_ones(static_files.FOLDER, name, "scripts/joined.js", later)
    target = tmp_path / "joined.mjs"
    scripts = [name for name in static_files.files() if fnmatch(name, "scripts/*.js")]
    assert {"scripts/app.js", *later.values()} < {*scripts}
    for name in scripts:
        target.write_bytes(static_files.files()[name].body)
        checked = subprocess.run([node(), "--check", target], capture_output=True, timeout=60)
        assert checked.returncode == 0, checked.stderr.decode()


def test_what_is_loaded_later_is_there_for_a_page_of_the_same_version_alone(
    server: Server,
) -> None:
    name = "scripts/later/other_pages.js"
    address = f"/static/{static_files.current_version()}/{name}"
    assert asked(server, address).headers["Cache-Control"] == static_files.STORED
    assert asked(server, f"/static/{'0' * 16}/{name}").status_code == 404
    assert asked(server, f"/static/{name}").status_code == 404


def test_a_script_says_where_its_lines_come_from(server: Server) -> None:
    script = asked(server, "/static/scripts/app.js").text
    assert script.endswith("\n//# sourceMappingURL=app.js.map\n")
    source_map = asked(server, "/static/scripts/app.js.map").json()
    assert "../js/main.js" in source_map["sources"]
    for source in source_map["sources"]:
        address = urljoin("/static/scripts/app.js.map", source)
        assert asked(server, address).headers["Content-Type"].startswith("text/javascript")


def test_every_stylesheet_is_in_a_page() -> None:
    named = {*static_files.EVERYWHERE, *chain.from_iterable(static_files.COMPONENTS.values())}
    assert named == {file.stem for file in static_files.FOLDER.glob("css/*.css")}


# Encodings


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.9, gzip;q=0.8", "br"),
        ("br;q=0.8, gzip;q=0.9", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5, deflate", "gzip"),
        ("*", "br"),
        ("deflate, *;q=0.1", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity, gzip;q=0.5, *;q=0", ""),
        ("gzip;q=0, *;q=0", ""),
        ("xgzip, deflate", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_a_client_chooses_the_encoding(
    server: Server, addresses: dict[str, str], accepted: str, encoding: str
) -> None:
    file = static_files.files()["scripts/app.js"]
    answer = requests.get(
        server.url + addresses["scripts/app.js"],
        headers={"Accept-Encoding": accepted},
        stream=True,
        timeout=10,
    )
    raw = answer.raw.read(decode_content=False)
    assert answer.headers.get("Content-Encoding", "") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert raw == (COMPRESSIONS[encoding](file.body) if encoding else file.body)
    assert int(answer.headers["Content-Length"]) == len(raw)


def test_small_files_and_pictures_are_sent_as_they_are(server: Server) -> None:
    answer = asked(server, "/static/icons/chat.svg", Accept_Encoding="gzip")
    assert answer.status_code == 200
    assert {"Content-Encoding", "Vary"}.isdisjoint(answer.headers)


def test_each_encoding_has_an_etag_of_its_own(server: Server, addresses: dict[str, str]) -> None:
    path = addresses["stylesheets/app.css"]
    plain = asked(server, path)
    packed = asked(server, path, Accept_Encoding="gzip")
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for answer, accepted in ((plain, "identity"), (packed, "gzip")):
        etag = answer.headers["ETag"]
        known = asked(server, path, Accept_Encoding=accepted, If_None_Match=etag)
        assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", etag)
        assert (known.headers["Vary"], known.headers["Cache-Control"]) == ("Accept-Encoding", YEAR)
        head = asked(server, path, "HEAD", Accept_Encoding=accepted)
        same = ("ETag", "Content-Length", "Content-Type", "Vary", "Cache-Control")
        assert [head.headers[name] for name in same] == [answer.headers[name] for name in same]
        assert head.headers.get("Content-Encoding") == answer.headers.get("Content-Encoding")
        assert head.content == b""
    other = asked(server, path, Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"])
    assert other.status_code == 200


def test_a_part_is_of_the_file_as_it_is(server: Server, addresses: dict[str, str]) -> None:
    path, body = addresses["scripts/app.js"], static_files.files()["scripts/app.js"].body
    part = asked(server, path, Accept_Encoding="gzip", Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, body[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(body)}"
    assert "Content-Encoding" not in part.headers
    packed = asked(server, path, "HEAD", Accept_Encoding="gzip").headers["ETag"]
    whole = asked(server, path, Range="bytes=10-19", If_Range=packed)
    assert (whole.status_code, whole.content) == (200, body)
    assert asked(server, path, Range=f"bytes={len(body)}-").status_code == 416


def test_a_file_is_compressed_once(server: Server) -> None:
    file = static_files.files()["css/message.css"]
    compressed = file._body_in("gzip")
    assert gzip.decompress(compressed) == file.body
    assert file._body_in("gzip") is compressed


# The manifest


def test_the_manifest_leads_to_icons_of_the_size_that_it_says(server: Server) -> None:
    answer = asked(server, "/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "no-cache"
    manifest = answer.json()
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/rooms")
    sizes = []
    for icon in manifest["icons"]:
        picture = asked(server, icon["src"])
        assert picture.headers["Content-Type"].partition(";")[0] == icon["type"]
        if icon["type"] == "image/png":
            sizes.append((icon["sizes"], icon.get("purpose")))
            width = Image.open(BytesIO(picture.content)).width
            assert icon["sizes"] == f"{width}x{width}"
    assert sizes == [("192x192", None), ("512x512", None), ("512x512", "maskable")]


def test_the_shortcuts_of_the_manifest_are_pages_with_icons_in_the_language_of_the_browser(
    server: Server, world: World
) -> None:
    browser = Browser(server).sign_in(world.bob)
    named = []
    for language in ("en", "de"):
        answer = asked(server, "/manifest.webmanifest", **{"Accept-Language": language})
        assert "Accept-Language" in answer.headers["Vary"]
        manifest = answer.json()
        assert manifest["lang"] == language
        named += [shortcut["name"] for shortcut in manifest["shortcuts"]]
    assert named[::3] == ["New message", "Neue Nachricht"]
    for shortcut in manifest["shortcuts"]:
        assert browser.get(shortcut["url"], allow_redirects=False).status_code == 200
        (icon,) = shortcut["icons"]
        width = Image.open(BytesIO(asked(server, icon["src"]).content)).width
        assert icon["sizes"] == f"{width}x{width}" == "96x96"
    assert browser.get(manifest["share_target"]["action"]).status_code == 200


def test_the_service_worker_lies_at_the_top_and_is_asked_for_again(server: Server) -> None:
    answer = asked(server, "/service-worker.js")
    assert answer.headers["Content-Type"].partition(";")[0] == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "import" not in answer.text, "browsers without modules in workers run it as well"
    known = asked(server, "/service-worker.js", **{"If-None-Match": answer.headers["ETag"]})
    assert known.status_code == 304


def test_each_page_names_the_manifest(server: Server) -> None:
    page = asked(server, "/login")
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page.text
    assert "manifest-src 'self'" in page.headers["Content-Security-Policy"]
