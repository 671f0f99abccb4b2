"""Configuration: what is read, and that every mistake is one sentence that names the variable."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from config import ConfigurationError, load_settings
from tests.servers import CONFIGURATION, run_to_its_end

OWN = {"MONGO_URI": "mongodb://127.0.0.1:27017/chat", "JWT_SECRET": "j" * 32, "SECRET_KEY": "s" * 32}


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CONFIGURATION:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_without_any_configuration_secrets_are_made_once_and_kept_for_their_owner_only(tmp_path: Path) -> None:
    first, second = load_settings(dotenv=None), load_settings(dotenv=None)
    assert len(first.jwt_secret) >= 32
    assert first.jwt_secret != first.secret_key
    assert (first.jwt_secret, first.secret_key) == (second.jwt_secret, second.secret_key)
    assert stat.S_IMODE((tmp_path / "data-secrets/secrets.json").stat().st_mode) == 0o600
    assert not (tmp_path / "data/secrets.json").exists(), "a copy of DATA_DIR is not its own key"
    assert first.mongo_uri is None
    assert (first.port, first.host, first.registration, first.workers) == (5000, "127.0.0.1", "open", 1)


def test_secrets_lie_where_secrets_dir_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "elsewhere"))
    assert load_settings(dotenv=None).secrets_dir == tmp_path / "elsewhere"
    assert (tmp_path / "elsewhere/secrets.json").exists()
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "data"))
    (tmp_path / "elsewhere/secrets.json").rename(tmp_path / "data-before")
    first = load_settings(dotenv=None)
    assert load_settings(dotenv=None).secret_key == first.secret_key, "one folder for both, where an operator wants it so"


def test_the_secrets_of_an_earlier_version_are_moved_out_of_data_dir(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    earlier = tmp_path / "data/secrets.json"
    earlier.parent.mkdir()
    earlier.write_text(json.dumps({"JWT_SECRET": "j" * 40, "SECRET_KEY": "s" * 40}))
    with caplog.at_level("INFO"):
        assert load_settings(dotenv=None).secret_key == "s" * 40
    assert [record.message for record in caplog.records] == ["the secrets were moved out of DATA_DIR"]
    assert not earlier.exists()
    assert stat.S_IMODE((tmp_path / "data-secrets/secrets.json").stat().st_mode) == 0o600
    earlier.write_text((tmp_path / "data-secrets/secrets.json").read_text())
    assert load_settings(dotenv=None).secret_key == "s" * 40
    assert not earlier.exists(), "a copy that a crash in between left"


def full_database(tmp_path: Path) -> None:
    (tmp_path / "data/database").mkdir(parents=True)
    (tmp_path / "data/database/WiredTiger").write_text("")


def test_secrets_that_are_missing_beside_a_database_are_not_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    full_database(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^SECRETS_DIR: .*secrets\.json is missing, but there is a database in .*\.$"):
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


def test_a_dotenv_file_stands_in_for_what_the_environment_leaves_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=7000\nREGISTRATION=closed\n")
    monkeypatch.setenv("PORT", "7001")
    settings = load_settings(dotenv)
    assert (settings.port, settings.registration) == (7001, "closed")


def test_the_default_public_url_accepts_both_loopback_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "7000")
    assert load_settings(dotenv=None).origins == {"http://localhost:7000", "http://127.0.0.1:7000"}
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.org/")
    settings = load_settings(dotenv=None)
    assert settings.origins == {"https://chat.example.org"}
    monkeypatch.setenv("PUBLIC_URL", "https://Chat.Example.org:443")
    assert load_settings(dotenv=None).origins == {"https://chat.example.org"}, "as browsers write it"
    assert settings.secure


@pytest.mark.parametrize(("variables", "named"), [
    ({"PORT": "many"}, "PORT"),
    ({"PORT": "0"}, "PORT"),
    ({"PORT": "70000"}, "PORT"),
    ({"REGISTRATION": "maybe"}, "REGISTRATION"),
    ({"RATE_LIMITS": "sometimes"}, "RATE_LIMITS"),
    ({"HALVES": "somewhere"}, "HALVES"),
    ({"PUBLIC_URL": "chat.example.org"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://chat.example.org/path"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "http://chat.example.org:x"}, "PUBLIC_URL"),
    ({"REDIS_URL": "http://localhost"}, "REDIS_URL"),
    ({"MONGO_URI": "postgres://localhost/chat"}, "MONGO_URI"),
    ({"MONGO_URI": "mongodb://localhost:27017"}, "MONGO_URI"),
    ({"MONGO_URI": "mongodb://[bad/chat"}, "MONGO_URI"),
    (OWN | {"JWT_SECRET": ""}, "JWT_SECRET"),
    (OWN | {"SECRET_KEY": ""}, "SECRET_KEY"),
    (OWN | {"SECRET_KEY": "too short"}, "SECRET_KEY"),
    (OWN | {"SECRET_KEYS_RETIRED": "s" * 32 + ",short"}, "SECRET_KEYS_RETIRED"),
    ({"WORKERS": "2"}, "WORKERS"),
    ({"MAX_MESSAGE_CHARS": "-1"}, "MAX_MESSAGE_CHARS"),
])
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


@pytest.mark.parametrize(("variables", "says"), [
    (OWN | {"SECRET_KEY": None}, "SECRET_KEY: it must be set"),
    (OWN | {"JWT_SECRET": "short"}, "JWT_SECRET: shorter than 32 bytes"),
    (OWN | {"MONGO_URI": "mongodb://me:hunter2@127.0.0.1:9/chat?serverSelectionTimeoutMS=300"}, "MONGO_URI: the database does not"),
    ({"HOST": "203.0.113.1"}, "PORT: 203.0.113.1:5000 cannot be used"),
])
def test_a_start_that_cannot_work_ends_with_one_sentence_and_a_code(variables: dict[str, str | None], says: str, tmp_path: Path) -> None:
    ended = run_to_its_end(DATA_DIR=str(tmp_path / "data"), **variables)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "hunter2" not in ended.stderr
