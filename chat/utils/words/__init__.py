"""Turn a text into the terms that search compares: words as base letters, signs, emoji.

A *sign* is a character of a script without spaces.

A word is found by its beginning: by 3 to 8 letters, or by all of it if it has only one or two. The
rest of a word after a boundary inside it is found likewise: `case` of camelCase, `15` of iPhone15.
So are several words that a hyphen, a dot, an apostrophe or an underscore joins (`email` of e-mail),
and a number without its spaces.

A word with a punctuation sign that belongs to it (C#, .NET, $PATH, @bob, #123) is also found by
both together. A text in a script without spaces is found by each sign and by each adjacent pair; an
emoji by its sign, however it was written.

docs/search.md has the reasons.
"""

from __future__ import annotations

# The version of these rules. Increment it with every change of a text's terms, so that all texts
# are indexed again.
VERSION = 2
SHORTEST_PREFIX = 3  # letters
LONGEST_PREFIX = 8
SHORTEST_NUMBER = 7  # digits: a telephone number without its prefix
LONGEST_REMEMBERED = 64  # characters of a word
REMEMBERED = 10_000  # cached words with their terms: people use the same words again and again
AT_A_TIME = 100  # units between two checks of the clock, about a fifth of a millisecond
