"""What deploy/ has for containers, Kubernetes and systemd is valid, and keeps its promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from chat import VERSION
from tests.helpers.servers import ROOT

DEPLOY = ROOT / "deploy"
TOOLS = ROOT / ".venv/bin"
COMPOSE = ("compose.yaml", "compose.caddy.yaml")
SECRETS = {"JWT_SECRET", "SECRET_KEY", "MONGO_URI", "REDIS_URL", "METRICS_TOKEN"}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def said_by(*command: str | Path, folder: Path = ROOT) -> str:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def volumes_of(name: str) -> list[str]:
    """Return what the services of a compose file mount."""
    services = yaml.safe_load(read(name))["services"].values()
    return [volume for service in services for volume in service.get("volumes", [])]


def kubernetes() -> dict[str, Any]:
    """Return the objects of the manifest by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(read("kubernetes.yaml"))}


# the image


def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    said_by(TOOLS / "hadolint", DEPLOY / "Dockerfile")


def test_the_image_has_what_it_copies_and_docker_gets_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    ignore = (ROOT / ".dockerignore").read_text().split("\n")
    assert "*" in ignore, "nothing but what is named: no data, no secrets, no .venv"
    assert {line[1:] for line in ignore if line.startswith("!")} == sources
    assert all((ROOT / source).exists() for source in sources)
    assert "chat/static/vendor" in ignore, "which the image fetches itself"


def test_the_image_runs_as_nobody_in_particular_and_says_its_version() -> None:
    text = read("Dockerfile")
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert f'image.version="{VERSION}"' in text
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)
    assert "npm" not in text.split("FROM python")[1], "npm is in the first stage alone"


# compose


@pytest.mark.parametrize("name", COMPOSE)
def test_a_compose_file_is_one(name: str) -> None:
    said_by(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / name)


def test_containers_of_compose_are_kept_small_and_apart() -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    services = compose["services"]
    web = services["web"]
    assert web["image"] == f"chat:{VERSION}"
    assert web["read_only"] and web["cap_drop"] == ["ALL"]
    assert web["security_opt"] == ["no-new-privileges:true"]
    assert compose["networks"]["inside"] == {"internal": True}
    for name, service in services.items():
        assert ("ports" in service) == (name == "proxy"), name
        assert ("front" in service["networks"]) == (name in ("web", "proxy")), name
        if name != "mongo-setup":  # which ends by itself
            assert service["restart"] == "unless-stopped", name
            assert service["logging"]["options"]["max-size"], f"{name} fills the disk"
        if name.startswith(("web", "redis", "mongo1", "mongo2", "mongo3")):
            assert service["mem_limit"], name
    used = {
        volume.partition(":")[0] for each in services.values() for volume in each.get("volumes", [])
    }
    assert {volume for volume in used if not volume.startswith(".")} == set(compose["volumes"])


def test_the_files_that_compose_mounts_are_there() -> None:
    for name in COMPOSE:
        for volume in volumes_of(name):
            if volume.startswith("./"):
                assert (DEPLOY / volume.partition(":")[0]).is_file(), volume


# Kubernetes


def test_a_rolling_restart_never_has_fewer_than_two_that_serve() -> None:
    spec = kubernetes()["Deployment"]["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert kubernetes()["PodDisruptionBudget"]["spec"]["minAvailable"] == 1
    pod = spec["template"]["spec"]
    (chat,) = pod["containers"]
    assert chat["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert chat["livenessProbe"]["httpGet"]["path"] == "/up", (
        "else a database that is away kills it"
    )
    assert pod["terminationGracePeriodSeconds"] >= 10 + 5, "the chat's own end, and preStop"


def test_a_pod_may_do_nothing_that_the_chat_does_not_need() -> None:
    pod = kubernetes()["Deployment"]["spec"]["template"]["spec"]
    (chat,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    context = chat["securityContext"]
    assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert {each["mountPath"] for each in chat["volumeMounts"]} == {"/tmp", "/data", "/secrets"}
    assert {each["name"] for each in chat["volumeMounts"]} == {
        each["name"] for each in pod["volumes"]
    }


def test_no_secret_is_in_the_manifest_and_its_names_fit_together() -> None:
    objects = kubernetes()
    spec = objects["Deployment"]["spec"]
    (chat,) = spec["template"]["spec"]["containers"]
    assert {each["name"] for each in chat["env"]} == SECRETS
    assert all("value" not in each for each in chat["env"]), "each comes from the secret"
    assert not SECRETS & set(objects["ConfigMap"]["data"])
    assert chat["image"].endswith(f":{VERSION}")
    assert spec["selector"]["matchLabels"] == objects["Service"]["spec"]["selector"]
    assert spec["template"]["metadata"]["labels"] == objects["Service"]["spec"]["selector"]
    host = objects["ConfigMap"]["data"]["PUBLIC_URL"].removeprefix("https://")
    ingress = objects["Ingress"]["spec"]
    assert ingress["rules"][0]["host"] == host
    assert ingress["tls"][0]["hosts"] == [host]


# systemd


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        assert not os.environ.get("CI"), "CI must never skip the unit"
        pytest.skip("there is no systemd-analyze here; on Debian: apt-get install systemd")
    unit = tmp_path / "chat.service"
    unit.write_text(read("chat.service").replace("/opt/chat", str(ROOT)))
    assert not said_by("systemd-analyze", "verify", "--man=no", unit).strip()
    judged = said_by("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)
    assert "Overall exposure level" in judged, "below 2 of 10"


# every file


def test_every_variable_that_deploy_sets_exists() -> None:
    known = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    objects = kubernetes()
    (chat,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    named = {each["name"] for each in chat["env"]} | set(objects["ConfigMap"]["data"])
    named |= set(yaml.safe_load(read("compose.yaml"))["services"]["web"]["environment"])
    named |= set(re.findall(r"^([A-Z_]+)=", read("secrets.env.example"), re.MULTILINE))
    named |= {"HOST", "PORT", "DATA_DIR", "SECRETS_DIR"}  # of the image
    assert named <= known, named - known
