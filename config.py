"""Configuration: read once, from the environment and `.env`; every mistake is one sentence that names the variable."""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError
from marshmallow import validate

from chat.utils import private_files

log = logging.getLogger(__name__)

SECRET_BYTES = 32
SECRET_NAMES = ("JWT_SECRET", "SECRET_KEY")
HERE = Path(__file__).resolve().parent
HOW_TO_MAKE_A_SECRET = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_NAMES = ("localhost", "127.0.0.1")


class ConfigurationError(Exception):
    """The chat cannot start as it is configured; the text is one sentence that says what to set."""


@dataclass(frozen=True)
class Settings:
    """All that an operator decides; names and defaults stand in `.env.example`."""

    mongo_uri: str | None          # None: the embedded database
    redis_url: str | None          # None: one process
    jwt_secret: str
    secret_key: str
    secret_keys_retired: tuple[str, ...]
    host: str
    port: int
    data_dir: Path
    secrets_dir: Path              # what opens the data, and must not be copied with it
    halves_in_database: bool       # for machines that share no folder
    public_url: str                # no slash at the end
    registration: str              # "open", "invite" or "closed"
    max_image_bytes: int
    max_image_pixels: int
    image_quota_bytes_per_person: int  # 0: no limit
    image_quota_bytes: int             # of everybody together; 0: no limit
    text_quota_bytes_per_person_per_day: int  # as they are written, with what goes with them; 0: no limit
    free_disk_bytes: int               # with less nothing that grows is accepted; 0: whatever is free
    max_message_chars: int
    trusted_proxies: int
    rate_limits: bool
    workers: int

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies must never travel without it."""
        return self.public_url.startswith("https://")

    @property
    def origins(self) -> frozenset[str]:
        """The Origins that pages of ours can have; a loopback address answers to both its names."""
        url = urlsplit(self.public_url)
        port = f":{url.port}" if url.port and url.port != DEFAULT_PORTS[url.scheme] else ""  # browsers leave the default out
        host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
        names = LOOPBACK_NAMES if host in LOOPBACK_NAMES else (host,)
        return frozenset(f"{url.scheme}://{name}{port}" for name in names)

    @property
    def hosts(self) -> frozenset[str]:
        """The Hosts of our Origins, in small letters; a default port may be left out or not."""
        hosts = set()
        for url in map(urlsplit, self.origins):
            hosts.add(url.netloc)
            if not url.port:
                hosts.add(f"{url.netloc}:{DEFAULT_PORTS[url.scheme]}")
        return frozenset(hosts)


def load_settings(dotenv: Path | None = HERE / ".env") -> Settings:
    """The settings of this process.

    `dotenv` is a file whose variables stand in for unset ones. Raises ConfigurationError at the first mistake.
    """
    env = Env()
    if dotenv and dotenv.is_file():
        env.read_env(str(dotenv), recurse=False)
    try:
        settings = _read(env)
    except EnvError as error:
        raise ConfigurationError(_one_sentence(error)) from error
    if settings.workers > 1 and not settings.redis_url:
        raise ConfigurationError("WORKERS: more than one process needs REDIS_URL, the queue that joins them.")
    return settings


def _read(env: Env) -> Settings:
    mongo_uri = _url(env, "MONGO_URI", ("mongodb", "mongodb+srv"))
    if mongo_uri and not urlsplit(mongo_uri).path.strip("/"):
        raise ConfigurationError("MONGO_URI: the database's name is missing; write mongodb://host:27017/chat.")
    port = env.int("PORT", 5000, validate=_between(1, 65535))
    data_dir = Path(env.str("DATA_DIR", "") or HERE / "data").resolve()
    secrets_dir = Path(env.str("SECRETS_DIR", "") or private_files.secrets_beside(data_dir)).resolve()
    given = {name: env.str(name, "") for name in SECRET_NAMES}
    if not mongo_uri and not all(given.values()):
        stored = _stored_secrets(data_dir, secrets_dir)
        given = {name: given[name] or stored[name] for name in SECRET_NAMES}
    return Settings(
        mongo_uri=mongo_uri,
        redis_url=_url(env, "REDIS_URL", ("redis", "rediss")),
        jwt_secret=_secret("JWT_SECRET", given["JWT_SECRET"]),
        secret_key=_secret("SECRET_KEY", given["SECRET_KEY"]),
        secret_keys_retired=tuple(
            _secret("SECRET_KEYS_RETIRED", key.strip()) for key in env.str("SECRET_KEYS_RETIRED", "").split(",") if key.strip()
        ),
        host=env.str("HOST", "127.0.0.1") or "127.0.0.1",
        port=port,
        data_dir=data_dir,
        secrets_dir=secrets_dir,
        halves_in_database=env.str("HALVES", "file", validate=validate.OneOf(("file", "database"))) == "database",
        public_url=_public_url(env, port),
        registration=env.str("REGISTRATION", "open", validate=validate.OneOf(("open", "invite", "closed"))),
        max_image_bytes=env.int("MAX_IMAGE_BYTES", 10_485_760, validate=_between(1, 2**31)),
        max_image_pixels=env.int("MAX_IMAGE_PIXELS", 40_000_000, validate=_between(1, 2**31)),
        image_quota_bytes_per_person=env.int("IMAGE_QUOTA_BYTES_PER_PERSON", 2**30, validate=_between(0, 2**53)),
        image_quota_bytes=env.int("IMAGE_QUOTA_BYTES", 10 * 2**30, validate=_between(0, 2**53)),
        text_quota_bytes_per_person_per_day=env.int("TEXT_QUOTA_BYTES_PER_PERSON_PER_DAY", 50_000_000, validate=_between(0, 2**53)),
        free_disk_bytes=env.int("FREE_DISK_BYTES", 1_000_000_000, validate=_between(0, 2**53)),
        max_message_chars=env.int("MAX_MESSAGE_CHARS", 8000, validate=_between(1, 100_000)),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=_between(0, 16)),
        rate_limits=env.str("RATE_LIMITS", "on", validate=validate.OneOf(("on", "off"))) == "on",
        workers=env.int("WORKERS", 1, validate=_between(1, 256)),
    )


def _between(low: int, high: int) -> validate.Range:
    return validate.Range(low, high, error=f"must be a whole number from {low} to {high}")


def _one_sentence(error: EnvError) -> str:
    """environs says 'Environment variable "PORT" invalid: ["…"]'; people are told 'PORT: …'."""
    name = str(error).split('"')[1] if '"' in str(error) else "Configuration"
    problems = getattr(error, "error_messages", None)
    text = "; ".join(str(problem).rstrip(".") for problem in problems) if isinstance(problems, list) else "this value is not valid"
    return f"{name}: {text[:1].lower() + text[1:]}."


def _url(env: Env, name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.str(name, "")
    if not value:
        return None
    try:
        url = urlsplit(value)
        well_formed = url.scheme in schemes and bool(url.netloc)
    except ValueError:
        well_formed = False
    if not well_formed:
        raise ConfigurationError(f"{name}: a URL that begins with {' or '.join(s + '://' for s in schemes)} is needed.")
    return value


def _public_url(env: Env, port: int) -> str:
    value = env.str("PUBLIC_URL", "") or f"http://localhost:{port}"
    try:
        url = urlsplit(value)
        well_formed = url.scheme in ("http", "https") and bool(url.hostname) and url.path in ("", "/") and not url.query
        _ = url.port
    except ValueError:
        well_formed = False
    if not well_formed:
        raise ConfigurationError("PUBLIC_URL: a URL like https://chat.example.org, without a path, is needed.")
    return value.rstrip("/")


def _secret(name: str, value: str) -> str:
    if not value:
        raise ConfigurationError(f"{name}: it must be set where MONGO_URI is; {HOW_TO_MAKE_A_SECRET}.")
    if len(value.encode()) < SECRET_BYTES:
        raise ConfigurationError(f"{name}: shorter than {SECRET_BYTES} bytes, which is too weak; {HOW_TO_MAKE_A_SECRET}.")
    return value


def _stored_secrets(data_dir: Path, secrets_dir: Path) -> dict[str, str]:
    """Return the secrets that go with the embedded database: made at the first start, stored in `secrets.json`, mode 0600."""
    path, earlier = secrets_dir / "secrets.json", data_dir / "secrets.json"
    try:
        secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if private_files.move_once(earlier, path):
            log.info("the secrets were moved out of DATA_DIR", extra={"from": str(earlier), "to": str(path)})
        if not path.exists():
            _make_secrets(path, data_dir)
        stored = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"SECRETS_DIR: {path} cannot be read or written ({error}).") from error
    if not isinstance(stored, dict) or not all(isinstance(stored.get(name), str) for name in SECRET_NAMES):
        raise ConfigurationError(f"SECRETS_DIR: {path} is damaged; restore it from a backup, the messages cannot be read without it.")
    return stored


def _make_secrets(path: Path, data_dir: Path) -> None:
    """Raises ConfigurationError beside a database that is there already: new secrets could not open it."""
    if any((data_dir / "database").glob("WiredTiger*")):
        raise ConfigurationError(
            f"SECRETS_DIR: {path} is missing, but there is a database in {data_dir}; "
            "restore the file from a backup, the messages cannot be read without it."
        )
    private_files.write_once(path, json.dumps({name: secrets.token_urlsafe(48) for name in SECRET_NAMES}).encode())
