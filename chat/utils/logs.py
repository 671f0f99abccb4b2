"""Logs: one line for each event on standard error, in JSON for programs or as text.

A log message is a constant sentence; ids, addresses and numbers are separate fields. A log never
contains a secret, nor any text that people wrote.
"""

from __future__ import annotations

import json
import logging
import logging.config
import logging.handlers
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("json", "text")
SYSTEM_LOG = Path("/dev/log")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEADING = ("at", "level", "logger", "pid", "message")  # the fields that every line begins with
_HANDLER = {"class": "logging.StreamHandler", "formatter": "chat", "stream": "ext://sys.stderr"}

# The function that returns the fields of the current request, which every line has in addition.
_context: list[Callable[[], dict[str, object]]] = []  # at most one function


class JsonLines(logging.Formatter):
    """Formats `{"at", "level", "logger", "pid", "message", …}`; a traceback goes to `error`.

    A record is always one line.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _json(_fields(record, self))


class TextLines(logging.Formatter):
    """Formats one line of text, with the fields as `name=value`.

    `2026-11-28T12:00:00.000+00:00 INFO 4711 chat.server.serve: a sentence name=value name="a b"`.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record, self)
        level = str(fields["level"]).upper()
        message = _one_line(str(fields["message"]))
        more = "".join(
            f" {name}={_quoted(value)}" for name, value in fields.items() if name not in _LEADING
        )
        return f"{fields['at']} {level} {fields['pid']} {fields['logger']}: {message}{more}"


FORMATTERS = {"json": JsonLines, "text": TextLines}


def add_to_every_line(context: Callable[[], dict[str, object]]) -> None:
    """Add the fields that `context` returns to every line from now on.

    The function replaces any earlier `context`.
    """
    _context[:] = [context]


def configuration(level: str = "info", form: str = "json") -> dict[str, Any]:
    """Return a configuration for `logging.config.dictConfig` and gunicorn.

    All loggers of this process then write to standard error.
    """
    # For gunicorn's loggers, which would otherwise write by themselves.
    others = {
        "level": "INFO",
        "handlers": [],
        "propagate": True,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chat": {"()": FORMATTERS[form]}},
        "handlers": {"chat": _HANDLER | {"level": level.upper()}},
        "root": {"level": level.upper(), "handlers": ["chat"]},
        "loggers": {
            "gunicorn.error": others,
            "gunicorn.access": others,
            "pymongo": {"level": "WARNING"},
        },
    }


def set_up(level: str = "info", form: str = "json") -> None:
    logging.config.dictConfig(configuration(level, form))


def system_logger(name: str) -> logging.Logger:
    """Return a logger for the machine's log: the journal, or else /var/log/auth.log, if any."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if SYSTEM_LOG.exists() and not logger.handlers:
        handler = logging.handlers.SysLogHandler(
            str(SYSTEM_LOG), logging.handlers.SysLogHandler.LOG_AUTHPRIV
        )
        handler.ident = "chat: "
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
    elif not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


def _fields(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, object]:
    line: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "pid": record.process,
        "message": record.getMessage(),
    }
    for context in _context:
        line |= context()
    line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.exc_info:
        line["error"] = formatter.formatException(record.exc_info)
    return line


def _quoted(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and value and not set(value) & set(' "='):
        return value
    return _json(value)


def _json(value: object) -> str:
    return _one_line(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode())


def _one_line(text: str) -> str:
    """Return a text on one line, with control characters as JSON escapes them.

    Unescaped, they would begin a new line, or move a terminal's cursor.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
