"""The GitHub workflows of a project: small callers of the reusable workflows in the repository of gatewright."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from gatewright import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPOSITORY = "gatewright/gatewright"
"""Where GitHub finds the reusable workflows."""
GUIDE = f"https://github.com/{REPOSITORY}/blob/v{__version__}/docs/guides/workflows.md"

WORKFLOW = """\
# {purpose}. Settings: {guide}
name: gatewright {name}

on:
{trigger}
permissions: {{}}

jobs:
  {job}:
    uses: {repository}/.github/workflows/{name}.yml@v{version}
    permissions:
{permissions}{inputs}    secrets: inherit
"""
DEPLOYED = "prod"
"""The environment that the workflows deploy, unless another is named."""
ON_PULL_REQUEST = "  pull_request:\n"
ON_PUSH = "  push:\n    branches: [main]\n  workflow_dispatch:\n"
ON_SCHEDULE = "  schedule:\n    - cron: {cron}\n  workflow_dispatch:\n"


def workflow_files(root: Path, environment: str) -> dict[str, str]:
    """The texts of the workflows by their paths from `root`, the project's folder.

    They belong to the repository that has the project. `environment` is the one that is deployed, after an approval.
    Previews, drift, usage, rotation and the catalog's updates find all environments by themselves.
    """
    repository = _repository_root(root)
    folder = root.relative_to(repository).as_posix()
    inputs = {} if folder == "." else {"folder": json.dumps(folder, ensure_ascii=False)}
    deployed = {"environment": environment, "approval": "true", **inputs}
    texts = {
        "preview": _workflow(
            "preview", "Comments on a pull request what it would change", ON_PULL_REQUEST, inputs, "pull-requests"
        ),
        "deploy": _workflow("deploy", f"Deploys {environment} after an approval", ON_PUSH, deployed),
        "drift": _workflow(
            "drift", "Reports drift in one issue", ON_SCHEDULE.format(cron="23 5 * * *"), inputs, "issues"
        ),
        "rotate": _workflow("rotate", "Rotates tokens that are due", ON_SCHEDULE.format(cron="41 4 * * *"), inputs),
        "usage": _workflow(
            "usage",
            "Reports limits that are nearly used up in one issue",
            ON_SCHEDULE.format(cron="11 15 * * *"),
            inputs,
            "issues",
        ),
        "catalog": _workflow(
            "catalog",
            "Opens one pull request with models that retire and their successors",
            ON_SCHEDULE.format(cron="17 6 * * 1"),
            inputs,
            "contents",
            "pull-requests",
        ),
    }
    folder_of_workflows = os.path.relpath(repository / ".github" / "workflows", root)
    return {f"{folder_of_workflows}/gatewright-{name}.yml": text for name, text in texts.items()}


def deployed_environment(root: Path) -> str:
    """The environment that the workflows of the project at `root` deploy, or `DEPLOYED`."""
    (file,) = (root / name for name in workflow_files(root, DEPLOYED) if name.endswith("-deploy.yml"))
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    match = re.search(r"^      environment: (\S+)$", text, re.MULTILINE)
    return match[1] if match else DEPLOYED


def _workflow(name: str, purpose: str, trigger: str, inputs: dict[str, str], *writes: str) -> str:
    """A caller with about 15 lines. `writes`: permissions beside the identity for a state or key in a cloud."""
    permissions = {"contents": "read", "id-token": "write", **dict.fromkeys(writes, "write")}
    return WORKFLOW.format(
        purpose=purpose,
        guide=GUIDE,
        name=name,
        trigger=trigger,
        job=inputs.get("environment", name),
        repository=REPOSITORY,
        version=__version__,
        permissions="".join(_lines(permissions)),
        inputs="".join(["    with:\n", *_lines(inputs)]) if inputs else "",
    )


def _lines(entries: dict[str, str]) -> Iterator[str]:
    return (f"      {key}: {value}\n" for key, value in entries.items())


def _repository_root(root: Path) -> Path:
    """The nearest folder with .git, or `root` itself."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
