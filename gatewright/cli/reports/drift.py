"""What drift has found, for the terminal and for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gatewright import clock
from gatewright.cli.screen import duration
from gatewright.operations.drift.model import Class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from gatewright.operations.batch import Outcome
    from gatewright.operations.drift.model import Drift, Finding

MARKS = {
    Class.CHANGED: ("~", "yellow"),
    Class.EDITED: ("~", "yellow"),
    Class.DELETED: ("-", "red"),
    Class.EXPIRING: ("!", "bold red"),
    Class.ORPHAN: ("?", "magenta"),
}
IGNORED = ("=", "dim")


def show(drift: Drift, console: Console, width: int = 0) -> None:
    """One line for the environment, its name in `width` columns; two for each finding: what it is; then where, for
    whom, and what mends it."""
    for text in _lines(drift, width):
        console.print(text)


def heading(drift: Drift) -> str:
    """`clean · token agents: a new generation is due in 3 days, 2026-12-01`."""
    if not drift.is_up:
        return "not up yet"
    count = len(drift.drifted)
    due = [f"{each.kind} {each.name}: {each.words}" for each in drift.findings if each.class_ is Class.DUE]
    return " · ".join([f"{count} drifted" if count else "clean", *due])


def summary(outcomes: Sequence[Outcome[Drift]], calls: int, seconds: float) -> str:
    """`2 of 3 clean · 12 calls · 4.1 s`; the calls are our own, beside the engine's."""
    found = [each.value for each in outcomes if each.value]
    absent = sum(not each.is_up for each in found)
    failed = sum(each.error is not None for each in outcomes)
    not_begun = len(outcomes) - len(found) - failed
    parts = [f"{sum(each.is_up and not each.drifted for each in found)} of {len(outcomes)} clean"]
    for count, words in ((absent, "not up yet"), (failed, "failed"), (not_begun, "not begun")):
        parts += [f"{count} {words}"] if count else []
    return f"{', '.join(parts)} · {_counted(calls, 'call')} · {duration(seconds)}"


def subject(finding: Finding) -> str:
    """`gateway agents-prod`; a file by its path alone."""
    return finding.name if finding.kind == "file" else f"{finding.kind} {finding.name}"


def said(finding: Finding) -> str:
    """What is expected and what is there, since when, and why nobody minds."""
    orphan = finding.class_ is Class.ORPHAN
    parts = [f"orphan: {finding.words}" if orphan else finding.words]
    if rule := finding.ignored:
        parts.append(f"ignored{f' until {rule.until}' if rule.until else ''}: {rule.reason}")
    elif finding.since is not None:
        moment = clock.format_time(clock.parse_timestamp(finding.since))
        parts.append(f"{'made' if orphan else 'changed'} at Cloudflare, {moment}")
    return "   ".join(parts)


def _lines(drift: Drift, width: int) -> Iterator[Text]:
    style = "yellow" if drift.drifted else "green" if drift.is_up else "dim"
    yield Text.assemble((f"{drift.environment:<{width}}  ", "bold"), (heading(drift), style))
    rows = [each for each in drift.findings if each.counts or each.ignored]
    first = max((len(subject(each)) for each in rows), default=0)
    for each in rows:
        yield Text.assemble(
            "  ", IGNORED if each.ignored else MARKS[each.class_], f" {subject(each):<{first}}   {said(each)}"
        )
        if each.ignored is None:
            yield Text.assemble("      ", (_where(each), "dim"), f"→ {each.mend}")
            if each.hint:
                yield Text(f"        {each.hint}", style="dim")
    if absent := [each for each in drift.findings if each.class_ is Class.NOT_HERE]:
        yield Text(f"  · {_counted(len(absent), 'file')} not on this machine → {absent[0].mend}", style="dim")
    for note in drift.notes:
        yield Text(f"  · {note}", style="dim")


def _where(finding: Finding) -> str:
    """Where it is declared, and whom it concerns."""
    parts = [str(finding.location) if finding.location else "", f"for {', '.join(finding.who)}" if finding.who else ""]
    return " · ".join(filter(None, parts)) + (" " if any(parts) else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
