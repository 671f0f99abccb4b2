"""Errors of archives; the text of each is one sentence for an operator."""

from __future__ import annotations


class ArchiveUnusable(Exception):
    """The file is no archive of the chat, or is damaged."""


class SealingUnusable(Exception):
    """A key or a passphrase that does not fit."""
