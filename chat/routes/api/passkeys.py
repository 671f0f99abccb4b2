"""`/me/passkeys`: one's own passkeys."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import budgets
from chat.controllers import passkeys as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.device_names import name_of_this_device
from chat.routes.responses import json_answer
from chat.routes.visitors import visitor
from chat.schemas.passkeys import (
    AddPasskeyInput,
    PasskeyOptionsView,
    PasskeysView,
    PasskeyView,
    RenamePasskeyInput,
    registration_of,
    show_passkey,
    show_passkey_options,
)
from chat.schemas.second_factor import ProofOfPersonInput

passkeys = Blueprint("passkeys", __name__, description="Your passkeys")


@passkeys.get("", name="listMyPasskeys")
@passkeys.response(200, PasskeysView)
def list_all() -> Response:
    """List your passkeys, the oldest first"""
    shown = [show_passkey(each) for each in verbs.list_of(g.person)]
    return json_answer({"passkeys": shown, "next": None})


@passkeys.post("/options", name="beginPasskey")
@passkeys.arguments(ProofOfPersonInput)
@passkeys.response(200, PasskeyOptionsView)
def begin(body: dict[str, str]) -> Response:
    """Begin to add a passkey

    A browser makes one: `navigator.credentials.create({publicKey})`. forbidden for people without a
    password; conflict with 20 passkeys.
    """
    budgets.charge("change password", g.session.id)
    begun = verbs.begin(g.person, body["password"], body["otp"], visitor())
    return json_answer(show_passkey_options(begun))


@passkeys.post("", name="addPasskey")
@passkeys.arguments(AddPasskeyInput)
@passkeys.response(201, PasskeyView)
def add(body: dict[str, Any]) -> Response:
    """Add a passkey

    Send what the credential's `toJSON()` returns.
    """
    answer = registration_of(body["credential"])
    name = body.get("name") or name_of_this_device()
    return json_answer(show_passkey(verbs.add(g.person, body["token"], answer, name)), 201)


@passkeys.patch("/<id:passkey_id>", name="renamePasskey")
@passkeys.arguments(RenamePasskeyInput)
@passkeys.response(200, PasskeyView)
def rename(body: dict[str, str], passkey_id: str) -> Response:
    """Rename a passkey"""
    return json_answer(show_passkey(verbs.rename(g.person, passkey_id, body["name"])))


@passkeys.delete("/<id:passkey_id>", name="removePasskey")
@passkeys.response(204)
def remove(passkey_id: str) -> tuple[Any, int]:
    """Remove a passkey

    It signs nobody in any more. Sessions that it began go on.
    """
    verbs.remove(g.person, passkey_id)
    return "", 204
