"""Who wants mails about what they missed, and up to when they have been told.

A person's record has the moment of the next look, which one process claims. A mail covers a window
of time, from the end of the one before. Four writes make it, in an order that a crash may interrupt
anywhere: the window, the mail, which is held back, the end of the window, the release of the mail.
So what somebody missed is mailed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chat.models.damaged import readable
from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.clock import now
from chat.utils.encryption import fingerprint

CHECK_EVERY = timedelta(minutes=5)
BETWEEN = timedelta(hours=3)  # two mails to one person


@dataclass(frozen=True)
class Watch:
    """What is known of a person who wants such mails.

    `since`: up to then they have been told. `until`: the end of the window of a mail that is being
    made; None if there is none. `held`: a mail that is ready to go.
    """

    user_id: Id
    since: datetime
    until: datetime | None
    held: Id | None

    @property
    def mail_id(self) -> Id:
        """Return the id of the mail about the window, the same in every process."""
        assert self.until
        window = (str(self.user_id), self.since.isoformat(), self.until.isoformat())
        return Id(fingerprint(b"missed", *window)[:12])

    def skip_to(self, until: datetime) -> None:
        """Note that nothing until then was missed."""
        self._change({"since": until})

    def begin_window(self, until: datetime) -> Watch | None:
        """Begin to make a mail. Return None if another process did."""
        return self._change({"until": until})

    def end_window(self, mail_id: Id | None) -> Watch | None:
        """Note that a mail tells of the window, or that there is nothing to tell."""
        waits = BETWEEN if mail_id else CHECK_EVERY
        return self._change(
            {"since": self.until, "until": None, "held": mail_id, "check_at": now() + waits}
        )

    def released(self) -> None:
        """Note that the mail is on its way."""
        self._change({"held": None})

    def _change(self, changes: Record) -> Watch | None:
        """Change the record, if nobody else did. Return it as it is now."""
        same = {"since": self.since, "until": self.until, "held": self.held}
        changed = database["missed_mails"].update_one(
            {"_id": self.user_id, **same}, {"$set": changes}
        )
        return _from({"_id": self.user_id, **same, **changes}) if changed.matched_count else None


def begin(user_id: Id) -> None:
    """Watch from now on what a person misses."""
    fresh = {"since": now(), "until": None, "held": None, "check_at": now() + CHECK_EVERY}
    database["missed_mails"].update_one({"_id": user_id}, {"$set": fresh}, upsert=True)


def end(user_id: Id) -> None:
    database["missed_mails"].delete_one({"_id": user_id})


def claim() -> Watch | None:
    """Claim the person who was not looked at for longest; None if nobody is due."""
    due = {"check_at": {"$lte": now()}}
    while record := database["missed_mails"].find_one(due, sort=[("check_at", 1)]):
        same = {"_id": record["_id"], "check_at": record["check_at"]}
        claimed = {"$set": {"check_at": now() + CHECK_EVERY}}
        if database["missed_mails"].update_one(same, claimed).modified_count:
            for watch in readable("missed_mails", [record], _from):
                return watch
    return None


def _from(record: Record) -> Watch:
    return Watch(record["_id"], record["since"], record["until"], record["held"])
