"""Read the providers of single sign-on: OIDC_<NAME>_ISSUER, OIDC_<NAME>_CLIENT_ID and others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chat.utils.configuration.variables import ConfigurationError, Variables

BEGINNING = "OIDC_"
VARIABLE = re.compile(
    r"OIDC_(?P<name>[A-Z0-9]+(?:_[A-Z0-9]+)*)_"
    r"(?:ISSUER|CLIENT_ID|CLIENT_SECRET|CLIENT_SECRET_FILE|SCOPES|CREATE|ADMIN_CLAIM|LABEL)\Z"
)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
USUAL_SCOPES = "openid profile email"
SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749
CLAIM = re.compile(r"[\w.:/-]+\Z")
MOST_PROVIDERS = 20
LONGEST_NAME = 32
LONGEST_LABEL = 40


@dataclass(frozen=True)
class AdminClaim:
    """Who administers: people whose claim `name` is `value`, or a list that contains it."""

    name: str
    value: str


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider, as its operator configured it.

    `id` is its name in addresses. `creates`: whether a first sign-in creates an account.
    """

    id: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)  # empty: a public client
    scopes: str
    creates: bool
    admin_claim: AdminClaim | None

    @property
    def is_loopback(self) -> bool:
        return urlsplit(self.issuer).hostname in LOOPBACK


def read(variables: Variables) -> tuple[Provider, ...]:
    """Return the providers in the order of their names. Raises ConfigurationError."""
    named = {found["name"] for each in variables.names if (found := VARIABLE.match(each))}
    providers = tuple(_read(variables, name) for name in sorted(named) if _is_set(variables, name))
    if any(provider.id == "ldap" for provider in providers):
        raise ConfigurationError("OIDC_LDAP_ISSUER: LDAP is the directory's name; choose another.")
    if len(providers) > MOST_PROVIDERS:
        raise ConfigurationError(f"{BEGINNING}…: at most {MOST_PROVIDERS} providers are possible.")
    for variable in sorted(variables.of_file):
        if variable.startswith(BEGINNING) and not VARIABLE.match(variable):
            raise ConfigurationError(
                f"{variable}: there is no such variable; docs/single-sign-on.md lists them all."
            )
    return providers


def passwords(variables: Variables, *, has_others: bool) -> bool:
    """Return whether people can sign in with passwords. Raises ConfigurationError."""
    are_on = variables.choice("PASSWORDS", "on", "off") == "on"
    if not are_on and not has_others:
        raise ConfigurationError(
            "PASSWORDS: without them people need a provider to sign in by; "
            "set OIDC_<NAME>_ISSUER and OIDC_<NAME>_CLIENT_ID, or LDAP_URL."
        )
    return are_on


def _is_set(variables: Variables, name: str) -> bool:
    """Return whether any variable of a provider has a value: compose files pass empty ones."""
    parts = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_SECRET_FILE", "SCOPES", "CREATE")
    found = [variables.text(f"OIDC_{name}_{part}") for part in (*parts, "ADMIN_CLAIM", "LABEL")]
    return any(found)


def _read(variables: Variables, name: str) -> Provider:
    if len(name) > LONGEST_NAME:
        raise ConfigurationError(
            f"OIDC_{name}_ISSUER: the provider's name must have at most {LONGEST_NAME} characters."
        )
    return Provider(
        id=name.lower().replace("_", "-"),
        label=_label(variables, name),
        issuer=_issuer(variables, f"OIDC_{name}_ISSUER"),
        client_id=_client_id(variables, f"OIDC_{name}_CLIENT_ID"),
        client_secret=variables.secret(f"OIDC_{name}_CLIENT_SECRET"),
        scopes=_scopes(variables, f"OIDC_{name}_SCOPES"),
        creates=variables.choice(f"OIDC_{name}_CREATE", "off", "on") == "on",
        admin_claim=_admin_claim(variables, f"OIDC_{name}_ADMIN_CLAIM"),
    )


def _label(variables: Variables, name: str) -> str:
    label = variables.text(f"OIDC_{name}_LABEL", name.replace("_", " ").title())
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise ConfigurationError(
            f"OIDC_{name}_LABEL: it must have at most {LONGEST_LABEL} visible characters."
        )
    return label


def _issuer(variables: Variables, name: str) -> str:
    issuer = variables.text(name)
    if not is_address(issuer, may_be_plain=True) or urlsplit(issuer).query:
        raise ConfigurationError(
            f"{name}: a URL like https://id.example.org/realms/team is needed, "
            "as the provider names itself; http only on this machine."
        )
    return issuer


def _client_id(variables: Variables, name: str) -> str:
    client_id = variables.text(name)
    if not client_id:
        raise ConfigurationError(f"{name}: it must be set; the provider shows it for its client.")
    return client_id


def _scopes(variables: Variables, name: str) -> str:
    scopes = variables.text(name, USUAL_SCOPES).split()
    if "openid" not in scopes or not all(SCOPE.fullmatch(each) for each in scopes):
        raise ConfigurationError(f"{name}: write scopes with spaces between, like {USUAL_SCOPES}.")
    return " ".join(scopes)


def _admin_claim(variables: Variables, name: str) -> AdminClaim | None:
    given = variables.text(name)
    if not given:
        return None
    claim, _, value = given.rpartition(":")
    if not CLAIM.match(claim) or not value.strip():
        raise ConfigurationError(
            f"{name}: write the name of a claim and the value of administrators, "
            "like groups:chat-admins."
        )
    return AdminClaim(claim, value.strip())


def is_address(url: str, *, may_be_plain: bool) -> bool:
    """Return whether a URL of a provider is usable: https, or http on this machine if it may."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    if not parts.hostname or port == 0 or "@" in parts.netloc or parts.fragment:
        return False
    is_plain = parts.scheme == "http" and may_be_plain and parts.hostname in LOOPBACK
    return parts.scheme == "https" or is_plain
