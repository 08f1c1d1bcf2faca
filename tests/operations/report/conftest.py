"""The pages of environments that a test writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gatewright.operations.report.report import gather
from gatewright.operations.report.side_by_side import differing_settings
from gatewright.operations.report.site import render_site
from gatewright.project import Project
from gatewright.workspace import select

from .site import NOW, Build


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "Pulumi.yaml").write_text("name: agents\nruntime: python\n")
    (tmp_path / "stacks").mkdir()
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-12-01")
    return Project(tmp_path)


@pytest.fixture
def build(project: Project) -> Build:
    def pages(*, live: bool = False, **texts: str) -> Mapping[str, str]:
        for name, text in texts.items():
            (project.stacks / f"{name}.yaml").write_text(text)
        environments = select(project, [*texts])
        return dict(
            render_site(gather(project, environments, (), NOW), differing_settings(environments), NOW, live=live)
        )

    return pages
