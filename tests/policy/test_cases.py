"""Every folder in cases/ is a case: policies.yaml, environments, and the exact diagnostics of the rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gatewright.cli.diagnostics import diagnostic_lines
from gatewright.clock import NOW
from gatewright.project import Project
from gatewright.workspace import select

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_diagnostics(case: str, tmp_path: Path, update_cases: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NOW, "2026-11-01T00:00:00Z")
    shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    for file in (CASES / "base.yaml", *(CASES / case).glob("prod*.yaml")):
        shutil.copy(file, stacks)
    lines = []
    for loaded in select(Project(tmp_path), [], with_policies=True):
        lines += [f"{loaded.name}: {'invalid' if loaded.environment is None else 'valid'}"]
        lines += [line for line in diagnostic_lines(loaded.diagnostics) if "[note" not in line]
    text = "".join(f"{line}\n" for line in lines)
    expected = CASES / case / "expected.txt"
    if update_cases:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
