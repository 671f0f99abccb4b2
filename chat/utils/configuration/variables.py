"""Read the chat's variables: from the environment, and from a file if unset there.

An invalid variable raises ConfigurationError. Its text names the variable and says what to do. An
empty variable counts as unset, because compose files write unset variables as empty ones.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
BINARY_UNITS = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
SIZE = re.compile(r"(\d{1,20})\s*([kmgt]i?)?b?\Z", re.IGNORECASE | re.ASCII)
NUMBER = re.compile(r"\d{1,20}\Z", re.ASCII)
ALIKE = 0.82  # difflib's ratio, above which names are similar: WORKER and WORKERS
# Characters of a name. Shorter names are never similar: HOSTS and VHOST belong to other programs.
SHORTEST = 5
LONGEST_FILE = 1_000_000  # bytes


class ConfigurationError(Exception):
    """The chat cannot start with this configuration; the text says what to set."""


class Variables:
    """The chat's variables. A name is *known* once the program has read its variable."""

    def __init__(self, environment: Mapping[str, str], *layers: Path | Mapping[str, str]):
        """Store the environment, which overrides the layers: files or mappings.

        Later layers override earlier ones.
        """
        self.of_file: dict[str, str] = {}
        for layer in layers:
            if isinstance(layer, Path):
                layer = _read(layer)
            self.of_file |= layer
        self._given = self.of_file | {name: value for name, value in environment.items() if value}
        self._known: set[str] = set()

    @property
    def names(self) -> set[str]:
        """Return the names of all variables that are set, other programs' included."""
        return set(self._given)

    def text(self, name: str, default: str = "") -> str:
        self._known.add(name)
        return self._given.get(name, "").strip() or default

    def secret(self, name: str) -> str:
        """Return the variable, or the content of the file in NAME_FILE; empty without both."""
        value = self.text(name)
        file = self.text(f"{name}_FILE")
        if value and file:
            raise ConfigurationError(
                f"{name}: it is set and {name}_FILE is, too; unset one of them."
            )
        if not file:
            return value
        path = Path(file).expanduser()
        content = _content(path, f"{name}_FILE").strip()
        if not content:
            raise ConfigurationError(
                f"{name}_FILE: {path} is empty; write the value of {name} into it."
            )
        return content

    def path(self, name: str, default: Path) -> Path:
        if given := self.text(name):
            return Path(given).expanduser().resolve()
        return default.resolve()

    def number(self, name: str, default: int, low: int, high: int) -> int:
        given = self.text(name, str(default))
        if not NUMBER.match(given) or not low <= int(given) <= high:
            raise ConfigurationError(f"{name}: it must be a whole number from {low} to {high}.")
        return int(given)

    def size(self, name: str, default: int, low: int, high: int) -> int:
        """Return a number of bytes, which may have a unit: 10 MB, 10MiB."""
        given = SIZE.match(self.text(name, str(default)))
        size = -1
        if given:
            unit = (given[2] or "").lower()
            size = int(given[1]) * (UNITS | BINARY_UNITS)[unit]
        if not low <= size <= high:
            raise ConfigurationError(
                f"{name}: it must be a number of bytes from {low} to {high}, "
                "such as 10000000, 10MB or 10MiB."
            )
        return size

    def choice(self, name: str, default: str, *others: str) -> str:
        given = self.text(name, default)
        allowed = (default, *others)
        if given not in allowed:
            raise ConfigurationError(f"{name}: it must be one of {', '.join(allowed)}.")
        return given

    def refuse_unknown(self) -> None:
        """Raise ConfigurationError for a name that is similar to a known one.

        The environment also has other programs' variables. So a name from there must be similar to
        a known variable that is not set.
        """
        for name in sorted(self._given.keys() - self._known):
            known = self._known if name in self.of_file else self._unset()
            if alike := _alike(name, known):
                raise ConfigurationError(
                    f"{name}: there is no such variable; write {alike}, or unset it."
                )

    def unknown_of_file(self) -> dict[str, str]:
        """Return the variables of the file that the chat did not read, such as a library's."""
        return {name: value for name, value in self.of_file.items() if name not in self._known}

    def _unset(self) -> set[str]:
        return {
            name
            for name in self._known
            if name not in self._given and f"{name}_FILE" not in self._given
        }


def _alike(name: str, known: Collection[str]) -> str:
    """Return the known name that `name` probably misspells, or an empty string."""
    if name.upper() in known:
        return name.upper()
    # A similar name with another number of words belongs to another program: AWS_SECRET_KEY.
    words = name.count("_")
    candidates = [each for each in known if len(each) >= SHORTEST and each.count("_") == words]
    found = difflib.get_close_matches(name.upper(), candidates, n=1, cutoff=ALIKE)
    return next(iter(found), "")


def _read(file: Path) -> dict[str, str]:
    """Return the variables in a file of lines NAME=value; none if the file does not exist."""
    if not file.exists():
        return {}
    if not file.is_file() and not file.is_dir():
        raise ConfigurationError(f"{file.name}: {file} is not a file.")
    content = _content(file, file.name)
    written = dict[str, str]()
    for binding in parse_stream(io.StringIO(content)):
        where = f"{file.name}: line {binding.original.line}"
        if binding.error or (binding.key and binding.value is None):
            raise ConfigurationError(
                f"{where} of {file} cannot be read; write NAME=value, quotes in pairs."
            )
        if binding.key in written:
            raise ConfigurationError(
                f"{where} of {file} sets {binding.key} again; leave one of them."
            )
        if binding.key:
            written[binding.key] = binding.value or ""
    values = {
        name: value or "" for name, value in dotenv_values(stream=io.StringIO(content)).items()
    }
    for name in written:
        if written[name] and not values[name]:
            raise ConfigurationError(
                f"{name}: {written[name]} in {file} stands for nothing; set what it names."
            )
    return {name: value for name, value in values.items() if value}


def _content(path: Path, name: str) -> str:
    """Return the text of a file.

    Raises ConfigurationError, which names the variable or file but never shows the content.
    """
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise ConfigurationError(
                f"{name}: {path} is larger than any configuration; name another file."
            )
        return path.read_text("utf-8-sig")
    except UnicodeError:
        raise ConfigurationError(f"{name}: {path} is not in UTF-8; save it so.") from None
    except OSError as error:
        raise ConfigurationError(f"{name}: {path} cannot be read ({error.strerror}).") from None
