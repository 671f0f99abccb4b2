"""Define why the chat refuses a picture."""

from __future__ import annotations

from chat.utils.sentences import N_

DAMAGED = N_(
    "This picture is damaged or incomplete: open it, save it again, and send the new file."
)
UNKNOWN = N_("Use a PNG, JPEG, WebP, GIF, AVIF or HEIC picture.")
UNREADABLE_HEIC = N_(
    "This HEIC cannot be read: send it as JPEG, "
    "which an iPhone takes with Settings > Camera > Formats > Most Compatible."
)
LARGE = N_("This picture takes too much memory: make it smaller first.")


class Refused(Exception):
    """`values` are those of the sentence's placeholders."""

    def __init__(self, code: str, sentence: str, **values: object):
        super().__init__(sentence.format(**values))
        self.code = code
        self.sentence = sentence
        self.values = values


def damaged() -> Refused:
    return Refused("validation_failed", DAMAGED)
