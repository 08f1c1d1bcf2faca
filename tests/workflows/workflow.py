"""Read the workflows, and run the shell steps of their jobs as a runner does."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.project import Project

from .expressions import evaluate

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

Job = dict[str, Any]
Step = dict[str, Any]

CHECKOUT = Project.find(Path(__file__).parent)
FOLDER = CHECKOUT.root / ".github" / "workflows"
CALLERS = sorted(FOLDER.glob("own-*.yml"))
"""This repository's own callers of the reusable workflows."""
FILES = [FOLDER / f"{name}.yml" for name in ("catalog", "deploy", "drift", "preview", "rotate", "usage")]
"""The reusable workflows."""
SETUP = "python3 bootstrap.py"
"""The setup that is not run here: the environment is linked instead, and tests/test_setup.py tests it."""

ACTION = CHECKOUT.root / "action.yml"
_RUN = {"github.sha": "HEAD", "github.run_id": "7"}
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def read(name: str) -> dict[str, Any]:
    """A workflow, with its aliases resolved."""
    workflow: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return workflow


def declared(name: str, kind: str) -> dict[str, dict[str, Any]]:
    """The `inputs` or `secrets` of a reusable workflow."""
    by_name: dict[str, dict[str, Any]] = triggers(name)["workflow_call"].get(kind, {})
    return by_name


def triggers(name: str) -> Any:
    """The value of `on`, a key that YAML 1.1 reads as true."""
    workflow: dict[Any, Any] = {**read(name)}
    return workflow[True]


def default_inputs(name: str) -> dict[str, str]:
    """The contexts of a workflow's inputs, by their defaults. False is the empty text."""
    return {f"inputs.{key}": str(entry.get("default") or "") for key, entry in declared(name, "inputs").items()}


def jobs(name: str) -> dict[str, Job]:
    by_name: dict[str, Job] = read(name)["jobs"]
    return by_name


@dataclass(frozen=True, slots=True)
class ExternalCall:
    """A job that calls a reusable workflow of a repository: `owner/repository`, the workflow, its ref and inputs."""

    repository: str
    workflow: str
    ref: str
    inputs: dict[str, str]


def external_calls(file: Path) -> dict[str, ExternalCall]:
    """The calls of reusable workflows in a workflow of another repository, by job. `inputs` are contexts."""
    calls = {}
    for name, job in yaml.safe_load(file.read_text())["jobs"].items():
        match = re.fullmatch(r"([\w-]+/[\w-]+)/\.github/workflows/(\w+)\.yml@(.+)", job["uses"])
        assert match, job["uses"]
        inputs = {f"inputs.{key}": str(value).replace("True", "true") for key, value in job.get("with", {}).items()}
        calls[name] = ExternalCall(match[1], match[2], match[3], inputs)
    return calls


def jobs_that_run(
    workflow: str, contexts: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]], failed: Container[str]
) -> list[str]:
    """The jobs that run if those of `failed` fail. `outputs` are the outputs of the jobs."""
    results: dict[str, str] = {}
    known = default_inputs(workflow) | dict(contexts)
    for name, job in jobs(workflow).items():
        needs = job.get("needs", [])
        needed = [results[other] for other in ([needs] if isinstance(needs, str) else needs)]
        runs = _runs(str(job.get("if", "")), needed, known)
        results[name] = ("failure" if name in failed else "success") if runs else "skipped"
        known[f"needs.{name}.result"] = results[name]
        if runs:
            known |= {f"needs.{name}.outputs.{key}": value for key, value in outputs.get(name, {}).items()}
    return [name for name, result in results.items() if result != "skipped"]


def _runs(condition: str, needed: list[str], known: Mapping[str, str]) -> bool:
    """Whether a job runs. A condition without a status function also requires that all needed jobs succeeded."""
    if "cancelled()" not in condition and set(needed) - {"success"}:
        return False
    if expression := _EXPRESSION.fullmatch(condition):
        condition = expression[1]
    return not condition or bool(evaluate(condition, known))


@dataclass(slots=True)
class JobResult:
    """The result of a job: the exit code of its first failed step, its log, outputs and summary."""

    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(slots=True)
class Runner:
    """Runs each job in its own folder with a checkout of `origin`.

    variables: the environment of every step, in addition to the job's. contexts: the values of expressions by their
    text. linked: files by their path in the checkout, in place of what setup creates. cached: the same for what
    actions/cache restores.
    """

    origin: Path
    work: Path
    variables: dict[str, str]
    contexts: dict[str, str]
    linked: Mapping[str, Path] = field(default_factory=dict)
    cached: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"comments": [], "issues": [], "calls": []}))
        programs = self.work / "bin"
        programs.mkdir()
        gh = programs / "gh"
        gh.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(_GH))} "$@"\n')
        gh.chmod(0o755)

    @property
    def folder(self) -> Path:
        """The folder of the last job."""
        return self.work / "machine"

    @property
    def file(self) -> Path:
        return self.work / "github.json"

    @property
    def github(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.file.read_text())
        return data

    def set_github(self, **lists: list[dict[str, Any]]) -> None:
        """Set lists of the fake GitHub's data."""
        self.file.write_text(json.dumps(self.github | lists))

    def job(self, workflow: str, name: str, contexts: Mapping[str, str] | None = None) -> JobResult:
        """Run the steps in order. After a failure only steps with `if: !cancelled()` run.

        The inputs, `github.sha` and `github.run_id` have defaults, which `contexts` can override.
        """
        job = jobs(workflow)[name]
        known = {**_RUN, **default_inputs(workflow), **self.contexts, **(contexts or {})}
        result = JobResult()
        self._clean()
        self._steps(job["steps"], job["defaults"]["run"], known, result)
        result.outputs = {key: self._fill(value, known) for key, value in job.get("outputs", {}).items()}
        return result

    def action(self, **inputs: str) -> JobResult:
        """Run action.yml with these inputs, after a checkout. In names `_` stands for `-`."""
        action = yaml.safe_load(ACTION.read_text())
        defaults = {f"inputs.{name}": entry["default"] for name, entry in action["inputs"].items()}
        known = {**_RUN, **defaults, **{f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}}
        result = JobResult()
        self._clean()
        steps = [{"uses": "actions/checkout@"}, *action["runs"]["steps"]]
        self._steps([step for step in steps if _runs(step.get("if", ""), [], known)], {}, known, result)
        result.outputs = {key: self._fill(entry["value"], known) for key, entry in action["outputs"].items()}
        return result

    def _clean(self) -> None:
        for folder in (self.folder, self.work / "temporary"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def _steps(self, steps: list[Step], defaults: dict[str, str], known: dict[str, str], result: JobResult) -> None:
        for step in steps:
            if result.code and "cancelled()" not in str(step.get("if")):
                continue
            if "uses" in step:
                self._use(step, known)
            elif step["name"] == "Set up" and known["inputs.setup"] == SETUP:
                self._link(self.linked)
            else:
                self._run({**defaults, **step}, known, result)

    def _run(self, step: Step, known: dict[str, str], result: JobResult) -> None:
        temporary = self.work / "temporary"
        output, summary, script = (temporary / name for name in ("output", "summary", "script"))
        for file in (output, summary):
            file.write_text("")
        script.write_text(step["run"])
        process = subprocess.run(
            shlex.split(step["shell"].format(script)),
            cwd=self.folder / self._fill(step["working-directory"], known),
            env={
                **self.variables,
                "PATH": f"{self.work / 'bin'}{os.pathsep}{self.variables['PATH']}",
                "CI": "true",
                "FAKE_GITHUB": str(self.file),
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(output),
                "GITHUB_REPOSITORY": "fake/gateways",
                "GITHUB_RUN_ID": known["github.run_id"],
                "GITHUB_SERVER_URL": "https://fake.example",
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(temporary),
                **{key: self._fill(str(value), known) for key, value in step.get("env", {}).items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        result.code = result.code or process.returncode
        result.log += process.stdout
        result.summary += summary.read_text()
        for line in output.read_text().splitlines():
            key, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{key}"] = value

    def _link(self, files: Mapping[str, Path]) -> None:
        for name, target in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).symlink_to(target)

    def _use(self, step: Step, known: Mapping[str, str]) -> None:
        options = step.get("with", {})
        artifacts = self.work / "artifacts" / known["github.run_id"]
        match step["uses"].partition("@")[0]:
            case "actions/upload-artifact":
                path = self.folder / self._fill(options["path"], known)
                kept = artifacts / self._fill(options["name"], known)
                shutil.rmtree(kept, ignore_errors=True)
                kept.mkdir(parents=True)
                if path.is_dir():
                    shutil.copytree(path, kept, dirs_exist_ok=True)
                elif path.exists():
                    shutil.copy(path, kept)
            case "actions/download-artifact":
                path = self.folder / self._fill(options.get("path", "."), known)
                for kept in artifacts.glob(self._fill(options.get("pattern", options.get("name")), known)):
                    shutil.copytree(kept, path, dirs_exist_ok=True)
            case "actions/cache":
                self._link(self.cached)
            case "actions/checkout":
                self._git("init", "--quiet")
                depth = f"--depth={options.get('fetch-depth', 1)}"
                self._git("fetch", "--quiet", depth, self.origin.as_uri(), known["github.sha"])
                self._git("checkout", "--quiet", "FETCH_HEAD")
            case other:
                raise AssertionError(f"unknown action {other}")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True)

    def _fill(self, value: str, known: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda match: evaluate(match[1], known), value)


_GH = Path(__file__).parent / "gh.py"
