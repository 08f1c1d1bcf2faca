"""The scripts of the workflows, run with a fake gatewright."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from click.testing import CliRunner

from gatewright.cli.pipelines.ci import SCRIPTS, ci

from .workflow import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

LIVE = "<img src=x> @everyone [x](http://fake.example) "


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository. Each test writes its gatewright."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def variables(repository: Path, **extra: str) -> dict[str, str]:
    return {
        "PATH": f"{repository / '.venv/bin'}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "fake/gateways",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": "https://fake.example",
        "GITHUB_STEP_SUMMARY": str(repository / "summary"),
        "PULUMI_BACKEND_URL": "file:///fake",
        "RUNNER_TEMP": str(repository),
        **extra,
    }


def gatewright(repository: Path, script: str) -> None:
    program = repository / ".venv" / "bin" / "gatewright"
    program.write_text(f"#!/usr/bin/env bash\n{script}\n")
    program.chmod(0o755)


def run(repository: Path, name: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPTS / name), *arguments],
        cwd=repository,
        env=variables(repository, **extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("jobs", ["1", "50", "100"])
def test_the_output_of_a_failed_command_stays_text(repository: Path, jobs: str) -> None:
    gatewright(repository, f"for each in $(seq 80); do printf '%s' {LIVE * 9!r} >&2; echo >&2; done; exit 3")
    assert run(repository, "report.sh", "preview", "dev", JOBS=jobs).returncode == 3
    heading, _, *lines = (repository / "sections" / "dev.md").read_text().splitlines()
    assert heading == "### dev: preview failed (exit code 3)"
    assert lines
    assert [line for line in lines if not line.startswith("    ")] == []


def test_the_limit_of_a_section_is_never_too_small(repository: Path) -> None:
    gatewright(repository, 'echo "$@"; exit 2')
    assert run(repository, "report.sh", "preview", "dev", JOBS="400").returncode == 0
    assert "--limit 1000" in (repository / "sections" / "dev.md").read_text()


@pytest.mark.parametrize(
    ("count", "length", "whole"), [(40, 1_000, True), (90, 1_000, False), (400, 1_000, False), (3, 50_000, False)]
)
def test_many_sections_fit_one_document(repository: Path, count: int, length: int, whole: bool) -> None:
    (repository / "sections").mkdir()
    names = [f"an-environment-with-quite-a-name-{number}" for number in range(count)]
    for name in names:
        (repository / "sections" / f"{name}.md").write_text(f"### {name}\n\n{'x' * length}\n")
    result = run(repository, "document.sh", "drift", ENVIRONMENTS=json.dumps(names))
    assert result.returncode == 0, result.stderr
    assert len(result.stdout) < 65_536
    shown = [name for name in names if f"### {name}\n" in result.stdout]
    left = [name for name in names if name not in shown]
    assert (not left) == whole
    named = " ".join(left[:50]) + (f" and {len(left) - 50} more" if len(left) > 50 else "")
    assert whole or f"left out: {named}." in result.stdout


def test_a_cancelled_deployment_ends_up_and_stops(repository: Path) -> None:
    """Like a runner, send the signal only to the step's process."""
    gatewright(
        repository,
        """echo "$1" >> called
        [[ $1 == up ]] || exit 0
        trap 'kill $!; sleep 0.5; echo ended >> called; exit 130' TERM
        sleep 30 & wait""",
    )
    command = ["bash", str(SCRIPTS / "deploy.sh"), "dev"]
    with subprocess.Popen(command, cwd=repository, env=variables(repository), start_new_session=True) as process:
        called = repository / "called"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (called.exists() and "up" in called.read_text().split()):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert called.read_text().split() == ["routes", "up", "ended"]


VERIFY = pytest.mark.parametrize(
    ("verify", "called"),
    [("echo '| a | row |'", ["routes", "up", "verify", "routes"]), ("true", ["routes", "up", "verify"])],
)


@VERIFY
@pytest.mark.parametrize("code", [1, 4])
def test_routes_roll_back_only_after_a_failed_verify(
    repository: Path, verify: str, called: list[str], code: int
) -> None:
    gatewright(repository, f'echo "$1" >> called; [[ $1 != verify ]] || {{ {verify}; exit {code}; }}')
    result = run(repository, "deploy.sh", "dev")
    assert result.returncode == code
    assert "::error title=dev::" in result.stdout
    assert (repository / "called").read_text().split() == called


@VERIFY
def test_the_gitlab_example_does_the_same(repository: Path, verify: str, called: list[str]) -> None:
    gatewright(repository, f'echo "$1" >> called; [[ $1 != verify ]] || {{ {verify}; exit 1; }}')
    guide = (CHECKOUT.root / "docs" / "guides" / "other-ci.md").read_text()
    (text,) = re.findall(r"^```yaml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    lines = "\n".join(yaml.safe_load(text)["prod"]["script"])
    result = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", lines], cwd=repository, env=variables(repository), check=False
    )
    assert result.returncode == 1
    assert (repository / "called").read_text().split() == called


class Identities(BaseHTTPRequestHandler):
    """GitHub's endpoint for a job's identity: a token with its audience, for requests with the job's own token."""

    def do_GET(self) -> None:
        allowed = self.headers["Authorization"] == "bearer a-fake-token-of-this-job"
        self.send_response(200 if allowed else 403)
        self.end_headers()
        (audience,) = parse_qs(urlsplit(self.path).query)["audience"]
        self.wfile.write(json.dumps({"count": 9, "value": f"fake identity for {audience}"}).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def identities() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Identities) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
        server.shutdown()


AWS = {"AWS_ROLE_ARN": "arn:aws:iam::000000000000:role/fake"}
AZURE = {"AZURE_CLIENT_ID": "fake-client"}


@pytest.mark.parametrize(
    ("settings", "aws", "azure"),
    [
        ({}, "", ""),
        (AWS, "sts.amazonaws.com", ""),
        (AZURE, "", "api://AzureADTokenExchange"),
        (AWS | AZURE, "sts.amazonaws.com", "api://AzureADTokenExchange"),
        (AWS | AZURE | {"AWS_AUDIENCE": "a & b", "AZURE_AUDIENCE": ""}, "a & b", "api://AzureADTokenExchange"),
    ],
)
def test_each_cloud_gets_its_own_identity(
    repository: Path, identities: str, settings: dict[str, str], aws: str, azure: str
) -> None:
    gatewright(
        repository,
        """for each in AWS_WEB_IDENTITY_TOKEN_FILE AZURE_FEDERATED_TOKEN_FILE; do
          [[ -z ${!each+set} ]] || { ls -l "${!each}" | cut -c 1-10; cat "${!each}"; }
          echo
        done""",
    )
    request = {"ACTIONS_ID_TOKEN_REQUEST_URL": identities, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-fake-token-of-this-job"}
    result = run(repository, "gatewright.sh", **request, **settings)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "".join(
        f"-rw-------\nfake identity for {each}\n" if each else "\n" for each in (aws, azure)
    )


def test_without_an_identity_no_command_runs(repository: Path, identities: str) -> None:
    gatewright(repository, "echo begun")
    request = {"ACTIONS_ID_TOKEN_REQUEST_URL": identities, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "another"}
    result = run(repository, "gatewright.sh", **request, **AWS)
    assert (result.returncode != 0, result.stdout) == (True, "")
    assert "403" in result.stderr


def test_empty_variables_are_unset(repository: Path) -> None:
    gatewright(repository, "echo ${FAKE_KEY-unset} ${PULUMI_ACCESS_TOKEN-unset}")
    assert run(repository, "gatewright.sh", FAKE_KEY="a", PULUMI_ACCESS_TOKEN="").stdout == "a unset\n"
    nowhere = run(repository, "gatewright.sh", PULUMI_BACKEND_URL="")
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert "the state would be lost with this runner" in nowhere.stderr


def test_provider_keys_are_variables_of_any_name(repository: Path) -> None:
    gatewright(repository, 'echo "$XAI_API_KEY|$MY_KEY|${PROVIDER_KEYS-unset}"')
    keys = "# the keys\nXAI_API_KEY=fake=key of xai\n\nMY_KEY=fake-key\n"
    done = run(repository, "gatewright.sh", PROVIDER_KEYS=keys)
    assert (done.returncode, done.stdout) == (0, "fake=key of xai|fake-key|unset\n")
    assert done.stderr.splitlines() == ["::add-mask::fake=key of xai", "::add-mask::fake-key"]


@pytest.mark.parametrize("line", ["fake-key-alone", "lower=fake-key", "A B=fake-key", "A-B=fake-key"])
def test_a_line_that_is_not_a_variable_stops_and_is_not_shown(repository: Path, line: str) -> None:
    gatewright(repository, "echo it ran")
    done = run(repository, "gatewright.sh", PROVIDER_KEYS=f"GOOD={line}\n{line}\n")
    assert (done.returncode, done.stdout) == (64, "")
    assert "PROVIDER_KEYS" in done.stderr
    assert line not in done.stderr.replace(f"::add-mask::{line}", "")


def test_variables_of_the_repository_replace_nothing(repository: Path) -> None:
    gatewright(repository, 'echo "$NEW|$FAKE_KEY|$EMPTY_KEY|${UNSET-unset}|${VARIABLES-unset}"')
    values = {"NEW": "a value = with\ntwo lines", "FAKE_KEY": "other", "EMPTY_KEY": "filled", "UNSET": ""}
    done = run(repository, "gatewright.sh", VARIABLES=json.dumps(values), FAKE_KEY="first", EMPTY_KEY="")
    assert (done.returncode, done.stdout) == (0, "a value = with\ntwo lines|first|filled|unset|unset\n")
    assert run(repository, "gatewright.sh", VARIABLES="null").returncode != 0


def test_the_deploying_token_has_the_names_of_the_files(repository: Path) -> None:
    gatewright(repository, 'echo "${A_TOKEN-unset} ${B_TOKEN-unset}"')
    names = {"TOKEN_VARIABLES": "A_TOKEN B_TOKEN"}
    assert run(repository, "gatewright.sh", CLOUDFLARE_API_TOKEN="a-fake-token", **names).stdout == (
        "a-fake-token a-fake-token\n"
    )
    assert run(repository, "gatewright.sh", CLOUDFLARE_API_TOKEN="", **names).stdout == "unset unset\n"


@pytest.mark.parametrize(
    ("code", "allowed", "expected", "changes"),
    [(0, "", 0, "false"), (2, "", 2, "true"), (2, "true", 0, "true"), (1, "true", 1, "false")],
)
def test_a_command_of_the_action_has_outputs(
    repository: Path, code: int, allowed: str, expected: int, changes: str
) -> None:
    gatewright(repository, f'echo "it printed $2"; exit {code}')
    output = repository / "output"
    done = run(repository, "run.sh", "preview", "a b", GITHUB_OUTPUT=str(output), ALLOW_CHANGES=allowed)
    assert (done.returncode, done.stdout) == (expected, "it printed a b\n")
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert (outputs["code"], outputs["changes"]) == (str(code), changes)
    assert Path(outputs["output"]).read_text() == "it printed a b\n"


@pytest.mark.parametrize(("command", "expected"), [("preview", 1), ("up", 1), ("validate", 0)])
def test_a_command_that_uses_the_state_needs_its_place(repository: Path, command: str, expected: int) -> None:
    gatewright(repository, "echo it ran")
    done = run(repository, "run.sh", command, GITHUB_OUTPUT=str(repository / "output"), PULUMI_BACKEND_URL="")
    assert done.returncode == expected
    assert ("the state would be lost" in done.stderr) == bool(expected)


def test_ci_runs_a_script_with_its_own_program_first(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(os, "execvpe", lambda *arguments: started.extend(arguments))
    CliRunner().invoke(ci, ["deploy", "prod", "--plan"], catch_exceptions=False)
    program, arguments, environment = started
    assert (program, arguments) == ("bash", ["bash", str(SCRIPTS / "deploy.sh"), "prod", "--plan"])
    assert isinstance(environment, dict)
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_limits_that_are_nearly_used_up_are_one_issue(repository: Path) -> None:
    data = repository / "github.json"
    data.write_text(json.dumps({"issues": [], "calls": []}))
    gh = repository / ".venv" / "bin" / "gh"
    command = shlex.join([sys.executable, str(CHECKOUT.root / "tests/workflows/gh.py")])
    gh.write_text(f'#!/usr/bin/env bash\nexec {command} "$@"\n')
    gh.chmod(0o755)
    extra = {"JOBS": "1", "ENVIRONMENTS": '["a"]', "GH_TOKEN": "fake", "FAKE_GITHUB": str(data)}

    def day(code: int) -> list[tuple[str, str]]:
        gatewright(repository, f'echo "## Usage of a: $*"; exit {code}')
        assert run(repository, "report.sh", "usage", "a", "--warn-at", "80%", **extra).returncode == 0
        result = run(repository, "issue.sh", "usage", **extra)
        assert result.returncode == 0, result.stderr
        return [(issue["title"], issue["state"]) for issue in json.loads(data.read_text())["issues"]]

    title = "Usage: limits are nearly used up"
    assert [day(0), day(2), day(2), day(0)] == [[], [(title, "open")], [(title, "open")], [(title, "closed")]]
    body = json.loads(data.read_text())["issues"][0]["body"]
    assert body.startswith("<!-- gatewright:usage -->\n")
    assert "Usage of a: usage a --warn-at 80% --format markdown" in body
