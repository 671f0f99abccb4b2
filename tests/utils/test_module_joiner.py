"""Modules are joined into one that does the same, or they are refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from chat.utils.module_joiner import Refused, join, join_with_later_ones, short_lines
from chat.utils.source_map import DIGITS
from tests.helpers.node import node
from tests.helpers.servers import ROOT


def said(folder: Path, path: str) -> str:
    """Return what the module writes in Node.js; the text of its mistake, if it ends with one."""
    ended = subprocess.run(
        [node(), "--enable-source-maps", str(folder / path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stdout or ended.stderr


def written(folder: Path, **modules: str) -> Path:
    (folder / "package.json").write_text('{"type": "module"}')
    for name, text in modules.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def joined(folder: Path, entry: str = "js/main.js") -> str:
    """Join the modules, save the result beside them, and return its path."""
    result = join(folder, entry, "scripts/app.js")
    (folder / "scripts").mkdir(exist_ok=True)
    (folder / "scripts/app.js").write_text(result.text)
    (folder / "scripts/app.js.map").write_text(result.source_map)
    return "scripts/app.js"


TALK = {
    "vendor__library": "export const shout = (text) => text.toUpperCase();\n",
    "js__names": """// Names.
const SECRET = "names";

export const ALICE = "alice";
export async function later(name) {
  return `${name} ${SECRET}`;
}
export class Greeting {
  constructor(name) {
    this.name = name; // import { x } from "./nothing.js";
  }
}
""",
    "js__models__store": """import { ALICE as somebody } from "../names.js";

const SECRET = await Promise.resolve("store");
export const store = `${somebody} ${SECRET}`;
""",
    "js__main": """// The first module.

import { shout } from "../vendor/library.js";
import { store } from "./models/store.js";
import {
  ALICE,
  Greeting as Hello,
  later,
} from "./names.js";

const last = await later("carol");
console.log(shout(store), ALICE, new Hello("bob").name, last);
""",
}


def test_joined_modules_do_what_they_did_apart(tmp_path: Path) -> None:
    folder = written(tmp_path, **TALK)
    assert said(folder, "js/main.js") == "ALICE STORE alice bob carol names\n"
    assert said(folder, joined(folder)) == "ALICE STORE alice bob carol names\n"


def test_a_mistake_in_a_joined_module_names_its_file_and_line(tmp_path: Path) -> None:
    mistaken = TALK["js__names"] + "\n// A comment\n\nexport function late() {\n  nothing();\n}\n"
    calls = 'import { late } from "./names.js";\n\nlate();\n'
    folder = written(tmp_path, **TALK | {"js__names": mistaken, "js__main": calls})
    told = said(folder, joined(folder))
    line = mistaken.splitlines().index("  nothing();") + 1
    assert f"/js/names.js:{line}:" in told
    assert "/js/main.js:3:" in told


def test_every_line_of_a_joined_module_is_mapped_to_one_of_its_own(tmp_path: Path) -> None:
    result = join(written(tmp_path, **TALK), "js/main.js", "scripts/app.js")
    source_map = json.loads(result.source_map)
    assert source_map["sources"] == ["../js/names.js", "../js/models/store.js", "../js/main.js"]
    mapped = [line for line in source_map["mappings"].split(";") if line]
    lines = [line for module in list(TALK.values())[1:] for line in module.splitlines()]
    saying = [line for line in lines if line and not line.startswith("//")]
    returns = 2  # lines behind the two modules that export
    assert len(mapped) == len(saying) + returns
    assert all(set(line) <= set(DIGITS) for line in mapped)


LATER = {
    "js__clicks": """const counted = [];

export function count() {
  counted.push("click");
  return counted.length;
}
""",
    "js__settings__form": """import { shout } from "../../vendor/library.js";
import { count } from "../clicks.js";
import { later } from "../names.js";

const dora = await later("dora");
export const formed = `${shout("form")} ${count()} ${dora}`;
""",
    "js__settings": """import { formed } from "./settings/form.js";

console.log(formed);
""",
    "js__main": """import { count } from "./clicks.js";
import { ALICE } from "./names.js";

console.log(ALICE, count());
import("./settings.js").then(() => console.log("opened", count()));
""",
}


def test_what_a_page_needs_later_shares_the_modules_that_it_has(tmp_path: Path) -> None:
    folder = written(tmp_path, **TALK | LATER)
    said_apart = said(folder, "js/main.js")
    assert said_apart == "alice 1\nFORM 2 dora names\nopened 3\n"
    results = join_with_later_ones(
        folder, "js/main.js", "scripts/app.js", {"js/settings.js": "scripts/later/settings.js"}
    )
    for address, result in results.items():
        (folder / address).parent.mkdir(parents=True, exist_ok=True)
        (folder / address).write_text(result.text)
        (folder / f"{address}.map").write_text(result.source_map)
    assert said(folder, "scripts/app.js") == said_apart
    later = results["scripts/later/settings.js"]
    assert json.loads(later.source_map)["sources"] == [
        "../../js/settings/form.js",
        "../../js/settings.js",
    ]


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ('import x from "./names.js";\n', "line 1: `import`"),
        ('import * as x from "./names.js";\n', "line 1: `import`"),
        ('import "./names.js";\n', "line 1: `import`"),
        ('import { x } from "library";\n', "line 1: `import`"),
        ('const x = 1;\nimport { ALICE } from "./names.js";\n', "imports after other code"),
        ('\nconst x = import("./names.js");\n', "js/main.js imports js/names.js later"),
        ("\nconst x = import(name);\n", "line 2: `import(`"),
        ("\nconst x = import.meta.url;\n", "line 2: `import.`"),
        ("export default 1;\n", "line 1: `export`"),
        ("export let x = 1;\n", "line 1: `export`"),
        ("export const { x, y } = z;\n", "line 1: `export`"),
        ("const x = 1;\nexport { x };\n", "line 2: `export`"),
        ('export * from "./names.js";\n', "line 1: `export`"),
        ("export function* x() {}\n", "line 1: `export`"),
        ('const x = `\nimport { y } from "./names.js";\n`;\n', "imports after other code"),
        ('import { x } from "./main.js";\n', "imports itself"),
        ('import { x } from "./nothing.js";\n', "js/nothing.js does not exist"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, module: str, reason: str) -> None:
    folder = written(tmp_path, **TALK | {"js__main": module})
    with pytest.raises(Refused) as refused:
        join(folder, "js/main.js", "scripts/app.js")
    assert reason in str(refused.value)


def test_backticks_mean_what_they_did(tmp_path: Path) -> None:
    module = 'console.log(`a${[1, 2]\n    // of two\n    .join()}b\nc`, "`", /`/.source);\n'
    folder = written(tmp_path, **TALK | {"js__main": module})
    assert said(folder, joined(folder)) == "a1,2b\nc ` `\n"


# Reads [[name, text, short text]] and writes the names of those whose programs differ.
SAME = """
import { parsers } from "prettier/plugins/babel";
import { readFileSync } from "node:fs";

const placed = new Set(["start", "end", "loc", "range", "extra", "__contentEnd"]);
const program = (text) =>
  JSON.stringify(parsers.babel.parse(text, {}).program, (name, value) =>
    placed.has(name) || /omments$/.test(name) ? undefined : value,
  );
const files = JSON.parse(readFileSync(0, "utf8"));
const differ = files.filter(([, text, short]) => program(text) !== program(short));
console.log(JSON.stringify(differ.map(([name]) => name)));
"""


def different(files: list[tuple[str, str]]) -> list[str]:
    """Return the names of those texts that are another program without comments and spaces."""
    short = [(name, text, "\n".join(line for _, line in short_lines(text))) for name, text in files]
    ended = subprocess.run(
        [node(), "--input-type=module", "--eval", SAME],
        input=json.dumps(short),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    names: list[str] = json.loads(ended.stdout)
    return names


def test_every_module_is_the_same_program_without_comments_and_spaces() -> None:
    folder = ROOT / "chat/static/js"
    files = [(str(path), path.read_text()) for path in sorted(folder.rglob("*.js"))]
    assert len(files) > 100
    assert different(files) == []
    assert different([("text", "say(`a ${b ? `c  d` : e} f`);\n")]) == ["text"], "it would be found"
