"""Snapshots of the files that are emitted for each case's environment.yaml and for every stack, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from shipped_stacks import ENVIRONMENTS

from gatewright.clients import CLIENTS, emit
from gatewright.clients.common.client_file import ClientFile, check
from gatewright.project import Project

from .environments import loaded

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/environment.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(HERE)))
def test_the_files_of_a_case(case: Path, update_cases: bool) -> None:
    environment = loaded(case, "environment")
    assert list(environment.clients) == [case.parent.name]
    _compare(emit(environment), case, update=update_cases)


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_files_of_a_stack(stack: str, checkout: Project, update_cases: bool) -> None:
    environment = loaded(checkout.stacks, stack)
    _compare(emit(environment), HERE / "stacks" / stack, update=update_cases)


def test_every_client_has_cases() -> None:
    assert {case.parent.name for case in CASES} == set(CLIENTS)


def test_every_snapshot_of_a_stack_has_its_stack() -> None:
    assert sorted(path.name for path in (HERE / "stacks").iterdir()) == sorted(ENVIRONMENTS)


def _compare(files: Iterable[ClientFile], folder: Path, *, update: bool) -> None:
    files = list(files)
    assert check(files) == []
    expected = {path for path in folder.rglob("*") if path.is_file() and path.name != "environment.yaml"}
    if update:
        for path in expected:
            path.unlink()
        for file in files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.text, encoding="utf-8")
        return
    assert {folder / file.path for file in files} == expected
    for file in files:
        assert file.text == (folder / file.path).read_text(encoding="utf-8"), file.path
