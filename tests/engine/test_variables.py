from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.engine.find import Engine, Origin
from gatewright.engine.variables import (
    apply_variables,
    file_backend,
    local_session,
    local_variables,
    real_session,
    real_variables,
    shell_lines,
    with_deploying_token,
)
from gatewright.errors import EngineError
from gatewright.project import Project

ODD = 'it\'s a "$HOME" `id` \\ *\n#é %50'


@pytest.fixture
def engine(project: Project) -> Engine:
    return Engine(project.engine_bin / "pulumi", (3, 259, 0), "built")


def test_the_local_stack_sees_nothing_of_the_users_shell(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "fake-token")
    monkeypatch.setenv("CLOUDFLARE_AI_GATEWAY_TOKEN", "fake-client-token")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://users-own")
    environment = local_session(project, engine, "local").environment
    assert "CLOUDFLARE_API_TOKEN" not in environment
    assert environment["CLOUDFLARE_AI_GATEWAY_TOKEN"] == "fake-client-token"
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment
    assert Path(environment["PULUMI_CONFIG_PASSPHRASE_FILE"]).stat().st_mode & 0o777 == 0o600
    assert environment["PULUMI_BACKEND_URL"] == file_backend(project)
    assert environment["PULUMI_HOME"] == str(project.pulumi_home)
    assert environment["PATH"].split(os.pathsep)[0] == str(project.engine_bin)


def test_the_folder_of_the_state_may_have_any_name(tmp_path: Path) -> None:
    backend = file_backend(Project(tmp_path / "a b?c#d%e"))
    assert backend == f"file://{tmp_path}/a%20b%3Fc%23d%25e/.gatewright/state?metadata=skip"


def test_a_shell_evaluates_the_lines() -> None:
    lines = shell_lines({"ODD": ODD, "GONE": None, "PLAIN": "plain"})
    script = (
        "GONE=there\n" + 'eval "$LINES_"\nprintf "%s|%s|%s" "$ODD" "${GONE-unset}" "$PLAIN"; env | grep -c "^PLAIN="'
    )
    for sh in ("sh", "bash"):
        result = subprocess.run(
            [sh, "-eu", "-c", script],
            env={"LINES_": "\n".join(lines), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout == f"{ODD}|unset|plain1\n"


def test_path_does_not_grow_when_evaluated_twice(project: Project, engine: Engine) -> None:
    once = local_variables(project, engine, {"PATH": "/usr/bin:/bin"})["PATH"]
    assert once == f"{project.engine_bin}:{project.bin}:/usr/bin:/bin"
    assert local_variables(project, engine, {"PATH": once})["PATH"] == once


@pytest.mark.parametrize(
    ("variables", "lack"),
    [
        ({}, "neither PULUMI_CONFIG_PASSPHRASE nor PULUMI_CONFIG_PASSPHRASE_FILE is set"),
        ({"PULUMI_CONFIG_PASSPHRASE": ""}, "PULUMI_CONFIG_PASSPHRASE is empty"),
        (
            {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": "full"},
            "PULUMI_CONFIG_PASSPHRASE is empty",
        ),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "empty"}, "is empty or not a file"),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "missing"}, "is empty or not a file"),
    ],
)
def test_a_real_stack_without_a_passphrase_is_refused(
    project: Project,
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    lack: str,
) -> None:
    (tmp_path / "full").write_text("fake passphrase\n")
    (tmp_path / "empty").write_text("\n")
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EngineError, match=lack) as caught:
        real_session(project, engine, "prod")
    assert "export PULUMI_CONFIG_PASSPHRASE_FILE=" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("variables", "stack_file", "backend", "passphrase"),
    [
        ({"PULUMI_CONFIG_PASSPHRASE": "fake"}, "", None, "PULUMI_CONFIG_PASSPHRASE"),
        (
            {"PULUMI_BACKEND_URL": "s3://b", "PULUMI_CONFIG_PASSPHRASE": "fake"},
            "",
            "s3://b",
            "PULUMI_CONFIG_PASSPHRASE",
        ),
        ({"PULUMI_BACKEND_URL": "s3://b"}, "secretsprovider: awskms://alias/k\n", "s3://b", "awskms://alias/k"),
        ({"PULUMI_ACCESS_TOKEN": "fake"}, "", "https://api.pulumi.com", "the key of https://api.pulumi.com"),
    ],
)
def test_a_real_stack_uses_what_the_user_configured(
    project: Project,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    stack_file: str,
    backend: str | None,
    passphrase: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (project.stacks / "Pulumi.prod.yaml").write_text(stack_file)
    found = real_session(project, engine, "prod")
    assert found.backend == (backend or file_backend(project))
    assert found.passphrase == passphrase
    assert "PULUMI_HOME" not in found.environment


def test_a_login_is_a_configured_backend(project: Project, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "home" / ".pulumi").mkdir()
    (tmp_path / "home" / ".pulumi" / "credentials.json").write_text('{"current": "https://pulumi.example"}')
    assert real_session(project, engine, "prod").backend == "https://pulumi.example"


def test_variables_of_the_local_stack_are_not_used_for_a_real_one(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in local_variables(project, engine, os.environ).items():
        if value is not None:
            monkeypatch.setenv(name, value)
    with pytest.raises(EngineError, match="neither"):
        real_session(project, engine, "prod")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "fake")
    environment = real_session(project, engine, "prod").environment
    assert {"PULUMI_HOME", "PULUMI_STACK", "PULUMI_CONFIG_PASSPHRASE_FILE"}.isdisjoint(environment)


@pytest.mark.parametrize(
    ("backend", "origin", "prefix"),
    [
        ("file:///mine", "path", ""),
        ("file:///mine", "built", 'eval "$(gatewright engine env prod)"; '),
        (None, "path", 'eval "$(gatewright engine env prod)"; '),
    ],
)
def test_the_prefix_of_plain_pulumi_in_the_users_shell(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch, backend: str | None, origin: Origin, prefix: str
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "fake")
    if backend:
        monkeypatch.setenv("PULUMI_BACKEND_URL", backend)
    assert real_session(project, replace(engine, origin=origin), "prod").shell_prefix == prefix
    assert local_session(project, engine, "local").shell_prefix == 'eval "$(gatewright engine env)"; '
    assert local_session(project, engine, "mine").shell_prefix == 'eval "$(gatewright engine env mine)"; '


def test_a_shell_for_a_real_stack_has_nothing_of_the_local_one(project: Project, engine: Engine) -> None:
    local = apply_variables(local_variables(project, engine, os.environ), os.environ) | {"CLOUDFLARE_API_TOKEN": "fake"}
    found = apply_variables(real_variables(project, engine, "prod", local), local)
    assert {"PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE_FILE"}.isdisjoint(found)
    assert found["PULUMI_STACK"] == "prod"
    assert found["PULUMI_BACKEND_URL"] == file_backend(project)
    assert found["PATH"].split(os.pathsep)[0] == str(engine.bin)
    assert found["CLOUDFLARE_API_TOKEN"] == "fake"
    mine = {**os.environ, "PULUMI_BACKEND_URL": "file:///mine", "PULUMI_HOME": "/my/own"}
    found = apply_variables(real_variables(project, engine, "prod", mine), mine)
    assert (found["PULUMI_BACKEND_URL"], found["PULUMI_HOME"]) == ("file:///mine", "/my/own")


def test_programs_reach_the_engine_without_the_proxy_of_the_shell(project: Project, engine: Engine) -> None:
    """gRPC sends calls to 127.0.0.1 to https_proxy too, unless it is told."""
    shell = {"https_proxy": "http://127.0.0.1:9"}
    for variables in (local_variables(project, engine, shell), real_variables(project, engine, "prod", shell)):
        assert apply_variables(variables, shell)["no_grpc_proxy"] == "127.0.0.1"


def test_the_engine_gets_only_the_deploying_token_of_its_environment() -> None:
    shell = {"CLOUDFLARE_API_TOKEN": "fake-default", "DEV_TOKEN": "fake-dev", "PROD_TOKEN": "fake-prod", "OTHER": "x"}
    others = {"DEV_TOKEN", "PROD_TOKEN"}
    assert with_deploying_token(shell, "PROD_TOKEN", others) == {"CLOUDFLARE_API_TOKEN": "fake-prod", "OTHER": "x"}
    default = {"CLOUDFLARE_API_TOKEN": "fake-default", "OTHER": "x"}
    assert with_deploying_token(shell, "CLOUDFLARE_API_TOKEN", others) == default
    assert with_deploying_token(shell, "UNSET_TOKEN", others) == {"OTHER": "x"}
