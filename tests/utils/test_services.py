"""A server has the same limits by every spelling of its address."""

from __future__ import annotations

import pytest

from chat.utils.outward.services import service_of
from chat.utils.pushing import worker as pushing
from chat.utils.webhooks import worker as webhooks


@pytest.mark.parametrize(
    ("service", "spellings"),
    [
        (
            "example.org",
            [
                "https://EXAMPLE.org/other",
                "https://example.org./",
                "https://example.org:443/",
                "https://example.org:0443/",
                "https://alice@example.org/",
                "https://ｅxample。org/",
            ],
        ),
        (
            "example.org:80",
            ["http://example.org/", "http://example.org:80/", "http://Example.org."],
        ),
        ("example.org:8443", ["https://example.org:8443/", "http://example.org.:8443/"]),
        ("xn--exmple-cua.org", ["https://exämple.org/", "https://EXÄMPLE.org./"]),
        (
            "203.0.113.1",
            [
                "https://203.0.113.1./",
                "https://203.0.28929/",
                "https://0xcb007101/",
                "https://3405803777/",
                "https://0313.0.0161.01/",
                "https://[::ffff:203.0.113.1]/",
                "https://[::ffff:cb00:7101]/",
            ],
        ),
        ("[2001:db8::1]:81", ["http://[2001:DB8:0::1]:81/", "http://[2001:db8:0:0:0:0:0:1]:81"]),
    ],
)
def test_all_spellings_of_a_server_are_one_service(service: str, spellings: list[str]) -> None:
    assert {spelling: service_of(spelling) for spelling in spellings} == dict.fromkeys(
        spellings, service
    )
    for spelling in spellings:
        assert webhooks.service_of({"url": spelling}) == service
        assert pushing.service_of({"endpoint": spelling}) == service


def test_a_name_that_nobody_can_look_up_is_a_service_of_its_own() -> None:
    """The program that sends must go on, so that its receiver's record says what is wrong."""
    long = "x" * 70
    assert service_of(f"https://{long}.org/") == f"{long}.org"
    assert service_of("https://a..b/") == "a..b"


def test_other_servers_are_other_services() -> None:
    addresses = ["https://example.org", "https://www.example.org", "https://example.org:8080"]
    addresses += ["http://203.0.113.1", "http://203.0.113.10", "http://[::203.0.113.1]"]
    assert len({service_of(address) for address in addresses}) == len(addresses)
