"""Read systemd units: find the unit that runs a program in a folder, and its settings."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chat.utils.configuration.variables import ConfigurationError

# The folders of units, in order of precedence, unless systemd's own variable sets others.
USUAL = (
    "/etc/systemd/system:/run/systemd/system:/usr/local/lib/systemd/system:/usr/lib/systemd/system"
)


@dataclass(frozen=True)
class Unit:
    """A unit of systemd.

    `variables`: from its `Environment=`. `files`: from its `EnvironmentFile=`; the last file wins.
    """

    path: Path
    variables: dict[str, str]
    files: tuple[Path, ...]


def unit_of(working_directory: Path) -> Unit | None:
    """Return the service with this WorkingDirectory; of several, the first by name.

    Raises ConfigurationError where its settings cannot be read.
    """
    folders = [
        Path(folder) for folder in os.environ.get("SYSTEMD_UNIT_PATH", USUAL).split(":") if folder
    ]
    units: dict[str, Path] = {}
    for path in (path for folder in folders for path in folder.glob("*.service")):
        # a unit in an earlier folder overrides one of the same name
        units.setdefault(path.name, path)
    for name in sorted(units):
        settings = list(_settings(units[name], folders))
        directory = dict(settings).get("WorkingDirectory", "")
        if directory.startswith("/") and Path(directory).resolve() == working_directory.resolve():
            return _unit(units[name], settings)
    return None


def _unit(path: Path, settings: list[tuple[str, str]]) -> Unit:
    variables: dict[str, str] = {}
    files: list[Path] = []
    for name, value in settings:
        if name == "Environment" and not value:  # an empty `Environment=` drops those before it
            variables = {}
        elif name == "Environment":
            variables |= _assignments(path, value)
        elif name == "EnvironmentFile" and not value:
            files = []
        elif name == "EnvironmentFile":
            file = Path(value.removeprefix("-"))
            if file.exists():
                files.append(file)
            elif not value.startswith("-"):
                raise ConfigurationError(f"{path}: its EnvironmentFile {file} is missing.")
    return Unit(path, variables, tuple(files))


def _assignments(path: Path, value: str) -> dict[str, str]:
    try:
        pairs = [each.partition("=") for each in shlex.split(value)]
    except ValueError as error:
        raise ConfigurationError(
            f"{path}: Environment={value} cannot be read ({error}); use --env-file."
        ) from error
    return {name: given for name, _, given in pairs}


def _settings(path: Path, folders: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a unit and of its overrides, in order."""
    more = {
        file.name: file
        for folder in reversed(folders)
        for file in (folder / f"{path.name}.d").glob("*.conf")
    }
    for file in (path, *(more[name] for name in sorted(more))):
        try:
            lines = file.read_text(errors="replace").replace("\\\n", " ").splitlines()
        except OSError:
            continue  # this user may not read the file
        for line in lines:
            name, equals, value = line.partition("=")
            if equals and not line.lstrip().startswith(("#", ";")):
                yield name.strip(), value.strip()
