"""Sealing: encrypt an archive for somebody's key or with a passphrase, in the format of age.

age encrypts a stream for keys, but its library encrypts with a passphrase only what fits into
memory. So an archive with a passphrase begins with a key of its own, encrypted with the passphrase
(as age's text, which ends with a line), and the rest is encrypted for that key.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyrage

from chat.utils.archive.age_worker import identities_from, recipient_from
from chat.utils.archive.errors import SealingUnusable

WORKER = Path(__file__).with_name("age_worker.py")
TEXT_BEGINS = b"-----BEGIN AGE ENCRYPTED FILE-----\n"
TEXT_ENDS = b"-----END AGE ENCRYPTED FILE-----\n"
AGE_BEGINS = b"age-encryption.org/"
LONGEST_TEXT = 4096  # bytes of the key that a passphrase encrypts
LONGEST_IDENTITIES = 16_384  # characters: a pipe must take them before the program reads
WRONG_PASSPHRASE = "The passphrase does not open this file."
WRONG_IDENTITY = "The identity does not open this file, or the file is damaged."
NEEDS_PASSPHRASE = "The file is sealed with a passphrase: give it, with --passphrase-file FILE."
NEEDS_IDENTITY = "The file is sealed for a key: name its file, with --identity FILE."


@dataclass(frozen=True)
class Sealing:
    """Who can open an archive: `recipients` (public keys), or whoever knows `passphrase`."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""

    def __bool__(self) -> bool:
        return bool(self.recipients or self.passphrase)

    def __str__(self) -> str:
        if self.passphrase:
            return "sealed with a passphrase"
        keys = len(self.recipients)
        return f"sealed for {keys} {'key' if keys == 1 else 'keys'}" if keys else "not sealed"

    def check(self) -> None:
        """Raise SealingUnusable if a recipient is no public key, or if both kinds are given."""
        if self.recipients and self.passphrase:
            raise SealingUnusable("Seal a backup for recipients or with a passphrase, not both.")
        for text in self.recipients:
            try:
                recipient_from(text)
            except pyrage.RecipientError as error:
                raise SealingUnusable(
                    f"--recipient: {text[:80]} is no public key of age (age1…) or of SSH "
                    "(ssh-ed25519 …, ssh-rsa …)."
                ) from error

    def begin(self, file: IO[bytes]) -> Worker:
        """Start the program that encrypts into `file`."""
        recipients = self.recipients
        if self.passphrase:
            identity = pyrage.x25519.Identity.generate()
            text = pyrage.passphrase.encrypt(str(identity).encode(), self.passphrase, armored=True)
            file.write(text.rstrip(b"\n") + b"\n")
            file.flush()
            recipients = (str(identity.to_public()),)
        return Worker(["encrypt", *recipients], file, writes=True)


@dataclass(frozen=True)
class Opening:
    """What opens a sealed archive: the text of a file of identities, or a passphrase."""

    identities: str = ""
    passphrase: str = ""

    def begin(self, file: IO[bytes]) -> Worker | None:
        """Start the program that decrypts `file`; None if the file is not sealed.

        Raises SealingUnusable.
        """
        beginning = file.read(LONGEST_TEXT)
        if beginning.startswith(TEXT_BEGINS):
            text, end, _rest = beginning.partition(TEXT_ENDS)
            file.seek(len(text + end))
            return Worker(["decrypt"], file, identities=self._key_in(text + end))
        file.seek(0)
        if not beginning.startswith(AGE_BEGINS):
            return None
        if not self.identities:
            raise SealingUnusable(NEEDS_IDENTITY)
        if len(self.identities) > LONGEST_IDENTITIES:
            raise SealingUnusable("--identity: the file is too large to be one of keys.")
        try:
            identities_from(self.identities)
        except pyrage.IdentityError as error:
            raise SealingUnusable(
                "--identity: the file has no private key of age or SSH without a passphrase."
            ) from error
        return Worker(["decrypt"], file, identities=self.identities)

    def _key_in(self, text: bytes) -> str:
        if not self.passphrase:
            raise SealingUnusable(NEEDS_PASSPHRASE)
        try:
            key: bytes = pyrage.passphrase.decrypt(text, self.passphrase)
        except pyrage.DecryptError as error:
            raise SealingUnusable(WRONG_PASSPHRASE) from error
        return key.decode()


class Worker:
    """The program that encrypts or decrypts. `stream`: what is written to it, or read from it."""

    def __init__(
        self, arguments: list[str], file: IO[bytes], *, writes: bool = False, identities: str = ""
    ):
        command = [sys.executable, "-I", str(WORKER), *arguments]
        descriptors: tuple[int, ...] = ()
        if identities:
            reading, writing = os.pipe()
            os.write(writing, identities.encode())
            os.close(writing)
            descriptors = (reading,)
            command.append(str(reading))
        self._process = subprocess.Popen(  # noqa: S603  our own program
            command,
            stdin=subprocess.PIPE if writes else file,
            stdout=file if writes else subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=descriptors,
        )
        for descriptor in descriptors:
            os.close(descriptor)
        stream = self._process.stdin if writes else self._process.stdout
        assert stream
        self.stream: IO[bytes] = stream

    def finish(self) -> None:
        """Close the stream, and wait for the program's end. Raises SealingUnusable if it failed."""
        self.stream.close()
        if self._process.wait():
            raise SealingUnusable(WRONG_IDENTITY)

    def kill(self) -> None:
        """End the program, whatever it does."""
        self._process.kill()
        self.stream.close()
        self._process.wait()
