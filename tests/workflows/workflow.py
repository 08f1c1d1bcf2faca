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

from .expressions import evaluated

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

Job = dict[str, Any]
Step = dict[str, Any]

CHECKOUT = Project.find(Path(__file__).parent)
FOLDER = CHECKOUT.root / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
SET_UP = "python3 bootstrap.py"
"""The one step that is not run here: a machine has its environment already, and tests/test_setup.py runs that."""

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def read(name: str) -> dict[str, Any]:
    """A workflow; its aliases are resolved, as GitHub does."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return found


def jobs(name: str) -> dict[str, Job]:
    found: dict[str, Job] = read(name)["jobs"]
    return found


def begun(
    workflow: str, contexts: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]], failed: Container[str]
) -> list[str]:
    """The jobs that begin, where those of `failed` fail and each says what `outputs` has of it."""
    results: dict[str, str] = {}
    known = dict(contexts)
    for name, job in jobs(workflow).items():
        needs = job.get("needs", [])
        needed = [results[each] for each in ([needs] if isinstance(needs, str) else needs)]
        begins = _begins(str(job.get("if", "")), needed, known)
        results[name] = ("failure" if name in failed else "success") if begins else "skipped"
        known[f"needs.{name}.result"] = results[name]
        if begins:
            known |= {f"needs.{name}.outputs.{key}": value for key, value in outputs.get(name, {}).items()}
    return [name for name, result in results.items() if result != "skipped"]


def _begins(condition: str, needed: list[str], known: Mapping[str, str]) -> bool:
    """A condition without a function of the run's status holds only where all before have succeeded."""
    if "cancelled()" not in condition and set(needed) - {"success"}:
        return False
    if written := _EXPRESSION.fullmatch(condition):
        condition = written[1]
    return not condition or bool(evaluated(condition, known))


@dataclass(slots=True)
class Ended:
    """What came of a job: the exit code of the step that ended it, all that was printed, its outputs and summary."""

    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(slots=True)
class Runner:
    """Runs each job on a machine of its own, a folder with a checkout of `origin`. What set-up makes there is `linked`:
    what stands for it, by its path. `variables` is what each process gets beside what the job says; `contexts` are the
    values of expressions by their text; `github` is what the fake GitHub holds."""

    origin: Path
    work: Path
    variables: dict[str, str]
    contexts: dict[str, str]
    linked: Mapping[str, Path]

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
        """The machine of the last job."""
        return self.work / "machine"

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
        """Each step in its order; what is not `if: !cancelled()` is left out once one has failed. `github.sha` and
        `github.run_id` are of the newest commit and of one run unless `contexts` say otherwise."""
        whole = read(workflow)
        job = whole["jobs"][name]
        known = {"github.sha": "HEAD", "github.run_id": "7", **self.contexts, **(contexts or {})}
        ended = Ended()
        for folder in (self.folder, self.work / "temporary"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for step in job["steps"]:
            if ended.code and "cancelled()" not in str(step.get("if")):
                continue
            if "uses" in step:
                self._use(step, known)
            elif step["run"] == SET_UP:
                self._link()
            else:
                self._run(whole, step, known, ended)
        ended.outputs = {key: self._said(value, known) for key, value in job.get("outputs", {}).items()}
        return ended

    def _run(self, whole: Mapping[str, Any], step: Step, known: dict[str, str], ended: Ended) -> None:
        temporary = self.work / "temporary"
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
                "GITHUB_RUN_ID": known["github.run_id"],
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

    def _link(self) -> None:
        for name, target in self.linked.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).symlink_to(target)

    def _use(self, step: Step, known: Mapping[str, str]) -> None:
        given = step.get("with", {})
        artifacts = self.work / "artifacts" / known["github.run_id"]
        match step["uses"].partition("@")[0]:
            case "actions/upload-artifact":
                path, kept = self.folder / given["path"], artifacts / self._said(given["name"], known)
                shutil.rmtree(kept, ignore_errors=True)
                kept.mkdir(parents=True)
                if path.is_dir():
                    shutil.copytree(path, kept, dirs_exist_ok=True)
                elif path.exists():
                    shutil.copy(path, kept)
            case "actions/download-artifact":
                for kept in artifacts.glob(given.get("pattern", given.get("name"))):
                    shutil.copytree(kept, self.folder / given.get("path", "."), dirs_exist_ok=True)
            case "actions/checkout":
                self._git("init", "--quiet")
                depth = f"--depth={given.get('fetch-depth', 1)}"
                self._git("fetch", "--quiet", depth, self.origin.as_uri(), known["github.sha"])
                self._git("checkout", "--quiet", "FETCH_HEAD")
            case other:
                raise AssertionError(f"nobody knows here what {other} does")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True)

    def _said(self, value: str, known: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda found: evaluated(found[1], known), value)


_GH = Path(__file__).parent / "gh.py"
