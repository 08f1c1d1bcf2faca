"""Every folder of cases is a case: the files a user wrote, and what is said of them, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.cli.diagnostics import diagnostic_lines
from gatewright.clients import CAPABILITIES
from gatewright.clock import NOW
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load

CASES = Path(__file__).parent / "cases"
REFUSED = sorted(path.name for path in (CASES / "refused").iterdir())
ACCEPTED = sorted(path.name for path in (CASES / "accepted").iterdir())


def loaded(folder: Path) -> Loaded:
    return load(Files(folder, "stacks"), "prod", CAPABILITIES, {NOW: "2026-11-01T00:00:00Z"})


def said(result: Loaded) -> str:
    return "".join(f"{line}\n" for line in diagnostic_lines(result.diagnostics))


def compare(text: str, expected: Path, *, update: bool) -> None:
    if update:
        expected.write_text(text, encoding="utf-8")
    assert text == (expected.read_text(encoding="utf-8") if expected.exists() else "")


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, update_cases: bool) -> None:
    result = loaded(CASES / "refused" / case)
    assert result.environment is None
    compare(said(result), CASES / "refused" / case / "errors.txt", update=update_cases)


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, update_cases: bool) -> None:
    result = loaded(CASES / "accepted" / case)
    compare(said(result), CASES / "accepted" / case / "notes.txt", update=update_cases)
    assert result.environment is not None
