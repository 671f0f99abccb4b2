"""An archive is written by one program at a time, and a hostile one is refused."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pyrage
import pytest
import zstandard

from chat.models.backup.parts import about_from
from chat.utils.archive import (
    ArchiveReader,
    ArchiveUnusable,
    ArchiveWriter,
    Opening,
    Sealing,
    SealingUnusable,
)


def members(path: Path, opening: Opening = Opening()) -> list[tuple[str, bytes]]:  # noqa: B008
    with ArchiveReader.reading(path, opening) as archive:
        return list(archive.members())


def test_two_backups_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "chat.backup"
    with ArchiveWriter.writing(path, Sealing()) as first:
        with (
            pytest.raises(BlockingIOError, match="another program is writing it"),
            ArchiveWriter.writing(path, Sealing()) as second,
        ):
            second.add("a", b"of the second")
        first.add("a", b"of the first")
    assert members(path) == [("a", b"of the first")]


def test_a_backup_follows_no_link(tmp_path: Path) -> None:
    victim, part = tmp_path / "victim", tmp_path / "chat.backup.part"
    victim.write_text("carol's")
    part.symlink_to(victim)
    with pytest.raises(OSError, match=r"chat\.backup\.part"):
        ArchiveWriter.writing(tmp_path / "chat.backup", Sealing()).__enter__()
    assert victim.read_text() == "carol's"


def test_a_sealed_archive_opens_with_its_key_in_a_file_of_comments(tmp_path: Path) -> None:
    path, identity = tmp_path / "chat.backup", pyrage.x25519.Identity.generate()
    with ArchiveWriter.writing(path, Sealing((str(identity.to_public()),))) as archive:
        archive.add("a", b"words")
    assert b"words" not in path.read_bytes()
    file = f"# made by alice\n\n{identity}\n"
    assert members(path, Opening(file)) == [("a", b"words")]
    with pytest.raises(SealingUnusable, match="too large"):
        members(path, Opening("#" * 100_000 + file))


def test_a_member_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 300 * 2**20
    content = header.tobuf() + bytes(header.size)
    path = tmp_path / "chat.backup"
    path.write_bytes(zstandard.compress(content))
    with pytest.raises(ArchiveUnusable, match="too large"):
        members(path)


def test_large_archives_are_read_member_by_member(tmp_path: Path) -> None:
    path, part = tmp_path / "chat.backup", bytes(8 * 2**20)
    with ArchiveWriter.writing(path, Sealing()) as archive:
        for number in range(12):
            archive.add(str(number), part)
    with ArchiveReader.reading(path, Opening()) as reader:
        assert sum(len(content) for _name, content in reader.members()) == 12 * len(part)


@pytest.mark.parametrize("name", ["../../elsewhere", "x/y", "0" * 65, "HALVES"])
def test_the_name_of_halves_leads_nowhere_else(name: str) -> None:
    about = (
        f'{{"id":"00","format":1,"version":"1","schema":1,"began_at":"","roots":[],"jwt":"",'
        f'"halves":"{name}","has_secrets":false}}'
    )
    assert about_from(about.encode()) is None
    assert about_from(about.replace(name, "0f").encode())


def test_another_file_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_bytes(io.BytesIO(b"dear carol").getvalue())
    with pytest.raises(ArchiveUnusable, match="is no backup of the chat"):
        members(path)
