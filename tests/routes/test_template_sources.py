"""The templates of a running chat are those that it started with, whatever becomes of the files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import BaseLoader, TemplateNotFound

from chat.application import Application
from tests.helpers.servers import ROOT


@pytest.fixture
def app_of_a_copy(tmp_path: Path) -> Flask:
    shutil.copytree(ROOT / "chat/templates", tmp_path / "templates")
    app = Application("copy", root_path=str(tmp_path))
    shutil.rmtree(tmp_path / "templates")  # somebody upgrades the chat while it runs
    return app


def loader_of(app: Flask) -> BaseLoader:
    assert app.jinja_loader
    return app.jinja_loader


def test_a_page_that_nobody_asked_for_yet_is_there_after_its_file_changed(
    app: Flask, app_of_a_copy: Flask
) -> None:
    names = [path.name for path in (ROOT / "chat/templates").glob("*.html")]
    assert len(names) > 20
    for name in names:
        source, _file, _is_current = loader_of(app_of_a_copy).get_source(app.jinja_env, name)
        assert source == (ROOT / "chat/templates" / name).read_text()


def test_there_are_no_others(app: Flask, app_of_a_copy: Flask) -> None:
    with pytest.raises(TemplateNotFound):
        loader_of(app_of_a_copy).get_source(app.jinja_env, "../config.py")
