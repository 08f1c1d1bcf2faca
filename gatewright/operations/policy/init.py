"""policy init: a first policies.yaml, and tests of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.operations.init import write_editor_schema

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.project import Project

_POLICIES = """\
# yaml-language-server: $schema={policies}
# Rules on all environments, checked by validate, preview and up. `gatewright policy` lists them with their results.
extends: gatewright:policies

# A rule of the shipped set can be changed by its name, or removed with null.
# rules:
#   spend-limit: {{level: mandatory, environments: [prod]}}
#   client-sends-team: null
#   retries:
#     for: gateway
#     when: gateway.retry != null
#     require: gateway.retry.attempts <= 3
#     message: a request is tried 3 times at most
#     fix: Set gateway.retry.attempts to 3 or less

# exceptions:
#   - {{rule: token-at-most-90d, environments: [prod], name: nightly, who: Ann, why: the reason, until: 2026-12-31}}
"""
_TESTS = """\
# yaml-language-server: $schema={tests}
# Tests of the rules in policies.yaml: `gatewright policy test`. An override is merged over the environment.
tests:
  - name: caching for two hours is refused
    environment: example
    file:
      extends: gatewright:catalog
      account: {{env: ACCOUNT_ID}}
      use: [mistral]
      gateway: {{cache: {{ttl: 2h}}}}
    expect: {{cache-at-most-1h: broken, authenticated: passed, token-at-most-90d: skipped}}
"""
_PACK = {
    "PulumiPolicy.yaml": """\
runtime: python
version: 1.0.0
description: The rules of policies.yaml, on the resources of a stack
""",
    "__main__.py": """\
from pathlib import Path

from gatewright.policy.pulumi_pack import policy_pack

policy_pack(Path(__file__).parent / "policies.yaml")
""",
    "requirements.txt": f"gatewright=={__version__}\npulumi-policy>=1.21,<2\n",
    "policies.yaml": """\
# The rules of this pack. Pulumi shows the engine resources, so rules about clients, providers and models are left out.
extends: gatewright:policies
""",
}
TESTS = "policies.tests.yaml"
"""The file of tests that `policy test` runs by default."""


def write_policies(project: Project) -> list[str]:
    """Write policies.yaml and its tests, and the schemas for editors; returns the names of the files.

    Raises:
        UsageError: one of the files exists.
    """
    tests = project.root / TESTS
    existing = [project.shown(path) for path in (project.policies, tests) if path.exists()]
    if existing:
        raise UsageError(
            f"{' and '.join(existing)} already {'exist' if len(existing) > 1 else 'exists'}",
            f"To check it: {command('policy')}",
        )
    names = {"policies": project.shown(project.policies_schema), "tests": project.shown(project.policy_tests_schema)}
    created = {project.policies: _POLICIES, tests: _TESTS}
    for path, text in created.items():
        _write(path, text.format(**names))
    write_editor_schema(project)
    return [project.shown(path) for path in created]


def write_pack(folder: Path) -> list[str]:
    """Write a policy pack for Pulumi into a new folder; returns the names of its files.

    Raises:
        UsageError: the folder exists and is not empty.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", "Name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _PACK.items():
        _write(folder / name, text)
    return [str(folder / name) for name in _PACK]


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
