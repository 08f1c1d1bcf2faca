"""environments: which ones a change affects, from the files that git reports as changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics
from gatewright.environment.files import is_environment
from gatewright.environment.load import is_stack_name
from gatewright.environment.reader import read_text
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.git import run_git
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
    "requirements.txt",
)
"""Paths that affect every environment."""


@frozen
class Affected:
    """Environments by name, each with the changed files that affect it (none without a comparison).

    `removed`: environments whose files were deleted or renamed.
    """

    environments: dict[str, tuple[str, ...]]
    removed: tuple[str, ...] = ()


def all_environments(project: Project, *, with_account: bool = False) -> Affected:
    """All environments; `with_account`: without those on the local Cloudflare."""
    return Affected(dict.fromkeys(_names(files_of(project), with_account=with_account), ()))


def affected_environments(project: Project, since: str, *, with_account: bool = False) -> Affected:
    """The environments that are affected by changes since the common ancestor with `since`, uncommitted ones included.

    Raises:
        UsageError: `since` is not a commit with a common ancestor.
        GatewrightError: git is missing, or it failed.
    """
    ancestor = _common_ancestor(project, since)
    changed = _changed_files(project, ancestor)
    files = files_of(project)
    folder = project.shown(project.stacks)
    policies = project.shown(project.policies)
    changed_code = [path for path in changed if path.startswith(CODE) or path == policies]
    environments = {}
    for name in _names(files, with_account=with_account):
        own = {f"{folder}/{file}" for file in (*files.sources(name), f"Pulumi.{name}.yaml", f"{name}.import.json")}
        if causes := [path for path in changed if path in own] + changed_code:
            environments[name] = tuple(causes)
    return Affected(environments, tuple(_removed(project, ancestor, files.names(), changed)))


def _names(files: Files, *, with_account: bool) -> Iterable[str]:
    """The environments whose names a stack can have; `validate` reports the others."""
    return [name for name in files.names() if is_stack_name(name) and not (with_account and files.is_local(name))]


def _removed(project: Project, ancestor: str, existing: Sequence[str], changed: Iterable[str]) -> Iterable[str]:
    prefix = f"{project.shown(project.stacks)}/"
    for path in changed:
        name = path.removeprefix(prefix).removesuffix(".yaml")
        if path == f"{prefix}{name}.yaml" and is_stack_name(name) and name not in existing:
            before = _git(project, "show", f"{ancestor}:./{path}", may_fail=True)
            node = read_text(before, path, Diagnostics())
            if node is not None and is_environment(node):
                yield name


def _common_ancestor(project: Project, since: str) -> str:
    ancestor = _git(project, "merge-base", "--", since, "HEAD", may_fail=True).strip()
    if not ancestor:
        raise UsageError(f"{since} has no common ancestor with the current commit", "To get missing commits: git fetch")
    return ancestor


def _changed_files(project: Project, ancestor: str) -> list[str]:
    """Paths relative to the project."""
    tracked = _git(project, "diff", "--name-only", "--no-renames", "--relative", "-z", ancestor, "--")
    new = _git(project, "ls-files", "--others", "--exclude-standard", "-z", "--", project.stacks.name)
    return sorted({path for path in (tracked + new).split("\0") if path})


def _git(project: Project, *arguments: str, may_fail: bool = False) -> str:
    return run_git(project.root, *arguments, needed_by="--since", may_fail=may_fail).decode(errors="replace")
