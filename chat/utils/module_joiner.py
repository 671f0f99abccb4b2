"""Join JavaScript modules into one, which browsers fetch with a single request (decision 27).

Each module becomes a function, in the order of dependencies, and its lines stay lines:

    import { wait } from "./backoff.js";        const $2=(()=>{
    export function locksOf(leases) {…}         const{wait}=$1;
                                                function locksOf(leases){…}
                                                return{locksOf};
                                                })();

`import("…")` of a module that the caller names becomes one of another joined module, which exports
nothing and shares the modules that the first contains.

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

from chat.utils.source_map import mappings_of

IMPORT = re.compile(r'^import \{([^{}]*)\} from "(\.[^"]*)";$', re.M)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.M)
# What remains after these, or has another meaning in a joined module.
REFUSED = re.compile(r"^(import|export)\b|\bimport\s*[(.]", re.M)
LATER = re.compile(r'\bimport\("(\.[^"]*)"\)')
WAITS = re.compile(r"^(?:const [^=]+ = )?await\b", re.M)
NAME = re.compile(r"\$\w+")
COMMENT = re.compile(r"^ *//.*$", re.M)


class Refused(ValueError):
    """A module contains what the joiner does not understand. The text names the module."""


class Joined(NamedTuple):
    """`source_map` says which file and line each line of `text` is."""

    text: str
    source_map: str


class _Source(NamedTuple):
    """Where modules come from, and `later`: the addresses of those imported when needed."""

    folder: Path
    replaced: Mapping[str, str]
    later: Mapping[str, str]
    here: str  # the folder of the joined module


class _Module(NamedTuple):
    text: str
    imports: list[str]


class _Shared(NamedTuple):
    """What one joined module imports from another at `address`, where modules have `names`."""

    address: str
    names: Mapping[str, str]


def join(
    folder: Path, entry: str, address: str, replaced: Mapping[str, str] | None = None
) -> Joined:
    """Return `entry` and the modules that it imports, for a browser that finds them at `address`.

    `entry` and `address` are paths below `folder`. Modules outside the entry's own folder, like a
    library, stay imports. `replaced` has other texts for some modules. The source map belongs at
    `address` with `.map` at its end.

    Raises Refused.
    """
    return join_with_later_ones(folder, entry, address, {}, replaced)[address]


def join_with_later_ones(
    folder: Path,
    entry: str,
    address: str,
    later: Mapping[str, str],
    replaced: Mapping[str, str] | None = None,
) -> dict[str, Joined]:
    """Return joined modules by their addresses: that of `entry`, and those of `later`.

    Modules of `entry` import an entry of `later` with `import("…")`. `later` says at which address
    a browser finds it. It gets no module a second time: what `entry` contains comes from there.

    Raises Refused.
    """
    source = _Source(folder, replaced or {}, later, posixpath.dirname(address))
    modules, libraries = _collected(source, entry)
    numbered = {path: f"${number}" for number, path in enumerate(modules)}
    results = {}
    needed: dict[str, None] = {}
    for later_entry, later_address in later.items():
        there = source._replace(here=posixpath.dirname(later_address))
        theirs, their_libraries = _collected(there, later_entry)
        own = {path: module for path, module in theirs.items() if path not in modules}
        imported = {path for module in own.values() for path in module.imports}
        own_libraries = {path: None for path in their_libraries if path in imported}
        shared = {path: number for path, number in numbered.items() if path in imported}
        needed |= dict.fromkeys(shared)
        from_entry = _Shared(address, shared)
        results[later_address] = _joined(own, own_libraries, later_address, [], from_entry)
    results[address] = _joined(modules, libraries, address, [*needed])
    return results


def _joined(
    modules: Mapping[str, _Module],
    libraries: Mapping[str, None],
    address: str,
    exported: list[str],
    shared: _Shared | None = None,
) -> Joined:
    here = posixpath.dirname(address)
    lines = [f'import * as {_name(path)} from "{_relative(path, here)}";' for path in libraries]
    if shared:
        names = ",".join(f"{name} as {_name(path)}" for path, name in shared.names.items())
        lines.append(f'import{{{names}}}from"{_relative(shared.address, here)}";')
    origins: list[tuple[int, int] | None] = [None] * len(lines)
    for index, (path, module) in enumerate(modules.items()):
        body = short_lines(module.text)
        start = "await(async()=>{" if WAITS.search(module.text) else "(()=>{"
        lines += [f"const {_name(path)}={start}", *(text for _, text in body), "})();"]
        origins += [None, *((index, number) for number, _ in body), None]
    if exported:
        lines.append(f"export{{{','.join(map(_name, exported))}}};")
    lines.append(f"//# sourceMappingURL={posixpath.basename(address)}.map\n")
    sources = [posixpath.relpath(path, here) for path in modules]
    source_map = {"version": 3, "sources": sources, "names": [], "mappings": mappings_of(origins)}
    named = [*modules, *(shared.names if shared else ())]
    return Joined(_with_short_names("\n".join(lines), named), json.dumps(source_map))


def short_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines of a module that are not empty, without comments and spaces.

    Each comes with its number in the module, from 0.
    """
    short = [rjsmin.jsmin(line) for line in text.splitlines()]
    return [(number, line) for number, line in enumerate(short) if line]


def _collected(source: _Source, entry: str) -> tuple[dict[str, _Module], dict[str, None]]:
    """Return the modules of a joined one, in the order of dependencies, and their libraries."""
    modules: dict[str, _Module] = {}
    libraries: dict[str, None] = {}
    _collect(source, entry, modules, libraries, ())
    return modules, libraries


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

    def imported_later(found: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[1]))
        if imported not in source.later:
            raise Refused(f"{path} imports {imported} later, which nothing joins.")
        return f'import("{_relative(source.later[imported], source.here)}")'

    last = max((found.end() for found in IMPORT.finditer(text)), default=0)
    exported = [found[2] for found in EXPORT.finditer(text)]
    if IMPORT.sub("", text[:last]).strip():
        raise Refused(f"{path} imports after other code.")
    body = EXPORT.sub(r"\1 \2", IMPORT.sub(bound, text))
    for found in REFUSED.finditer(LATER.sub("", body)):
        line = body.count("\n", 0, found.start()) + 1
        raise Refused(f"{path}, line {line}: `{found[0]}` is not of the kind that is joined.")
    returned = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    return _Module(LATER.sub(imported_later, body) + returned, imports)


def _name(path: str) -> str:
    """Return the variable of a module in the joined one; no name of ours begins with `$`."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _with_short_names(text: str, paths: list[str]) -> str:
    """Return the joined module with a number in the place of each module's name."""
    short = {_name(path): f"${number}" for number, path in enumerate(paths)}
    return NAME.sub(lambda found: short.get(found[0], found[0]), text)


def _relative(path: str, start: str) -> str:
    """Return the address of `path` in an import of a module in the folder `start`."""
    relative = posixpath.relpath(path, start)
    return relative if relative.startswith(".") else f"./{relative}"


def _top(path: str) -> str:
    return path.partition("/")[0]
