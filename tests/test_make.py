"""make's test targets run every test, each once."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MARKERS = ("integration", "long", "nightly", "clients")
TARGETS = ("test", "test-long", "test-clients", "test-nightly")


def recipe(target: str) -> str:
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found, target
    return found[1]


def expressions(target: str) -> list[str]:
    """The marker expressions of a target, without the repetition of the property tests with many examples."""
    lines = [line for line in recipe(target).splitlines() if ' -m "' in line and "--hypothesis-profile" not in line]
    return [re.findall(r'-m "([^"]+)"', line)[0] for line in lines]


@pytest.mark.parametrize("marks", [*product([False, True], repeat=len(MARKERS))], ids=str)
def test_every_combination_of_markers_is_run_once(marks: tuple[bool, ...]) -> None:
    values = dict(zip(MARKERS, marks, strict=True))
    selected = [
        (target, expression)
        for target in TARGETS
        for expression in expressions(target)
        if eval(expression, {"__builtins__": {}}, values)  # noqa: S307  pytest's expressions are Python's
    ]
    assert len(selected) == 1


def test_the_clients_programs_are_tested_in_one_folder() -> None:
    """`make test-clients` collects no other one."""
    assert "tests/clients" in recipe("test-clients")
    marked = [path for path in (ROOT / "tests").rglob("test_*.py") if "pytest.mark.clients" in path.read_text()]
    assert marked
    assert all(path.is_relative_to(ROOT / "tests" / "clients") for path in marked if path != Path(__file__))


def test_the_fast_tests_come_before_the_engine() -> None:
    commands = recipe("test")
    assert commands.index("not integration") < commands.index("engine install")


def test_continuous_integration_runs_every_target_but_the_nightly_one() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    (targets,) = re.findall(r"^for target in (.+); do$", script, re.MULTILINE)
    assert set(targets.split()) == {*TARGETS} - {"test-nightly"}
    assert re.search(r"^limited .*\blint\b", script, re.MULTILINE)
