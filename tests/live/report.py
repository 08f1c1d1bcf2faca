"""The report of a run in Markdown, and the recorded cases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gatewright import __version__
from gatewright.local.server.guess_cases import checks
from live.account import Sender
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
    return Scrubber(sender.target.token, variables)


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
    steps: list[dict[str, Any]] = []
    captures = {json.dumps(step["request"]): step.get("capture") for step in result.case["steps"]}
    exchanges = result.conversation.exchanges if result.conversation else []
    for request, response in exchanges:
        key = json.dumps(request)
        if key not in captures:  # a step of the setup
            continue
        expected: dict[str, Any] = {"status": response.status_code}
        if "json" in response.headers.get("content-type", ""):
            expected["body"] = scrub.answer(response.json())
        capture = captures[key]
        if capture:
            _match_captured(expected.get("body"), capture)
        steps.append({"request": request, "response": expected, **({"capture": capture} if capture else {})})
    return {**result.case, "tag": "live", "steps": steps}


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
