"""Migrations: bring the data of an older program up to this program's version.

The chat migrates when it starts, before it creates the indexes. Steps are idempotent: a start after
a crash repeats a step, and two processes that start at the same time may run the same step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pymongo
from pymongo.database import Database

from chat.models.migrations.expiring import let_no_index_expire_records
from chat.models.migrations.levels import separate_levels
from chat.models.migrations.links import let_two_reset_links_be
from chat.models.migrations.lists import name_people_for_rooms, number_rooms_by_person
from chat.models.migrations.names import see_who_looks_alike
from chat.models.migrations.rosters import count_members
from chat.models.migrations.sessions import end_sessions

STEP_SECONDS = 3_600.0  # the time limit of a step, which may have much data to change

Data = Database[dict[str, Any]]

# The first step leads from version 1 of the data to version 2, and so on.
STEPS: tuple[Callable[[Data], None], ...] = (
    see_who_looks_alike,
    end_sessions,
    count_members,
    number_rooms_by_person,
    name_people_for_rooms,
    separate_levels,
    let_two_reset_links_be,
    let_no_index_expire_records,
)
SCHEMA_VERSION = 1 + len(STEPS)

logger = logging.getLogger(__name__)


def migrate(data: Data, version: int) -> None:
    """Bring data of `version` up to the version of this program."""
    for number, step in enumerate(STEPS, 1):
        if version <= number:
            logger.info(
                "data of an older version is migrated",
                extra={"to_version": number + 1, "step": step.__name__},
            )
            with pymongo.timeout(STEP_SECONDS):
                step(data)
            data["meta"].update_one({"_id": "schema"}, {"$max": {"version": number + 1}})
