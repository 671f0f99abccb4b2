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


def read(variables: Variables) -> Directory | None:
    """Return the directory; None without LDAP_URL. Raises ConfigurationError."""
    address = url(variables, "LDAP_URL", ("ldap", "ldaps"))
    base = variables.text("LDAP_BASE")
    user_filter = variables.text("LDAP_USER_FILTER", f"(uid={PLACE})")
    bind_dn = variables.text("LDAP_BIND_DN")
    password = variables.secret("LDAP_BIND_PASSWORD")
    starts_tls = variables.choice("LDAP_STARTTLS", "on", "off") == "on"
    ca_file = variables.text("LDAP_CA_FILE")
    creates = variables.choice("LDAP_CREATE", "off", "on") == "on"
    label = variables.text("LDAP_LABEL", "LDAP")
    if address is None:
        return None
    parts = urlsplit(address)
    host, has_tls = parts.hostname or "", parts.scheme == "ldaps"
    if not base:
        raise ConfigurationError("LDAP_BASE: it must be set, like ou=people,dc=example,dc=org.")
    if PLACE not in user_filter or user_filter[:1] + user_filter[-1:] != "()":
        raise ConfigurationError(
            f"LDAP_USER_FILTER: a filter with {PLACE} in it is needed, like (uid={PLACE})."
        )
    if bool(bind_dn) != bool(password):
        raise ConfigurationError("LDAP_BIND_DN: it needs LDAP_BIND_PASSWORD, and none without it.")
    if not has_tls and not starts_tls and host not in LOOPBACK:
        raise ConfigurationError(
            "LDAP_STARTTLS: passwords would cross the network readable; "
            "leave it on, or write LDAP_URL=ldaps://…."
        )
    if ca_file and not Path(ca_file).is_file():
        raise ConfigurationError(f"LDAP_CA_FILE: there is no file {ca_file}.")
    return Directory(
        host,
        parts.port or (636 if has_tls else 389),
        has_tls,
        starts_tls and not has_tls,
        Path(ca_file) if ca_file else None,
        base,
        user_filter,
        bind_dn,
        password,
        Provider(ID, label, f"ldap:{base.lower()}", "", "", "", creates, None),
    )
