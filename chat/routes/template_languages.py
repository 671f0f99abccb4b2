"""Translate templates when they are compiled, once for each language.

So a page costs no more time than one without a catalogue. A call of `_` or `pgettext` with a
constant sentence becomes that sentence in the language of the environment; Jinja escapes it like
any other constant. `ngettext` depends on a number, so it is called when the page is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import Any

from flask.sansio.app import App
from flask.templating import Environment
from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.visitor import NodeTransformer

from chat.utils import translation
from chat.utils.translation import ENGLISH, key_of, translations

SENTENCES = {"_": 1, "pgettext": 2}  # how many texts a call has


class _Translator(NodeTransformer):
    def __init__(self, language: str, template: str | None):
        self._texts = translations(language).texts
        self._template = template

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  the visitor's name
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in SENTENCES:
            return node
        texts = [each.value for each in node.args if isinstance(each, nodes.Const)]
        if len(node.args) != SENTENCES[node.node.name] or len(texts) != len(node.args):
            raise self._refused("needs constant texts", node)
        sentence = texts[-1]
        context = texts[0] if len(texts) > 1 else ""
        return self._filled(self._texts.get(key_of(sentence, context), sentence), node)

    def _filled(self, text: str, call: nodes.Call) -> nodes.Node:
        """Return a constant, or constants joined with the values between them."""
        values = {each.key: each.value for each in call.kwargs}
        if not values:
            return nodes.Const(text).set_lineno(call.lineno)
        parts: list[nodes.Expr] = []
        for before, name, _format, _conversion in Formatter().parse(text):
            if before:
                parts.append(nodes.Const(before))
            if name is not None:
                if name not in values:
                    raise self._refused(f"has no value for {{{name}}}", call)
                parts.append(values[name])
        assert call.environment
        return nodes.Concat(parts).set_lineno(call.lineno).set_environment(call.environment)

    def _refused(self, why: str, call: nodes.Call) -> TemplateSyntaxError:
        return TemplateSyntaxError(f"a translated text {why}", call.lineno, self._template)


class _TranslatingGenerator(CodeGenerator):
    def visit_Template(  # noqa: N802  the generator's name
        self, node: nodes.Template, frame: Any = None
    ) -> None:
        language = getattr(self.environment, "language", ENGLISH)
        _Translator(language, self.name).visit(node)
        super().visit_Template(node, frame)


class TranslatedEnvironment(Environment):
    """The templates in English; `render_template` finds those of the reader's language."""

    code_generator_class = _TranslatingGenerator
    language = ENGLISH

    def __init__(self, app: App, **options: Any):
        super().__init__(app, **options)
        self._in_languages: dict[str, TranslatedEnvironment] = {}
        names = ("_", "pgettext", "ngettext")
        self.globals.update({name: getattr(translation, name) for name in names})

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Return a template without indentation: the same lines, and a kilobyte less of a room."""
        return re.sub(r"\n[ \t]+", "\n", super().preprocess(source, name, filename))

    def get_or_select_template(
        self, name: Any, parent: str | None = None, globals: Mapping[str, Any] | None = None
    ) -> Template:
        """Return a template in the reader's language."""
        environment = self._in_language(translation.current())
        return super(TranslatedEnvironment, environment).get_or_select_template(
            name, parent, dict(globals) if globals else None
        )

    def _in_language(self, language: str) -> TranslatedEnvironment:
        if language == self.language:
            return self
        if language not in self._in_languages:
            other = self.overlay()
            assert isinstance(other, TranslatedEnvironment)
            other.language = language
            self._in_languages[language] = other
        return self._in_languages[language]
