"""Define why the chat refuses a picture."""

from __future__ import annotations

DAMAGED = "This picture is damaged or incomplete: open it, save it again, and send the new file."
UNKNOWN = "Use a PNG, JPEG, WebP, GIF, AVIF or HEIC picture."
UNREADABLE_HEIC = (
    "This HEIC cannot be read: send it as JPEG, "
    "which an iPhone takes with Settings > Camera > Formats > Most Compatible."
)
LARGE = "This picture takes too much memory: make it smaller first."


class Refused(Exception):
    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


def damaged() -> Refused:
    return Refused("validation_failed", DAMAGED)
