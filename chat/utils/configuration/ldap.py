"""Read the settings of sign-in by an LDAP directory: LDAP_URL, LDAP_BASE and others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from chat.utils.configuration.providers import LOOPBACK, Provider
from chat.utils.configuration.urls import url
from chat.utils.configuration.variables import ConfigurationError, Variables

PLACE = "{username}"
ID = "ldap"


@dataclass(frozen=True)
class Directory:
    """An LDAP directory. `user_filter` has `{username}` where the escaped name goes.

    `admin_group`: the group whose people administer the chat; empty: the directory does not decide.
    `provider`: how its people are told apart from those of other providers.
    """

    host: str
    port: int
    has_tls: bool  # from the first byte
    starts_tls: bool
    ca_file: Path | None  # None: the certificates of the system
    base: str
    user_filter: str
    bind_dn: str  # empty: anonymous
    bind_password: str = field(repr=False)
    provider: Provider
    admin_group: str = ""


def read(variables: Variables) -> Directory | None:
    """Return the directory; None without LDAP_URL. Raises ConfigurationError."""
    address = url(variables, "LDAP_URL", ("ldap", "ldaps"))
    parts = urlsplit(address or "")
    has_tls = parts.scheme == "ldaps"
    ca_file = variables.text("LDAP_CA_FILE")
    base = variables.text("LDAP_BASE")
    label = variables.text("LDAP_LABEL", "LDAP")
    creates = variables.choice("LDAP_CREATE", "off", "on") == "on"
    directory = Directory(
        parts.hostname or "",
        parts.port or (636 if has_tls else 389),
        has_tls,
        variables.choice("LDAP_STARTTLS", "on", "off") == "on" and not has_tls,
        Path(ca_file) if ca_file else None,
        base,
        variables.text("LDAP_USER_FILTER", f"(uid={PLACE})"),
        variables.text("LDAP_BIND_DN"),
        variables.secret("LDAP_BIND_PASSWORD"),
        Provider(ID, label, f"ldap:{base.lower()}", "", "", "", creates, None),
        variables.text("LDAP_ADMIN_GROUP"),
    )
    if address is None:
        return None
    _check(directory)
    return directory


def _check(directory: Directory) -> None:
    """Raise ConfigurationError for a directory that cannot be asked, or not safely."""
    user_filter, ca_file = directory.user_filter, directory.ca_file
    if not directory.base:
        raise ConfigurationError("LDAP_BASE: it must be set, like ou=people,dc=example,dc=org.")
    if PLACE not in user_filter or user_filter[:1] + user_filter[-1:] != "()":
        raise ConfigurationError(
            f"LDAP_USER_FILTER: a filter with {PLACE} in it is needed, like (uid={PLACE})."
        )
    if bool(directory.bind_dn) != bool(directory.bind_password):
        raise ConfigurationError("LDAP_BIND_DN: it needs LDAP_BIND_PASSWORD, and none without it.")
    if not directory.has_tls and not directory.starts_tls and directory.host not in LOOPBACK:
        raise ConfigurationError(
            "LDAP_STARTTLS: passwords would cross the network readable; "
            "leave it on, or write LDAP_URL=ldaps://…."
        )
    if directory.admin_group and "=" not in directory.admin_group:
        raise ConfigurationError(
            "LDAP_ADMIN_GROUP: a whole name is needed, like cn=admins,ou=groups,dc=example,dc=org."
        )
    if ca_file and not ca_file.is_file():
        raise ConfigurationError(f"LDAP_CA_FILE: there is no file {ca_file}.")
