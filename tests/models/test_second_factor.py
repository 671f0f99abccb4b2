"""A code is used up by one write, however many use it at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from flask import Flask

from chat.models.document import Id
from chat.models.second_factor import SecondFactor
from chat.models.user import User
from chat.utils import recovery_codes

AT_ONCE = 8


class OnPhone:
    """A second factor that is on, with what only its person has."""

    def __init__(self) -> None:
        user = User.register(f"bob-{Id()}", "Bob", "")
        factor = SecondFactor.begin(user.id)
        assert factor
        self.totp = pyotp.TOTP(factor.secret())
        codes = factor.confirm(self.totp.now())
        assert codes
        self.codes = codes
        self.user_id = user.id

    @property
    def factor(self) -> SecondFactor:
        found = SecondFactor.find_now(self.user_id)
        assert found
        return found


@pytest.fixture
def phone(app: Flask) -> Iterator[OnPhone]:
    with app.app_context():
        yield OnPhone()


def used_at_once(factor: SecondFactor, code: str) -> int:
    """Return how many of several who use a code at the same moment may come in."""
    barrier = threading.Barrier(AT_ONCE)

    def use(_: int) -> bool:
        barrier.wait(10)
        return factor.use(code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(use, range(AT_ONCE)))


def test_who_read_the_record_before_it_was_used_comes_too_late(phone: OnPhone) -> None:
    next_one = phone.totp.at(time.time() + 30)  # accepted a step early
    for code in (*phone.codes[:5], next_one):
        assert used_at_once(phone.factor, code) == 1
    assert len(phone.factor.recovery) == recovery_codes.COUNT - 5
    other = phone.factor.renew_recovery_codes()
    assert other
    assert not phone.factor.use(phone.codes[7])
    assert phone.factor.use(other[0])


def test_a_secret_that_was_replaced_confirms_nothing(app: Flask) -> None:
    user = User.register(f"bob-{Id()}", "Bob", "")
    older, newer = SecondFactor.begin(user.id), SecondFactor.begin(user.id)
    assert older
    assert newer
    assert older.confirm(pyotp.TOTP(older.secret()).now()) is None
    assert newer.confirm(pyotp.TOTP(newer.secret()).now())
    assert SecondFactor.begin(user.id) is None, "it is on"


def test_the_codes_are_those_of_rfc_6238(app: Flask) -> None:
    """As every app computes them: appendix B, without its first digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
    for moment, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert pyotp.TOTP(secret).at(moment) == code


@pytest.mark.parametrize("typed", ["7k2mx-q9dfa", "7K2MX Q9DFA", " 7k2mxq9dfa\n", "7k2mx-q9dfA"])
def test_a_recovery_code_may_be_typed_in_many_ways(typed: str) -> None:
    assert recovery_codes.plain(typed) == "7k2mxq9dfa"
    assert recovery_codes.shown("7k2mxq9dfa") == "7k2mx-q9dfa"
    assert recovery_codes.plain("O1Il0") == "01110"
