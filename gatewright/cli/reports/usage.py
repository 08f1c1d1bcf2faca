"""The report of `usage`: text with bars, JSON, Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cli.columns import wrap_line
from gatewright.clock import format_time, format_timestamp
from gatewright.io.figures import NONE, amount, percent, seconds, usd
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table as RichTable

    from gatewright.cli.screen import Screen
    from gatewright.operations.batch import Outcome
    from gatewright.operations.reported_limits import KeptLimit
    from gatewright.operations.usage.model import Latency, LimitUse, RouteStep, Row, Totals, Usage

    Cells = tuple[str, ...]

BAR = 12
MAX_ROWS = 50
"""Of one table in text and Markdown; JSON has all."""
_ROWS = ("requests", "errors", "cached", "tokens in", "out", "USD", "p50", "p95")
_REPORTED = ("left", "at")
_LIMITS = ("limit", "", "used", "share", "used up")


def print_usage(outcomes: Sequence[Outcome[Usage]], form: str, limit: int, warn_at: float | None) -> None:
    """Print the results in a format; failures of single environments are in the JSON only."""
    import click

    from gatewright.cli.batch import environments_json, print_sections
    from gatewright.cli.reports.markdown import fit

    if form == "json":
        click.echo(environments_json(outcomes, lambda usage: usage_json(usage, warn_at)))
    elif form == "markdown":
        parts = [part for outcome in outcomes if outcome.value for part in _markdown(outcome.value, warn_at)]
        click.echo(fit(parts, limit), nl=False)
    else:
        from gatewright.cli.screen import Screen

        screen = Screen()
        print_sections(outcomes, lambda usage: print_text(screen, usage, warn_at), named=False)


def usage_json(usage: Usage, warn_at: float | None = None) -> dict[str, Any]:
    """The content of an environment's entry in the JSON document."""
    return {
        "gateway": usage.gateway,
        "since": format_timestamp(usage.since),
        "until": format_timestamp(usage.until),
        "by": usage.by,
        "totals": _totals_json(usage.totals, usage.latency),
        "rows": [_row_json(row) for row in usage.rows],
        "days": [_row_json(row) for row in usage.days],
        "models": [_row_json(row) for row in usage.models],
        "routeSteps": [
            {
                "route": step.route,
                "step": step.step,
                "model": step.model,
                "requests": step.requests,
                "share": step.share,
            }
            for step in usage.steps
        ],
        "limits": [_limit_json(use) for use in usage.limits],
        "reported": [
            {
                "model": kept.model,
                "unit": kept.limit.unit,
                "remaining": kept.limit.remaining,
                "limit": kept.limit.limit,
                "time": format_timestamp(kept.time),
            }
            for kept in usage.reported
        ],
        "beyond": [use.subject for use in usage.beyond(warn_at)],
        "worth": [{"provider": worth.provider, "usd": worth.usd} for worth in usage.worth],
        "neurons": usage.neurons,
        "log": {"read": usage.log_entries, "total": usage.log_total},
        "notes": list(usage.notes),
    }


def _totals_json(totals: Totals, latency: Latency | None) -> dict[str, Any]:
    return {
        "requests": totals.requests,
        "cached": totals.cached,
        "cachedShare": totals.cached_share,
        "errors": totals.errors,
        "errorShare": totals.error_share,
        "tokensIn": totals.tokens_in,
        "tokensOut": totals.tokens_out,
        "cost": totals.cost,
        "p50": latency and latency.p50,
        "p95": latency and latency.p95,
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {"name": row.name, **_totals_json(row.totals, row.latency)}


def _limit_json(use: LimitUse) -> dict[str, Any]:
    return {
        "subject": use.subject,
        "limit": use.limit,
        "unit": use.unit,
        "used": use.used,
        "amount": use.amount,
        "share": use.share,
        "start": format_timestamp(use.start),
        "end": format_timestamp(use.end),
        "goneAt": None if use.gone_at is None else format_timestamp(use.gone_at),
        "isEstimate": use.is_estimate,
    }


def print_text(screen: Screen, usage: Usage, warn_at: float | None) -> None:
    """Print one environment with bars; limits beyond `warn_at` are red."""
    from rich.text import Text

    screen.heading(f"{usage.environment}: gateway {usage.gateway}, {_period(usage)}")
    summary = f"  {_summary(usage)}"
    for line in wrap_line(summary, screen.console.width) if screen.moves else [summary]:
        screen.line(line)
    if usage.rows:
        largest = max(row.totals.requests for row in usage.rows)
        rows = [(row.name, bar(row.totals.requests / largest if largest else 0), *_cells(row)) for row in usage.rows]
        _print_table(screen, (usage.by, "", *_ROWS), rows)
    if usage.limits:
        cells = [(use.subject, *_limit_cells(use, with_bar=True)) for use in usage.limits]
        _print_table(screen, ("limits", *_LIMITS), cells, [_is_beyond(use, warn_at) for use in usage.limits])
    if usage.reported:
        rows = [(kept.model, *_reported_cells(kept)) for kept in usage.reported]
        _print_table(screen, ("provider said", *_REPORTED), rows)
    if usage.steps:
        steps = [*map(_step_cells, usage.steps)]
        _print_table(screen, ("answered by", "step", "model", "requests", "share"), steps)
    if usage.worth:
        screen.line()
        screen.line(f"  free capacity used, in paid prices: {_worth(usage)}")
    if usage.notes:
        screen.line()
    for note in usage.notes:
        screen.console.print(Text.assemble(("  ! ", "yellow"), note))


def _print_table(screen: Screen, headings: Cells, rows: Sequence[Cells], marked: Sequence[bool] = ()) -> None:
    """Print a table; each row as a paragraph if the terminal is too narrow."""
    from rich.table import Table
    from rich.text import Text

    from gatewright.cli.batch import PIPE_WIDTH
    from gatewright.cli.columns import row_paragraph

    table: RichTable = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for index, heading in enumerate(headings):
        is_text = index == 0 or heading in ("", "limit", "model", "used up", *_REPORTED)
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    for index, row in enumerate(rows[:MAX_ROWS]):
        is_marked = index < len(marked) and marked[index]
        table.add_row(*map(Text, (f"  {row[0]}", *row[1:])), style="red" if is_marked else None)
    screen.line()
    if not screen.moves:
        screen.console.width = PIPE_WIDTH
    unlimited = screen.console.options.update(max_width=PIPE_WIDTH)
    if screen.console.measure(table, options=unlimited).maximum <= screen.console.width:
        screen.console.print(table)
    else:
        for row in rows[:MAX_ROWS]:
            for line in row_paragraph(headings, row, screen.console.width):
                screen.line(line)
    if len(rows) > MAX_ROWS:
        screen.line(f"  {plural(len(rows) - MAX_ROWS, 'more row')}: --format json has all")


def _markdown(usage: Usage, warn_at: float | None) -> Iterator[Any]:
    from gatewright.cli.reports.markdown import Part, code, text

    yield Part(f"## Usage of {code(usage.environment)}\n\nFrom {text(_period(usage))}\n\n")
    yield Part(f"{text(_summary(usage), starts_block=True)}\n\n")
    if beyond := usage.beyond(warn_at):
        names = ", ".join(f"{code(use.subject)} {percent(use.share)} of {text(use.limit)}" for use in beyond)
        yield Part(f"**Beyond {percent(warn_at or 0)}:** {names}\n\n")
    if usage.limits:
        rows = [(use.subject, *_limit_cells(use, with_bar=False)) for use in usage.limits]
        headings = ("subject", *(heading for heading in _LIMITS if heading))
        yield _markdown_table("Limits", headings, rows, rank=1)
    if usage.reported:
        rows = [(kept.model, *_reported_cells(kept)) for kept in usage.reported]
        yield _markdown_table("Reported by providers", ("model", *_REPORTED), rows, rank=2)
    if usage.rows:
        rows = [(row.name, *_cells(row)) for row in usage.rows]
        yield _markdown_table(f"By {usage.by}", (usage.by, *_ROWS), rows, rank=3)
    if usage.steps:
        steps = [*map(_step_cells, usage.steps)]
        yield _markdown_table("Steps of routes", ("route", "step", "model", "requests", "share"), steps, rank=2)
    if usage.worth:
        yield Part(f"Free capacity used, in paid prices: {text(_worth(usage))}\n\n")
    yield Part("".join(f"- {text(note, starts_block=True)}\n" for note in usage.notes) + "\n" if usage.notes else "")


def _reported_cells(kept: KeptLimit) -> Cells:
    """12 of 30 requests, and when the provider said so."""
    limit = kept.limit
    of = "" if limit.limit is None else f" of {amount(limit.limit)}"
    return f"{amount(limit.remaining)}{of} {limit.unit}", format_time(kept.time)


def _markdown_table(title: str, headings: Cells, rows: Sequence[Cells], *, rank: int) -> Any:
    from gatewright.cli.reports.markdown import Part, code, table_head, table_line, text

    lines = [
        table_line([code(row[0], in_table=True), *(text(cell, in_table=True) for cell in row[1:])])
        for row in rows[:MAX_ROWS]
    ]
    more = f"\n{plural(len(rows) - MAX_ROWS, 'more row')}.\n" if len(rows) > MAX_ROWS else ""
    head = f"### {text(title)}\n\n{table_head([*map(text, headings)])}"
    return Part(f"{head}{''.join(lines)}{more}\n", rank, "table")


def bar(share: float) -> str:
    """A bar of BAR characters."""
    filled = min(BAR, round(share * BAR))
    return "█" * filled + "░" * (BAR - filled)


def _period(usage: Usage) -> str:
    return f"{format_time(usage.since).removesuffix(' UTC')} to {format_time(usage.until)}"


def _summary(usage: Usage) -> str:
    totals = usage.totals
    if not totals.requests:
        return "no requests"
    parts = [
        plural(totals.requests, "request"),
        f"{percent(totals.error_share)} errors",
        f"{percent(totals.cached_share)} from the cache",
        f"{amount(totals.tokens_in)} tokens in, {amount(totals.tokens_out)} out",
        f"{usd(totals.cost)} USD",
    ]
    if usage.neurons is not None:
        parts.append(f"{amount(usage.neurons)} neurons of the account")
    if usage.latency:
        parts.append(f"p50 {seconds(usage.latency.p50 / 1000)}, p95 {seconds(usage.latency.p95 / 1000)}")
    return " · ".join(parts)


def _cells(row: Row) -> Cells:
    totals, latency = row.totals, row.latency
    return (
        f"{totals.requests:,}",
        percent(totals.error_share),
        percent(totals.cached_share),
        amount(totals.tokens_in),
        amount(totals.tokens_out),
        usd(totals.cost),
        seconds(latency.p50 / 1000 if latency else None),
        seconds(latency.p95 / 1000 if latency else None),
    )


def _limit_cells(use: LimitUse, *, with_bar: bool) -> Cells:
    used = f"{'about ' if use.is_estimate else ''}{usd(use.used) if use.unit == 'USD' else amount(use.used)}"
    if use.gone_at is None:
        gone = NONE
    elif use.used >= use.amount:
        gone = f"since {format_time(use.gone_at)}"
    else:
        gone = f"{format_time(use.gone_at)} at this rate"
    return (use.limit, *([bar(use.share)] if with_bar else []), used, percent(use.share), gone)


def _step_cells(step: RouteStep) -> Cells:
    return step.route, str(step.step + 1), step.model, f"{step.requests:,}", percent(step.share)


def _worth(usage: Usage) -> str:
    total = sum(worth.usd for worth in usage.worth)
    return f"{usd(total)} USD ({', '.join(f'{worth.provider} {usd(worth.usd)}' for worth in usage.worth)})"


def _is_beyond(use: LimitUse, warn_at: float | None) -> bool:
    return use.share >= (1 if warn_at is None else warn_at)
