"""A reset link of an earlier version stays, and one by mail may be beside it."""

from __future__ import annotations

from datetime import timedelta

from chat.models.database import database
from chat.models.document import new_id
from chat.models.migrations.links import let_two_reset_links_be
from chat.models.reset_link import ResetLink
from chat.utils.clock import now
from chat.utils.link_tokens import digest_of
from tests.helpers.databases import IS_EMBEDDED


def test_a_mailed_link_is_beside_one_of_an_earlier_version(own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    links, bob = database["reset_links"], new_id()
    links.create_index("user_id", unique=True)
    before = {"_id": digest_of("before"), "user_id": bob, "made_by": new_id()}
    links.insert_one(before | {"expires_at": now() + timedelta(hours=1)})
    for _ in range(2):
        let_two_reset_links_be(database["meta"].database)
    _link, token = ResetLink.make(bob, None, is_mailed=True)
    assert ResetLink.of_token("before")
    assert ResetLink.of_token(token)
    ResetLink.make(bob, None)
    assert ResetLink.of_token("before") is None
