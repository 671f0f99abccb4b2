"""Write the module that has a language's sentences for scripts: `static/js/models/catalogue.js`.

Plural forms are named by the categories of `Intl.PluralRules`, as Unicode's locale data has them.
"""

from __future__ import annotations

import json

from babel import Locale

from chat.utils.translation import Translations, translations

ENOUGH = 200  # numbers, among which each category of whole numbers occurs in our languages


def module(language: str) -> str:
    """Return the module's text: two lines, like the English one without its comments."""
    known = translations(language)
    texts: dict[str, str | dict[str, str]] = {
        key: text for key, text in known.texts.items() if key in known.of_scripts
    }
    for key, forms in known.plurals.items():
        if key in known.of_scripts:
            texts[key] = _by_category(forms, language, known)
    sentences = json.dumps(texts, ensure_ascii=False, sort_keys=True)
    return f'export const LANGUAGE = "{language}";\nexport const SENTENCES = {sentences};\n'


def _by_category(forms: tuple[str, ...], language: str, known: Translations) -> dict[str, str]:
    category_of = Locale.parse(language).plural_form
    return {category_of(count): forms[known.plural_index(count)] for count in range(ENOUGH)}
