"""The tables of docs/api.md have exactly the limits of the code."""

from __future__ import annotations

import re

from flask import Flask

from chat.controllers.oversight import USUAL_PAGE as MOST_SEEN
from chat.controllers.receipts import MOST_PEOPLE as MOST_RECEIPTS
from chat.controllers.sessions import MOST_DEVICES
from chat.models import api_token, bot, incoming_webhook, reminder, slash_command
from chat.models.account_list import USUAL_PAGE as MOST_ACCOUNTS
from chat.models.audit import ACTIONS
from chat.models.ban import USUAL_PAGE as MOST_BANS
from chat.models.block import MOST_BLOCKED
from chat.models.message.paged import USUAL_PAGE
from chat.models.message.reactable import MOST_KINDS, MOST_REACTIONS
from chat.models.passkey import MOST as MOST_PASSKEYS
from chat.models.pins import MOST_PINS
from chat.models.prepared_export import MOST as MOST_EXPORTS
from chat.models.push_subscription import MOST as MOST_SUBSCRIPTIONS
from chat.models.report import USUAL_PAGE as MOST_REPORTS
from chat.models.room import LONGEST_LIST as MOST_BROWSED
from chat.models.room import MOST_PEOPLE_IN_A_DIRECT_ROOM
from chat.models.room_invitation import MOST_PENDING
from chat.models.user_search import LONGEST_LIST as MOST_FOUND
from chat.routes import streaming
from chat.schemas import (
    account_names,
    audit,
    images,
    invites,
    members,
    message_inputs,
    outgoing_webhooks,
    room_log,
    rooms,
    search,
    users,
)
from chat.schemas.base import MOST_FIELDS, QueryInput
from chat.schemas.commands import MOST_OFFERED
from chat.schemas.fields import StrictInteger
from chat.utils.configuration.providers import MOST_PROVIDERS
from chat.utils.configuration.rate_limits import DEFAULTS, variable_of
from config import Settings
from tests.helpers.servers import ROOT

QUERIES: dict[str, type[QueryInput]] = {
    "/rooms/<id>/messages": message_inputs.PageQuery,
    "/rooms/<id>/log": room_log.LogQuery,
    "/rooms": rooms.RoomsQuery,
    "/rooms/<id>/members": members.MembersQuery,
    "/rooms/<id>/pins": message_inputs.PinsQuery,
    "/rooms/<id>/images": images.GalleryQuery,
    "/mentions": message_inputs.MentionsQuery,
    "/invites": invites.InvitesQuery,
    "/admin/audit": audit.AuditQuery,
    "/rooms/<id>/audit": audit.RoomAuditQuery,
    "/messages/<id>/versions": message_inputs.VersionsQuery,
    "/search": search.SearchQuery,
}
WHOLE = {
    "/messages": message_inputs.MOST_CHOSEN,
    "/rooms/browse": MOST_BROWSED,
    "/users": MOST_FOUND,
    "/admin/users": MOST_ACCOUNTS,
    "/admin/rooms": MOST_SEEN,
    "/rooms/<id>/bans": MOST_BANS,
    "/rooms/<id>/incoming-webhooks": incoming_webhook.MOST,
    "/rooms/<id>/commands": MOST_OFFERED,
    "/commands": slash_command.MOST,
    "/me/tokens": api_token.MOST,
    "/me/reminders": reminder.MOST,
    "/bots": bot.MOST,
    "/rooms/<id>/outgoing-webhooks": outgoing_webhooks.MOST_HOOKS,
    "/outgoing-webhooks/<id>/deliveries": outgoing_webhooks.MOST_DELIVERIES,
    "/admin/reports": MOST_REPORTS,
    "/me/sessions": MOST_DEVICES,
    "/me/room-invitations": MOST_PENDING,
    "/auth/providers": MOST_PROVIDERS,
    "/me/identities": MOST_PROVIDERS,
    "/me/blocks": MOST_BLOCKED,
    "/me/push-subscriptions": MOST_SUBSCRIPTIONS,
    "/me/passkeys": MOST_PASSKEYS,
    "/exports": MOST_EXPORTS,
    "/rooms/<id>/receipts": MOST_RECEIPTS,
    "/rooms/<id>/preview": USUAL_PAGE,
}


def table(first_heading: str) -> list[list[str]]:
    """Return the rows of the table of docs/api.md that begins with this text."""
    _, _, rest = (ROOT / "docs/api.md").read_text().partition(f"\n| {first_heading} |")
    lines = rest.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def test_every_limit_that_can_be_set_is_told_with_its_default() -> None:
    told = {row[0].strip("`"): row[2] for row in table("limit")}
    assert told == {variable_of(name): default for name, default in DEFAULTS.items()}


def limit_of(query: type[QueryInput]) -> str:
    field = query().load_fields["limit"]
    assert isinstance(field, StrictInteger)
    most = next(validator.max for validator in field.validators if hasattr(validator, "max"))
    return f"{field.load_default}, {most}"


def test_every_list_is_told_with_its_limits() -> None:
    told = {row[0].strip("`"): row[3] for row in table("list")}
    expected = {path: limit_of(query) for path, query in QUERIES.items()}
    assert told == expected | {path: f"{most} always" for path, most in WHOLE.items()}


def test_every_action_of_the_audit_is_told() -> None:
    told = [word for row in table("action") for word in re.findall("`([^` ]+)`", row[0])]
    assert sorted(told) == sorted(ACTIONS)


def test_every_list_of_the_api_is_told(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    shapes = document["components"]["schemas"]
    lists = set()
    for path, methods in document["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        shape = (
            content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        )
        fields = shapes.get(shape, {}).get("properties", {})
        if {"next", "has_more", "has_before"} & fields.keys():
            lists.add(re.sub(r"\{\w+\}", "<id>", path.removeprefix("/api/v1")))
    assert lists == QUERIES.keys() | WHOLE.keys()


def test_every_bound_is_told(app: Flask, settings: Settings) -> None:
    told = {re.sub(r" \(.*\)", "", row[0]): (int(row[1]), int(row[2])) for row in table("what")}
    password = users.SHORTEST_PASSWORD, users.LONGEST_PASSWORD
    username = users.RegisterInput().fields["username"]
    assert told == {
        "username": (username.described["minLength"], username.described["maxLength"]),
        "password": password,
        "display name": (1, account_names.LONGEST_DISPLAY_NAME),
        "name of a room": (1, rooms.LONGEST_NAME),
        "topic of a room": (0, rooms.LONGEST_TOPIC),
        "body of a message": (0, settings.max_message_chars),
        "`client_id`": (1, message_inputs.LONGEST_CLIENT_ID),
        "pictures of a message": (0, message_inputs.MOST_IMAGES),
        "bytes of a picture": (1, settings.max_image_bytes),
        "pixels of a picture": (1, settings.max_image_pixels),
        "description of a picture": (0, images.LONGEST_ALT),
        "query of a search": (0, search.LONGEST_QUERY),
        "people in a direct room, you included": (2, MOST_PEOPLE_IN_A_DIRECT_ROOM),
        "pinned messages of a room": (0, MOST_PINS),
        "kinds of emoji on a message": (0, MOST_KINDS),
        "reactions on a message": (0, MOST_REACTIONS),
        "devices of a person, then the one used longest ago is signed out": (1, MOST_DEVICES),
        "people whom somebody blocks": (0, MOST_BLOCKED),
        "fields of an object": (0, MOST_FIELDS),
        "bytes of a body without pictures": (0, app.config["MAX_CONTENT_LENGTH"]),
        "bytes of text of a person a day": (0, settings.text_quota_bytes_per_person_per_day),
        "bytes of pictures of a person": (0, settings.image_quota_bytes_per_person),
        "answers of a person at a time, pictures aside": (1, streaming._answers._at_a_time),
        "pictures answered to a person at a time": (1, streaming._pictures._at_a_time),
    }
