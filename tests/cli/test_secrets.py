"""`run` and `env` as processes: what the command gets, its exit code, what is printed and what is not."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shipped_stacks import copy_stacks

from gatewright.cli.credentials.secret_lines import dotenv, github_env, github_masks, shell
from gatewright.errors import ExitCode
from gatewright.project import Project

TOKEN, VALUE = "CLOUDFLARE_AI_GATEWAY_TOKEN", "fake-token-of-the-shell"
MAIN = [sys.executable, "-c", "from gatewright.cli import main; main()"]
AWKWARD = {"A": "plain-1", "B": "Bearer x", "C": 'it\'s $HOME `x` \\ "q"', "D": "two\nlines", "E": ""}


@pytest.fixture
def project(checkout: Project, tmp_path: Path) -> Project:
    """A copy of what a user edits."""
    shutil.copy(checkout.root / "Pulumi.yaml", tmp_path)
    copy_stacks(checkout, tmp_path / "stacks")
    return Project(tmp_path)


def run_command(project: Project, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    here = str(Path(__file__).parents[2])
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": here, TOKEN: VALUE, **variables}
    return subprocess.run([*MAIN, *args], cwd=project.root, env=env, capture_output=True, text=True, check=False)


def test_a_command_gets_the_secrets_and_its_exit_code_is_passed_on(project: Project) -> None:
    done = run_command(
        project, "run", "prod", "--client", "pi", "--", "sh", "-c", f'printf "%s %s" "${TOKEN}" "$1"; exit 7', "x", "--"
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, f"{VALUE} --", "")


DEPLOYING = {
    "CLOUDFLARE_API_TOKEN": "fake-deploys",
    "CLOUDFLARE_API_KEY": "fake-older",
    "PULUMI_CONFIG_PASSPHRASE": "fake-opens",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/fake",
    "PULUMI_ACCESS_TOKEN": "fake-backend",
}


def test_deploying_variables_are_withheld_unless_named(project: Project) -> None:
    done = run_command(project, "run", "prod", "--client", "pi", "--", "env", **DEPLOYING)
    assert f"{TOKEN}={VALUE}\n" in done.stdout
    assert f"gatewright: withheld: {', '.join(sorted(DEPLOYING))}; to pass one on: --keep NAME" in done.stderr
    assert "fake-" not in done.stderr
    assert not [line for line in done.stdout.splitlines() if line.partition("=")[0] in DEPLOYING]
    kept = ("--keep", "CLOUDFLARE_API_TOKEN", "--keep", "PULUMI_ACCESS_TOKEN")
    done = run_command(project, "run", "prod", "--client", "pi", *kept, "--", "env", **DEPLOYING)
    names = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert names & DEPLOYING.keys() == {"CLOUDFLARE_API_TOKEN", "PULUMI_ACCESS_TOKEN"}


CLAUDE = """\
use: [anthropic]
providers: {anthropic: {key: {stored: true}}}
routes: {fast: null, reasoning: null, bulk: null}
roles: {fast: null, reasoning: null, bulk: null, vision: null, coder: null, backup: null, tiny: null}
clients: {openclaw: null, pi: null, claude-code: {primary: anthropic/claude-sonnet-4}}
"""


def test_conflicting_variables_are_withheld_with_a_note(project: Project) -> None:
    text = "extends: base.yaml\naccount: {env: PROD_CLOUDFLARE_ACCOUNT_ID}\n" + CLAUDE
    (project.stacks / "prod.yaml").write_text(text, encoding="utf-8")
    shell = {"ANTHROPIC_API_KEY": "fake-mine"}
    done = run_command(project, "run", "prod", "--", "env", **shell)
    assert f"ANTHROPIC_AUTH_TOKEN={VALUE}\n" in done.stdout
    assert "fake-mine" not in done.stdout + done.stderr
    assert "ANTHROPIC_API_KEY is withheld: Claude Code would send it too" in done.stderr
    done = run_command(project, "run", "prod", "--keep", "ANTHROPIC_API_KEY", "--", "env", **shell)
    assert "ANTHROPIC_API_KEY=fake-mine\n" in done.stdout
    done = run_command(project, "env", "prod", **shell)
    assert done.stdout == f"export ANTHROPIC_AUTH_TOKEN={VALUE}\n"
    assert "ANTHROPIC_API_KEY should not be set" in done.stderr


def test_a_closed_pipe_ends_the_command(project: Project) -> None:
    script = "trap - PIPE; yes | head -1 >/dev/null; kill -PIPE $$; echo alive"
    assert run_command(project, "run", "prod", "--", "sh", "-c", script).returncode == -13


def test_an_unknown_command(project: Project) -> None:
    done = run_command(project, "run", "prod", "--", "no-such-command")
    assert done.returncode == ExitCode.NOT_FOUND
    assert "command no-such-command is not on PATH" in done.stderr
    assert run_command(project, "run", "prod", "--", "./no-such-command").returncode == ExitCode.NOT_FOUND


def test_a_file_that_is_not_executable(project: Project) -> None:
    done = run_command(project, "run", "prod", "--", "./stacks/prod.yaml")
    assert done.returncode == ExitCode.NOT_EXECUTABLE
    assert "./stacks/prod.yaml cannot be run" in done.stderr


def test_no_command(project: Project) -> None:
    assert run_command(project, "run", "prod").returncode == ExitCode.USAGE


def test_a_missing_engine_is_reported(project: Project) -> None:
    done = run_command(project, "run", "prod", "--", "true", **{TOKEN: ""})
    assert done.returncode == ExitCode.FAILED
    assert " engine install" in done.stderr


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("shell", f"export {TOKEN}={VALUE}\n"),
        ("dotenv", f"{TOKEN}={VALUE}\n"),
        ("json", json.dumps({TOKEN: VALUE}, indent=2) + "\n"),
    ],
)
def test_formats(project: Project, style: str, expected: str) -> None:
    done = run_command(project, "env", "prod", "--format", style)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.DONE, expected, "")


def test_in_a_workflow_secrets_are_masked_and_set_for_later_steps(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "github env"
    file.write_text("BEFORE=1\n")
    done = run_command(project, "env", "prod", "--format", "github", GITHUB_ENV=str(file))
    assert done.stdout == f"::add-mask::{VALUE}\n"
    before, opening, value, end = file.read_text().splitlines()
    assert (before, value) == ("BEFORE=1", VALUE)
    assert opening == f"{TOKEN}<<{end}"
    assert len(end) > 32


def test_outside_of_a_workflow(project: Project) -> None:
    done = run_command(project, "env", "prod", "--format", "github")
    assert done.returncode == ExitCode.USAGE
    assert VALUE not in done.stdout + done.stderr


def test_an_unknown_name(project: Project) -> None:
    done = run_command(project, "env", "prod", "--only", "agnets")
    assert done.returncode == ExitCode.USAGE
    assert "Did you mean agents?" in done.stderr


def test_a_shell_reads_the_lines_back() -> None:
    script = (
        shell(AWKWARD) + f"exec {shlex.quote(sys.executable)} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    )
    result = subprocess.run(["sh", "-c", script], env={"PATH": os.defpath}, capture_output=True, text=True, check=True)
    assert AWKWARD.items() <= json.loads(result.stdout).items()


def test_a_dotenv_file_expands_no_variables() -> None:
    lines = dotenv({"A": "fake-1", "B": "Bearer x", "C": "a$B'c\\"})
    assert lines == "A=fake-1\nB='Bearer x'\nC='a$B\\'c\\\\'\n"


def test_each_line_of_a_secret_is_masked() -> None:
    assert github_masks(["one\ntwo 50%\n\n", "one"]) == "::add-mask::one\n::add-mask::two 50%25\n"


def test_a_value_cannot_contain_its_delimiter() -> None:
    first, second = github_env({"A": "x"}).splitlines()[0], github_env({"A": "x"}).splitlines()[0]
    assert first != second
