"""Every folder in cases/ is a case: the files that a user wrote, and the exact diagnostics."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.cli.diagnostics import diagnostic_lines
from gatewright.clients import CAPABILITIES
from gatewright.clock import NOW
from gatewright.environment.load import Loaded, load

from .case_files import CASES, case_files

REFUSED = sorted(path.name for path in (CASES / "refused").iterdir())
ACCEPTED = sorted(path.name for path in (CASES / "accepted").iterdir())


def loaded(case: Path, folder: Path) -> Loaded:
    return load(case_files(case, folder), "prod", CAPABILITIES, {NOW: "2026-11-01T00:00:00Z"})


def diagnostics_text(result: Loaded) -> str:
    return "".join(f"{line}\n" for line in diagnostic_lines(result.diagnostics))


def compare(text: str, expected: Path, *, update: bool) -> None:
    if update:
        expected.write_text(text, encoding="utf-8")
    assert text == (expected.read_text(encoding="utf-8") if expected.exists() else "")


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, tmp_path: Path, update_cases: bool) -> None:
    result = loaded(CASES / "refused" / case, tmp_path)
    assert result.environment is None
    compare(diagnostics_text(result), CASES / "refused" / case / "errors.txt", update=update_cases)


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, tmp_path: Path, update_cases: bool) -> None:
    result = loaded(CASES / "accepted" / case, tmp_path)
    compare(diagnostics_text(result), CASES / "accepted" / case / "notes.txt", update=update_cases)
    assert result.environment is not None
