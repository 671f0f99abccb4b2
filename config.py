"""The configuration, read once from the environment and `.env`.

The first mistake raises ConfigurationError with one sentence that names the variable.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from chat.utils import logs, private_files
from chat.utils.configuration import (
    chat_name,
    data_folders,
    ldap,
    networks,
    providers,
    rate_limits,
    secret_keys,
    smtp,
    urls,
)
from chat.utils.configuration.ldap import Directory
from chat.utils.configuration.providers import Provider
from chat.utils.configuration.variables import ConfigurationError, Variables

__all__ = ["ConfigurationError", "Settings", "load_settings"]

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """The operator's decisions; `.env.example` lists the variables and their defaults."""

    mongo_uri: str | None  # None: the embedded database
    redis_url: str | None  # None: one process
    mail_server: smtp.MailServer | None  # None: the chat sends no mails
    jwt_secret: str
    secret_key: str
    secret_keys_retired: tuple[str, ...]
    host: str
    port: int
    data_dir: Path
    secrets_dir: Path  # the keys to the data; never copy them together with DATA_DIR
    halves_in_database: bool  # True for machines that share no folder
    public_urls: tuple[str, ...]  # without a slash at the end; links lead to the first address
    allowed_origins: frozenset[str]  # other origins whose pages may use tokens; "*": all origins
    chat_name: str  # empty: administrators choose it
    registration: str  # "open", "invite" or "closed"
    passwords: bool  # whether people sign in with passwords; False needs a provider
    providers: tuple[Provider, ...]  # of single sign-on
    directory: Directory | None  # LDAP
    invites: str  # who makes invites: "members" (everybody) or "administrators"
    max_image_bytes: int
    max_image_pixels: int
    image_quota_bytes_per_person: int  # 0: no limit
    image_quota_bytes: int  # pictures of all people together; 0: no limit
    text_quota_bytes_per_person_per_day: int  # stored bytes, including overhead; 0: no limit
    free_disk_bytes: int  # with less free space the chat accepts no more data; 0: no limit
    max_message_chars: int
    retention_days: int  # after which messages are deleted; 0: administrators choose
    # origins whose host becomes a link even without a scheme: http://wiki
    link_hosts: tuple[str, ...]
    push_networks: tuple[str, ...]  # private networks in which push services may be
    webhook_networks: tuple[str, ...]  # likewise the receivers of outgoing webhooks
    trusted_proxies: int
    rate_limits: bool
    limits: Mapping[str, str]  # by name, as in chat/utils/configuration/rate_limits.py
    workers: int
    log_level: str  # "debug", "info", "warning" or "error"
    log_format: str  # "json" or "text"
    metrics_token: str  # with which Prometheus reads /metrics from elsewhere; empty: from nowhere

    @property
    def public_url(self) -> str:
        """Return the address that links lead to."""
        return self.public_urls[0]

    @property
    def bind(self) -> str:
        """Return HOST and PORT as one text."""
        host = self.host
        if ":" in host:
            host = f"[{host}]"
        return f"{host}:{self.port}"

    def provider(self, provider_id: str) -> Provider | None:
        """Return the provider of single sign-on with this id."""
        return next((each for each in self.sign_on if each.id == provider_id), None)

    @property
    def sign_on(self) -> tuple[Provider, ...]:
        """Return all providers of identities: those of single sign-on, and the directory."""
        return (*self.providers, *([self.directory.provider] if self.directory else []))

    @property
    def secure(self) -> bool:
        """Return whether people connect over TLS, so that cookies need the Secure attribute."""
        return self.public_url.startswith("https://")

    @property
    def cookie_suffix(self) -> str:
        """Return the suffix of cookie names: it separates chats on several ports of one host."""
        port = urlsplit(self.public_url).port
        if port is None or port in urls.DEFAULT_PORTS.values():
            return ""
        return f"_{port}"

    @property
    def origin(self) -> str:
        """Return the origin of the address that links lead to."""
        return urls.origin_of(urlsplit(self.public_url))

    @property
    def origins(self) -> frozenset[str]:
        """Return the origins that our pages can have; one loopback name includes all of them."""
        return frozenset(
            origin for url in self.public_urls for origin in urls.origins_of(urlsplit(url))
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
                hosts.add(f"{url.netloc}:{urls.DEFAULT_PORTS[url.scheme]}")
        return frozenset(hosts)


def load_settings(
    dotenv: Path | None = HERE / ".env",
    *layers: Path | Mapping[str, str],
    must_exist: bool = False,
    secrets_of_backup: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings of this process. Raises ConfigurationError at the first mistake.

    The environment has precedence, then the last of `layers` (files or variables), then `dotenv`.
    `must_exist`: an embedded database must exist already, and nothing is created.
    `secrets_of_backup`: secrets that are set nowhere are these, and none are created.
    """
    variables = Variables(os.environ, *([dotenv] if dotenv else []), *layers)
    settings = _read(variables)
    variables.refuse_unknown()
    _check(settings, must_exist=must_exist)
    settings = _with_secrets(settings, secrets_of_backup, must_exist=must_exist)
    for name, value in variables.unknown_of_file().items():  # for libraries, such as TZ
        os.environ.setdefault(name, value)
    return settings


def _read(variables: Variables) -> Settings:
    """Return the settings, one by one; secrets that are not set are empty.

    It is long because each setting has a line here.
    """
    port = variables.number("PORT", 5000, 1, 65535)
    data_dir = variables.path("DATA_DIR", HERE / "data")
    of_sign_on = providers.read(variables)
    directory = ldap.read(variables)
    return Settings(
        mongo_uri=urls.mongo_uri(variables),
        redis_url=urls.url(variables, "REDIS_URL", ("redis", "rediss")),
        mail_server=smtp.read(variables),
        jwt_secret=secret_keys.read(variables, "JWT_SECRET"),
        secret_key=secret_keys.read(variables, "SECRET_KEY"),
        secret_keys_retired=secret_keys.read_retired(variables),
        host=urls.host(variables),
        port=port,
        data_dir=data_dir,
        secrets_dir=variables.path("SECRETS_DIR", private_files.secrets_beside(data_dir)),
        halves_in_database=variables.choice("HALVES", "file", "database") == "database",
        public_urls=urls.public_urls(variables, port),
        allowed_origins=urls.allowed_origins(variables),
        chat_name=chat_name.read(variables),
        registration=variables.choice("REGISTRATION", "open", "invite", "closed"),
        passwords=providers.passwords(variables, has_others=bool(of_sign_on or directory)),
        providers=of_sign_on,
        directory=directory,
        invites=variables.choice("INVITES", "members", "administrators"),
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
        retention_days=variables.number("RETENTION_DAYS", 0, 0, 36_500),
        link_hosts=urls.link_hosts(variables),
        push_networks=networks.read(variables, "PUSH_NETWORKS"),
        webhook_networks=networks.read(variables, "WEBHOOK_NETWORKS"),
        trusted_proxies=variables.number("TRUSTED_PROXIES", 0, 0, 16),
        rate_limits=variables.choice("RATE_LIMITS", "on", "off") == "on",
        limits=rate_limits.read(variables),
        workers=variables.number("WORKERS", 1, 1, 256),
        log_level=variables.choice(
            "LOG_LEVEL", "info", *(level for level in logs.LEVELS if level != "info")
        ),
        log_format=variables.choice("LOG_FORMAT", *logs.FORMATS),
        metrics_token=secret_keys.read(variables, "METRICS_TOKEN"),
    )


def _check(settings: Settings, *, must_exist: bool) -> None:
    """Raise ConfigurationError if settings contradict each other; nothing is created before."""
    data_folders.must_be_folder("DATA_DIR", settings.data_dir)
    data_folders.must_be_folder("SECRETS_DIR", settings.secrets_dir)
    if settings.workers > 1 and not settings.redis_url:
        raise ConfigurationError(
            "WORKERS: more than one process needs REDIS_URL, the queue that joins them."
        )
    if not settings.mongo_uri:
        data_folders.must_be_ours(settings.data_dir, must_exist=must_exist)


def _with_secrets(
    settings: Settings, of_backup: Mapping[str, str] | None, *, must_exist: bool
) -> Settings:
    """Return the settings; secrets that are not set come from the file `secrets.json`."""
    given = {"JWT_SECRET": settings.jwt_secret, "SECRET_KEY": settings.secret_key}
    if settings.mongo_uri and not of_backup:
        secret_keys.must_be_set(given, of_backup is not None)
    secret_keys.must_differ(given, settings.secret_keys_retired)
    if not all(given.values()):
        folders = settings.data_dir, settings.secrets_dir
        stored = secret_keys.stored(*folders, of_backup, must_exist=must_exist)
        given = {name: value or stored[name] for name, value in given.items()}
        secret_keys.must_differ(given, settings.secret_keys_retired)
    return replace(settings, jwt_secret=given["JWT_SECRET"], secret_key=given["SECRET_KEY"])
