"""Measures by which pages are laid out: the server's templates and the page's scripts share them.

`helpers/measures.js` reads them from a template of app.html.
"""

from __future__ import annotations

from datetime import timedelta

from chat.utils.text import LONGEST_EXCERPT

BELONGS_TOGETHER = timedelta(minutes=5)  # between two messages of one author under one name
# Size of a picture in a message. utils/decoding/ makes previews of these proportions.
MOST_WIDTH = 384  # px
MOST_HEIGHT = 320  # px
MOST_WIDE = 5  # times its height; of a wider picture only the beginning is shown
MOST_TALL = 3  # times its width
MOST_NAMES = 20  # names of people behind a reaction
COLOURS = 8  # of the circles with initials; the stylesheet has as many

MEASURES = {
    "belongsTogether": BELONGS_TOGETHER // timedelta(milliseconds=1),
    "longestExcerpt": LONGEST_EXCERPT,
    "mostWidth": MOST_WIDTH,
    "mostHeight": MOST_HEIGHT,
    "mostWide": MOST_WIDE,
    "mostTall": MOST_TALL,
    "mostNames": MOST_NAMES,
    "colours": COLOURS,
}
