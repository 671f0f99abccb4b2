"""Define the measures of pages' layout, which templates and the pages' scripts share.

`helpers/measures.js` reads them from a template of app.html.
"""

from __future__ import annotations

from datetime import timedelta

from chat.utils.colours import COLOURS
from chat.utils.plain_text import LONGEST_EXCERPT

# at most, between two messages of one author that share one name
BELONGS_TOGETHER = timedelta(minutes=5)
# A name is shown again in each quarter of an hour of the clock, in every time zone. The moments of
# two messages decide, never a count, which would depend on where a page begins.
SHARES_NAME = timedelta(minutes=15)
# Size of a picture in a message. utils/decoding/ makes previews in the same proportions.
MOST_WIDTH = 384  # px
MOST_HEIGHT = 320  # px
MOST_WIDE = 5  # width, as a multiple of the height; of a wider picture only the beginning is shown
MOST_TALL = 3  # height, as a multiple of the width
MOST_SMALL = 160  # px: what is less in both directions is never enlarged to fill a tile
MOST_NAMES = 20  # shown names of people who reacted with one emoji
# A longer text is folded. A long line counts as several, because the page breaks it.
MOST_LINES = 30
LINE_LENGTH = 90  # characters

MEASURES = {
    "belongsTogether": BELONGS_TOGETHER // timedelta(milliseconds=1),
    "sharesName": SHARES_NAME // timedelta(milliseconds=1),
    "longestExcerpt": LONGEST_EXCERPT,
    "mostWidth": MOST_WIDTH,
    "mostHeight": MOST_HEIGHT,
    "mostWide": MOST_WIDE,
    "mostTall": MOST_TALL,
    "mostSmall": MOST_SMALL,
    "mostNames": MOST_NAMES,
    "colours": COLOURS,
    "mostLines": MOST_LINES,
    "lineLength": LINE_LENGTH,
}


def is_long(body: str) -> bool:
    """Return whether a text is folded; helpers/message_fold.js computes the same."""
    return sum(1 + len(line) // LINE_LENGTH for line in body.split("\n")) > MOST_LINES
