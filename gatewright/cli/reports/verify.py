"""What verify found: a table for people, JSON, JUnit's XML and Markdown for machines and pull requests."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.batch import as_json, sections
from gatewright.cli.reports.markdown import cell, text
from gatewright.operations.batch import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.probe.responses import Answer
    from gatewright.operations.probe.verify import ProbeResult, Verification

HEADINGS = ("called", "answered by", "steps", "cache", "latency", "tokens", "cost")
_NONE = "–"


def show_all(outcomes: Sequence[Outcome[Verification]], form: str) -> None:
    """Prints them in one of the forms; the failures of whole environments are printed already."""
    found = [each.value for each in outcomes if each.value]
    if form == "json":
        alone = len(outcomes) == 1
        click.echo(json.dumps(content(found[0]), indent=2, ensure_ascii=False) if alone else as_json(outcomes, content))
    elif form == "junit":
        click.echo(_junit(outcomes))
    elif form == "markdown":
        click.echo("\n\n".join([*map(_markdown, found), *(_failed(each) for each in outcomes if each.error)]))
    else:
        sections(outcomes, _table)


def show(found: Verification, form: str) -> None:
    """One of them."""
    show_all([Outcome(found.environment, found)], form)


def summary(found: Verification) -> str:
    """`2 of 3 answered`, how many did so in another way than is declared, and which models cannot be asked."""
    total, answered = len(found.results), sum(verdict.first.failure is None for verdict in found.results)
    text = f"{answered} of {total} answered"
    if otherwise := len(found.failed) - (total - answered):
        text += f" · {otherwise} of them not as declared"
    if found.skipped:
        text += f" · not asked, since the gateway has no chat endpoint for them: {', '.join(found.skipped)}"
    return text


def cells(verdict: ProbeResult) -> tuple[str, ...]:
    """The columns of HEADINGS; what is not known is a dash, without an answer nothing."""
    first = verdict.first
    if first.failure:
        return (verdict.label, _NONE, "", "", "", "", "")
    caches = [each.cache or _NONE for each in (first, verdict.second) if each]
    return (
        verdict.label,
        first.model or _NONE,
        _or_none(first.steps),
        ", ".join(caches),
        latency(first.seconds),
        _or_none(first.tokens),
        cost(first.cost),
    )


def latency(seconds: float) -> str:
    """212 ms, 1.9 s."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def cost(usd: float | None) -> str:
    """USD: 0.00, 1.25, and small change to the millionth."""
    if usd is None:
        return _NONE
    return f"{usd:.2f}" if usd == 0 or usd >= 0.1 else f"{usd:.6f}".rstrip("0")


def _or_none(value: object) -> str:
    return _NONE if value is None else str(value)


def _table(found: Verification) -> None:
    """Notes stand beside their row where the terminal is wide enough for all, else below it."""
    from rich.text import Text

    from gatewright.cli.screen import Screen

    screen = Screen()
    rows = [cells(verdict) for verdict in found.results]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    notes = _notes(found)
    left = sum(widths) + 2 * len(widths) + 4
    longest = max((len(line) for lines in notes for line in lines), default=0)
    beside = not screen.moves or left + longest <= screen.console.width
    screen.console.print(Text(_line(HEADINGS, widths), style="dim"))
    for verdict, row, lines in zip(found.results, rows, notes, strict=True):
        mark = Text("✗", style="red") if verdict.failure else Text("✓", style="green")
        first, *others = lines if beside and lines else ["", *lines]
        words = [f"  {first}"] if first else []
        screen.console.print(Text.assemble(_line(row, widths, padded=True), "  ", mark, *words))
        for line in others:
            screen.line(" " * (left if beside else 4) + line)
    screen.line(f" {summary(found)}")


def _line(row: tuple[str, ...], widths: Sequence[int], *, padded: bool = False) -> str:
    line = " " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return line if padded else line.rstrip()


def _notes(found: Verification) -> list[list[str]]:
    """What is said of each row; a mend is said once."""
    told: set[str] = set()
    notes = []
    for verdict in found.results:
        failure = verdict.failure
        said = [failure.cause] if failure else []
        if failure and failure.fix not in told:
            told.add(failure.fix)
            said.append(f"→ {failure.fix}")
        notes.append([*said, *verdict.notes])
    return notes


def content(found: Verification) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "environment": found.environment,
        "ok": not found.failed,
        "took_seconds": round(found.seconds, 3),
        "results": [_result(verdict) for verdict in found.results],
        "left_out": list(found.skipped),
    }


def _result(verdict: ProbeResult) -> dict[str, Any]:
    result = {"called": verdict.label, "ok": verdict.failure is None, **_answer(verdict.first)}
    for name, each in (("second", verdict.second), ("fallback", verdict.fallback)):
        if each is not None:
            result[name] = _answer(each)
    return {**result, "notes": list(verdict.notes)}


def _answer(answer: Answer) -> dict[str, Any]:
    failure = answer.failure
    return {
        "status": answer.status,
        "answered_by": answer.model,
        "steps": answer.steps,
        "cache": answer.cache,
        "latency_ms": round(answer.seconds * 1000),
        "tokens": answer.tokens,
        "cost_usd": answer.cost,
        "failure": failure and {"code": failure.code, "cause": failure.cause, "mend": failure.fix},
    }


def _junit(outcomes: Sequence[Outcome[Verification]]) -> str:
    """A suite for each environment, and in it one test case a name, as CI systems read it."""
    root = ET.Element("testsuites")
    for each in outcomes:
        if each.value:
            _suite(root, each.value)
        else:
            _suite_of_none(root, each)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _suite(root: ET.Element, found: Verification) -> None:
    skipped = len(found.skipped)
    counts = {"tests": len(found.results) + skipped, "failures": len(found.failed), "errors": 0, "skipped": skipped}
    numbers = {name: str(count) for name, count in counts.items()}
    time = f"{found.seconds:.3f}"
    suite = ET.SubElement(
        root, "testsuite", {"name": f"gatewright verify {found.environment}", **numbers, "time": time}
    )
    for verdict in found.results:
        case = _case(suite, found, verdict.label, verdict.first.seconds)
        if failure := verdict.failure:
            element = ET.SubElement(case, "failure", {"type": failure.code, "message": failure.cause})
            element.text = f"{failure.cause}\n→ {failure.fix}"
        if verdict.notes:
            ET.SubElement(case, "system-out").text = "\n".join(verdict.notes)
    for name in found.skipped:
        message = "the gateway has no chat endpoint for it"
        ET.SubElement(_case(suite, found, name, 0), "skipped", {"message": message})


def _suite_of_none(root: ET.Element, outcome: Outcome[Verification]) -> None:
    """Of an environment that could not be asked at all."""
    counts = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0", "time": f"{outcome.seconds:.3f}"}
    suite = ET.SubElement(root, "testsuite", {"name": f"gatewright verify {outcome.name}", **counts})
    named = {"classname": f"gatewright.{outcome.name}", "name": outcome.name, "time": counts["time"]}
    said = _why(outcome)
    ET.SubElement(ET.SubElement(suite, "testcase", named), "error", {"message": said.partition("\n")[0]}).text = said


def _failed(outcome: Outcome[Verification]) -> str:
    return f"### ❌ gatewright verify {outcome.name}\n\n{text(_why(outcome))}"


def _why(outcome: Outcome[Verification]) -> str:
    error = outcome.error
    if error is None:
        return "interrupted before it was begun"
    return f"{error.message}\n→ {error.hint}" if error.hint else error.message


def _case(suite: ET.Element, found: Verification, name: str, took: float) -> ET.Element:
    named = {"classname": f"gatewright.{found.environment}", "name": name, "time": f"{took:.3f}"}
    return ET.SubElement(suite, "testcase", named)


def _markdown(found: Verification) -> str:
    mark = "❌" if found.failed else "✅"
    rows = [("", *HEADINGS, ""), ("---",) * (len(HEADINGS) + 2)]
    for verdict in found.results:
        called, by, *others = cells(verdict)
        failure = verdict.failure
        notes = [text(note) for note in verdict.notes]
        if failure:
            notes = [text(failure.cause), f"→ {text(failure.fix)}", *notes]
        rows.append(
            ("❌" if failure else "✅", cell(called), _NONE if by == _NONE else cell(by), *others, "<br>".join(notes))
        )
    lines = [f"### {mark} gatewright verify {found.environment}", "", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join([*lines, "", text(summary(found))])
