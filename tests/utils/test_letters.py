"""Letters: whatever people call themselves, a mail has the headers and the links of the chat."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default

import pytest

from chat.utils.letters import Envelope, Items, Letter, Link, written

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOSTILE = "Ada\r\nBcc: eve@example.org\n\n<script>alert(1)</script>\u2028\x00 “é” 😀"


def envelope(name: str = "Harbour", language: str = "en") -> Envelope:
    return Envelope("chat@example.org", name, "ada@example.org", "1.2@example.org", AT, language)


def read(text: str) -> EmailMessage:
    found = message_from_string(text, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found
    return str(found.get_content())


@pytest.mark.parametrize("length", [1, 40])
def test_no_name_adds_a_header_or_markup(length: int) -> None:
    letter = Letter(HOSTILE * length, (HOSTILE, Items(((HOSTILE, (HOSTILE,)),))), (HOSTILE,))
    text = written(letter, envelope(HOSTILE * length))
    assert text.isascii()
    assert "\n" not in text.replace("\r\n", "")
    mail = read(text)
    assert mail["Bcc"] is None
    assert mail["To"] == "ada@example.org"
    assert [each.addr_spec for each in mail["From"].addresses] == ["chat@example.org"]
    assert sorted(set(mail.keys())) == [
        "Auto-Submitted",
        "Content-Language",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    assert "<script" not in part(mail, "html")
    assert "&lt;script" in part(mail, "html")


def test_both_forms_say_the_same_and_ask_for_nothing_from_elsewhere() -> None:
    link = Link("Choose a new password", "https://chat.example.org/reset/abc?a=1&b=2")
    items = Items((("Ada in “Harbour”", ("See you at noon",)), ("Bob", ())))
    letter = Letter("Grüße aus dem Hafen", ("Hello!", link, items), ("Why you get this.",))
    mail = read(written(letter, envelope("Büro")))
    assert mail["Subject"] == "Grüße aus dem Hafen"
    assert str(mail["From"]) == "Büro <chat@example.org>"
    assert mail["Message-ID"] == "<1.2@example.org>"
    text, html = part(mail, "plain"), part(mail, "html")
    for said in ("Hello!", "Choose a new password", "Ada in “Harbour”", "See you", "Why you get"):
        assert said in text
        assert said in html
    assert link.url in text
    assert re.findall(r'(?:href|src|url)=?"?([^">]+)', html) == [link.url.replace("&", "&amp;")]


def test_a_long_link_to_stop_mails_stays_whole() -> None:
    url = f"https://{'long.' * 30}example.org/email/stop/{'x' * 60}"
    letter = Letter("News", ("Hello",), headers={"List-Unsubscribe": f"<{url}>"})
    assert f"List-Unsubscribe: <{url}>\r\n" in written(letter, envelope())
    with pytest.raises(AssertionError):
        written(Letter("News", (), headers={"X": "1\r\nBcc: eve@example.org"}), envelope())
