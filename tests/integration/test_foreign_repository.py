"""The action, the hooks and the workflows that `init --github` writes, in a repository that has only the wheel: every
step as it stands, the setup included, in a project in a folder of the repository with a space in its name."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from local.ports import free_port
from workflows.workflow import CHECKOUT, ExternalCall, JobResult, Runner, external_calls

from gatewright.project import Project

from .clone import Clone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .pairs import Pair

pytestmark = pytest.mark.integration

FOLDER = "a gateway"
OWN = ("gatewright", "_gatewright", "__editable__")
"""How the files of this checkout's own package begin among the installed packages."""
FAKE_KEYS = "MISTRAL_API_KEY=fake-key-of-mistral\nGROQ_API_KEY=fake-key-of-groq\n"


class ForeignRepository:
    """A repository with a project that `init --github` has created from the wheel."""

    def __init__(self, work: Path, pair: Pair) -> None:
        self.root = work / "repository"
        self.clone = Clone(Project(self.root / FOLDER), pair, free_port())
        state = work / "state"
        state.mkdir(parents=True)
        backend = f"file://{state}?metadata=skip"
        self.contexts = {
            "github.event.pull_request.number": "12",
            "github.token": "a-fake-token-of-this-run",
            "strategy.job-total": "1",
            "secrets.PULUMI_CONFIG_PASSPHRASE": "a-fake-passphrase",
            "secrets.PROVIDER_KEYS": FAKE_KEYS,
            "toJSON(vars)": json.dumps({"PULUMI_BACKEND_URL": backend}),
        }
        # pip takes the wheel from a folder and finds what it needs among the packages of this checkout
        wheels, packages = work / "wheels", work / "packages"
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
        subprocess.run(build, cwd=CHECKOUT.root, check=True, capture_output=True, timeout=120)
        packages.mkdir()
        for entry in Path(pytest.__file__).parents[1].iterdir():
            if not entry.name.startswith(OWN):
                (packages / entry.name).symlink_to(entry)
        self.clone.exported.update({"PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1", "PYTHONPATH": str(packages)})
        self.variables = self.clone.shell() | {
            "PULUMI_BACKEND_URL": backend,
            "PULUMI_CONFIG_PASSPHRASE": "a-fake-passphrase",
        }
        self.runner = Runner(
            self.root, work / "runner", self.variables, self.contexts, cached={f"{FOLDER}/.gatewright": self.work}
        )
        python = work / "runner" / "bin" / "python3"  # with the version that the packages are for
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        python.chmod(0o755)

    @property
    def work(self) -> Path:
        """What outlives a job: the engine, and, for a local environment, the state and the local Cloudflare."""
        return self.clone.project.work

    def create(self) -> None:
        """Create the project with a program that is installed as a runner installs it."""
        programs = f"{FOLDER}/.venv/bin"
        self.clone.project.root.mkdir(parents=True)
        self.run("git", "init", "--quiet", "--initial-branch", "trunk")
        self.run("python3", "-m", "venv", f"{FOLDER}/.venv")
        self.run(f"{programs}/pip", "install", "--quiet", "gatewright")
        self.run(f"{programs}/gatewright", "init", "--yes", "--github", FOLDER)
        (self.work / "engine").mkdir()
        self.clone.project.engine_bin.symlink_to(self.clone.pair.bin)

    def declare(self, **keys: object) -> None:
        """Put prod on the local Cloudflare, and commit."""
        declared = {"extends": "base.yaml", "local": {"port": self.clone.port}, "protect": False, **keys}
        (self.clone.project.stacks / "prod.yaml").write_text(yaml.safe_dump(declared))
        self.commit()

    def commit(self) -> None:
        who = ("-c", "user.name=Fake", "-c", "user.email=fake@fake.example", "-c", "commit.gpgsign=false")
        self.run("git", "add", "--all", ".github", FOLDER)
        self.run("git", *who, "commit", "--quiet", "--allow-empty", "--message", "change")

    def run(self, *command: str) -> str:
        path = f"{self.runner.work / 'bin'}{os.pathsep}{self.variables['PATH']}"
        done = subprocess.run(
            command, cwd=self.root, env=self.variables | {"PATH": path}, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def call(self, workflow: str) -> ExternalCall:
        """The only job of a caller that `init` has written."""
        (call,) = external_calls(self.root / ".github" / "workflows" / f"gatewright-{workflow}.yml").values()
        return call

    def job(self, workflow: str, name: str, **contexts: str) -> JobResult:
        """A job of the workflow that a caller names, with the caller's inputs. In names `__` stands for `.`."""
        call = self.call(workflow)
        known = {key.replace("__", "."): value for key, value in contexts.items()}
        return self.runner.job(call.workflow, name, call.inputs | {"matrix.environment": "prod"} | known)


@pytest.fixture(scope="module")
def repository(pairs: Callable[[str], Pair], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignRepository]:
    result = ForeignRepository(tmp_path_factory.mktemp("foreign"), pairs("stand-ins"))
    result.create()
    result.commit()
    yield result
    result.clone.end()


PROD = json.dumps(["prod"])


@pytest.mark.nightly
def test_a_fork_is_validated_and_rendered(repository: ForeignRepository) -> None:
    repository.commit()  # a commit with a parent
    requirements = repository.clone.project.root / "requirements.txt"
    requirements.write_text(f"{requirements.read_text()}# a comment\n")
    repository.commit()
    account = json.dumps({"PROD_CLOUDFLARE_ACCOUNT_ID": "f" * 32})
    done = repository.job("preview", "validate", **{"toJSON(vars)": account})
    assert done.code == 0, done.log
    assert done.outputs == {"environments": PROD, "gone": "[]"}
    assert "openclaw.json" in done.summary
    (emitted,) = (repository.runner.folder / FOLDER / "out" / "prod").glob("**/openclaw.json")
    assert "f" * 32 in emitted.read_text()


@pytest.mark.nightly
def test_an_approved_plan_is_deployed_previewed_and_rotated(repository: ForeignRepository) -> None:
    repository.declare()
    repository.clone.gatewright("local", "start", "--port", str(repository.clone.port))
    validated = repository.job("deploy", "validate")
    assert validated.code == 0, validated.log
    planned = repository.job("deploy", "plan")
    assert (planned.code, planned.outputs) == (0, {"changes": "true"}), planned.log
    deployed = repository.job("deploy", "approved")
    assert deployed.code == 0, deployed.log
    assert "dynamic/fast" in deployed.summary

    repository.declare(gateway={"cache": {"ttl": "1h"}})
    previewed = repository.job("preview", "preview")
    assert previewed.code == 0, previewed.log
    affected = {"needs__validate__outputs__environments": PROD, "needs__validate__outputs__gone": "[]"}
    commented = repository.job("preview", "comment", **affected)
    assert commented.code == 0, commented.log
    (comment,) = repository.runner.github["comments"]
    assert "cache off → 1h" in comment["body"]

    rotated = repository.job("rotate", "rotate")
    assert rotated.code == 2, rotated.log  # the change is not deployed yet
    repository.declare()
    assert repository.job("rotate", "rotate").code == 0
    assert repository.job("drift", "drift").code == 0
    reported = repository.job("drift", "issue", needs__environments__outputs__environments=PROD)
    assert (reported.code, repository.runner.github["issues"]) == (0, []), reported.log


@pytest.mark.nightly
def test_the_action_runs_a_command(repository: ForeignRepository) -> None:
    repository.declare(gateway={"cache": {"ttl": "2h"}})
    changes = repository.runner.action(folder=FOLDER, command="preview prod --format markdown", allow_changes="true")
    assert (changes.code, changes.outputs["code"], changes.outputs["changes"]) == (0, "2", "true"), changes.log
    assert "gatewright:preview" in Path(changes.outputs["output"]).read_text()

    failed = repository.runner.action(folder=FOLDER, command="validate nothing; touch x")
    assert failed.code != 0
    assert failed.outputs["code"] == str(failed.code)
    assert not (repository.runner.folder / FOLDER / "x").exists()

    assert repository.runner.action(folder=FOLDER).outputs == {"code": "", "changes": "", "output": ""}


@pytest.mark.nightly
def test_the_hooks_check_the_files(repository: ForeignRepository) -> None:
    """As pre-commit runs them: the entry in a shell's words, with the programs of the hook's own environment."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((CHECKOUT.root / ".pre-commit-hooks.yaml").read_text())}

    def run(name: str) -> int:
        programs = f"{repository.clone.project.root / '.venv/bin'}{os.pathsep}{repository.variables['PATH']}"
        variables = repository.variables | {"PATH": programs}
        command = shlex.split(hooks[name]["entry"])
        return subprocess.run(command, cwd=repository.clone.project.root, env=variables, check=False).returncode

    repository.declare()
    assert run("gatewright-validate") == 0
    repository.clone.gatewright("render", "--all")
    assert run("gatewright-render-check") == 0
    next((repository.clone.project.out / "prod").glob("**/openclaw.json")).write_text("{}")
    assert run("gatewright-render-check") == 2
    assert run("gatewright-scan") == 0
    repository.declare(gatway={})
    assert run("gatewright-validate") == 3
