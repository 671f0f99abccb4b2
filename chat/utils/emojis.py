"""Look up emoji in Unicode's list."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import emoji

FULLY_QUALIFIED = 2
GROUPS = Path(__file__).with_name("emoji_groups.txt")
NEWEST = "objects"  # the group of emoji that are newer than the list of groups
FEW = 3  # emoji that a message may have to show them large
LONGEST_FEW = 60  # characters; an emoji of a family in skin tones has eleven
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")  # skin tones, by Unicode's names
SKIN_TONE = re.compile(r":skin-tone-([2-6]):")  # follows an emoji in the text of Slack and GitHub
_TONE = re.compile(rf"_({'|'.join(TONES)})_skin_tone")
_SELECTOR = "\ufe0f"  # requests the coloured form; some keyboards send it, some omit it


@lru_cache(maxsize=2_048)
def emoji_from(text: str) -> str | None:
    """Return the single emoji of `text`, fully qualified; None if `text` is not one emoji.

    `text` may also be a name such as `:heart:`.
    """
    if text.startswith(":"):
        text = emoji.emojize(text, language="alias")
    return _qualified().get(text.replace(_SELECTOR, ""))


def are_few_emoji(text: str) -> bool:
    """Return whether `text` is one to three emoji, and spaces. message_view.js asks the same."""
    if not text or len(text) > LONGEST_FEW or text.isascii():
        return False
    return bool(emoji.purely_emoji("".join(text.split()))) and emoji.emoji_count(text) <= FEW


def toned(sign: str, tone: re.Match[str]) -> str:
    """Return an emoji in the skin tone that SKIN_TONE matched; unchanged if it has no tones."""
    data = emoji.EMOJI_DATA.get(sign, {})
    tones = _toned().get(data.get("en", ""))
    if not tones:
        return sign
    return tones[int(tone[1]) - 2]


def named_emoji() -> list[list[str | list[str]]]:
    """Return [emoji, its skin tones, name, other name, …] for every emoji, in Unicode's order.

    `["👍️", ["👍🏻", "👍🏼", …], "thumbs up", "+1"]`

    An emoji has five tones, from light to dark, or none. Emoji of several people with different
    skin tones are not included.
    """
    return [each for group in grouped_emoji().values() for each in group]


@cache
def grouped_emoji() -> dict[str, list[list[str | list[str]]]]:
    """Return `named_emoji` by the names of their groups: `smileys`, `people`, …"""
    tones = _toned()
    listed: dict[str, list[str | list[str]]] = {
        each.replace(_SELECTOR, ""): [each, tones.get(data["en"], []), *_names_of(data)]
        for each, data in emoji.EMOJI_DATA.items()
        if data["status"] == FULLY_QUALIFIED and "_skin_tone" not in data["en"]
    }
    groups = {
        name: [listed.pop(each) for each in members if each in listed]
        for name, members in _read_groups().items()
    }
    groups[NEWEST] += listed.values()
    return groups


def _read_groups() -> dict[str, list[str]]:
    lines = GROUPS.read_text(encoding="utf-8").replace(_SELECTOR, "").splitlines()
    groups = (line.split() for line in lines if not line.startswith("#"))
    return {name: members for name, *members in groups}


def _names_of(data: dict[str, Any]) -> list[str]:
    names = [data["en"], *data.get("alias", ())]
    return list(dict.fromkeys(name.strip(":").replace("_", " ") for name in names))


@cache
def _toned() -> dict[str, list[str]]:
    """Return the emoji in each of TONES, by name (`:thumbs_up:`).

    All people in one emoji have the same tone.
    """
    by_name = {
        data["en"]: each
        for each, data in emoji.EMOJI_DATA.items()
        if data["status"] == FULLY_QUALIFIED
    }
    found: dict[str, dict[str, str]] = {}
    for name, each in by_name.items():
        there = set(_TONE.findall(name))
        if len(there) == 1:
            found.setdefault(_TONE.sub("", name), {})[there.pop()] = each
    return {name: [toned[tone] for tone in TONES] for name, toned in found.items()}


@cache
def _qualified() -> dict[str, str]:
    return {
        each.replace(_SELECTOR, ""): each
        for each, data in emoji.EMOJI_DATA.items()
        if data["status"] == FULLY_QUALIFIED
    }
