"""Logs: one line for each event, in JSON for programs or as text, on standard error.

What is logged is a sentence that never changes, and beside it what it is about: ids, addresses, numbers. Never a secret, and
nothing that people wrote.
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
_HANDLER = {"class": "logging.StreamHandler", "formatter": "chat", "stream": "ext://sys.stderr"}

# What every line says besides: of the request that it is written in.
_context: list[Callable[[], dict[str, object]]] = []  # one, or none


class JsonLines(logging.Formatter):
    """`{"at", "level", "logger", "pid", "message", …}`; a traceback goes to `error`, on the same line."""

    def format(self, record: logging.LogRecord) -> str:
        return _json(_fields(record, self))


class TextLines(logging.Formatter):
    """`2026-11-28T12:00:00.000+00:00 INFO 4711 chat.serve: a sentence name=value name="a b"`, always one line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record, self)
        at, level, logger, pid, message = (
            fields.pop(name) for name in ("at", "level", "logger", "pid", "message")
        )
        more = "".join(f" {name}={_quoted(value)}" for name, value in fields.items())
        return f"{at} {str(level).upper()} {pid} {logger}: {_one_line(str(message))}{more}"


FORMATTERS = {"json": JsonLines, "text": TextLines}


def say_with_every_line(context: Callable[[], dict[str, object]]) -> None:
    """Every line says from now on what `context` returns; it takes the place of the one before."""
    _context[:] = [context]


def configuration(level: str = "info", form: str = "json") -> dict[str, Any]:
    """All loggers of this process write to standard error; as `logging.config.dictConfig` takes it, and gunicorn."""
    others = {
        "level": "INFO",
        "handlers": [],
        "propagate": True,
    }  # gunicorn's, which would write for themselves
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
    """A logger that writes to the log of the machine, if it has one: the journal, or /var/log/auth.log."""
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
    """What would begin a line of its own, or move a terminal's cursor, is written as JSON writes it."""
    return (
        text
        if text.isprintable()
        else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    )
