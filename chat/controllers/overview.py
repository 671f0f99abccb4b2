"""Show administrators how much the chat is used, and what it uses itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from chat.controllers import metrics, storage
from chat.controllers.metrics import Live
from chat.models import account_list, figures, image_quota
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now

DAYS = 7


@dataclass(frozen=True)
class Overview:
    """The figures of the last DAYS days, in UTC, and of this moment.

    `accounts`: of people. `free_bytes`: None when the database does not report it. `live`: the
    processes of the machine that answers.
    """

    people_today: int
    people_lately: int
    accounts: int
    bots: int
    days: list[date]
    messages: list[int]
    public_rooms: int
    private_rooms: int
    picture_bytes: int
    free_bytes: int | None
    live: Live


def show(person: User) -> Overview:
    """Return the figures. Raises Forbidden."""
    person.must("see the figures")
    today = now().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return Overview(
        people_today=figures.people_since(today),
        people_lately=figures.people_since(days[0]),
        accounts=account_list.count_people(),
        bots=account_list.count_bots(),
        days=days,
        messages=figures.messages_on(days),
        public_rooms=Room.count_of("public"),
        private_rooms=Room.count_of("private"),
        picture_bytes=image_quota.bytes_of(image_quota.EVERYBODY),
        free_bytes=storage.free_bytes(),
        live=metrics.live(),
    )
