"""Nothing that people read is left out of the catalogues: templates, scripts and whole pages."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from chat import VERSION
from chat.models.database import database
from chat.models.room import Room
from chat.routes.pages.filters import initials
from chat.utils.translation import translations
from tests.helpers.form_browser import Browser
from tests.helpers.node import node
from tests.helpers.servers import ROOT, Server
from tests.helpers.visible_texts import texts_of
from tests.helpers.world import Person, World

ZONE = re.compile(r".+ \(UTC[-+:\d]*\)")  # a place, as IANA calls its time zone
TEMPLATES = ROOT / "chat/templates"
FOR_DEVELOPERS = {"api_docs.html"}  # in English, like the API itself
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
CLASSES = re.compile(r"\{% block (?:body_class|place) %\}.*?\{% endblock %\}(?:\{% endblock %\})?")
HIDDEN = "\ue000"  # in place of code
# In code of a template, a text with a capital or a space is read by somebody, unless it is marked.
MARKED = re.compile(r"\b(?:_|ngettext|pgettext)\((?:\s*\"[^\"]*\"\s*,?)+")
READ = re.compile(r"^[A-Z][a-z]{3,}|[a-z]{2,}[.?!…]$")
# What is the same in every language: examples of a search, names of keys in combinations.
SAME = re.compile(r"^(@room|Aa|Esc|Shift|Shift\+.*|Enter|Home( End)?|Control.*|Ctrl.*|Alt.*)$")


def unmarked(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    hidden = JINJA.sub(HIDDEN, CLASSES.sub("", source))
    pieces = [piece.strip() for text in texts_of(hidden) for piece in text.split(HIDDEN)]
    texts = [text for text in pieces if re.search("[A-Za-z]{2}", text) and not SAME.match(text)]
    for code in JINJA.findall(source):
        if not code.startswith("{#"):
            found = re.findall(r'"([^"]*)"', MARKED.sub("", code))
            texts += [text for text in found if READ.search(text) and not SAME.match(text)]
    return texts


@pytest.mark.parametrize(
    "path",
    sorted(TEMPLATES.rglob("*.html")),
    ids=lambda path: path.relative_to(TEMPLATES).as_posix(),
)
def test_a_template_says_nothing_that_is_not_marked(path: Path) -> None:
    if path.name not in FOR_DEVELOPERS:
        assert unmarked(path) == [], "write it as {{ _(…) }}: docs/languages.md"


def test_an_unmarked_sentence_would_be_found(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        '<p title="One">{{ _("Two") }}, three {{ name or "Four" }}</p><img alt="Five">'
        '{{ button(_("Six"), "Seven things") }}<code>eight</code>{# Nine #}'
    )
    assert sorted(unmarked(template)) == [", three", "Five", "Four", "One", "Seven things"]


SCRIPT = """
import { readFileSync } from "node:fs";
import { parsers } from "prettier/plugins/babel";

const MARKS = new Set(["t", "plural", "inContext", "N_", "Error"]);
const SENTENCE = /^[A-Z][a-z’]+ [a-z]|[a-z’]{2,} [a-z’]+.*[.?!…]$|^[A-Z][a-z]{3,}$/;
const KEYS = /^(Enter|Escape|Control|Shift|Home|Files|Arrow.*|Unidentified)$/;
const SCRIPTS = /^(Hiragana|Katakana|Thai|Khmer|Myanmar)$/;
const found = [];

function walk(node, name) {
  if (Array.isArray(node)) return node.forEach((each) => walk(each, name));
  if (!node || typeof node !== "object" || node.type === "ImportDeclaration") return;
  if (MARKS.has(node.callee?.name))
    return walk(node.arguments.filter(({ type }) => type !== "StringLiteral"), name);
  const text = node.type === "StringLiteral" ? node.value : node.value?.cooked;
  const isText = node.type === "StringLiteral" || node.type === "TemplateElement";
  const isRead = isText && SENTENCE.test(text.trim()) && !KEYS.test(text) && !SCRIPTS.test(text);
  if (isRead) found.push(`${name}: ${text}`);
  for (const [key, value] of Object.entries(node)) if (key !== "loc") walk(value, name);
}

for (const [name, source] of JSON.parse(readFileSync(0, "utf8")))
  walk(parsers.babel.parse(source, {}).program, name);
console.log(JSON.stringify(found));
"""


def unmarked_in(scripts: list[tuple[str, str]]) -> list[str]:
    command = [node(), "--input-type=module", "-e", SCRIPT]
    given = json.dumps(scripts)
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_a_script_says_nothing_that_is_not_marked() -> None:
    paths = sorted((ROOT / "chat/static/js").rglob("*.js"))
    assert unmarked_in([(path.name, path.read_text(encoding="utf-8")) for path in paths]) == []


def test_an_unmarked_sentence_of_a_script_would_be_found() -> None:
    source = 'say(t("One thing")); say("Two things"); say(`${n} are left over.`); on("Enter")'
    assert unmarked_in([("x", source)]) == ["x: Two things", "x:  are left over."]


# Whole pages


def pages_of(world: World, room_id: str, message_id: str, direct_id: str) -> list[str]:
    room, message = f"/rooms/{room_id}", f"/rooms/{room_id}/messages/{message_id}"
    return [
        *("/rooms", "/rooms/all", "/rooms/browse", "/rooms/new", "/people?q=xyzzy", "/mentions"),
        *("/people", "/direct-rooms/new", "/direct-rooms/new?q=xyzzy"),
        *("/share", "/share?shared=0", "/share?shared=0&q=xyzzy", "/share?left_out=pictures"),
        *("/invitations", "/search", "/search?q=harbour", "/search?q=on:never", "/nowhere"),
        *(room, f"{room}/about", f"{room}/members", f"{room}/members?q=xyzzy", f"{room}/pins"),
        *(
            f"{room}/images",
            f"{room}/settings",
            f"{room}/integrations",
            f"{room}/leave",
            f"{room}/delete",
        ),
        *(message, f"{message}/delete", f"/rooms/{direct_id}", f"/rooms/{direct_id}/about"),
        *("/settings", "/settings/profile", "/settings/appearance", "/settings/notifications"),
        *("/settings/privacy", "/settings/devices", "/settings/devices/end-others"),
        *("/settings/security", "/settings/security/off", "/settings/security/recovery-codes"),
        *("/settings/security/passkeys/new", "/settings/programs"),
        *("/admin/people", f"/admin/people/{world.bob.id}/deactivate"),
        *("/admin", "/admin/invitations", "/admin/rooms", "/admin/audit", f"{room}/audit"),
        "/admin/commands",
        f"/admin/people/{world.bob.id}/second-factor",
        *("/admin/settings", f"/people/{world.bob.username}", f"/people/{world.bob.id}/block"),
        *(f"{room}/members/{world.bob.id}/remove", f"{room}/outgoing-webhooks"),
    ]


def a_life(world: World) -> tuple[str, str, str]:
    """Return the ids of a room, of a message and of a direct room in which everything happened."""
    room_id = world.room(name="Zzroom")
    world.alice.second_device()
    first = world.alice.say(room_id, "zzfirst")["id"]
    answer = {"client_id": "zz", "body": f"@{world.alice.username} zzanswer", "reply_to_id": first}
    world.bob.post(f"/rooms/{room_id}/messages", answer)
    world.alice.put(f"/rooms/{room_id}/messages/{first}/pin")
    world.bob.put(f"/rooms/{room_id}/messages/{first}/reactions/👍")
    world.alice.patch(f"/rooms/{room_id}/messages/{first}", {"body": "zzedited"})
    hook = {"name": "zzhook", "url": "https://zz.example.org/", "events": ["message:posted"]}
    world.alice.post(f"/rooms/{room_id}/outgoing-webhooks", hook)
    direct = world.alice.post("/direct-rooms", {"user_ids": [world.bob.id]}).json()["id"]
    world.mallory.make_room(name="Zzother")
    return room_id, first, direct


def written_by_people(world: World) -> re.Pattern[str]:
    people = (world.alice, world.bob, world.carol, world.mallory)
    names = {word for each in people for word in names_of(each)}
    own = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    # Usernames of people of other tests, words of the test, and a filter as it is typed.
    return re.compile(rf"{own}|^@| @\w|[Zz]z|^on:never$")


def written_by_others() -> set[str]:
    """Return what the lists of people, of public rooms and the audit show of other tests."""
    people = [record["display_name"] for record in database["users"].find()]
    rooms = Room.find_many(record["_id"] for record in database["rooms"].find({"kind": "public"}))
    written = {text for room in rooms.values() for text in (room.name, room.topic)}
    written |= {"Harbour", *(f"Harbour {number}" for number in range(2, 30))}  # deleted rooms
    return written | {text for name in people for text in (name, initials(name), name[:1].upper())}


def names_of(person: Person) -> set[str]:
    me = person.get("/me").json()
    return {me["username"], me["display_name"], me["display_name"][:2].upper()}


def test_a_german_page_has_no_english_sentence(world: World, server: Server) -> None:
    """Except those that are the same in both, and what people wrote."""
    room_id, message_id, direct_id = a_life(world)
    written = written_by_people(world)
    alike = {key for key, text in translations("de").texts.items() if key == text}
    alike |= {"Chat", "English", "Deutsch", "Esc", "Aa", "UTC", "tests", "another device"}
    alike |= {f"Version {VERSION}"}
    alike |= written_by_others()
    browser = Browser(server).sign_in(world.alice)
    remain: dict[str, set[str]] = {}
    for path in pages_of(world, room_id, message_id, direct_id):
        english, german = (
            texts_of(browser.get(path, headers={"Accept-Language": language}).text)
            for language in ("en", "de")
        )
        assert len(german) > 20, path
        both = {text.removeprefix(", ") for text in english & german if not written.search(text)}
        same = {text for text in both - alike if not ZONE.fullmatch(text)}
        if same:
            remain[path] = same
    assert remain == {}
