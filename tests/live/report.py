"""The report of a run in Markdown, and the recorded cases."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
from local.server.setup_steps import SETUPS

from gatewright import __version__
from gatewright.local.server.guess_cases import checks
from live.account import Sender
from live.rules import creates_store
from live.runs import DIFFERENT, EXPECTED, SKIPPED, Result, Run
from live.scrub import Scrubber

VERDICTS = {EXPECTED: "confirmed", DIFFERENT: "refuted"}
"""Of a case whose expectation is a guess; other ends leave it open."""
MAX_DETAIL = 400  # characters


def write_report(path: Path, run: Run, sender: Sender, day: str) -> None:
    """Write the report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(run, sender, day)) + "\n", encoding="utf-8")


def _lines(run: Run, sender: Sender, day: str) -> Iterator[str]:
    target = "a server on this machine in the role of Cloudflare" if sender.target.is_local else "Cloudflare"
    ends = Counter(result.end for result in run.results)
    budget = sender.budget
    yield f"# The cases of the local Cloudflare against {target}\n"
    yield f"{day}, gatewright {__version__}. {'' if run.is_complete else 'The run was ended early. '}" + (
        f"{len(run.results)} cases: {', '.join(f'{count} {end}' for end, count in sorted(ends.items()))}. "
        f"{sender.limiter.calls} requests; {budget.requests} of inference, "
        f"at most {budget.spent:.6f} of {budget.limit:g} USD.\n"
    )
    yield f"{run.swept} leftovers were deleted at the start and the end." + "".join(
        f"\n- **not deleted**: {item}" for item in run.remaining
    )
    yield "\n## Cases with another answer\n"
    unexpected = [result for result in run.results if result.end not in (EXPECTED, SKIPPED)]
    yield from _table(
        ("Case", "Source", "What came instead"), ((_id(r), r.case["tag"], _detail(r, sender)) for r in unexpected)
    )
    yield "\n## Guesses\n"
    guesses = [result for result in run.results if result.case["tag"] == "guess"]
    yield from _table(("Case", "Checks", "Verdict"), ((_id(r), checks(r.case), _verdict(r, sender)) for r in guesses))
    yield "\n## Skipped cases\n"
    yield from _table(("Reason", "Number", "Cases"), _skipped(run.results))
    yield "\n## Cases as expected\n"
    yield ", ".join(_id(result) for result in run.results if result.end == EXPECTED) or "None."


def _id(result: Result) -> str:
    return f"`{result.case['id']}`"


def _verdict(result: Result, sender: Sender) -> str:
    return VERDICTS.get(result.end) or f"open: {_detail(result, sender)}"


def _detail(result: Result, sender: Sender) -> str:
    text = scrubber(result, sender).text(result.detail)
    return " ".join(text.split())[:MAX_DETAIL]


def scrubber(result: Result, sender: Sender) -> Scrubber:
    """What hides the values of a case."""
    variables = result.conversation.variables if result.conversation else {"A": sender.target.account}
    return Scrubber(sender.target.token, variables, json.dumps(result.case))


def _skipped(results: Iterable[Result]) -> Iterator[tuple[str, str, str]]:
    reasons: dict[str, list[str]] = {}
    for result in results:
        if result.end == SKIPPED:
            reasons.setdefault(result.detail, []).append(_id(result))
    for reason, cases in sorted(reasons.items(), key=lambda item: -len(item[1])):
        yield reason, str(len(cases)), ", ".join(cases)


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    if not lines:
        yield "None."
        return
    for line in (headings, ("---",) * len(headings), *lines):
        yield f"| {' | '.join(line)} |"


def record_cases(folder: Path, run: Run, sender: Sender) -> int:
    """Write each case that got answers with these as its expectation; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    recorded = [result for result in run.results if result.end in (EXPECTED, DIFFERENT)]
    for result in recorded:
        case = _recorded(result, scrubber(result, sender))
        (folder / f"{case['id']}.json").write_text(
            json.dumps(case, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return len(recorded)


def _recorded(result: Result, scrub: Scrubber) -> dict[str, Any]:
    """The case with the answers up to the first that was different. A step that creates the store is kept."""
    steps: list[dict[str, Any]] = []
    exchanges = iter(result.conversation.exchanges if result.conversation else ())
    setup = (step for name in result.case.get("given", []) for step in SETUPS[name])
    known = {"A", *(name for step in setup for name in step.get("capture", {}))}
    for step in result.case["steps"]:
        exchange = None if creates_store(step) else next(exchanges, None)
        if exchange is not None:
            steps.append({**step, "response": _expectation(exchange[1], step.get("capture", {}), scrub, known)})
        elif creates_store(step):
            steps.append(step)
        known |= step.get("capture", {}).keys()
    return {**result.case, "tag": "live", "steps": steps}


def _expectation(response: httpx.Response, capture: dict[str, str], scrub: Scrubber, known: set[str]) -> dict[str, Any]:
    expected: dict[str, Any] = {"status": response.status_code}
    if "json" in response.headers.get("content-type", ""):
        expected["body"] = _only_known(scrub.answer(response.json()), known - capture.keys())
        _match_captured(expected["body"], capture)
    return expected


def _only_known(value: Any, known: set[str]) -> Any:
    """`<any>` in place of a text with a variable that a later step captures."""
    if isinstance(value, dict):
        return {name: _only_known(item, known) for name, item in value.items()}
    if isinstance(value, list):
        return [_only_known(item, known) for item in value]
    names = set(re.findall(r"\{(\w+)\}", value)) if isinstance(value, str) else set()
    return value if names <= known else "<any>"


def _match_captured(body: Any, capture: dict[str, str]) -> None:
    """Put `<any>` where a step captures: its variable has no value before."""
    for path in capture.values():
        *parents, last = path.split(".")
        place = body
        for name in parents:
            place = (
                place[int(name)] if isinstance(place, list) else place.get(name) if isinstance(place, dict) else None
            )
        if isinstance(place, dict) and last in place:
            place[last] = "<any>"
