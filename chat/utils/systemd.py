"""Units of systemd: which one runs a program that lies in a folder, and how it is configured there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Where units lie, those that win first, unless systemd's own variable says otherwise.
USUAL = "/etc/systemd/system:/run/systemd/system:/usr/local/lib/systemd/system:/usr/lib/systemd/system"


@dataclass(frozen=True)
class Unit:
    """`variables`: from its `Environment=`. `files`: from its `EnvironmentFile=`, the last of which wins."""

    path: Path
    variables: dict[str, str]
    files: tuple[Path, ...]


def unit_of(working_directory: Path) -> Unit | None:
    """Return the service whose WorkingDirectory is this folder; the first by name where there are several."""
    folders = [Path(folder) for folder in os.environ.get("SYSTEMD_UNIT_PATH", USUAL).split(":") if folder]
    for path in sorted(path for folder in folders for path in folder.glob("*.service")):
        unit, settings = Unit(path, {}, ()), list(_settings(path))
        directory = dict(settings).get("WorkingDirectory", "")
        if not directory.startswith("/") or Path(directory).resolve() != working_directory.resolve():
            continue
        for name, value in settings:
            if name == "Environment":
                pairs = (each.partition("=") for each in shlex.split(value))
                unit.variables.update({variable: given for variable, _, given in pairs})
            elif name == "EnvironmentFile" and _is_wanted(value):
                unit = Unit(path, unit.variables, (*unit.files, Path(value.lstrip("-"))))
        return unit
    return None


def _is_wanted(file: str) -> bool:
    """One that begins with a hyphen may be missing."""
    return not file.startswith("-") or Path(file[1:]).exists()


def _settings(path: Path) -> Iterator[tuple[str, str]]:
    """The settings of a unit and of what overrides it, in order."""
    for file in (path, *sorted(Path(f"{path}.d").glob("*.conf"))):
        try:
            lines = file.read_text(errors="replace").replace("\\\n", " ").splitlines()
        except OSError:
            continue  # not ours to read
        for line in lines:
            name, equals, value = line.partition("=")
            if equals and not line.lstrip().startswith(("#", ";")):
                yield name.strip(), value.strip()
