"""`/me/totp`: one's own second factor."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import budgets, second_factors
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.routes.visitors import visitor
from chat.schemas.second_factor import (
    CodeOfAppInput,
    OwnPasswordInput,
    ProofInput,
    RecoveryCodesView,
    SecretView,
    show_recovery_codes,
    show_secret,
)

second_factor = Blueprint("second_factor", __name__, description="Your second factor")


@second_factor.post("", name="beginMySecondFactor")
@second_factor.arguments(OwnPasswordInput)
@second_factor.response(201, SecretView)
def begin(body: dict[str, str]) -> Response:
    """Make a secret for your authenticator app

    A first code turns it on. Asked again before that, another secret replaces it. conflict if it is
    on already.
    """
    budgets.charge("change password", g.session.id)
    return json_answer(
        show_secret(*second_factors.begin(g.person, body["password"], visitor())), 201
    )


@second_factor.put("", name="confirmMySecondFactor")
@second_factor.arguments(CodeOfAppInput)
@second_factor.response(200, RecoveryCodesView)
def confirm(body: dict[str, str]) -> Response:
    """Turn on the second factor, by a first code

    From now on signing in needs a code. Other sessions go on.
    """
    budgets.charge("change password", g.session.id)
    return json_answer(show_recovery_codes(second_factors.confirm(g.person, body["otp"])))


@second_factor.delete("", name="turnOffMySecondFactor")
@second_factor.arguments(ProofInput)
@second_factor.response(204)
def turn_off(body: dict[str, str]) -> tuple[Any, int]:
    """Turn off the second factor

    The recovery codes and remembered devices end with it.
    """
    budgets.charge("change password", g.session.id)
    second_factors.turn_off(g.person, body["password"], body["otp"], visitor())
    return "", 204


@second_factor.post("/recovery-codes", name="renewMyRecoveryCodes")
@second_factor.arguments(ProofInput)
@second_factor.response(201, RecoveryCodesView)
def renew_recovery_codes(body: dict[str, str]) -> Response:
    """Replace all your recovery codes"""
    budgets.charge("change password", g.session.id)
    codes = second_factors.renew_recovery_codes(g.person, body["password"], body["otp"], visitor())
    return json_answer(show_recovery_codes(codes), 201)
