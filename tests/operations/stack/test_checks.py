"""Checks in their order, those that cannot be run left out, all errors in one."""

from __future__ import annotations

from typing import NoReturn

import pytest

from gatewright.errors import EngineError, GatewrightError, RefusedError
from gatewright.operations.stack.checks import Check, CheckResult, require_passed, run_checks


def refuse(message: str, hint: str | None = None) -> NoReturn:
    raise RefusedError(message, hint)


def test_a_check_after_a_failed_one_does_not_run() -> None:
    checks = [
        Check("a", lambda: "fine"),
        Check("b", lambda: refuse("no")),
        Check("c", lambda: "fine too", after=("a",)),
        Check("d", lambda: pytest.fail("it was run"), after=("a", "b")),
        Check("e", lambda: pytest.fail("it was run"), after=("d",)),
    ]
    assert [(each.name, each.detail) for each in run_checks(checks)] == [("a", "fine"), ("b", None), ("c", "fine too")]


def test_all_passed() -> None:
    require_passed([CheckResult("a", "fine")])


def test_one_error_is_raised_unchanged() -> None:
    error = EngineError("no", "do this")
    with pytest.raises(EngineError) as caught:
        require_passed([CheckResult("a", "fine"), CheckResult("b", error=error)])
    assert caught.value is error


def test_several_errors_become_one_of_the_first_ones_type() -> None:
    errors = (RefusedError("no token", "make one"), GatewrightError("no room"))
    with pytest.raises(RefusedError) as caught:
        require_passed([CheckResult(str(error), error=error) for error in errors])
    assert caught.value.message == "2 checks failed:\n  no token\n    → make one\n  no room"
