"""Runs the cases on an account, and removes what each has created."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from local.server.setup_steps import SETUPS

from live.account import LiveConversation, Sender, SkippedError
from live.budget import OverBudgetError
from live.rules import Json, why_skipped

CASES = Path(__file__).parents[1] / "local" / "server" / "cases"
EXPECTED, DIFFERENT, SKIPPED, ERROR = "as expected", "different", "skipped", "no answer"


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one case; `detail` says why, in texts that still have ids and secrets."""

    case: Json
    end: str
    detail: str = ""
    conversation: LiveConversation | None = None


@dataclass(slots=True)
class Run:
    """The results so far. `remaining` are objects that could not be deleted."""

    prefix: str
    results: list[Result] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)
    swept: int = 0
    is_complete: bool = False


def read_cases(folder: Path = CASES) -> list[Json]:
    """All cases, by path."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.json"))]


def run_cases(sender: Sender, run: Run, cases: Sequence[Json], show: Callable[[str], None]) -> None:
    """Add a result for each case to `run`. What a case created is deleted after it."""
    for number, case in enumerate(cases, 1):
        reason = why_skipped(case, sender.budget.prices)
        if reason is not None:
            run.results.append(Result(case, SKIPPED, reason))
            continue
        result = _run_case(sender, case, f"{run.prefix}{number}-")
        run.results.append(result)
        show(f"{number}/{len(cases)} {case['id']}: {result.end}")
        sender.remove_created()


def _run_case(sender: Sender, case: Json, prefix: str) -> Result:
    conversation = LiveConversation(sender, prefix)
    try:
        for name in case.get("given", []):
            for step in SETUPS[name]:
                conversation.run(step)
        conversation.exchanges.clear()
        for step in case["steps"]:
            conversation.run(step)
    except SkippedError as error:
        return Result(case, SKIPPED, str(error), conversation)
    except OverBudgetError:
        return Result(case, SKIPPED, "could pass the budget", conversation)
    except httpx.TransportError as error:
        return Result(case, ERROR, str(error) or type(error).__name__, conversation)
    except (AssertionError, LookupError, TypeError, ValueError) as error:
        return Result(case, DIFFERENT, f"{type(error).__name__}: {error}", conversation)
    return Result(case, EXPECTED, "", conversation)
