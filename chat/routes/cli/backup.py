"""The command that copies the chat into one file, and checks such files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from chat import VERSION, extensions
from chat.models.backup import checking, loading, taking
from chat.models.key_ring import key_ring
from chat.routes.cli.answer import Answer, amount, command, megabytes, opened_chat
from chat.routes.cli.sealed_files import (
    FILE,
    opening_of,
    passphrase_of,
    sealed_options,
    stoppable,
)
from chat.utils.archive import ArchiveUnusable, Opening, Sealing, SealingUnusable
from chat.utils.encryption import KEY_ID_BYTES, derive
from config import Settings


@command("backup", opens=False)
@click.argument("file", type=FILE)
@click.option("--verify", "verifies", is_flag=True, help="Check FILE instead; needs no database.")
@click.option("--with-secrets", is_flag=True, help="Put the keys into it, too; it must be sealed.")
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="KEY",
    help="Seal it for this public key of age or SSH.",
)
@click.option("--replace", is_flag=True, help="Replace FILE, whatever it is.")
@sealed_options
def backup(answer: Answer, file: Path, verifies: bool, **options: Any) -> None:
    """Write all data of the chat into FILE, while it runs.

    Whatever was acknowledged before the command began is in the file. A FILE that is an earlier
    backup of this chat is replaced once the new one is whole; for anything else, and for a backup
    that only a private key opens, the command wants --replace. What is sealed stays sealed: without
    the keys nobody can read it. --with-secrets puts the keys into the file, which then must be
    sealed with --recipient or --passphrase. --verify reads a backup and checks it.
    """
    if file.name in {"", "-"}:
        raise click.UsageError("FILE must be the name of a file.")
    if verifies:
        if options["with_secrets"] or options["recipients"] or options["replace"]:
            raise click.UsageError(
                "--with-secrets, --recipient and --replace are for writing a backup."
            )
        _verify(answer, file, opening_of(options))
    if options["identity"]:
        raise click.UsageError("--identity opens a backup; --recipient KEY seals one.")
    with opened_chat():
        _take(answer, file, **options)


def _take(
    answer: Answer,
    file: Path,
    *,
    with_secrets: bool,
    recipients: tuple[str, ...],
    replace: bool,
    **options: Any,
) -> None:
    os.nice(10)  # people who write come first
    sealing = Sealing(recipients, passphrase_of(options, is_new=True))
    sealing.check()
    if not replace and file.exists():
        _must_be_earlier(answer, file, Opening(passphrase=sealing.passphrase))
    settings = extensions.settings()
    keys = _keys(answer, sealing, settings) if with_secrets else None
    done = taking.Progress()
    with stoppable() as check_stop:
        for done in taking.take(file, sealing, VERSION, jwt_id_of(settings), keys):
            answer.progress(
                f"{done.rooms:,} of {done.of_rooms:,} rooms, {done.records:,} records, "
                f"{megabytes(done.size)}"
            )
            check_stop()
    size = file.stat().st_size
    counted = f"{amount(done.rooms, 'room', 'rooms')}, {amount(done.records, 'record', 'records')}"
    kept = "with" if with_secrets else "without"
    answer.give(
        f"{file}: {counted}, {megabytes(size)}, {kept} the keys, {sealing}.",
        rooms=done.rooms,
        records=done.records,
        bytes=size,
        has_secrets=with_secrets,
        is_sealed=bool(sealing),
    )


def _must_be_earlier(answer: Answer, file: Path, opening: Opening) -> None:
    """Fail unless the file is a backup of this chat, of which the next one may take the place."""
    name_another = "Name another file, or add --replace."
    if not file.is_file():
        answer.fail(f"{file} is no file.")
    if not file.stat().st_size:
        return
    try:
        about, _secrets = loading.peek(file, opening)
    except SealingUnusable:
        answer.fail(f"{file} is there, sealed, and does not open here. {name_another}")
    except ArchiveUnusable:
        answer.fail(f"{file} is there, and is no backup of the chat. {name_another}")
    if not taking.is_of_this_chat(about):
        answer.fail(f"{file} is a backup of another chat, or of other keys. {name_another}")


def _verify(answer: Answer, file: Path, opening: Opening) -> None:
    found = checked(answer, file, opening)
    assert found.about
    counted = (
        amount(found.rooms, "room", "rooms"),
        amount(found.messages, "message", "messages"),
        amount(found.pictures, "picture", "pictures"),
    )
    lines = [
        "A backup of {} by version {}, {}: {}, {} and {}.".format(
            found.about.began_at,
            found.about.version,
            "sealed" if found.is_sealed else "not sealed",
            *counted,
        ),
        *(found.problems or ["No problems found."]),
    ]
    answer.give(
        "\n".join(lines),
        ok=not found.problems,
        began_at=found.about.began_at,
        version=found.about.version,
        has_secrets=found.about.has_secrets,
        is_sealed=found.is_sealed,
        rooms=found.rooms,
        entries=found.entries,
        messages=found.messages,
        pictures=found.pictures,
        problems=found.problems,
    )


def checked(answer: Answer, file: Path, opening: Opening) -> checking.Checked:
    """Check a backup, with its progress. Raises OSError, ArchiveUnusable, SealingUnusable."""
    found = checking.Checked()
    for found in checking.check(file, opening):
        answer.progress(f"{found.entries:,} entries, {found.pictures:,} pictures checked")
    return found


def _keys(answer: Answer, sealing: Sealing, settings: Settings) -> dict[str, str]:
    """Return the secrets for the file. Fails where they would be open, or are not all there."""
    if not sealing:
        answer.fail("--with-secrets: seal the file, with --recipient KEY or --passphrase.")
    if key_ring.needs_retired():
        answer.fail("--with-secrets: some keys need an old SECRET_KEY; run rotate-keys first.")
    return {"JWT_SECRET": settings.jwt_secret, "SECRET_KEY": settings.secret_key}


def jwt_id_of(settings: Settings) -> str:
    """Return what tells two JWT_SECRETs apart, and reveals neither."""
    return derive(settings.jwt_secret, "id of a JWT secret", KEY_ID_BYTES).hex()
