"""Define the queries of the pages about people."""

from __future__ import annotations

from chat.models.room import MOST_PEOPLE_IN_A_DIRECT_ROOM
from chat.schemas.base import QueryInput
from chat.schemas.fields import ID_LENGTH, JoinedIds
from chat.schemas.text_fields import StrictString
from chat.schemas.users import PeopleQuery

MOST_CHOSEN = MOST_PEOPLE_IN_A_DIRECT_ROOM - 1  # beside the author


class NewMessageQuery(PeopleQuery):
    """Whom to look for, and the ids of those who are chosen already."""

    people = JoinedIds(MOST_CHOSEN, load_default=list)


class ProfileQuery(QueryInput):
    """The room from which somebody looks at a person."""

    room = StrictString(ID_LENGTH, load_default="")
