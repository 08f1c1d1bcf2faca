"""What drift has found, as text for people and as JSON for programs (schemas/drift.schema.json)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.operations.drift.model import Class
from gatewright.screen import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.drift.model import Drift, Finding

MARKS = {Class.CHANGED: "~", Class.EDITED: "~", Class.DELETED: "-", Class.EXPIRING: "!", Class.ORPHAN: "?"}
WIDEST = 60
"""Characters of a column beyond which the others do not follow it."""


def text_lines(found: Sequence[Drift], width: int) -> Iterator[str]:
    """One line for each environment, two for each finding: what it is, then where, for whom and what mends it. `width`
    is that of the longest name."""
    for drift in found:
        yield f"{drift.environment:<{width}}  {heading(drift)}"
        rows = [each for each in drift.findings if each.counts or each.ignored]
        first = max((len(_subject(each)) for each in rows if len(_subject(each)) <= WIDEST), default=0)
        for each in rows:
            yield f"  {'=' if each.ignored else MARKS[each.class_]} {_subject(each):<{first}}   {_said(each)}"
            if each.ignored is None:
                yield f"      {_followed(each)}→ {each.mend}"
                if each.hint:
                    yield f"        {each.hint}"
        if absent := [each for each in drift.findings if each.class_ is Class.NOT_HERE]:
            yield f"  · {_counted(len(absent), 'file')} not on this machine → {absent[0].mend}"
        for note in drift.notes:
            yield f"  · {note}"


def heading(drift: Drift) -> str:
    """`clean · token agents: a new generation is due in 3 days, 2026-12-01`."""
    if not drift.is_up:
        return "not up yet"
    count = len(drift.drifted)
    due = [f"{each.kind} {each.name}: {each.words}" for each in drift.findings if each.class_ is Class.DUE]
    return " · ".join([f"{count} drifted" if count else "clean", *due])


def summary(found: Sequence[Drift], calls: int, seconds: float) -> str:
    """`2 of 3 clean · 12 calls · 4.1 s`; the calls are our own, beside the engine's."""
    up = [each for each in found if each.is_up]
    clean = f"{sum(not each.drifted for each in up)} of {len(found)} clean"
    absent = f", {len(found) - len(up)} not up yet" if len(up) < len(found) else ""
    return f"{clean}{absent} · {_counted(calls, 'call')} · {duration(seconds)}"


def as_json(drift: Drift) -> dict[str, Any]:
    """One environment, as the schema describes it."""
    status = "not up" if not drift.is_up else "drifted" if drift.drifted else "clean"
    return {
        "environment": drift.environment,
        "status": status,
        "findings": [_finding(each) for each in drift.findings],
        "notes": list(drift.notes),
        "seconds": round(drift.seconds, 3),
    }


def json_text(found: Sequence[Drift], calls: int, seconds: float) -> str:
    """All of a run."""
    whole = {"environments": [as_json(each) for each in found], "calls": calls, "seconds": round(seconds, 3)}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(finding).items() if name != "class_"}
    return {"class": finding.class_.value, **fields, "counts": finding.counts}


def _subject(finding: Finding) -> str:
    return finding.name if finding.kind == "file" else f"{finding.kind} {finding.name}"


def _said(finding: Finding) -> str:
    rule = finding.ignored
    if rule:
        until = f" until {rule.until}" if rule.until else ""
        return f"{finding.words}   ignored{until}: {rule.reason}"
    orphan = finding.class_ is Class.ORPHAN
    words = f"orphan: {finding.words}" if orphan else finding.words
    if finding.since is None:
        return words
    return f"{words}   {'made' if orphan else 'changed'} at Cloudflare, {clock.shown(clock.seconds(finding.since))}"


def _followed(finding: Finding) -> str:
    """Where it is declared, and whom it concerns."""
    parts = [str(finding.place) if finding.place else "", f"for {', '.join(finding.who)}" if finding.who else ""]
    return "".join(f"{part} · " for part in parts if part).removesuffix("· ")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
