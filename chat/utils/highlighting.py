"""Syntax highlighting by Pygments, with CSS classes for the light and the dark stylesheet."""

from __future__ import annotations

import time
from functools import cache

from markupsafe import escape
from pygments import format
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

PREFIX = "code-"
CLASSES = frozenset(f"{PREFIX}{name}" for name in STANDARD_TYPES.values() if name)

# Seconds of CPU time. Usual code takes half of this at most. Code that was made to be slow stays
# without colours.
MOST_SECONDS = 0.006

# The allow-list. Pygments has 500 more lexers, and a single token can block some of them for
# minutes.
LANGUAGES = frozenset(
    {
        "bash",
        "c",
        "c++",
        "cpp",
        "cs",
        "csharp",
        "css",
        "diff",
        "docker",
        "dockerfile",
        "elixir",
        "go",
        "golang",
        "haskell",
        "html",
        "ini",
        "java",
        "javascript",
        "js",
        "json",
        "jsx",
        "kotlin",
        "lua",
        "make",
        "makefile",
        "nginx",
        "perl",
        "php",
        "powershell",
        "ps1",
        "py",
        "python",
        "r",
        "rb",
        "rs",
        "ruby",
        "rust",
        "scala",
        "sh",
        "shell",
        "sql",
        "swift",
        "toml",
        "ts",
        "typescript",
        "xml",
        "yaml",
        "yml",
    }
)
_formatter = HtmlFormatter(nowrap=True, classprefix=PREFIX)


def highlight(code: str, language: str) -> str:
    """Return `code` as HTML, with colours if the language is known."""
    if language not in LANGUAGES:
        return str(escape(code))
    # before the clock starts, because the first use of a language takes longer
    lexer = _lexer(language)
    tokens = []
    end = time.thread_time() + MOST_SECONDS
    for token in lexer.get_tokens(code):
        tokens.append(token)
        if time.thread_time() > end:
            return str(escape(code))
    html: str = format(tokens, _formatter)
    return html


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
