"""The configuration, read once from the environment and `.env`.

The first mistake raises ConfigurationError with one sentence that names the variable.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
import re
import secrets
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from chat.utils import limit_settings, logs, private_files
from chat.utils.variables import ConfigurationError, Variables

__all__ = ["ConfigurationError", "Settings", "load_settings"]

log = logging.getLogger(__name__)

SECRET_BYTES = 32
SECRET_NAMES = ("JWT_SECRET", "SECRET_KEY")
HERE = Path(__file__).resolve().parent
HOW_TO_MAKE_A_SECRET = (
    'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
)
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
LINK_HOST = re.compile(
    r"https?://[a-z0-9](?:[\w.-]*[a-z0-9])?(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII
)
ORIGIN = re.compile(  # capacitor://localhost is an origin, too
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?/?\Z"
)
HOST_NAME = re.compile(r"[\w.-]+\Z|[0-9a-f:.]+\Z")  # IPv6 without its brackets


@dataclass(frozen=True)
class Settings:
    """The operator's decisions; `.env.example` lists the variables and their defaults."""

    mongo_uri: str | None  # None: the embedded database
    redis_url: str | None  # None: one process
    jwt_secret: str
    secret_key: str
    secret_keys_retired: tuple[str, ...]
    host: str
    port: int
    data_dir: Path
    secrets_dir: Path  # the keys to the data; never copy both together
    halves_in_database: bool  # for machines that share no folder
    public_urls: tuple[str, ...]  # no slash at the end; links lead to the first
    allowed_origins: frozenset[str]  # other origins whose pages may use tokens; "*": all
    registration: str  # "open", "invite" or "closed"
    max_image_bytes: int
    max_image_pixels: int
    image_quota_bytes_per_person: int  # 0: no limit
    image_quota_bytes: int  # of everybody together; 0: no limit
    text_quota_bytes_per_person_per_day: int  # as stored, with its overhead; 0: no limit
    free_disk_bytes: int  # with less the chat accepts nothing that grows; 0: no limit
    max_message_chars: int
    link_hosts: tuple[str, ...]  # origins whose host is a link without a scheme: http://wiki
    trusted_proxies: int
    rate_limits: bool
    limits: Mapping[str, str]  # by name, as chat/utils/limit_settings.py has them
    workers: int
    log_level: str  # "debug", "info", "warning" or "error"
    log_format: str  # "json" or "text"

    @property
    def public_url(self) -> str:
        """Return the address that links lead to."""
        return self.public_urls[0]

    @property
    def bind(self) -> str:
        """Return HOST and PORT as one text."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Return whether people connect over TLS, so that cookies need the Secure attribute."""
        return self.public_url.startswith("https://")

    @property
    def cookie_suffix(self) -> str:
        """Return the suffix of cookie names: it separates chats on several ports of one host."""
        port = urlsplit(self.public_url).port
        return f"_{port}" if port and port not in DEFAULT_PORTS.values() else ""

    @property
    def origins(self) -> frozenset[str]:
        """Return the origins that our pages can have; a loopback name stands for all of them."""
        return frozenset(
            origin for url in self.public_urls for origin in _origins_of(urlsplit(url))
        )

    def allows(self, origin: str) -> bool:
        """Return whether pages of this other origin may use the API and sockets with a token."""
        is_ours = origin in self.origins
        return not is_ours and not self.allowed_origins.isdisjoint((origin, "*"))

    @property
    def hosts(self) -> frozenset[str]:
        """Return the Host values of our origins, lowercase; with and without a default port."""
        hosts = set()
        for url in map(urlsplit, self.origins):
            hosts.add(url.netloc)
            if not url.port:
                hosts.add(f"{url.netloc}:{DEFAULT_PORTS[url.scheme]}")
        return frozenset(hosts)


def _origins_of(url: SplitResult) -> Iterator[str]:
    """Yield the origins of one address, as browsers write them: without a default port."""
    port = f":{url.port}" if url.port and url.port != DEFAULT_PORTS[url.scheme] else ""
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    for name in LOOPBACK_NAMES if host in LOOPBACK_NAMES else (host,):
        yield f"{url.scheme}://{name}{port}"


def load_settings(
    dotenv: Path | None = HERE / ".env", *layers: Path | Mapping[str, str], must_exist: bool = False
) -> Settings:
    """Return the settings of this process. Raises ConfigurationError at the first mistake.

    The environment has precedence, then the last of `layers` (files or variables), then `dotenv`.
    `must_exist`: an embedded database must exist already, and nothing is created.
    """
    variables = Variables(os.environ, *([dotenv] if dotenv else []), *layers)
    settings = _read(variables, must_exist=must_exist)
    for name, value in variables.unknown_of_file().items():  # libraries read TZ or SSL_CERT_FILE
        os.environ.setdefault(name, value)
    return settings


def _read(variables: Variables, *, must_exist: bool) -> Settings:
    """Return the settings, validated before any folder or file is created."""
    port = variables.number("PORT", 5000, 1, 65535)
    data_dir = variables.path("DATA_DIR", HERE / "data")
    settings = Settings(
        mongo_uri=_mongo_uri(variables),
        redis_url=_url(variables, "REDIS_URL", ("redis", "rediss")),
        jwt_secret=_secret("JWT_SECRET", variables.secret("JWT_SECRET")),
        secret_key=_secret("SECRET_KEY", variables.secret("SECRET_KEY")),
        secret_keys_retired=tuple(
            _retired(key.strip())
            for key in variables.secret("SECRET_KEYS_RETIRED").split(",")
            if key.strip()
        ),
        host=_host(variables),
        port=port,
        data_dir=data_dir,
        secrets_dir=variables.path("SECRETS_DIR", private_files.secrets_beside(data_dir)),
        halves_in_database=variables.choice("HALVES", "file", "database") == "database",
        public_urls=_public_urls(variables, port),
        allowed_origins=_allowed_origins(variables),
        registration=variables.choice("REGISTRATION", "open", "invite", "closed"),
        max_image_bytes=variables.size("MAX_IMAGE_BYTES", 10_485_760, 1, 2**31),
        max_image_pixels=variables.number("MAX_IMAGE_PIXELS", 40_000_000, 1, 2**31),
        image_quota_bytes_per_person=variables.size(
            "IMAGE_QUOTA_BYTES_PER_PERSON", 2**30, 0, 2**53
        ),
        image_quota_bytes=variables.size("IMAGE_QUOTA_BYTES", 10 * 2**30, 0, 2**53),
        text_quota_bytes_per_person_per_day=variables.size(
            "TEXT_QUOTA_BYTES_PER_PERSON_PER_DAY", 50_000_000, 0, 2**53
        ),
        free_disk_bytes=variables.size("FREE_DISK_BYTES", 1_000_000_000, 0, 2**53),
        max_message_chars=variables.number("MAX_MESSAGE_CHARS", 8000, 1, 100_000),
        link_hosts=_link_hosts(variables),
        trusted_proxies=variables.number("TRUSTED_PROXIES", 0, 0, 16),
        rate_limits=variables.choice("RATE_LIMITS", "on", "off") == "on",
        limits=limit_settings.read(variables),
        workers=variables.number("WORKERS", 1, 1, 256),
        log_level=variables.choice(
            "LOG_LEVEL", "info", *(level for level in logs.LEVELS if level != "info")
        ),
        log_format=variables.choice("LOG_FORMAT", *logs.FORMATS),
    )
    variables.refuse_unknown()
    for name, folder in (("DATA_DIR", data_dir), ("SECRETS_DIR", settings.secrets_dir)):
        _must_be_folder(name, folder)
    if settings.workers > 1 and not settings.redis_url:
        raise ConfigurationError(
            "WORKERS: more than one process needs REDIS_URL, the queue that joins them."
        )
    if not settings.mongo_uri:
        _must_be_ours(data_dir, must_exist=must_exist)
    return _with_secrets(settings, must_exist=must_exist)


def _with_secrets(settings: Settings, *, must_exist: bool) -> Settings:
    """Return the settings; secrets that are not set come from the file `secrets.json`."""
    given = {"JWT_SECRET": settings.jwt_secret, "SECRET_KEY": settings.secret_key}
    for name, value in given.items():
        if settings.mongo_uri and not value:
            raise ConfigurationError(
                f"{name}: it must be set where MONGO_URI is; {HOW_TO_MAKE_A_SECRET}."
            )
    _must_differ(settings, given)
    if not all(given.values()):
        stored = _stored_secrets(settings.data_dir, settings.secrets_dir, must_exist=must_exist)
        given = {name: value or stored[name] for name, value in given.items()}
        _must_differ(settings, given)
    return replace(settings, jwt_secret=given["JWT_SECRET"], secret_key=given["SECRET_KEY"])


def _must_differ(settings: Settings, given: Mapping[str, str]) -> None:
    """Raise ConfigurationError where two secrets are equal: leaking one must not leak another."""
    if given["SECRET_KEY"] and given["SECRET_KEY"] in settings.secret_keys_retired:
        raise ConfigurationError(
            "SECRET_KEYS_RETIRED: SECRET_KEY is one of them; "
            "leave it out there, or set the new key."
        )
    if given["JWT_SECRET"] and given["JWT_SECRET"] in (
        given["SECRET_KEY"],
        *settings.secret_keys_retired,
    ):
        raise ConfigurationError(
            f"JWT_SECRET: it is a SECRET_KEY, too; set another JWT_SECRET, {HOW_TO_MAKE_A_SECRET}."
        )


def _mongo_uri(variables: Variables) -> str | None:
    uri = _url(variables, "MONGO_URI", ("mongodb", "mongodb+srv"))
    if uri and not urlsplit(uri).path.strip("/"):
        raise ConfigurationError(
            "MONGO_URI: the database's name is missing; write mongodb://host:27017/chat."
        )
    return uri


def _host(variables: Variables) -> str:
    host = variables.text("HOST", "127.0.0.1").strip("[]")
    try:
        socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            f"HOST: {host} is no address, and no name of one; write 127.0.0.1, 0.0.0.0 or ::."
        ) from error
    return host


def _url(variables: Variables, name: str, schemes: tuple[str, ...]) -> str | None:
    value = variables.secret(name)  # the URL may contain a password
    if not value:
        return None
    try:
        url = urlsplit(value)
        well_formed = url.scheme in schemes and bool(url.netloc)
        for host in url.netloc.rpartition("@")[2].split(","):  # a MongoDB URI may name several
            _ = urlsplit(f"//{host}").port  # raises ValueError for an invalid port
    except ValueError:
        well_formed = False
    if not well_formed:
        raise ConfigurationError(f"{name}: a URL like {schemes[0]}://host:port/name is needed.")
    return value


def _public_urls(variables: Variables, port: int) -> tuple[str, ...]:
    """Return the addresses of the chat; links lead to the first."""
    given = variables.text("PUBLIC_URL", f"http://localhost:{port}")
    urls = tuple(_public_url(url.strip()) for url in given.split(",") if url.strip())
    if not urls:
        raise ConfigurationError("PUBLIC_URL: a URL like https://chat.example.org is needed.")
    if len({urlsplit(url).scheme for url in urls}) > 1:
        raise ConfigurationError(
            "PUBLIC_URL: all of its addresses must begin with https://, or all with http://."
        )
    return urls


def _link_hosts(variables: Variables) -> tuple[str, ...]:
    """Return the origins of LINK_HOSTS; a host without a scheme gets http."""
    given = [host.strip().rstrip("/") for host in variables.text("LINK_HOSTS").split(",")]
    origins = tuple(host if "://" in host else f"http://{host}" for host in given if host)
    for origin in origins:
        if not LINK_HOST.fullmatch(origin):
            raise ConfigurationError(
                "LINK_HOSTS: names of hosts are needed, like wiki,https://jira,build:8080."
            )
    return origins


def _public_url(value: str) -> str:
    try:
        url = urlsplit(value)
        well_formed = (
            url.scheme in ("http", "https")
            and bool(HOST_NAME.match(url.hostname or ""))
            and url.port != 0
        )
        more = url.query or url.fragment or url.username is not None or url.password is not None
    except ValueError:
        well_formed, more = False, ""
    if not well_formed or more:
        raise ConfigurationError(
            "PUBLIC_URL: a URL like https://chat.example.org is needed, "
            "a scheme, a name and perhaps a port."
        )
    if url.path.strip("/"):
        raise ConfigurationError(
            f"PUBLIC_URL: the chat cannot live under a path ({url.path}); "
            "give it a name of its own, like https://chat.example.org."
        )
    return value.rstrip("/")


def _allowed_origins(variables: Variables) -> frozenset[str]:
    given = variables.text("ALLOWED_ORIGINS").split(",")
    return frozenset(_allowed_origin(origin.strip()) for origin in given if origin.strip())


def _allowed_origin(value: str) -> str:
    """Return an origin as browsers write it: lowercase, without a default port."""
    if value == "*":
        return value
    found = ORIGIN.match(value.lower())
    if not found or (found["port"] and not 0 < int(found["port"]) < 65536):
        raise ConfigurationError(
            f"ALLOWED_ORIGINS: {value} is no origin; write a scheme, a name and perhaps a port, "
            "like https://app.example.org, or * for all."
        )
    is_default = found["port"] == str(DEFAULT_PORTS.get(found["scheme"], ""))
    port = f":{found['port']}" if found["port"] and not is_default else ""
    return f"{found['scheme']}://{found['host']}{port}"


def _secret(name: str, value: str) -> str:
    if value and len(value.encode()) < SECRET_BYTES:
        raise ConfigurationError(
            f"{name}: shorter than {SECRET_BYTES} bytes, which is too weak; {HOW_TO_MAKE_A_SECRET}."
        )
    return value


def _must_be_folder(name: str, folder: Path) -> None:
    """Raise ConfigurationError where a file is in the way of the folder."""
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
    except OSError:
        return  # a missing permission is reported when the folder is opened
    if not there.is_dir():
        raise ConfigurationError(f"{name}: {there} is a file, and a folder is needed.")


def _must_be_ours(data_dir: Path, *, must_exist: bool) -> None:
    """Raise ConfigurationError where the embedded database belongs to another user.

    Its owner could read the files that we write there. `must_exist`: raise without a database, too.
    """
    if not _has_database(data_dir):
        if not must_exist:
            return
        raise ConfigurationError(
            f"DATA_DIR: there is no chat in {data_dir}; "
            "name the configuration of yours with --env-file, or start it once."
        )
    owner = data_dir.stat().st_uid
    if owner != os.geteuid():
        name = _user_name(owner)
        raise ConfigurationError(
            f"DATA_DIR: {data_dir} belongs to {name}; run this as {name}: sudo -u {name} …"
        )


def _user_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"#{user_id}"


def _has_database(data_dir: Path) -> bool:
    """Return whether DATA_DIR has a database. Raises ConfigurationError where it is unreadable."""
    try:
        return any(file.name.startswith("WiredTiger") for file in (data_dir / "database").iterdir())
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR: {error.filename} cannot be read ({error.strerror}); "
            "run it as the user that the chat runs as."
        ) from error


def _retired(key: str) -> str:
    if len(key.encode()) < SECRET_BYTES:
        raise ConfigurationError(
            f"SECRET_KEYS_RETIRED: one of them is shorter than {SECRET_BYTES} bytes, "
            "as no SECRET_KEY can have been."
        )
    return key


def _stored_secrets(data_dir: Path, secrets_dir: Path, *, must_exist: bool) -> dict[str, str]:
    """Return the secrets of the file `secrets.json`, mode 0600, which the first start creates.

    `must_exist`: move and create no file or folder. Raises ConfigurationError.
    """
    path, earlier = secrets_dir / "secrets.json", data_dir / "secrets.json"
    try:
        if must_exist:
            path = earlier if earlier.exists() and not path.exists() else path
        else:
            secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not must_exist and private_files.move_once(earlier, path):
            log.info(
                "the secrets were moved out of DATA_DIR",
                extra={"from": str(earlier), "to": str(path)},
            )
        if not path.exists():
            _make_secrets(path, data_dir)
        stored = json.loads(path.read_text())
    except OSError as error:
        raise ConfigurationError(
            f"SECRETS_DIR: {error.filename or path} cannot be read or written ({error.strerror})."
        ) from error
    except ValueError:
        stored = None
    if not isinstance(stored, dict) or not all(
        isinstance(stored.get(name), str) for name in SECRET_NAMES
    ):
        raise ConfigurationError(
            f"SECRETS_DIR: {path} is damaged; restore it from a backup, "
            "the messages cannot be read without it."
        )
    return stored


def _make_secrets(path: Path, data_dir: Path) -> None:
    """Create the secrets. Raises ConfigurationError beside a database: they cannot open it."""
    if _has_database(data_dir):
        raise ConfigurationError(
            f"SECRETS_DIR: {path} is missing, but there is a database in {data_dir}; "
            "restore the file from a backup, the messages cannot be read without it."
        )
    private_files.write_once(
        path, json.dumps({name: secrets.token_urlsafe(48) for name in SECRET_NAMES}).encode()
    )
