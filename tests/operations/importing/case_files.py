"""The files of the cases, and the catalog that they extend."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CATALOG = HERE / "catalog.yaml"
PROJECTS = HERE / "projects"
EXISTING = HERE / "existing"
EXPECTED = ("base.yaml", "report.txt", "changed.yaml", "stacks")


def own_file(case: Path) -> str:
    """The name of the client's own file in a case."""
    (name,) = (path.name for path in case.iterdir() if path.name not in EXPECTED)
    return name


def compare(text: str, expected: Path, *, update: bool) -> None:
    """Compare a text with a file, or write it."""
    if update:
        expected.write_text(text, encoding="utf-8")
    assert text == (expected.read_text(encoding="utf-8") if expected.exists() else "")
