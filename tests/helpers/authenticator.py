"""An authenticator app: it shows the codes of a second factor."""

from __future__ import annotations

import time

import pyotp

from chat.models.database import database
from chat.models.document import id_from
from tests.helpers.world import PASSWORD, Person

STEP = 30  # seconds for which the app shows a code
SECONDS_TO_USE = 3  # what a test may take between code and answer


class Authenticator:
    """The app on the phone of a person who has turned the second factor on."""

    def __init__(self, person: Person):
        self.person = person
        answer = person.post("/me/totp", {"password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self._totp = pyotp.TOTP(answer.json()["secret"])
        confirmed = person.put("/me/totp", {"otp": self.code()})
        assert confirmed.status_code == 200, confirmed.text
        self.recovery_codes: list[str] = confirmed.json()["recovery_codes"]
        self.forget_used()

    def code(self, steps: int = 0) -> str:
        """Return the code that the app shows now, or so many steps later.

        An earlier one is accepted for some seconds at least: just before the end of a step this
        waits for the next one.
        """
        left = STEP - time.time() % STEP
        if steps < 0 and left < SECONDS_TO_USE:
            time.sleep(left)
        return self._totp.at(time.time() + steps * STEP)

    def wrong(self) -> str:
        """Return six digits that are no code for a while."""
        right = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(100)) if code not in right)

    def forget_used(self) -> None:
        """Let codes that were used be used again, so that no test waits for the next one."""
        database["users"].update_one(
            {"_id": id_from(self.person.id)}, {"$set": {"second_factor.last_step": 0}}
        )
