"""What is in deploy/, as far as it can be checked without a daemon: it parses, names only what exists, and is hardened."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from jackfield.settings import Settings, from_files, unknown_names
from jackfield.testing.nats import find_nats_server

DEPLOY = Path(__file__).parents[1] / "deploy"
NAME = re.compile(r"JACKFIELD_[A-Z_]*[A-Z]")
COMPOSE = ("compose.yaml", "compose.full.yaml")


def texts() -> dict[str, str]:
    """Every file of deploy/."""
    return {str(path.relative_to(DEPLOY)): path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}


def services(name: str) -> dict[str, Any]:
    """The services of a compose file."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())["services"]
    return found


def manifests() -> dict[str, Any]:
    """The Kubernetes objects by kind."""
    return {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes/jackfield.yaml").read_text())}


def test_every_setting_that_is_named_exists() -> None:
    for name, text in texts().items():
        named = dict.fromkeys(NAME.findall(text), "")
        assert not unknown_names(named), name


def test_the_values_are_ones_that_the_server_takes() -> None:
    lines = [line for line in (DEPLOY / "example.env").read_text().splitlines() if line.startswith("JACKFIELD_")]
    given = [dict(line.split("=", 1) for line in lines)]
    for name in COMPOSE:
        given += [one.get("environment", {}) for one in services(name).values()]
    given.append(manifests()["ConfigMap"]["data"])
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    given.append(dict(re.findall(r"(JACKFIELD_[A-Z_]+)=(\S+)", dockerfile)))
    for values in given:
        ours = {
            key: str(value) for key, value in values.items() if key.startswith("JACKFIELD_") and "$" not in str(value)
        }
        Settings(**from_files(ours))  # type: ignore[arg-type]
    assert sum(map(len, given)) > 10


@pytest.mark.parametrize("name", COMPOSE)
def test_servers_of_a_compose_file_are_hardened(name: str) -> None:
    ours = {key: one for key, one in services(name).items() if one["image"] == "jackfield"}
    assert ours
    volumes = yaml.safe_load((DEPLOY / name).read_text())["volumes"]
    for one in ours.values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in one["security_opt"]
        assert "/tmp" in one["tmpfs"]
        (mounted,) = one["volumes"]
        volume, _, place = mounted.partition(":")
        assert (volume in volumes, place) == (True, "/data")
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ())), "only the proxy is for the public"


def test_the_full_compose_file_names_what_it_starts() -> None:
    every = services("compose.full.yaml")
    for one in every.values():
        assert set(one.get("depends_on", {})) <= set(every)
        assert not str(one["image"]).endswith(":latest")
    upstreams = every["caddy"]["environment"]["UPSTREAMS"].split()
    assert {one.partition(":")[0] for one in upstreams} == {"one", "two"}
    assert every["two"]["environment"] == every["one"]["environment"]
    assert every["one"]["environment"]["JACKFIELD_NATS_URL"] == "nats://nats:4222"
    assert "nats" not in every["one"]["depends_on"], "everything works without it, so nobody waits for it"


def test_the_configuration_of_nats_is_one_that_it_takes() -> None:
    file = DEPLOY / "nats.conf"
    checked = subprocess.run(
        [find_nats_server(), "-t", "-c", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stderr
    text = file.read_text()
    assert "sync_interval: always" in text
    (store,) = re.findall(r"store_dir: (\S+)", text)
    assert f"nats:{store}" in services("compose.full.yaml")["nats"]["volumes"]


def test_the_image_is_small_and_runs_without_rights() -> None:
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line and not line.startswith("#")]
    stages = [line for line in lines if line.startswith("FROM ")]
    assert len(stages) == 2
    assert stages[0].endswith(" AS build")
    assert all(":" in line and ":latest" not in line for line in stages)
    last = lines[lines.index(stages[-1]) :]
    assert last.index("USER 10001:10001") < last.index('ENTRYPOINT ["jackfield"]')
    assert any(line.startswith("HEALTHCHECK ") for line in last)
    assert "VOLUME /data" in last
    assert not any(re.match(r"ADD |.*\bsudo\b|.*curl .*\| *sh", line) for line in lines)
    assert all("--no-cache-dir" in line for line in lines if "pip install" in line)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    assert {".git", ".venv", "data", "**/.env"} <= set(ignored)
    assert not {"src", "web", "docs", "tools", "pyproject.toml", "requirements-dev.lock", "README.md", "LICENSE"} & set(
        ignored
    )


def test_the_constraints_of_the_image_come_from_the_lock_file() -> None:
    pattern = re.search(r"grep -oE '([^']+)' requirements-dev.lock", (DEPLOY / "Dockerfile").read_text())
    assert pattern is not None
    pinned = re.findall(pattern[1], (DEPLOY.parent / "requirements-dev.lock").read_text(), re.MULTILINE)
    assert len(pinned) > 50
    assert any(one.startswith("starlette==") for one in pinned)


def test_the_manifests_fit_together() -> None:
    found = manifests()
    pod = found["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    # The service's name would set JACKFIELD_PORT to an address.
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert (container["livenessProbe"]["httpGet"]["path"], container["readinessProbe"]["httpGet"]["path"]) == (
        "/healthz",
        "/readyz",
    )
    assert found["Service"]["spec"]["selector"] == found["StatefulSet"]["spec"]["selector"]["matchLabels"]
    assert found["StatefulSet"]["spec"]["template"]["metadata"]["labels"] == found["Service"]["spec"]["selector"]
    mounted = {one["name"] for one in container["volumeMounts"]}
    claims = {one["metadata"]["name"] for one in found["StatefulSet"]["spec"]["volumeClaimTemplates"]}
    assert mounted == claims | {one["name"] for one in pod["volumes"]}
    backend = found["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == found["Service"]["metadata"]["name"]


def test_the_proxies_pass_on_sockets_and_files() -> None:
    most = f"{Settings.model_fields['max_upload_mb'].default + 10}"
    nginx, caddy = (DEPLOY / "nginx.conf").read_text(), (DEPLOY / "Caddyfile").read_text()
    for needed in (
        f"client_max_body_size {most}m;",
        "Upgrade $http_upgrade",
        "proxy_http_version 1.1",
        "X-Forwarded-For",
    ):
        assert needed in nginx
    assert f"max_size {most}MB" in caddy
    for text in (nginx, caddy):
        assert text.count("{") == text.count("}")
        assert "/metrics" in text


@pytest.mark.parametrize("name", ["jackfield.service", "jackfield-backup.service", "jackfield-backup.timer"])
def test_the_units_are_right(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / name).read_text()
    if name.endswith(".service"):
        for rule in ("NoNewPrivileges=true", "ProtectSystem=strict", "CapabilityBoundingSet=", "User=jackfield"):
            assert f"\n{rule}\n" in text
    tool = shutil.which("systemd-analyze")
    if tool is None:
        return
    for unit in DEPLOY.glob("jackfield*.*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/jackfield/bin/jackfield", sys.executable))
    done = subprocess.run(
        [tool, "verify", str(tmp_path / name)], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "jackfield" in line]
    assert not ours, ours
