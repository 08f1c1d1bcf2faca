"""Rules from files of the project and of Python packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gatewright.policy.rules import read_policies

SHARED = "rules: {closed: {for: gateway, require: gateway.authenticated, message: closed}}\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package, whose code must not run."""
    folder = tmp_path / "site" / "acme_policies"
    (folder / "strict").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def read(tmp_path: Path, extends: str) -> tuple[list[str], list[str]]:
    """The names of the rules, and the diagnostics."""
    file = tmp_path / "policies.yaml"
    file.write_text(f"extends: [{extends}]\nrules: {{own: {{for: route, require: 'true', message: m}}}}\n")
    policies = read_policies(file, "policies.yaml")
    return [rule.name for rule in policies.rules], [diagnostic.sentence() for diagnostic in policies.diagnostics]


@pytest.mark.parametrize(
    ("name", "file"), [("acme_policies:all.yaml", "all.yaml"), ("acme_policies.strict:all.yaml", "strict/all.yaml")]
)
def test_a_package(name: str, file: str, package: Path, tmp_path: Path) -> None:
    (package / file).write_text(SHARED, encoding="utf-8")
    assert read(tmp_path, f'"{name}"') == (["closed", "own"], [])
    assert "acme_policies" not in sys.modules


def test_locations_in_a_package(package: Path, tmp_path: Path) -> None:
    (package / "all.yaml").write_text(SHARED.replace("gateway.authenticated", "gateway.authenticatd"), encoding="utf-8")
    file = tmp_path / "policies.yaml"
    file.write_text("extends: acme_policies:all.yaml\n", encoding="utf-8")
    (diagnostic,) = read_policies(file, "policies.yaml").diagnostics
    assert str(diagnostic.location) == "acme_policies:all.yaml:1:49"
    assert diagnostic.hint == "Did you mean authenticated?"


def test_a_file_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "rules.yaml").write_text(SHARED, encoding="utf-8")
    assert read(tmp_path, "shared/rules.yaml") == (["closed", "own"], [])


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        ("acme_policies:none.yaml", "extends: acme_policies:none.yaml does not exist"),
        ("acme_policies.none:all.yaml", "extends: Python package acme_policies.none is not installed"),
        ("json:all.yaml", "extends: json:all.yaml does not exist"),
        ("sys:all.yaml", "extends: Python package sys is not installed"),
        ("/etc/passwd", "extends[0]: expected gatewright:policies, a file of this project"),
        ("a/../../b.yaml", "extends[0]: expected gatewright:policies, a file of this project"),
        ("out.yaml", "extends: out.yaml leads out of"),
    ],
)
def test_what_cannot_be_extended(extends: str, problem: str, package: Path, tmp_path: Path) -> None:
    (package / "all.yaml").write_text(SHARED, encoding="utf-8")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "out.yaml").symlink_to(package / "all.yaml")
    rules, problems = read(tmp_path / "project", f'"{extends}"')
    assert (rules, len(problems)) == (["own"], 1)
    assert problems[0].startswith(problem)
