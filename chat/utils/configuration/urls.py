"""The settings that name a host, a URL or an origin."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from chat.utils.configuration.variables import ConfigurationError, Variables

DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
LINK_HOST = re.compile(
    r"https?://[a-z0-9](?:[\w.-]*[a-z0-9])?(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII
)
ORIGIN = re.compile(  # capacitor://localhost is an origin, too
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?/?\Z"
)
HOST_NAME = re.compile(r"[\w.-]+\Z|[0-9a-f:.]+\Z")  # an IPv6 address has no brackets here


def mongo_uri(variables: Variables) -> str | None:
    """Return MONGO_URI, which must name a database."""
    uri = url(variables, "MONGO_URI", ("mongodb", "mongodb+srv"))
    if uri and not urlsplit(uri).path.strip("/"):
        raise ConfigurationError(
            "MONGO_URI: the database's name is missing; write mongodb://host:27017/chat."
        )
    return uri


def url(variables: Variables, name: str, schemes: tuple[str, ...]) -> str | None:
    """Return a variable that is a URL of one of these schemes; None where it is not set."""
    value = variables.secret(name)  # the URL may contain a password
    if not value:
        return None
    if not _is_url(value, schemes):
        raise ConfigurationError(f"{name}: a URL like {schemes[0]}://host:port/name is needed.")
    return value


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        # a MongoDB URI may name several addresses
        for address in parts.netloc.rpartition("@")[2].split(","):
            _ = urlsplit(f"//{address}").port  # raises ValueError for an invalid port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc)


def host(variables: Variables) -> str:
    """Return HOST, an address of this machine or a name of one."""
    given = variables.text("HOST", "127.0.0.1").strip("[]")
    try:
        socket.getaddrinfo(given, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            f"HOST: {given} is no address, and no name of one; write 127.0.0.1, 0.0.0.0 or ::."
        ) from error
    return given


def public_urls(variables: Variables, port: int) -> tuple[str, ...]:
    """Return the addresses of the chat; links lead to the first."""
    given = variables.text("PUBLIC_URL", f"http://localhost:{port}")
    urls = tuple(_public_url(each.strip()) for each in given.split(",") if each.strip())
    if not urls:
        raise ConfigurationError("PUBLIC_URL: a URL like https://chat.example.org is needed.")
    if len({urlsplit(each).scheme for each in urls}) > 1:
        raise ConfigurationError(
            "PUBLIC_URL: all of its addresses must begin with https://, or all with http://."
        )
    return urls


def _public_url(value: str) -> str:
    if not _is_public_url(value):
        raise ConfigurationError(
            "PUBLIC_URL: a URL like https://chat.example.org is needed, "
            "a scheme, a name and perhaps a port."
        )
    path = urlsplit(value).path
    if path.strip("/"):
        raise ConfigurationError(
            f"PUBLIC_URL: the chat cannot live under a path ({path}); "
            "give it a name of its own, like https://chat.example.org."
        )
    return value.rstrip("/")


def _is_public_url(value: str) -> bool:
    """Return whether a URL has a scheme, a host, perhaps a port and a path, and no more."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    has_more = parts.query or parts.fragment or "@" in parts.netloc
    is_named = HOST_NAME.match(parts.hostname or "") is not None
    return parts.scheme in ("http", "https") and is_named and port != 0 and not has_more


def link_hosts(variables: Variables) -> tuple[str, ...]:
    """Return the origins of LINK_HOSTS; a host without a scheme gets http."""
    given = [each.strip().rstrip("/") for each in variables.text("LINK_HOSTS").split(",")]
    origins = tuple(each if "://" in each else f"http://{each}" for each in given if each)
    for origin in origins:
        if not LINK_HOST.fullmatch(origin):
            raise ConfigurationError(
                "LINK_HOSTS: names of hosts are needed, like wiki,https://jira,build:8080."
            )
    return origins


def allowed_origins(variables: Variables) -> frozenset[str]:
    """Return the origins of ALLOWED_ORIGINS; `*` stands for all."""
    given = variables.text("ALLOWED_ORIGINS").split(",")
    return frozenset(_allowed_origin(origin.strip()) for origin in given if origin.strip())


def _allowed_origin(value: str) -> str:
    """Return an origin as browsers write it: in lowercase, without a default port."""
    if value == "*":
        return value
    found = ORIGIN.match(value.lower())
    if not found or (found["port"] and not 0 < int(found["port"]) < 65536):
        raise ConfigurationError(
            f"ALLOWED_ORIGINS: {value} is no origin; write a scheme, a name and perhaps a port, "
            "like https://app.example.org, or * for all."
        )
    origin = f"{found['scheme']}://{found['host']}"
    default_port = str(DEFAULT_PORTS.get(found["scheme"], ""))
    if found["port"] in (None, default_port):
        return origin
    return f"{origin}:{found['port']}"


def origin_of(url: SplitResult) -> str:
    """Return the origin of one address, as browsers write it: without a default port."""
    return _origin(url, _name_of(url))


def origins_of(url: SplitResult) -> Iterator[str]:
    """Yield the origins of one address: each loopback name stands for all of them."""
    name = _name_of(url)
    for each in LOOPBACK_NAMES if name in LOOPBACK_NAMES else (name,):
        yield _origin(url, each)


def _name_of(url: SplitResult) -> str:
    name = url.hostname or ""
    return f"[{name}]" if ":" in name else name


def _origin(url: SplitResult, name: str) -> str:
    port = ""
    if url.port and url.port != DEFAULT_PORTS[url.scheme]:
        port = f":{url.port}"
    return f"{url.scheme}://{name}{port}"
