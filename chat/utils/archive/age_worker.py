"""Encrypt or decrypt a stream in the format of age; a program of its own, run by sealing.py.

    python -I age_worker.py encrypt RECIPIENT… < plain > sealed
    python -I age_worker.py decrypt IDENTITIES_FD < sealed > plain

The identities come through a file descriptor, a line each, because everybody on the machine can
read the arguments of a program. The program ends with 1 if the stream does not open.
"""

from __future__ import annotations

import os
import sys

import pyrage
from pyrage import ssh, x25519


def main() -> None:
    os.nice(10)  # the chat's own processes run first
    source, target = sys.stdin.buffer, sys.stdout.buffer
    if sys.argv[1] == "encrypt":
        recipients = [recipient_from(text) for text in sys.argv[2:]]
        pyrage.encrypt_io(source, target, recipients)
    else:
        with os.fdopen(int(sys.argv[2])) as file:
            identities = identities_from(file.read())
        try:
            pyrage.decrypt_io(source, target, identities)
        except pyrage.DecryptError:
            sys.exit(1)
    target.flush()


def recipient_from(text: str) -> x25519.Recipient | ssh.Recipient:
    """Return a recipient: `age1…`, or a public key of SSH. Raises pyrage.RecipientError."""
    return (
        ssh.Recipient.from_str(text) if text.startswith("ssh-") else x25519.Recipient.from_str(text)
    )


def identities_from(text: str) -> list[x25519.Identity | ssh.Identity]:
    """Return the identities of a file as age-keygen or ssh-keygen writes it.

    Raises pyrage.IdentityError.
    """
    if "PRIVATE KEY-----" in text:
        return [ssh.Identity.from_buffer(text.encode())]
    lines = (line.strip() for line in text.splitlines())
    return [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]


if __name__ == "__main__":
    main()
