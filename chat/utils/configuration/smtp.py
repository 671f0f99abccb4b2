"""The setting SMTP_URL: the mail server that takes what the chat sends, and who is its sender."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from chat.utils.configuration.variables import ConfigurationError, Variables
from chat.utils.email_addresses import parsed

PORTS = {"smtp": 587, "smtps": 465}
OPTIONS = {"from", "tls"}
SHAPE = "SMTP_URL: a URL like smtp://user:password@mail.example.org:587?from=chat@example.org"


@dataclass(frozen=True)
class MailServer:
    """A mail server. `tls`: from the first byte, by STARTTLS, or not at all."""

    host: str
    port: int
    tls: str  # "implicit", "starttls" or "off"
    sender: str  # the address that mails come from
    user: str = ""
    password: str = field(default="", repr=False)


def read(variables: Variables) -> MailServer | None:
    """Return the mail server of SMTP_URL; None without one. Raises ConfigurationError."""
    value = variables.secret("SMTP_URL")  # it may contain a password
    sender = variables.text("MAIL_FROM")
    if not value:
        if sender:
            raise ConfigurationError("MAIL_FROM: it needs SMTP_URL, the server that takes mails.")
        return None
    url = _parts(value)
    options = _options(url)
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return MailServer(
        url.hostname or "",
        url.port or PORTS[url.scheme],
        _tls(url, options.get("tls", "")),
        _sender(sender, options.get("from", ""), user),
        user,
        password,
    )


def _parts(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        is_one = url.scheme in PORTS and url.hostname and url.port != 0
    except ValueError:
        is_one = False
    if not is_one or url.path.strip("/") or url.fragment:
        raise ConfigurationError(f"{SHAPE} is needed.")
    return url


def _options(url: SplitResult) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in url.query.split("&") if pair]
    options = {name: unquote(value) for name, _, value in pairs}
    for name in options.keys() - OPTIONS:
        raise ConfigurationError(f"SMTP_URL: there is no option {name}; write from or tls.")
    return options


def _tls(url: SplitResult, option: str) -> str:
    """Return how the connection is encrypted: always, except to this machine or by `tls=off`."""
    if option not in ("", "on", "off"):
        raise ConfigurationError("SMTP_URL: tls must be on or off.")
    if url.scheme == "smtps":
        return "implicit"
    if option == "off" or (not option and _is_loopback(url.hostname or "")):
        return "off"
    return "starttls"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sender(variable: str, option: str, user: str) -> str:
    """Return the sender: MAIL_FROM, else `from`, else the user if that is an address."""
    for name, given in (("MAIL_FROM", variable), ("SMTP_URL: from", option)):
        if given and not parsed(given):
            raise ConfigurationError(f"{name}: an address like chat@example.org is needed.")
    found = parsed(variable) or parsed(option) or parsed(user)
    if not found:
        raise ConfigurationError(f"{SHAPE} is needed: `from` says who sends.")
    return found
