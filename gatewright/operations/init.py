"""init: the files of a new project."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.clients import CAPABILITIES
from gatewright.command_line import command
from gatewright.diagnostics import did_you_mean
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io import requirements_text
from gatewright.io.requirements_text import digest
from gatewright.operations.base_yaml import LOCAL, base_text, catalog_providers
from gatewright.operations.caller_workflows import DEPLOYED, deployed_environment, workflow_files
from gatewright.operations.new import environment_text
from gatewright.project import Project
from gatewright.shipped import PROGRAM, PROGRAM_NAME, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence


DEFAULT_CLIENTS = ("openclaw", "pi")
DEFAULT_PROVIDERS = ("groq", "mistral", "workers-ai")

PULUMI = """\
name: {name}
description: A Cloudflare AI Gateway and its clients, per environment
runtime: python
stackConfigDir: stacks
"""
IGNORED = (".gatewright/", "out/", "stacks/Pulumi.local.yaml", ".venv/", "__pycache__/")


@frozen
class Choices:
    """The answers that a project is made from. `environment`: one for a real account, beside `local`.

    `github`: also the GitHub workflows, which deploy that environment.
    """

    clients: tuple[str, ...] = DEFAULT_CLIENTS
    providers: tuple[str, ...] = DEFAULT_PROVIDERS
    environment: str | None = None
    github: bool = False


@frozen
class NewProject:
    """The files to write, by their path below the root, and lines for .gitignore that are missing there."""

    root: Path
    files: Mapping[str, str]
    ignored: tuple[str, ...]


def plan_project(root: Path, choices: Choices) -> NewProject:
    """Decide which files a new project at `root` gets; writes nothing.

    Raises:
        UsageError: a file is in the way, `root` is in another project, or a client or provider is unknown.
        InvalidEnvironmentError: a client cannot use any model of the providers.
    """
    _require_new(root)
    _require_known("client", choices.clients, CAPABILITIES)
    providers = catalog_providers()
    _require_known("provider", choices.providers, providers)
    base = base_text(choices.clients, choices.providers, providers)
    return plan_files(root, base, choices.environment, github=choices.github)


def plan_files(root: Path, base: str, environment: str | None, *, github: bool = False) -> NewProject:
    """The files of a new project with the text `base` of base.yaml, as `plan_project`."""
    _require_new(root)
    schema = Project(root).schema_comment
    environment = environment or (DEPLOYED if github else None)
    generated = _generated_files(_project_name(root))
    if github and environment:
        generated |= workflow_files(root, environment)
    digests = {name: digest(text) for name, text in generated.items()}
    files = {
        **generated,
        requirements_text.NAME: requirements_text.with_version("", __version__, digests),
        "stacks/base.yaml": schema + base,
        "stacks/local.yaml": schema + LOCAL,
    }
    if environment:
        if f"stacks/{environment}.yaml" in files:
            raise UsageError(
                f"environment {environment} has a name that is taken", "Choose another: --environment prod"
            )
        files[f"stacks/{environment}.yaml"] = environment_text(environment, "base.yaml", schema)
    require_free(root, files, f"Choose an empty folder: {command('init FOLDER')}")
    return NewProject(root, files, tuple(_missing_lines(root / ".gitignore")))


def require_free(root: Path, files: Iterable[str], hint: str) -> None:
    """Raise UsageError if any of the files exists."""
    existing = [name for name in files if os.path.lexists(root / name)]
    if existing:
        raise UsageError(f"{root} has {', '.join(existing)} already, and init overwrites nothing", hint)


def generated_files(project: Project, recorded: Collection[str]) -> dict[str, str]:
    """The files that follow from the package's version, as this one writes them for an existing project.

    `recorded` are the names of those that were written before.
    """
    text = (project.root / "Pulumi.yaml").read_text(encoding="utf-8", errors="replace")
    name = re.search(r"^name:[ \t]*(\S+)", text, re.MULTILINE)
    files = _generated_files(name[1] if name else _project_name(project.root))
    workflows = workflow_files(project.root, deployed_environment(project.root))
    return {
        **{file: text for file, text in files.items() if file in recorded or not recorded},
        **{file: text for file, text in workflows.items() if file in recorded or (project.root / file).is_file()},
    }


def _generated_files(project_name: str) -> dict[str, str]:
    return {"Pulumi.yaml": PULUMI.format(name=project_name), PROGRAM_NAME: PROGRAM}


def write_project(project: NewProject) -> list[str]:
    """Write the files and return their names. Removes what it wrote if one of them cannot be written.

    Raises OSError.
    """
    written: list[Path] = []
    try:
        for name, text in project.files.items():
            path = project.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
        write_editor_schema(Project(project.root))
        if project.ignored:
            _append_lines(project.root / ".gitignore", project.ignored)
    except OSError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return [*project.files, *([".gitignore"] if project.ignored else [])]


def write_editor_schema(project: Project) -> None:
    """Write the schemas of environment files and policies to the folder that the files name."""
    project.work.mkdir(mode=0o700, exist_ok=True)
    of_policies = (project.policies_schema, project.policy_tests_schema) if project.policies.is_file() else ()
    for path in (project.editor_schema, *of_policies):
        if not (path.exists() and path.samefile(SCHEMAS / path.name)):  # in this repository it is
            shutil.copyfile(SCHEMAS / path.name, path)


def _require_new(root: Path) -> None:
    for folder in (root, *root.parents):
        if (folder / "Pulumi.yaml").exists():
            place = "is a Pulumi project already" if folder == root else f"is inside the Pulumi project {folder}"
            raise UsageError(f"{root} {place}", f"Choose another folder: {command('init FOLDER')}")
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is not a folder")


def _require_known(kind: str, names: Sequence[str], known: Mapping[str, object]) -> None:
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"Known {kind}s: {', '.join(known)}"
            raise UsageError(f"{name} is not a {kind} that gatewright knows", hint)
    if not names:
        raise UsageError(f"no {kind} is named", f"Known {kind}s: {', '.join(known)}")


def _project_name(root: Path) -> str:
    """The folder's name in the characters that Pulumi allows."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", root.name).strip("-.")[:100] or "gateway"


def _missing_lines(gitignore: Path) -> Iterator[str]:
    existing = gitignore.read_text(encoding="utf-8").splitlines() if gitignore.is_file() else []
    return (line for line in IGNORED if line not in existing and f"/{line}" not in existing)


def _append_lines(path: Path, lines: Sequence[str]) -> None:
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    separator = "" if not before or before.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(separator + "".join(f"{line}\n" for line in lines))
