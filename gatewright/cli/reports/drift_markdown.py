"""What drift shows in an issue: what has drifted, whom it concerns, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cli.reports.drift import heading, said, subject, summary
from gatewright.cli.reports.markdown import DRIFT, LIMIT, Part, block, code, fitted, folded, in_full, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.drift.model import Drift, Finding

# what is left out first, where not everything fits, has the highest number
_ENVIRONMENT, _FINDING, _MEND, _NOTE, _CLEAN = 1, 2, 3, 4, 5


def rendered(outcomes: Sequence[Outcome[Drift]], calls: int, seconds: float, limit: int = LIMIT) -> str:
    """The issue's body, in at most `limit` characters: environments that failed, those that drifted, then the clean
    ones, a line each."""
    found = [each.value for each in outcomes if each.value]
    parts = [Part(f"{DRIFT}\n## gatewright drift: {text(summary(outcomes, calls, seconds))}\n\n")]
    parts += [_failure(each) for each in outcomes if each.value is None]
    parts += [_drifted(each) for each in sorted(found, key=lambda each: -len(each.drifted)) if each.drifted]
    for each in found:
        if not each.drifted:
            line = f"- {code(each.environment)}: {text(heading(each))}\n"
            parts.append(Part(line, _CLEAN, "clean environment", [_rest(each)]))
    return fitted(parts, limit, in_full("drift", [each.name for each in outcomes]))


def _failure(outcome: Outcome[Drift]) -> Part:
    error = outcome.error
    said_of_it = "\n".join(filter(None, (error.message, error.hint and f"→ {error.hint}"))) if error else "interrupted"
    head = f"### ❌ {code(outcome.name)}: not known whether it has drifted\n\n"
    return Part(head, _ENVIRONMENT, "environment", [Part(block(said_of_it), _MEND, "error")])


def _drifted(drift: Drift) -> Part:
    findings = [_finding(each) for each in drift.drifted]
    head = f"### {code(drift.environment)}: {text(heading(drift))}\n\n"
    return Part(head, _ENVIRONMENT, "environment", [*findings, _rest(drift)])


def _finding(finding: Finding) -> Part:
    parts = [f"for {', '.join(finding.who)}" if finding.who else "", str(finding.location) if finding.location else ""]
    where = f" ({text(', '.join(filter(None, parts)))})" if any(parts) else ""
    mend = [Part(f"  - mend: {code(finding.mend)}\n", _MEND, "command")]
    if finding.hint:
        mend.append(Part(f"  - {text(finding.hint)}\n", _NOTE, "hint"))
    return Part(f"- **{text(subject(finding))}**: {text(said(finding))}{where}\n", _FINDING, "finding", mend)


def _rest(drift: Drift) -> Part:
    """What is ignored, and what else there is to say."""
    lines = [f"- {text(subject(each))}: {text(said(each))}\n" for each in drift.findings if each.ignored]
    lines += [f"- {text(note)}\n" for note in drift.notes]
    if not lines:
        return Part("")
    inside = [Part(line, _NOTE, "note") for line in lines]
    return folded(f"{len(lines)} more to know", inside, rank=_NOTE, noun="list of notes")
