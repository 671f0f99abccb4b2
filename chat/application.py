"""The subclass of Flask that the chat runs on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response
from jinja2 import FunctionLoader

from chat.routes.template_languages import TranslatedEnvironment


class Application(Flask):
    jinja_environment = TranslatedEnvironment

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.jinja_loader = _loader(Path(self.root_path, "templates"))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`: no view is a coroutine, and Flask's check costs 4 % of a request."""
        return func

    def make_default_options_response(self) -> Response:
        """Return the allowed methods with status 204: Flask's response claims to be HTML."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response


def _loader(folder: Path) -> FunctionLoader:
    """Return what loads the templates as they are now.

    They are compiled when somebody first needs them. If that read the file, whoever upgrades the
    chat would give its running processes templates that do not fit their code.
    """
    sources = {
        path.relative_to(folder).as_posix(): (path.read_text(encoding="utf-8"), str(path))
        for path in folder.rglob("*")
        if path.is_file()
    }

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = sources.get(name)
        return (*found, lambda: True) if found else None

    return FunctionLoader(load)
