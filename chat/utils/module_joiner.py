"""Join JavaScript modules into one, which browsers fetch with a single request (decision 27).

Each module becomes a function, in the order of dependencies, and its lines stay lines:

    import { wait } from "./backoff.js";        const $2=(()=>{
    export function locksOf(leases) {…}         const{wait}=$1;
                                                function locksOf(leases){…}
                                                return{locksOf};
                                                })();

This is no parser. It understands what our modules contain, formatted by prettier: named imports
before all else, and named exports of what never changes. It refuses all else that concerns modules.
It removes comments and spaces from each line: no text goes on in another line.
tests/javascript/joined.test.js finds texts that do, or that look like a comment.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import rjsmin

IMPORT = re.compile(r'^import \{([^{}]*)\} from "(\.[^"]*)";$', re.M)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.M)
# What remains after these, or has another meaning in a joined module.
REFUSED = re.compile(r"^(import|export)\b|\bimport\s*[(.]", re.M)
WAITS = re.compile(r"^(?:const [^=]+ = )?await\b", re.M)
NAME = re.compile(r"\$\w+")
COMMENT = re.compile(r"^ *//.*$", re.M)
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Refused(ValueError):
    """A module contains what the joiner does not understand. The text names the module."""


class Joined(NamedTuple):
    """`source_map` says which file and line each line of `text` is."""

    text: str
    source_map: str


class _Source(NamedTuple):
    folder: Path
    replaced: Mapping[str, str]


class _Module(NamedTuple):
    text: str
    imports: list[str]


def join(
    folder: Path, entry: str, address: str, replaced: Mapping[str, str] | None = None
) -> Joined:
    """Return `entry` and the modules that it imports, for a browser that finds them at `address`.

    `entry` and `address` are paths below `folder`. Modules outside the entry's own folder, like a
    library, stay imports. `replaced` has other texts for some modules. The source map belongs at
    `address` with `.map` at its end.

    Raises Refused.
    """
    modules: dict[str, _Module] = {}
    libraries: dict[str, None] = {}
    source = _Source(folder, replaced or {})
    _collect(source, entry, modules, libraries, ())
    here = posixpath.dirname(address)
    lines = [
        f'import * as {_name(path)} from "{posixpath.relpath(path, here)}";' for path in libraries
    ]
    origins: list[tuple[int, int] | None] = [None] * len(lines)
    for index, (path, module) in enumerate(modules.items()):
        body = short_lines(module.text)
        start = "await(async()=>{" if WAITS.search(module.text) else "(()=>{"
        lines += [f"const {_name(path)}={start}", *(text for _, text in body), "})();"]
        origins += [None, *((index, number) for number, _ in body), None]
    lines.append(f"//# sourceMappingURL={posixpath.basename(address)}.map\n")
    sources = [posixpath.relpath(path, here) for path in modules]
    source_map = {"version": 3, "sources": sources, "names": [], "mappings": _mappings(origins)}
    return Joined(_with_short_names("\n".join(lines), [*modules]), json.dumps(source_map))


def short_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines of a module that are not empty, without comments and spaces.

    Each comes with its number in the module, from 0.
    """
    short = [rjsmin.jsmin(line) for line in text.splitlines()]
    return [(number, line) for number, line in enumerate(short) if line]


def _collect(
    source: _Source,
    path: str,
    modules: dict[str, _Module],
    libraries: dict[str, None],
    importers: tuple[str, ...],
) -> None:
    """Add the module at `path` to `modules`, behind those that it imports."""
    if path in importers:
        raise Refused(f"{path} imports itself, through {importers[-1]}.")
    if path in modules:
        return
    module = _read(source, path)
    for imported in module.imports:
        if _top(imported) == _top(path):
            _collect(source, imported, modules, libraries, (*importers, path))
        else:
            libraries[imported] = None
    modules[path] = module


def _read(source: _Source, path: str) -> _Module:
    """Return the module as the body of a function, with as many lines, without comments."""
    file = source.folder / path
    if not file.resolve().is_file():
        raise Refused(f"{path} does not exist.")
    text = source.replaced.get(path) or file.read_text(encoding="utf-8")
    text = COMMENT.sub("", text)
    imports = []

    def bound(found: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2]))
        imports.append(imported)
        return f"const {{{found[1].replace(' as ', ': ')}}} = {_name(imported)};"

    last = max((found.end() for found in IMPORT.finditer(text)), default=0)
    exported = [found[2] for found in EXPORT.finditer(text)]
    if IMPORT.sub("", text[:last]).strip():
        raise Refused(f"{path} imports after other code.")
    body = EXPORT.sub(r"\1 \2", IMPORT.sub(bound, text))
    for found in REFUSED.finditer(body):
        line = body.count("\n", 0, found.start()) + 1
        raise Refused(f"{path}, line {line}: `{found[0]}` is not of the kind that is joined.")
    returned = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    return _Module(body + returned, imports)


def _name(path: str) -> str:
    """Return the variable of a module in the joined one; no name of ours begins with `$`."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _with_short_names(text: str, paths: list[str]) -> str:
    """Return the joined module with a number in the place of each module's name."""
    short = {_name(path): f"${number}" for number, path in enumerate(paths)}
    return NAME.sub(lambda found: short.get(found[0], found[0]), text)


def _top(path: str) -> str:
    return path.partition("/")[0]


def _mappings(origins: list[tuple[int, int] | None]) -> str:
    """Return a source map's `mappings`, of lines alone: `origins` are (source, line) from 0."""
    last_source, last_line, parts = 0, 0, []
    for origin in origins:
        if origin is None:
            parts.append("")
            continue
        source, line = origin
        parts.append(f"A{_vlq(source - last_source)}{_vlq(line - last_line)}A")
        last_source, last_line = source, line
    return ";".join(parts)


def _vlq(number: int) -> str:
    """Return a number in base 64, five bits a digit, the lowest first; its sign is the lowest."""
    rest = abs(number) << 1 | (number < 0)
    digits = ""
    while rest > 31:
        digits += DIGITS[32 | rest & 31]
        rest >>= 5
    return digits + DIGITS[rest]
