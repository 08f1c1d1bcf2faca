"""The decisions that keep a command from changing more than it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.errors import ChangedPlanError, ExitCode, GatewrightError
from gatewright.operations.plan.model import Action, Cause, Change, Plan
from gatewright.operations.safeguards import needs_confirmation, needs_preview, require_only_due, require_unprotected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatewright.environment.resolved import Environment

    Load = Callable[[str], Environment]

LOCAL, REAL = "local: true\n", f"account: {'a' * 32}\n"
PROTECTED, UNPROTECTED = "protect: true\n", "protect: false\n"


@pytest.fixture
def environment(tmp_path: Path) -> Load:
    """Loads an environment `x` from its file's text."""

    def load_text(text: str) -> Environment:
        (tmp_path / "x.yaml").write_text(text)
        loaded = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {})
        assert loaded.environment is not None, loaded.diagnostics
        return loaded.environment

    return load_text


def plan(*causes: Cause) -> Plan:
    changes = tuple(Change(Action.UPDATE, "token", f"t{index}", cause=cause) for index, cause in enumerate(causes))
    return Plan("x", changes, 0)


@pytest.mark.parametrize(
    ("text", "has_saved_plan", "only_due", "expected"),
    [
        (LOCAL + UNPROTECTED, False, False, False),
        (LOCAL + UNPROTECTED, True, False, True),
        (LOCAL + UNPROTECTED, False, True, True),
        (LOCAL + PROTECTED, False, False, True),
        (REAL + UNPROTECTED, False, False, True),
    ],
)
def test_a_preview_comes_first(
    environment: Load, text: str, has_saved_plan: bool, only_due: bool, expected: bool
) -> None:
    assert needs_preview(environment(text), has_saved_plan=has_saved_plan, only_due=only_due) is expected


@pytest.mark.parametrize(
    ("text", "causes", "has_saved_plan", "expected"),
    [
        (REAL, [Cause.FILES], False, True),
        (REAL, [Cause.CALENDAR], False, True),
        (REAL, [], False, False),
        (REAL, [Cause.FILES], True, False),
        (LOCAL, [Cause.FILES], False, False),
    ],
)
def test_a_real_account_is_asked_for(
    environment: Load, text: str, causes: list[Cause], has_saved_plan: bool, expected: bool
) -> None:
    assert needs_confirmation(environment(text), plan(*causes), has_saved_plan=has_saved_plan) is expected


@pytest.mark.parametrize("causes", [[Cause.FILES], [Cause.CALENDAR, Cause.FILES]])
def test_only_due_refuses_other_changes(causes: list[Cause]) -> None:
    with pytest.raises(ChangedPlanError, match=f"not due by the calendar: token t{len(causes) - 1}$") as caught:
        require_only_due(plan(*causes))
    assert caught.value.exit_code == ExitCode.CHANGES
    assert caught.value.hint == "Deploy them first: gatewright up x"


def test_only_due_lists_every_other_change() -> None:
    with pytest.raises(ChangedPlanError, match=r"by the calendar: token t0, token t1$"):
        require_only_due(plan(Cause.FILES, Cause.FILES))


@pytest.mark.parametrize(
    ("causes", "expected"),
    [([], False), ([Cause.NOT_HERE], False), ([Cause.CALENDAR], True), ([Cause.NOT_HERE, Cause.CALENDAR], True)],
)
def test_only_due_says_whether_something_is_due(causes: list[Cause], expected: bool) -> None:
    assert require_only_due(plan(*causes)) is expected


def test_a_protected_environment_is_not_destroyed(environment: Load) -> None:
    with pytest.raises(GatewrightError, match="x is protected") as caught:
        require_unprotected(environment(LOCAL + PROTECTED))
    assert "set protect: false in its file, run gatewright up x, then down again" in str(caught.value.hint)
    require_unprotected(environment(LOCAL + UNPROTECTED))
