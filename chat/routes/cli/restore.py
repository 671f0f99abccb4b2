"""The command that loads a backup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from chat.controllers import avatars, images, rooms
from chat.models import image_quota
from chat.models.backup import loading
from chat.models.backup.parts import About
from chat.models.halves.store import HALF_BYTES
from chat.models.key_ring.roots import Roots
from chat.routes.cli.answer import Answer, amount, command, doors
from chat.routes.cli.backup import checked, jwt_id_of
from chat.routes.cli.sealed_files import FILE, opening_of, sealed_options, stoppable
from chat.utils import private_files
from config import Settings


@command("restore", opens=False)
@click.argument("file", type=FILE)
@sealed_options
def restore(answer: Answer, file: Path, **options: Any) -> None:
    """Load the backup FILE into an empty database.

    It is the configured one, and the chat must not run. Without secrets in FILE, SECRETS_DIR needs
    those of the chat. If the command is interrupted, run it again: it continues. It may restore an
    embedded database to MongoDB, and back.
    """
    opening = opening_of(options)
    about, found = loading.peek(file, opening)
    settings = doors().settings(click.get_current_context().meta.get("env_file"), found)
    _check_keys(settings, about)
    whole = checked(answer, file, opening)
    if whole.problems:
        answer.fail(f"{file} is damaged: {whole.problems[0]}.")
    _check_halves(settings, about, whole.halves)
    _write_secrets(settings, found)
    loaded = loading.Loaded()
    with stoppable() as check_stop, doors().empty(settings) as restored_chat:
        for loaded in loading.load(file, opening, _halves_file(settings, about)):
            answer.progress(f"{loaded.records:,} records stored")
            check_stop()
        with restored_chat():
            deleted = _finish()
    lines = [f"Restored from {about.began_at}. Start the chat; bin/chat verify checks all of it."]
    if deleted:
        lines.append(f"{amount(deleted, 'room', 'rooms')} deleted, which were deleted since.")
    if about.jwt != jwt_id_of(settings):
        lines.append("JWT_SECRET is not the one of the backup: everybody must sign in again.")
    lines += [f"left out, because it contradicts another record: {each}" for each in loaded.skipped]
    answer.give(
        "\n".join(lines), records=loaded.records, rooms_deleted=deleted, skipped=loaded.skipped
    )


def _check_keys(settings: Settings, about: About) -> None:
    """Raise ClickException if the SECRET_KEY or the halves are not those of the backup."""
    roots = Roots.derive(settings.secret_key, settings.secret_keys_retired)
    if {bytes.fromhex(root) for root in about.roots} - roots.ids:
        raise click.ClickException(
            "SECRET_KEY: the one here is not the one of the backup. Set that one, or add it to "
            "SECRET_KEYS_RETIRED; "
            f"a {settings.secrets_dir / 'secrets.json'} of another chat must be moved away first."
        )
    if bool(about.halves) == settings.halves_in_database:
        where = "file" if about.halves else "database"
        raise click.ClickException(
            f"HALVES: those of the backup lie elsewhere; set HALVES={where}."
        )
    path = _halves_path(settings, about)
    if about.halves and not about.has_secrets and not path.exists():
        raise click.ClickException(
            f"SECRETS_DIR: {path} is missing, without which nothing in the backup can be opened; "
            "copy it there first, the newest you have."
        )


def _check_halves(settings: Settings, about: About, least: int) -> None:
    """Raise ClickException if the file of halves is older than the backup."""
    path = _halves_path(settings, about)
    if about.halves and path.exists() and path.stat().st_size < least * HALF_BYTES:
        raise click.ClickException(
            f"SECRETS_DIR: {path} is older than the backup, or cut short; copy it there as it was "
            "after the backup, or later."
        )


def _halves_path(settings: Settings, about: About) -> Path:
    return settings.secrets_dir / f"halves-{about.halves}"


def _halves_file(settings: Settings, about: About) -> Path | None:
    """Return where the halves in the file go; None if newer ones are there."""
    path = _halves_path(settings, about)
    return None if not about.has_secrets or not about.halves or path.exists() else path


def _write_secrets(settings: Settings, found: dict[str, str]) -> None:
    """Write the secrets of the backup where the chat looks for them, unless it has its own."""
    if found and found == {"JWT_SECRET": settings.jwt_secret, "SECRET_KEY": settings.secret_key}:
        settings.secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
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
