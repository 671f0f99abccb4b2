"""Configuration: what is read, and that every error is one sentence that names the variable."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from chat.utils.configuration.providers import AdminClaim
from chat.utils.configuration.rate_limits import DEFAULTS, variable_of
from config import ConfigurationError, load_settings
from tests.helpers.servers import CONFIGURATION, ROOT, free_port, run_to_its_end

OWN = {
    "MONGO_URI": "mongodb://127.0.0.1:27017/chat",
    "JWT_SECRET": "j" * 32,
    "SECRET_KEY": "s" * 32,
}


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CONFIGURATION:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_without_any_configuration_secrets_are_made_once_and_kept_for_their_owner_only(
    tmp_path: Path,
) -> None:
    first, second = load_settings(dotenv=None), load_settings(dotenv=None)
    assert len(first.jwt_secret) >= 32
    assert first.jwt_secret != first.secret_key
    assert (first.jwt_secret, first.secret_key) == (second.jwt_secret, second.secret_key)
    assert stat.S_IMODE((tmp_path / "data-secrets/secrets.json").stat().st_mode) == 0o600
    assert not (tmp_path / "data/secrets.json").exists(), "a copy of DATA_DIR is not its own key"
    assert first.mongo_uri is None
    assert (first.port, first.host, first.registration, first.workers) == (
        5000,
        "127.0.0.1",
        "open",
        1,
    )


def test_secrets_lie_where_secrets_dir_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "elsewhere"))
    assert load_settings(dotenv=None).secrets_dir == tmp_path / "elsewhere"
    assert (tmp_path / "elsewhere/secrets.json").exists()
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "data"))
    (tmp_path / "elsewhere/secrets.json").rename(tmp_path / "data-before")
    first = load_settings(dotenv=None)
    assert load_settings(dotenv=None).secret_key == first.secret_key, (
        "one folder for both, where an operator wants it so"
    )


def test_the_secrets_of_an_earlier_version_are_moved_out_of_data_dir(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    earlier = tmp_path / "data/secrets.json"
    earlier.parent.mkdir()
    earlier.write_text(json.dumps({"JWT_SECRET": "j" * 40, "SECRET_KEY": "s" * 40}))
    with caplog.at_level("INFO"):
        assert load_settings(dotenv=None).secret_key == "s" * 40
    assert [record.message for record in caplog.records] == [
        "the secrets were moved out of DATA_DIR"
    ]
    assert not earlier.exists()
    assert stat.S_IMODE((tmp_path / "data-secrets/secrets.json").stat().st_mode) == 0o600
    earlier.write_text((tmp_path / "data-secrets/secrets.json").read_text())
    assert load_settings(dotenv=None).secret_key == "s" * 40
    assert not earlier.exists(), "a copy that a crash in between left"


def full_database(tmp_path: Path) -> None:
    (tmp_path / "data/database").mkdir(parents=True)
    (tmp_path / "data/database/WiredTiger").write_text("")


def test_secrets_that_are_missing_beside_a_database_are_not_made_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    full_database(tmp_path)
    with pytest.raises(
        ConfigurationError,
        match=r"^SECRETS_DIR: .*secrets\.json is missing, but there is a database in .*\.$",
    ):
        load_settings(dotenv=None)
    assert not (tmp_path / "data-secrets/secrets.json").exists()
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    with pytest.raises(ConfigurationError, match=r"^SECRETS_DIR: "):
        load_settings(dotenv=None)
    monkeypatch.setenv("JWT_SECRET", "j" * 40)
    assert load_settings(dotenv=None).secret_key == "s" * 40, "who brings both needs no file"


@pytest.mark.parametrize("content", ["{}", "[]", '{"JWT_SECRET": "jjjj"}', "", "\xff"])
def test_damaged_secrets_are_named(tmp_path: Path, content: str) -> None:
    full_database(tmp_path)
    (tmp_path / "data-secrets").mkdir()
    (tmp_path / "data-secrets/secrets.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"^SECRETS_DIR: .*secrets\.json"):
        load_settings(dotenv=None)


def test_a_dotenv_file_stands_in_for_what_the_environment_leaves_unset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=7000\nREGISTRATION=closed\n")
    monkeypatch.setenv("PORT", "7001")
    settings = load_settings(dotenv)
    assert (settings.port, settings.registration) == (7001, "closed")


def test_the_default_public_url_accepts_both_loopback_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "7000")
    assert load_settings(dotenv=None).origins == {
        "http://localhost:7000",
        "http://127.0.0.1:7000",
        "http://[::1]:7000",
    }
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.org/")
    settings = load_settings(dotenv=None)
    assert settings.origins == {"https://chat.example.org"}
    monkeypatch.setenv("PUBLIC_URL", "https://Chat.Example.org:443")
    assert load_settings(dotenv=None).origins == {"https://chat.example.org"}, (
        "as browsers write it"
    )
    assert settings.secure


LONG = "x" * 40
DIRECTORY = {"LDAP_URL": "ldaps://ldap.example.org", "LDAP_BASE": "dc=example,dc=org"}
PROVIDER = {"OIDC_A_ISSUER": "https://id.example.org", "OIDC_A_CLIENT_ID": "chat"}
# What an operator wrote, and the variable that the sentence names.
MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"PORT": "many"}, "PORT"),
    ({"PORT": "0"}, "PORT"),
    ({"PORT": "70000"}, "PORT"),
    ({"PORT": "50 00"}, "PORT"),
    ({"PORT": "٥٠٠٠"}, "PORT"),
    ({"WORKERS": "2"}, "WORKERS"),
    ({"WORKERS": "two"}, "WORKERS"),
    ({"WORKER": "2"}, "WORKER"),
    ({"REGISTRATION": "maybe"}, "REGISTRATION"),
    ({"REGISTRATION": "Closed"}, "REGISTRATION"),
    ({"REGISTRATIONS": "closed"}, "REGISTRATIONS"),
    ({"registration": "closed"}, "registration"),
    ({"RATE_LIMITS": "sometimes"}, "RATE_LIMITS"),
    ({"RATE_LIMIT": "on"}, "RATE_LIMIT"),
    ({"LIMIT_REGISTER": "lots"}, "LIMIT_REGISTER"),
    ({"LIMIT_REGISTER": "0 per hour"}, "LIMIT_REGISTER"),
    ({"LIMIT_REGISTERS": "60 per hour"}, "LIMIT_REGISTERS"),
    ({"PASSWORDS": "maybe"}, "PASSWORDS"),
    ({"PASSWORDS": "off"}, "PASSWORDS"),
    ({"OIDC_A_CLIENT_ID": "chat"}, "OIDC_A_ISSUER"),
    ({"OIDC_A_ISSUER": "https://id.example.org"}, "OIDC_A_CLIENT_ID"),
    (PROVIDER | {"OIDC_A_ISSUER": "http://id.example.org"}, "OIDC_A_ISSUER"),
    (PROVIDER | {"OIDC_A_ISSUER": "https://me@id.example.org"}, "OIDC_A_ISSUER"),
    (PROVIDER | {"OIDC_A_ISSUER": "https://id.example.org/?a=b"}, "OIDC_A_ISSUER"),
    (PROVIDER | {"OIDC_A_SCOPES": "profile email"}, "OIDC_A_SCOPES"),
    (PROVIDER | {"OIDC_A_CREATE": "yes"}, "OIDC_A_CREATE"),
    (PROVIDER | {"OIDC_A_ADMIN_CLAIM": "groups"}, "OIDC_A_ADMIN_CLAIM"),
    (PROVIDER | {"OIDC_A_LABEL": "x" * 41}, "OIDC_A_LABEL"),
    (DIRECTORY | {"LDAP_URL": "https://ldap.example.org"}, "LDAP_URL"),
    ({"LDAP_URL": "ldaps://ldap.example.org"}, "LDAP_BASE"),
    (DIRECTORY | {"LDAP_USER_FILTER": "(uid=bob)"}, "LDAP_USER_FILTER"),
    (DIRECTORY | {"LDAP_USER_FILTER": "(uid={username}"}, "LDAP_USER_FILTER"),
    (DIRECTORY | {"LDAP_BIND_DN": "cn=chat"}, "LDAP_BIND_DN"),
    (DIRECTORY | {"LDAP_URL": "ldap://a.example.org", "LDAP_STARTTLS": "off"}, "LDAP_STARTTLS"),
    (DIRECTORY | {"LDAP_CA_FILE": "/nowhere"}, "LDAP_CA_FILE"),
    (DIRECTORY | {"LDAP_ADMIN_GROUP": "admins"}, "LDAP_ADMIN_GROUP"),
    ({"HALVES": "somewhere"}, "HALVES"),
    ({"LINK_HOSTS": "wiki/start"}, "LINK_HOSTS"),
    ({"LINK_HOSTS": "ftp://wiki"}, "LINK_HOSTS"),
    ({"PUBLIC_URL": "chat.example.org"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://chat.example.org/path"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://chat.example.org/#a"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://me:pass@chat.example.org"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://chat example.org"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://a.example.org, http://b.example.org"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": ","}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "http://chat.example.org:x"}, "PUBLIC_URL"),
    ({"PUBLIC_URI": "https://chat.example.org"}, "PUBLIC_URI"),
    ({"ALLOWED_ORIGINS": "app.example.org"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGINS": "null"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGINS": "https://*.example.org"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGINS": "https://app.example.org/path"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGINS": "https://app.example.org:0"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGINS": "https://app.example.org:99999"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGINS": "https://me@app.example.org"}, "ALLOWED_ORIGINS"),
    ({"ALLOWED_ORIGIN": "https://app.example.org"}, "ALLOWED_ORIGIN"),
    ({"REDIS_URL": "http://localhost"}, "REDIS_URL"),
    ({"REDIS_URL": "redis://localhost:port/0"}, "REDIS_URL"),
    ({"SMTP_URL": "mail.example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "http://mail.example.org?from=chat@example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org:port?from=chat@example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org/inbox?from=chat@example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://ada:secret@mail.example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org?from=chat"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org?from=chat@example.org&tls=maybe"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org?form=chat@example.org"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example.org", "MAIL_FROM": "chat"}, "MAIL_FROM"),
    ({"MAIL_FROM": "chat@example.org"}, "MAIL_FROM"),
    ({"REDIS_URI": "redis://localhost"}, "REDIS_URI"),
    ({"MONGO_URI": "postgres://localhost/chat"}, "MONGO_URI"),
    ({"MONGO_URI": "mongodb://localhost:27017"}, "MONGO_URI"),
    ({"MONGO_URI": "mongodb://[bad/chat"}, "MONGO_URI"),
    ({"MONGO_URI": "mongodb://a:27017,b:nine/chat"}, "MONGO_URI"),
    ({"MONGODB_URI": "mongodb://localhost/chat"}, "MONGODB_URI"),
    ({k: v for k, v in OWN.items() if k != "JWT_SECRET"}, "JWT_SECRET"),
    (OWN | {"SECRET_KEY": ""}, "SECRET_KEY"),
    (OWN | {"SECRET_KEY": "too short"}, "SECRET_KEY"),
    (OWN | {"SECRET_KEY": LONG, "JWT_SECRET": LONG}, "JWT_SECRET"),
    (OWN | {"SECRET_KEYS_RETIRED": OWN["JWT_SECRET"]}, "JWT_SECRET"),
    (OWN | {"SECRET_KEYS_RETIRED": OWN["SECRET_KEY"]}, "SECRET_KEYS_RETIRED"),
    (OWN | {"SECRET_KEYS_RETIRED": "s" * 33 + ",too short"}, "SECRET_KEYS_RETIRED"),
    (OWN | {"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY"),
    (OWN | {"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
    (OWN | {"SECRET_KEY": "", "SECRET_KEY_FILE": "/dev/null"}, "SECRET_KEY_FILE"),
    ({"MAX_MESSAGE_CHARS": "-1"}, "MAX_MESSAGE_CHARS"),
    ({"MAX_IMAGE_BYTES": "10 apples"}, "MAX_IMAGE_BYTES"),
    ({"MAX_IMAGE_BYTES": "0.5MB"}, "MAX_IMAGE_BYTES"),
    ({"FREE_DISK_BYTE": "5GB"}, "FREE_DISK_BYTE"),
    ({"CHAT_NAME": "x" * 65}, "CHAT_NAME"),
    ({"CHAT_NAME": "\u200b"}, "CHAT_NAME"),
    ({"TRUSTED_PROXIES": "yes"}, "TRUSTED_PROXIES"),
    ({"HOST": "nosuch.invalid"}, "HOST"),
    ({"HOST": "203.0.113.1"}, "HOST"),
]
SEEN_AT_THE_START = {"HOST"}  # and not when the configuration is read


@pytest.mark.parametrize(
    ("variables", "named"), [each for each in MISTAKES if each[1] not in SEEN_AT_THE_START]
)
def test_a_mistake_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as told:
        load_settings(dotenv=None)
    sentence = str(told.value)
    assert sentence.startswith(named + ":")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "too short" not in sentence, "a secret is never shown"


def ended_in_time(variables: dict[str, str], data_dir: Path) -> tuple[float, CompletedProcess[str]]:
    began = time.monotonic()
    ended = run_to_its_end(**{"DATA_DIR": str(data_dir), "PORT": str(free_port())} | variables)
    return time.monotonic() - began, ended


def test_every_mistake_ends_the_start_with_one_sentence_and_a_code_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(3) as pool:
        starts = pool.map(
            lambda each: ended_in_time(each[1][0], tmp_path / str(each[0])), enumerate(MISTAKES)
        )
        for (variables, named), (seconds, ended) in zip(MISTAKES, starts, strict=True):
            assert ended.returncode == 1, variables
            assert ended.stderr.startswith(f"The chat cannot start. {named}:"), ended.stderr
            assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
            assert "too short" not in ended.stderr
            assert seconds < 20, "a hanging start; how long it takes, bin/bench tells"
    made = [path.name for path in tmp_path.iterdir()]
    hosts = [
        str(number) for number, (_, named) in enumerate(MISTAKES) if named in SEEN_AT_THE_START
    ]
    assert {name.removesuffix("-secrets") for name in made} <= set(hosts)


@pytest.mark.parametrize(
    "content",
    [
        'REGISTRATION="closed\n',
        "REGISTRATION: closed\n",
        "REGISTRATION closed\n",
        "REGISTRATION\n",
        "REGISTRATION=open\nREGISTRATION=closed\n",
        "REGISTRATION=cl\xf6sed\n",
        "WORKER=4\n",
        "Registration=closed\n",
        "REGISTRATION=${NOBODY_SET_THIS}\n",
        "LIMIT_REGISTRATION=60 per hour\n",
    ],
)
def test_no_line_of_the_file_is_passed_over_in_silence(tmp_path: Path, content: str) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"^[\w.]+: .*\.$"):
        load_settings(dotenv)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_KEY",
        "RQ_REDIS_URL",
        "PUBLIC_API_URL",
        "CHOST",
        "VHOST",
        "HOSTNAME",
        "PGPORT",
        "LIMIT_CPU",
        "N_WORKERS",
        "XDG_DATA_DIRS",
        "SECRET_KEY_BASE",
        "REDIS_PORT",
        "http_proxy",
    ],
)
def test_names_of_others_in_the_environment_are_none_of_ours(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    load_settings(dotenv=None)


def test_a_name_that_is_nearly_ours_is_no_matter_where_ours_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for each, value in OWN.items():
        monkeypatch.setenv(each, value)
    monkeypatch.setenv("MONGODB_URI", "mongodb://of.a.platform/chat")
    assert load_settings(dotenv=None).mongo_uri == OWN["MONGO_URI"]


def test_what_the_file_has_for_libraries_reaches_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    (tmp_path / ".env").write_text("SSL_CERT_FILE=/etc/own.pem\n")
    load_settings(tmp_path / ".env")
    assert os.environ.pop("SSL_CERT_FILE") == "/etc/own.pem"


def test_a_file_that_cannot_be_read_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^folder: .* cannot be read \(Is a directory\)\.$"
    ):
        (tmp_path / "folder").mkdir()
        load_settings(tmp_path / "folder")


def test_what_is_empty_is_unset_and_sizes_have_units(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PORT", "REGISTRATION", "HOST", "MONGO_URI", "REDIS_URL", "PUBLIC_URL", "WORKERS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("MAX_IMAGE_BYTES", "20 MB")
    monkeypatch.setenv("FREE_DISK_BYTES", "1GiB")
    monkeypatch.setenv("DATA_DIR", "~/chat-data")
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings(dotenv=None)
    assert (settings.port, settings.registration, settings.host) == (5000, "open", "127.0.0.1")
    assert (settings.max_image_bytes, settings.free_disk_bytes) == (20_000_000, 2**30)
    assert settings.data_dir == tmp_path / "chat-data"


def test_secrets_come_from_files_where_an_operator_has_them_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in OWN.items():
        (tmp_path / name).write_text(value + "\n")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    settings = load_settings(dotenv=None)
    assert (settings.mongo_uri, settings.jwt_secret, settings.secret_key) == tuple(OWN.values())


@pytest.mark.parametrize(
    "name",
    [
        "MONGO_URI",
        "REDIS_URL",
        "SMTP_URL",
        "JWT_SECRET",
        "SECRET_KEY",
        "SECRET_KEYS_RETIRED",
        "METRICS_TOKEN",
        "LDAP_BIND_PASSWORD",
        "OIDC_A_CLIENT_SECRET",
    ],
)
def test_every_secret_may_be_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    others = {"LDAP_BIND_DN": "cn=chat", "LDAP_BIND_PASSWORD": "of the directory"}
    for other, value in (OWN | DIRECTORY | PROVIDER | others).items():
        monkeypatch.setenv(other, value)
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match=f"^{name}_FILE: .* cannot be read"):
        load_settings(dotenv=None)


def test_origins_are_allowed_as_browsers_write_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    given = "https://App.Example.org:443/, capacitor://localhost,http://[::1]:80,http://a:8080,"
    monkeypatch.setenv("ALLOWED_ORIGINS", given)
    settings = load_settings(dotenv=None)
    assert settings.allowed_origins == {
        "https://app.example.org",
        "capacitor://localhost",
        "http://[::1]",
        "http://a:8080",
    }
    assert settings.allows("https://app.example.org")
    assert not settings.allows("https://App.example.org"), "no browser writes it so"
    assert not settings.allows("null")
    monkeypatch.setenv("ALLOWED_ORIGINS", "*")
    settings = load_settings(dotenv=None)
    assert settings.allows("null")
    assert not any(settings.allows(origin) for origin in settings.origins), "these are ours"


def test_the_chat_has_as_many_names_as_its_operator_gives_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.org, https://chat.lan:8443/")
    settings = load_settings(dotenv=None)
    assert settings.public_url == "https://chat.example.org", "where links lead"
    assert settings.origins == {"https://chat.example.org", "https://chat.lan:8443"}
    assert settings.hosts == {"chat.example.org", "chat.example.org:443", "chat.lan:8443"}


def test_an_operator_names_as_many_providers_as_they_like(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    for name, value in {
        "OIDC_MY_KEYCLOAK_ISSUER": "http://127.0.0.1:8080/realms/team",
        "OIDC_MY_KEYCLOAK_CLIENT_ID": "chat",
        "OIDC_MY_KEYCLOAK_ADMIN_CLAIM": "realm_access.roles:chat-admins",
        "OIDC_GOOGLE_ISSUER": "https://accounts.google.com",
        "OIDC_GOOGLE_CLIENT_ID": "123",
        "OIDC_GOOGLE_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
        "OIDC_GOOGLE_CREATE": "on",
        "OIDC_EMPTY_ISSUER": "",
        "PASSWORDS": "off",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(dotenv=None)
    google, keycloak = settings.providers
    assert (google.id, google.label, google.client_secret) == ("google", "Google", "hunter2")
    assert (google.creates, google.admin_claim, settings.passwords) == (True, None, False)
    assert (keycloak.id, keycloak.label, keycloak.creates) == ("my-keycloak", "My Keycloak", False)
    assert keycloak.admin_claim == AdminClaim("realm_access.roles", "chat-admins")
    assert settings.provider("google") is google
    assert settings.provider("empty") is None
    assert "hunter2" not in repr(settings.providers)


def test_a_misspelt_variable_of_a_provider_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OIDC_GOOGLE_CLIENTID=123\n")
    with pytest.raises(ConfigurationError, match="OIDC_GOOGLE_CLIENTID: there is no such"):
        load_settings(tmp_path / ".env")


def test_every_variable_stands_in_the_example_with_its_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Uncommented, it changes nothing."""
    example = re.sub(
        r"^# ([A-Z_]+=)", r"\1", (ROOT / ".env.example").read_text(), flags=re.MULTILINE
    )
    for name in ("MONGO_URI", "REDIS_URL", "SMTP_URL", "MAIL_FROM", "DATA_DIR", "SECRETS_DIR"):
        example = re.sub(rf"^{name}=.*$", "", example, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(example)
    assert load_settings(tmp_path / ".env") == load_settings(dotenv=None)
    assert {variable_of(name) for name in DEFAULTS} <= set(CONFIGURATION)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        (
            OWN
            | {"MONGO_URI": "mongodb://me:hunter2@127.0.0.1:9/chat?serverSelectionTimeoutMS=300"},
            "MONGO_URI: the database does not",
        ),
    ],
)
def test_a_start_that_cannot_work_ends_with_one_sentence_and_a_code(
    variables: dict[str, str | None], says: str, tmp_path: Path
) -> None:
    ended = run_to_its_end(DATA_DIR=str(tmp_path / "data"), **variables)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "hunter2" not in ended.stderr


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp://chat%40example.org:p%40ss%3F@mail.example.org",
            ("mail.example.org", 587, "starttls", "chat@example.org", "chat@example.org", "p@ss?"),
        ),
        (
            "smtp://mail.example.org:25?from=Chat%2B1@Example.org&tls=off",
            ("mail.example.org", 25, "off", "Chat+1@example.org", "", ""),
        ),
        ("smtp://localhost?from=a@b.example", ("localhost", 587, "off", "a@b.example", "", "")),
        ("smtp://[::1]:25?from=a@b.example", ("::1", 25, "off", "a@b.example", "", "")),
        (
            "smtp://127.0.0.1?from=a@b.example&tls=on",
            ("127.0.0.1", 587, "starttls", "a@b.example", "", ""),
        ),
        (
            "smtps://ada:secret@mail.example.org?from=a@b.example",
            ("mail.example.org", 465, "implicit", "a@b.example", "ada", "secret"),
        ),
    ],
)
def test_a_mail_server_is_one_address(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[object, ...]
) -> None:
    monkeypatch.setenv("SMTP_URL", url)
    server = load_settings(dotenv=None).mail_server
    assert server
    found = (server.host, server.port, server.tls, server.sender, server.user, server.password)
    assert found == expected
    assert not server.password or server.password not in repr(server)
    monkeypatch.setenv("MAIL_FROM", "office@example.org")
    server = load_settings(dotenv=None).mail_server
    assert server
    assert server.sender == "office@example.org"
