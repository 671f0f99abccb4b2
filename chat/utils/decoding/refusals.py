"""Why the chat refuses a picture."""

from __future__ import annotations

DAMAGED = "This picture is damaged or incomplete: open it, save it anew, and send that."
UNKNOWN = (
    "This is not a picture of a kind that is accepted: "
    "send it as PNG, JPEG, WebP, GIF, AVIF or HEIC."
)
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
