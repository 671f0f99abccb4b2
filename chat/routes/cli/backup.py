"""Commands that copy the chat into one file, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chat import VERSION, extensions
from chat.controllers import avatars, images, rooms
from chat.models import image_quota
from chat.models.backup import checking, loading, taking
from chat.models.backup.parts import About
from chat.models.key_ring import key_ring
from chat.models.key_ring.roots import Roots
from chat.routes.cli.answer import Answer, amount, command, doors, megabytes, opened_chat
from chat.utils import private_files
from chat.utils.archive import Opening, Sealing
from config import Settings

FILE = click.Path(path_type=Path, dir_okay=False)


def sealed_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that open a sealed backup."""
    for option in (
        click.option("--passphrase", is_flag=True, help="Ask for the passphrase."),
        click.option(
            "--passphrase-file", type=FILE, metavar="FILE", help="The passphrase is there."
        ),
        click.option("--identity", type=FILE, metavar="FILE", help="A private key of age or SSH."),
    ):
        function = option(function)
    return function


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
@sealed_options
def backup(answer: Answer, file: Path, verifies: bool, **options: Any) -> None:
    """Write all data of the chat into FILE, while it runs.

    Whatever was acknowledged before the command began is in the file. What is sealed stays sealed:
    without the keys nobody can read it. --with-secrets puts the keys into the file, which then must
    be sealed with --recipient or --passphrase. --verify reads a backup and checks it.
    """
    if verifies:
        _verify(answer, file, _opening(**_without_writing(options)))
    with opened_chat():
        _take(answer, file, **options)


@command("restore", opens=False)
@click.argument("file", type=FILE)
@sealed_options
def restore(answer: Answer, file: Path, **options: Any) -> None:
    """Load the backup FILE into an empty database.

    It is the configured one, and the chat must not run. Without secrets in FILE, SECRETS_DIR needs
    those of the chat. If the command is interrupted, run it again: it continues. It may restore an
    embedded database to MongoDB, and back.
    """
    opening = _opening(**options)
    about, found = loading.peek(file, opening)
    settings = doors().settings(click.get_current_context().meta.get("env_file"), found)
    _check_keys(settings, about)
    if problems := _checked(answer, file, opening).problems:
        answer.fail(f"{file} is damaged: {problems[0]}.")
    with doors().empty(settings) as restored_chat:
        loaded = loading.Loaded()
        for loaded in loading.load(file, opening, _halves_file(settings, about)):
            answer.progress(f"{loaded.records:,} records stored")
        _write_secrets(settings, found)
        with restored_chat():
            deleted = _finish()
    lines = [
        f"Restored from {about.began_at}. Start the chat; bin/chat verify checks all of it.",
        *(
            [f"{amount(deleted, 'room', 'rooms')} deleted, which were deleted since."]
            * bool(deleted)
        ),
        *(f"left out, because it contradicts another record: {each}" for each in loaded.skipped),
    ]
    answer.give(
        "\n".join(lines), records=loaded.records, rooms_deleted=deleted, skipped=loaded.skipped
    )


def _take(
    answer: Answer, file: Path, *, with_secrets: bool, recipients: tuple[str, ...], **options: Any
) -> None:
    os.nice(10)  # people who write come first
    sealing = Sealing(recipients, _passphrase(**options, confirms=True))
    sealing.check()
    keys = _keys(answer, sealing) if with_secrets else None
    done = taking.Progress()
    for done in taking.take(file, sealing, VERSION, keys):
        answer.progress(
            f"{done.rooms:,} of {done.of_rooms:,} rooms, {done.records:,} records, "
            f"{megabytes(done.size)}"
        )
    size = file.stat().st_size
    kept = "with" if with_secrets else "without"
    answer.give(
        f"{file}: {amount(done.rooms, 'room', 'rooms')}, {done.records:,} records, "
        f"{megabytes(size)}, {kept} the keys.",
        rooms=done.rooms,
        records=done.records,
        bytes=size,
        has_secrets=with_secrets,
    )


def _verify(answer: Answer, file: Path, opening: Opening) -> None:
    found = _checked(answer, file, opening)
    assert found.about
    counted = (
        amount(found.rooms, "room", "rooms"),
        amount(found.messages, "message", "messages"),
        amount(found.pictures, "picture", "pictures"),
    )
    lines = [
        "A backup of {} by version {}: {}, {} and {}.".format(
            found.about.began_at, found.about.version, *counted
        ),
        *(found.problems or ["No problems found."]),
    ]
    answer.give(
        "\n".join(lines),
        ok=not found.problems,
        began_at=found.about.began_at,
        version=found.about.version,
        has_secrets=found.about.has_secrets,
        rooms=found.rooms,
        entries=found.entries,
        messages=found.messages,
        pictures=found.pictures,
        problems=found.problems,
    )


def _checked(answer: Answer, file: Path, opening: Opening) -> checking.Checked:
    found = checking.Checked()
    for found in checking.check(file, opening):
        answer.progress(f"{found.entries:,} entries, {found.pictures:,} pictures checked")
    return found


def _keys(answer: Answer, sealing: Sealing) -> dict[str, str]:
    """Return the secrets for the file. Fails where they would be open, or are not all there."""
    if not sealing:
        answer.fail("--with-secrets: seal the file, with --recipient KEY or --passphrase.")
    if key_ring.needs_retired():
        answer.fail("--with-secrets: some keys need an old SECRET_KEY; run rotate-keys first.")
    settings = extensions.settings()
    return {"JWT_SECRET": settings.jwt_secret, "SECRET_KEY": settings.secret_key}


def _check_keys(settings: Settings, about: About) -> None:
    """Raise ClickException if the SECRET_KEY or the halves are not those of the backup."""
    roots = Roots.derive(settings.secret_key, settings.secret_keys_retired)
    if {bytes.fromhex(root) for root in about.roots} - roots.ids:
        raise click.ClickException(
            "SECRET_KEY: it is not the one of the backup; set that one, or add it to "
            "SECRET_KEYS_RETIRED."
        )
    if bool(about.halves) == settings.halves_in_database:
        where = "file" if about.halves else "database"
        raise click.ClickException(
            f"HALVES: those of the backup lie elsewhere; set HALVES={where}."
        )
    path = settings.secrets_dir / f"halves-{about.halves}"
    if about.halves and not about.has_secrets and not path.exists():
        raise click.ClickException(
            f"SECRETS_DIR: {path} is missing, without which nothing in the backup can be opened; "
            "copy it there first, the newest you have."
        )


def _halves_file(settings: Settings, about: About) -> Path | None:
    """Return where the halves in the file go; None if newer ones are there."""
    path = settings.secrets_dir / f"halves-{about.halves}"
    return None if not about.has_secrets or not about.halves or path.exists() else path


def _write_secrets(settings: Settings, found: dict[str, str]) -> None:
    """Write the secrets of the backup where the chat looks for them, unless it has its own."""
    if found and found == {"JWT_SECRET": settings.jwt_secret, "SECRET_KEY": settings.secret_key}:
        private_files.write_once(settings.secrets_dir / "secrets.json", json.dumps(found).encode())


def _finish() -> int:
    """Delete what was deleted since the backup, and count anew. Return how many rooms."""
    deleted = rooms.delete_restored()
    rooms.finish_deletions()
    images.sweep()
    avatars.sweep()
    image_quota.recount_all()
    loading.finish()
    return deleted


def _opening(**options: Any) -> Opening:
    identity: Path | None = options.pop("identity")
    return Opening(identity.read_text() if identity else "", _passphrase(**options, confirms=False))


def _passphrase(*, passphrase: bool, passphrase_file: Path | None, confirms: bool, **_: Any) -> str:
    if passphrase_file:
        written = passphrase_file.read_text().rstrip("\r\n")
        if not written:
            raise click.ClickException(f"--passphrase-file: {passphrase_file} is empty.")
        return written
    if not passphrase:
        return ""
    asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirms, err=True)
    return asked


def _without_writing(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("passphrase", "passphrase_file", "identity")}
