"""What verify found: a table for people, JSON, JUnit's XML and Markdown for machines and pull requests."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.operations.answers import Answer
    from gatewright.operations.verify import Verdict, Verified

HEADINGS = ("called", "answered by", "steps", "cache", "latency", "tokens", "cost")
_NONE = "–"
_WIDE = 400  # a pipe has no width: nothing is folded
_MARKDOWNS = re.compile(r"([\\`*_\[\]|~])")


def show(found: Verified, form: str) -> None:
    """Prints it in one of the forms."""
    forms: dict[str, Callable[[Verified], str]] = {"json": _json, "junit": _junit, "markdown": _markdown}
    if form == "text":
        _table(found)
    else:
        click.echo(forms[form](found))


def summary(found: Verified) -> str:
    """`2 of 3 answered`, how many did so in another way than is declared, and which models cannot be asked."""
    total, answered = len(found.verdicts), sum(verdict.first.failure is None for verdict in found.verdicts)
    text = f"{answered} of {total} answered"
    if otherwise := len(found.failed) - (total - answered):
        text += f" · {otherwise} of them not as declared"
    if found.left_out:
        text += f" · not asked, since the gateway has no chat endpoint for them: {', '.join(found.left_out)}"
    return text


def cells(verdict: Verdict) -> tuple[str, ...]:
    """The columns of HEADINGS; what is not known is a dash, without an answer nothing."""
    first = verdict.first
    if first.failure:
        return (verdict.called, _NONE, "", "", "", "", "")
    caches = [each.cache or _NONE for each in (first, verdict.second) if each]
    return (
        verdict.called,
        first.by or _NONE,
        _or_none(first.steps),
        ", ".join(caches),
        latency(first.took),
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


def _table(found: Verified) -> None:
    from rich.table import Table
    from rich.text import Text

    from gatewright.screen import Screen

    screen = Screen()
    if not screen.moves:
        screen.console.width = _WIDE
    table = Table(box=None, padding=(0, 2, 0, 1), header_style="dim")
    for heading in (*HEADINGS, "", ""):
        table.add_column(heading, overflow="fold")
    told: set[str] = set()
    for verdict in found.verdicts:
        failure = verdict.failure
        mark = Text("✗", style="red") if failure else Text("✓", style="green")
        notes = [*verdict.notes]
        if failure:
            notes = [failure.cause, *([f"→ {failure.mend}"] if failure.mend not in told else []), *notes]
            told.add(failure.mend)
        table.add_row(*map(Text, cells(verdict)), mark, Text("\n".join(notes)))
    with screen.console.capture() as printed:
        screen.console.print(table, soft_wrap=False)
    lines = printed.get().splitlines()
    click.echo("\n".join(lines if screen.moves else map(str.rstrip, lines)), color=True)
    screen.line(f" {summary(found)}")


def _json(found: Verified) -> str:
    content = {
        "environment": found.environment,
        "ok": not found.failed,
        "took_seconds": round(found.took, 3),
        "results": [_result(verdict) for verdict in found.verdicts],
        "left_out": list(found.left_out),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _result(verdict: Verdict) -> dict[str, Any]:
    result = {"called": verdict.called, "ok": verdict.failure is None, **_answer(verdict.first)}
    for name, each in (("second", verdict.second), ("fallback", verdict.fallback)):
        if each is not None:
            result[name] = _answer(each)
    return {**result, "notes": list(verdict.notes)}


def _answer(answer: Answer) -> dict[str, Any]:
    failure = answer.failure
    return {
        "status": answer.status,
        "answered_by": answer.by,
        "steps": answer.steps,
        "cache": answer.cache,
        "latency_ms": round(answer.took * 1000),
        "tokens": answer.tokens,
        "cost_usd": answer.cost,
        "failure": failure and {"code": failure.code, "cause": failure.cause, "mend": failure.mend},
    }


def _junit(found: Verified) -> str:
    """One test case a name, as CI systems read it."""
    skipped = len(found.left_out)
    counts = {"tests": len(found.verdicts) + skipped, "failures": len(found.failed), "errors": 0, "skipped": skipped}
    numbers = {name: str(count) for name, count in counts.items()}
    root = ET.Element("testsuites")
    time = f"{found.took:.3f}"
    suite = ET.SubElement(
        root, "testsuite", {"name": f"gatewright verify {found.environment}", **numbers, "time": time}
    )
    for verdict in found.verdicts:
        case = _case(suite, found, verdict.called, verdict.first.took)
        if failure := verdict.failure:
            element = ET.SubElement(case, "failure", {"type": failure.code, "message": failure.cause})
            element.text = f"{failure.cause}\n→ {failure.mend}"
        if verdict.notes:
            ET.SubElement(case, "system-out").text = "\n".join(verdict.notes)
    for name in found.left_out:
        message = "the gateway has no chat endpoint for it"
        ET.SubElement(_case(suite, found, name, 0), "skipped", {"message": message})
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _case(suite: ET.Element, found: Verified, name: str, took: float) -> ET.Element:
    named = {"classname": f"gatewright.{found.environment}", "name": name, "time": f"{took:.3f}"}
    return ET.SubElement(suite, "testcase", named)


def _markdown(found: Verified) -> str:
    mark = "❌" if found.failed else "✅"
    rows = [("", *HEADINGS, ""), ("---",) * (len(HEADINGS) + 2)]
    for verdict in found.verdicts:
        called, by, *others = cells(verdict)
        failure = verdict.failure
        notes = [_escaped(note) for note in verdict.notes]
        if failure:
            notes = [_escaped(failure.cause), f"→ {_escaped(failure.mend)}", *notes]
        rows.append(("❌" if failure else "✅", _code(called), _code(by), *others, "<br>".join(notes)))
    lines = [f"### {mark} gatewright verify {found.environment}", "", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join([*lines, "", _escaped(summary(found))])


def _code(text: str) -> str:
    inside = text.replace("`", "'").replace("|", "\\|")
    return text if text == _NONE else f"`{inside}`"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, and that calls nobody by @name."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;")
    return _MARKDOWNS.sub(r"\\\1", text)
