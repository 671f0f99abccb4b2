"""Extract the sentences of the code, and bring the catalogues up to date: `bin/words` runs this.

A catalogue names the files that say a sentence, without lines, and is sorted by sentences: so two
people who add sentences seldom touch the same lines.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from chat.utils.translation import FOLDER, languages, read_catalogue

ROOT = Path(__file__).resolve().parents[2]
# Babel's extractors, and the files that each reads.
EXTRACTED = (
    ("python", "chat", "*.py"),
    ("jinja2.ext:babel_extract", "chat/templates", "*.html"),
    ("javascript", "chat/static/js", "*.js"),
)
OPTIONS = {"parse_template_string": "false"}
ONE, ONE_AND_MANY, IN_CONTEXT = None, (1, 2), ((1, "c"), 2)
KEYWORDS = {
    "_": ONE,
    "N_": ONE,
    "Later": ONE,
    "t": ONE,
    "ngettext": ONE_AND_MANY,
    "plural": ONE_AND_MANY,
    "pgettext": IN_CONTEXT,
    "inContext": IN_CONTEXT,
}
HEADER = """\
# {name}: see docs/languages.md. bin/words brings this file up to date.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
WIDTH = 110


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES/chat.po"


def extracted() -> Catalog:
    """Return all sentences of the code, with the files that say each."""
    found = Catalog()
    for method, folder, pattern in EXTRACTED:
        for path in sorted((ROOT / folder).rglob(pattern)):
            place = path.relative_to(ROOT).as_posix()
            for _line, text, _comments, context in extract_from_file(
                method, path, keywords=KEYWORDS, options=OPTIONS
            ):
                found.add(text, locations=[(place, 0)], context=context)
    return found


def updated(language: str, found: Catalog) -> Catalog:
    """Return the sentences `found` in the code, with the translations that the language has."""
    path = path_of(language)
    known = read_catalogue(path, language) if path.exists() else Catalog(locale=language)
    result = Catalog(locale=language)
    for message in found:
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        string = old.string if old and old.id == message.id else ""
        places = sorted(set(message.locations))
        result.add(message.id, string, locations=places, context=message.context)
    return result


def written(catalogue: Catalog) -> str:
    """Return the text of a catalogue's file."""
    assert catalogue.locale
    file = io.BytesIO()
    write_po(file, catalogue, width=WIDTH, sort_output=True, omit_header=True, include_lineno=False)
    header = HEADER.format(
        name=catalogue.locale.english_name,
        code=catalogue.locale,
        plural_forms=catalogue.plural_forms,
    )
    return header + file.getvalue().decode()


def missing(catalogue: Catalog) -> list[str]:
    """Return the sentences without a translation."""
    texts = [(each.id, each.string) for each in catalogue if each.id]
    return [str(key) for key, said in texts if not (all(said) if isinstance(said, tuple) else said)]


def main() -> None:
    found = extracted()
    stale = []
    for language in languages()[1:]:
        catalogue = updated(language, found)
        path, text = path_of(language), written(catalogue)
        print(f"{language}: {len(catalogue)} sentences, {len(missing(catalogue))} to translate")
        if path.read_text(encoding="utf-8") != text:
            stale.append(language)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"not up to date: {', '.join(stale)}; run bin/words")


if __name__ == "__main__":
    main()
