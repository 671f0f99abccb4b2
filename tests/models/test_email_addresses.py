"""E-mail addresses: which texts are one, whose they are, and how they are stored."""

from __future__ import annotations

import pytest
from bson import encode
from flask import Flask

from chat.models import email_addresses
from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.utils.email_addresses import parsed


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.L+chat@EXAMPLE.org ", "Ada.L+chat@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("o'hara@mail.example.co.uk", "o'hara@mail.example.co.uk"),
        ("", None),
        ("ada", None),
        ("ada@localhost", None),
        ("ada@127.0.0.1", None),
        ("ada@[127.0.0.1]", None),
        ("a b@example.org", None),
        ("ada@example.org\nBcc: eve@example.org", None),
        ("ada\r\n@example.org", None),
        ("ada@exa\nmple.org", None),
        ("Ada <ada@example.org>", None),
        ("ada@example.org,eve@example.org", None),
        ("ada@eve@example.org", None),
        ("ädä@example.org", None),
        ("\u212aada@example.org", None),
        (".ada@example.org", None),
        ("ada@-example.org", None),
        ("ada@example..org", None),
        (f"{'a' * 65}@example.org", None),
        (f"ada@{'a.' * 130}org", None),
    ],
)
def test_only_what_every_mail_server_takes_is_an_address(text: str, address: str | None) -> None:
    assert parsed(text) == address


def test_an_address_is_one_persons_in_whatever_case_it_is_written(app: Flask) -> None:
    alice, bob = new_id(), new_id()
    name = f"ada-{new_id()}"
    assert email_addresses.keep_verified(alice, f"{name}@example.org")
    assert not email_addresses.keep_verified(bob, f"{name.upper()}@example.org")
    assert email_addresses.verified_address_of(bob) is None
    assert email_addresses.person_with_address(f"{name.title()}@example.org") == alice
    assert email_addresses.keep_verified(alice, f"{name}@example.com"), "another replaces it"
    assert email_addresses.verified_address_of(alice) == f"{name}@example.com"
    assert email_addresses.keep_verified(bob, f"{name}@example.org"), "it is free again"
    assert not email_addresses.keep_verified(bob, f"{name}@example.com")
    assert email_addresses.verified_address_of(bob) == f"{name}@example.org", "his own stays"
    email_addresses.remove(alice)
    assert email_addresses.verified_address_of(alice) is None
    assert email_addresses.person_with_address(f"{name}@example.com") is None


def test_the_database_reveals_no_address(app: Flask) -> None:
    alice = new_id()
    email_addresses.keep_verified(alice, f"heliotrope-{alice}@example.org")
    record = database["email_addresses"].find_one({"_id": alice})
    assert record
    assert b"heliotrope" not in encode(record)
    short = new_id()
    email_addresses.keep_verified(short, f"a-{short}@example.org")
    other = database["email_addresses"].find_one({"_id": short}) or {}
    assert len(other["address"]) == len(record["address"]), "nor how long it is"


def test_an_address_whose_person_was_erased_cannot_be_opened(app: Flask) -> None:
    alice: Id = new_id()
    email_addresses.keep_verified(alice, f"{alice}@example.org")
    key_ring.destroy(alice)
    assert email_addresses.verified_address_of(alice) is None
