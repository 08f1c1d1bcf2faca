"""The workflows as they stand: read, and their shell steps run as a runner does."""

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

if TYPE_CHECKING:
    from collections.abc import Mapping

Job = dict[str, Any]
Step = dict[str, Any]

CHECKOUT = Project.find(Path(__file__).parent)
FOLDER = CHECKOUT.root / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
SET_UP = "python3 bootstrap.py"
"""The one step that is not run here: a clone has its environment already, and tests/test_setup.py runs that."""

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def read(name: str) -> dict[str, Any]:
    """A workflow; its aliases are resolved, as GitHub does."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return found


def jobs(name: str) -> dict[str, Job]:
    found: dict[str, Job] = read(name)["jobs"]
    return found


@dataclass(slots=True)
class Ended:
    """What came of a job: the exit code of the step that ended it, all that was printed, its outputs and summary."""

    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(slots=True)
class Runner:
    """Runs jobs in `folder`, a project that has .github. `variables` is what each process gets beside what the job
    says; `contexts` are the values of expressions by their text; `github` is what the fake GitHub holds."""

    folder: Path
    work: Path
    variables: dict[str, str]
    contexts: dict[str, str]
    artifacts: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"comments": [], "issues": [], "calls": []}))
        programs = self.work / "bin"
        programs.mkdir()
        gh = programs / "gh"
        gh.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(_GH))} "$@"\n')
        gh.chmod(0o755)

    @property
    def file(self) -> Path:
        return self.work / "github.json"

    @property
    def github(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    def hold(self, **lists: list[dict[str, Any]]) -> None:
        """What is at GitHub already."""
        self.file.write_text(json.dumps(self.github | lists))

    def job(self, workflow: str, name: str, contexts: Mapping[str, str] | None = None) -> Ended:
        """Each step in its order; what is not `if: !cancelled()` is left out once one has failed."""
        whole = read(workflow)
        job = whole["jobs"][name]
        known = {**self.contexts, **(contexts or {})}
        ended = Ended()
        for step in job["steps"]:
            if ended.code and "cancelled()" not in str(step.get("if")):
                continue
            if "uses" in step:
                self._use(step, known)
            elif step["run"] != SET_UP:
                self._run(whole, step, known, ended)
        ended.outputs = {key: self._said(value, known) for key, value in job.get("outputs", {}).items()}
        return ended

    def _run(self, whole: Mapping[str, Any], step: Step, known: dict[str, str], ended: Ended) -> None:
        temporary = self.work / "temporary"
        temporary.mkdir(exist_ok=True)
        output, summary, script = (temporary / each for each in ("output", "summary", "script"))
        for file in (output, summary):
            file.write_text("")
        script.write_text(step["run"])
        given = {**whole.get("env", {}), **step.get("env", {})}
        shell = whole["defaults"]["run"]["shell"].format(script)
        done = subprocess.run(
            shlex.split(shell),
            cwd=self.folder,
            env={
                **self.variables,
                "PATH": f"{self.work / 'bin'}{os.pathsep}{self.variables['PATH']}",
                "CI": "true",
                "FAKE_GITHUB": str(self.file),
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(output),
                "GITHUB_REPOSITORY": "fake/gateways",
                "GITHUB_RUN_ID": "7",
                "GITHUB_SERVER_URL": "https://fake.example",
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(temporary),
                **{key: self._said(str(value), known) for key, value in given.items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        ended.code = ended.code or done.returncode
        ended.log += done.stdout
        ended.summary += summary.read_text()
        for line in output.read_text().splitlines():
            key, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{key}"] = value

    def _use(self, step: Step, known: Mapping[str, str]) -> None:
        given = step.get("with", {})
        match step["uses"].partition("@")[0]:
            case "actions/upload-artifact":
                name, path = self._said(given["name"], known), self.folder / given["path"]
                kept = self.artifacts[name] = self.work / "artifacts" / name
                shutil.rmtree(kept, ignore_errors=True)
                kept.mkdir(parents=True)
                if path.is_dir():
                    shutil.copytree(path, kept, dirs_exist_ok=True)
                    shutil.rmtree(path)  # another job has another machine
                elif path.exists():
                    shutil.move(path, kept)
            case "actions/download-artifact":
                pattern = given.get("pattern", given.get("name")).replace("*", ".*")
                for name, kept in self.artifacts.items():
                    if re.fullmatch(pattern, name):
                        shutil.copytree(kept, self.folder / given.get("path", "."), dirs_exist_ok=True)
            case "actions/checkout":
                shutil.rmtree(self.folder / "sections", ignore_errors=True)
            case other:
                raise AssertionError(f"nobody knows here what {other} does")

    def _said(self, value: str, known: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda found: _evaluated(found[1], known), value)


def _evaluated(expression: str, known: Mapping[str, str]) -> str:
    """What is not there is empty, as at GitHub."""
    return next(filter(None, (known.get(each.strip(), "") for each in expression.split("||"))), "")


_GH = Path(__file__).parent / "gh.py"
