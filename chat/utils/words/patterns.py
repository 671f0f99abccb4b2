"""The patterns of words, signs, numbers and emoji in a text."""

from __future__ import annotations

import re

import regex

from chat.utils.folding import IGNORED

MOST_JOINED = 20  # words that signs join into one

# Scripts without spaces: Unicode's line breaking class "complex context", the scripts of East Asia,
# Javanese and Balinese.
_SCRIPTS = (
    r"\p{Han}\p{Hiragana}\p{Katakana}ーｰ\p{Bopomofo}\p{Hangul}\p{Yi}\p{Tangut}\p{Nushu}"
    r"\p{Khitan_Small_Script}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Le}\p{New_Tai_Lue}"
    r"\p{Tai_Tham}\p{Tai_Viet}\p{Ahom}\p{Javanese}\p{Balinese}"
)
_SIGN = rf"[[{_SCRIPTS}]--[\p{{Nd}}{IGNORED}]]"
_LETTER = rf"[[[\p{{L}}\p{{N}}\p{{M}}]--[{_SCRIPTS}{IGNORED}]]||\p{{Nd}}]"
_FIRST = rf"[[[\p{{L}}\p{{N}}]--[{_SCRIPTS}{IGNORED}]]||\p{{Nd}}]"
_RUN = rf"{_FIRST}{_LETTER}*+(?:[{IGNORED}]++{_LETTER}++)*+"
_ASCII_RUN = "[0-9A-Za-z]+"
_EMOJI = r"\p{Extended_Pictographic}[\p{EMod}\uFE0E\uFE0F]*"
_COLON = ":：﹕꞉∶"
_NAME = (
    rf"(?<![\p{{L}}\p{{N}}{_COLON}])[{_COLON}](?P<name>[\w+-]{{1,60}})[{_COLON}]"
    rf"(?![\p{{L}}\p{{N}}{_COLON}])"
)
UNITS = regex.compile(
    rf"(?P<chunk>{_RUN}(?:(?:[-'’._·‐‑]|(?<=\d),(?=\d)){_RUN}){{0,{MOST_JOINED}}}+)"
    rf"|(?P<sign>{_SIGN}[\p{{M}}ﾞﾟ]*)"
    rf"|(?P<named>{_NAME})"
    rf"|(?P<emoji>\p{{RI}}{{2}}|{_EMOJI}(?:\u200D{_EMOJI})*)",
    regex.VERSION1,
)
# UNITS for ASCII text, three times as fast: most code and many names are ASCII.
ASCII_UNITS = re.compile(
    rf"(?P<chunk>{_ASCII_RUN}(?:(?:[-'._]|(?<=\d),(?=\d)){_ASCII_RUN}){{0,{MOST_JOINED}}})"
    r"|(?<![0-9A-Za-z:]):(?P<named>(?P<name>[\w+-]{1,60})):(?![0-9A-Za-z:])",
    re.ASCII,
)
# ASCII words with signs that neither join words nor belong to one: `key=value;`, `(read/write)`.
APART = re.compile(r"[0-9A-Za-z=;/()\[\]{}<>|&*!?\"`~^%\\]+")
ASCII_RUNS = re.compile(_ASCII_RUN)
ENDS = ".,:;!?)\"'…।؟،"
PLAIN_WORD = regex.compile(
    rf"[\p{{L}}--[{_SCRIPTS}{IGNORED}]][[\p{{L}}\p{{M}}]--[{_SCRIPTS}{IGNORED}]]*+[{ENDS}]*+",
    regex.VERSION1,
)
PIECES = re.compile(r"\S+")
RUNS = regex.compile(_RUN, regex.VERSION1)
# Boundaries inside a word: camelCase and HTTPServer; and a joiner between two parts that others
# write as two words: می‌خواهم.
BOUNDARY = regex.compile(
    r"(?<=\p{Ll}\p{M}*)(?=\p{Lu})|(?<=\p{Lu}\p{M}*)(?=\p{Lu}\p{M}*\p{Ll})"
    rf"|(?<=[\u00AD\u200B\u200C])(?={_LETTER})",
    regex.VERSION1,
)
LETTERS_AND_DIGITS = regex.compile(r"[\p{L}\p{M}]+(?P<digits>\d+)|\d+(?P<letters>[\p{L}\p{M}]+)")
NUMBER = re.compile(r"\d(?<![^\W_]\d)\d*(?:[-.()/\s–]{1,3}\d+){1,20}(?![^\W_])")
DIGITS = re.compile(r"\d+")
IGNORED_RUN = regex.compile(rf"[{IGNORED}]+")
# Variation selectors and skin tones, so that 👍 finds 👍🏽.
SHADES = regex.compile(r"[\uFE0E\uFE0F\U0001F3FB-\U0001F3FF]")
