"""Which environments a change touches: from the files that git says are changed, and what each environment reads."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics
from gatewright.environment.files import is_environment
from gatewright.environment.load import is_stack_name
from gatewright.environment.reader import read_text
from gatewright.errors import GatewrightError, UsageError
from gatewright.workspace import files_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.environment.files import Files
    from gatewright.project import Project

CODE = (
    "components/",
    "gatewright/",
    "schemas/",
    "Pulumi.yaml",
    "__main__.py",
    "pyproject.toml",
    "requirements.lock",
)
"""What every environment is made by."""


@dataclass(frozen=True, slots=True)
class Touched:
    """`environments`: by name the changed files that touch each, none where nothing was compared; `gone`: those that
    were there and are not any more, renamed ones too."""

    environments: dict[str, tuple[str, ...]]
    gone: tuple[str, ...] = ()


def all_environments(project: Project, *, with_account: bool = False) -> Touched:
    """All there are; with `with_account` without those on the Cloudflare of this machine."""
    return Touched(dict.fromkeys(_names(files_of(project), with_account=with_account), ()))


def touched(project: Project, since: str, *, with_account: bool = False) -> Touched:
    """Those that what was changed since the common ancestor with `since` touches; what is not committed yet counts.

    Raises UsageError where `since` is no commit with one, GatewrightError where there is no git.
    """
    ancestor = _ancestor(project, since)
    changed = _changed(project, ancestor)
    files = files_of(project)
    shown = project.shown(project.stacks)
    code = [path for path in changed if path.startswith(CODE)]
    found = {}
    for name in _names(files, with_account=with_account):
        own = {f"{shown}/{file}" for file in (*files.sources(name), f"Pulumi.{name}.yaml", f"{name}.import.json")}
        if because := [path for path in changed if path in own] + code:
            found[name] = tuple(because)
    return Touched(found, tuple(_gone(project, ancestor, files.names(), changed)))


def _names(files: Files, *, with_account: bool) -> Iterable[str]:
    """Those that can be names of a stack: the others `validate` refuses."""
    return [name for name in files.names() if is_stack_name(name) and not (with_account and files.is_local(name))]


def _gone(project: Project, ancestor: str, there: Sequence[str], changed: Iterable[str]) -> Iterable[str]:
    prefix = f"{project.shown(project.stacks)}/"
    for path in changed:
        name = path.removeprefix(prefix).removesuffix(".yaml")
        if path == f"{prefix}{name}.yaml" and is_stack_name(name) and name not in there:
            before = _git(project, "show", f"{ancestor}:./{path}", may_fail=True)
            node = read_text(before, path, Diagnostics())
            if node is not None and is_environment(node):
                yield name


def _ancestor(project: Project, since: str) -> str:
    found = _git(project, "merge-base", "--", since, "HEAD", may_fail=True).strip()
    if not found:
        raise UsageError(
            f"{since} is no commit that the present one has an ancestor with", "git fetch brings what is not here"
        )
    return found


def _changed(project: Project, ancestor: str) -> list[str]:
    """Paths from the project's folder."""
    tracked = _git(project, "diff", "--name-only", "--no-renames", "--relative", "-z", ancestor, "--")
    new = _git(project, "ls-files", "--others", "--exclude-standard", "-z", "--", project.stacks.name)
    return sorted({path for path in (tracked + new).split("\0") if path})


def _git(project: Project, *arguments: str, may_fail: bool = False) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=project.root, capture_output=True, check=False)
    except FileNotFoundError:
        raise GatewrightError("what a change touches is asked of git, which is not on PATH", "Install git") from None
    if done.returncode != 0 and not may_fail:
        raise GatewrightError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""
