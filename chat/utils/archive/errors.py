"""Errors of archives; the text of each is one sentence for an operator."""

from __future__ import annotations


class ArchiveUnusable(Exception):
    """The file is no archive of the chat, is damaged, or is being written by another program."""


class SealingUnusable(Exception):
    """A key or a passphrase that does not fit."""
