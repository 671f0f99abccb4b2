"""The command that brings over the past of another chat."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click

from chat.controllers.imports import running
from chat.models.past.dump import MongoDump
from chat.routes.cli.answer import Answer, command
from chat.routes.cli.sealed_files import FILE, stoppable
from chat.utils.imports.archives import ImportArchive
from chat.utils.imports.campfire import CampfireStorage
from chat.utils.imports.chat_export import ChatExport
from chat.utils.imports.letschat import LetsChatDump
from chat.utils.imports.mattermost import MattermostExport
from chat.utils.imports.past import ImportUnusable, Source
from chat.utils.imports.report import Report
from chat.utils.imports.rocketchat import RocketChatDump
from chat.utils.imports.slack import SlackExport
from chat.utils.imports.spool import Spool

MOST_MAPPED = 1_000_000  # rows of --people


@contextmanager
def _slack(path: Path, report: Report) -> Iterator[Source]:
    with ImportArchive.reading(path) as archive:
        yield SlackExport(archive, report)


@contextmanager
def _mattermost(path: Path, report: Report) -> Iterator[Source]:
    with ImportArchive.reading(path) as archive, Spool() as spool:
        yield MattermostExport(archive, report, spool)


@contextmanager
def _rocketchat(path: Path, report: Report) -> Iterator[Source]:
    with Spool() as spool:
        yield RocketChatDump(MongoDump(path, "rocketchat_message"), report, spool)


@contextmanager
def _letschat(path: Path, report: Report) -> Iterator[Source]:
    with Spool() as spool:
        yield LetsChatDump(MongoDump(path, "messages"), report, spool)


@contextmanager
def _chat(path: Path, report: Report) -> Iterator[Source]:
    with ImportArchive.reading(path) as archive:
        yield ChatExport(archive, report)


Open = Callable[[Path, Report], AbstractContextManager[Source]]
SOURCES: dict[str, Open] = {
    "slack": _slack,
    "mattermost": _mattermost,
    "rocketchat": _rocketchat,
    "letschat": _letschat,
    "campfire": CampfireStorage.reading,
    "chat": _chat,
}


@command("import")
@click.argument("source", type=click.Choice(list(SOURCES)))
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what would be made, and write nothing.")
@click.option("--report", "report_file", type=FILE, metavar="FILE", help="Write the report there.")
@click.option(
    "--people",
    "people_file",
    type=FILE,
    metavar="FILE.csv",
    help="Who has an account here: lines of an e-mail address or username there, username here.",
)
@click.option(
    "--match-usernames", is_flag=True, help="Who has the same username here is the same person."
)
def import_past(
    answer: Answer,
    source: str,
    file: Path,
    dry_run: bool,
    report_file: Path | None,
    people_file: Path | None,
    match_usernames: bool,
) -> None:
    """Bring over the export FILE of another chat.

    Its people, rooms and messages come over; times and authors stay. Nobody is notified, and
    everybody has read everything. People who have no account here get one, which nobody can sign
    in to until you make a reset link. Safe to interrupt and to repeat: what is there already stays
    as it is.
    """
    os.nice(10)  # people who write come first
    report = Report()
    mapping = _mapping(people_file) if people_file else {}
    with stoppable() as check_stop, SOURCES[source](file, report) as past:
        for done in running.run(past, report, mapping, by_username=match_usernames, is_dry=dry_run):
            answer.progress(progress_line(done))
            check_stop()
    if report_file:
        report_file.write_text(json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n")
    answer.give("\n".join(report.lines(is_dry=dry_run)), is_dry=dry_run, **report.as_dict())


def progress_line(done: running.Progress) -> str:
    """Return how far an import is, in one line."""
    if done.indexed:
        return f"{done.indexed:,} messages ready to be searched"
    return (
        f"{done.people:,} people, {done.rooms:,} of {done.of_rooms:,} rooms, "
        f"{done.messages:,} messages"
    )


def _mapping(path: Path) -> dict[str, str]:
    """Return who has which username here, by what they are called there. Raises ImportUnusable."""
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), 1):
                cells = [cell.strip() for cell in row]
                if not any(cells):
                    continue
                if len(cells) != 2 or not all(cells) or number > MOST_MAPPED:
                    raise ImportUnusable(f"{path}, line {number}: two names are needed.")
                found[cells[0]] = cells[1]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImportUnusable(f"{path} is no CSV file in UTF-8.") from error
    return found
