"""`validate` and `preview` of 1, 10, 100 and 1,000 routes, models and environments, and the table of their growth."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from bench.cases import Bench, Case, Group
from bench.projects import clone, free_port, runner
from gatewright.errors import ExitCode
from gatewright.local import daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.project import Project

COUNTS = (1, 10, 100, 1_000)
PREVIEWED = {"routes": COUNTS, "models": COUNTS, "environments": (1, 10)}
"""Previews of more environments take minutes; bench.fifty measures those of 50."""
VALIDATE, PREVIEW = "gatewright validate", "gatewright preview"

_HEAD = "local: {{port: {port}}}\ntokens: {{agents: {{}}}}\ngateway: {{name: {gateway}}}\n"


def name(command: str, count: int, what: str) -> str:
    """The name of a case."""
    return f"{command}, growth: {count:,} {what}"


_NAME = re.compile(r"(?P<command>.+), growth: (?P<count>[\d,]+) (?P<what>\w+)")


def environment(what: str, count: int, port: int, gateway: str) -> str:
    """The text of an environment with this many routes or models."""
    routes, models = (count, 2) if what == "routes" else (1, max(2, count))
    text = _HEAD.format(port=port, gateway=gateway) + "providers:\n  mistral:\n    key: {env: FAKE_KEY}\n    models:\n"
    text += "".join(f"      m{number}: {{context: 32000}}\n" for number in range(models)) + "routes:\n"
    text += "".join(f"  r{number}: [mistral/m0, mistral/m1]\n" for number in range(routes))
    return text + "clients: {pi: {primary: dynamic/r0}, openclaw: {primary: dynamic/r0}}\n"


def project(bench: Bench, what: str, count: int, port: int) -> Project:
    """A project with nothing but that many of `what`."""
    made = clone(bench.checkout, bench.folder / f"{what}-{count}", port)
    for path in made.stacks.glob("*.yaml"):
        path.unlink()
    files, size = (count, 1) if what == "environments" else (1, count)
    for number in range(files):
        (made.stacks / f"env-{number}.yaml").write_text(environment(what, size, port, f"fake-{number}"))
    return made


@contextmanager
def opened(bench: Bench, what: str) -> Iterator[Mapping[str, Case]]:
    """The cases of one kind; the local Cloudflare of each project is empty, so each preview creates everything."""
    cases: dict[str, Case] = {}
    made: list[Project] = []
    try:
        for count in COUNTS:
            port = free_port()
            made.append(project(bench, what, count, port))
            run = runner(made[-1], bench.shell)
            cases[name(VALIDATE, count, what)] = partial(run, bench.gatewright, "validate", "--all")
            if count in PREVIEWED[what]:
                preview = runner(made[-1], bench.shell, ExitCode.CHANGES)
                cases[name(PREVIEW, count, what)] = partial(preview, bench.gatewright, "preview", "--all")
        yield cases
    finally:
        for each in made:
            daemon.stop(each)


def table(seconds: Mapping[str, float]) -> list[str]:
    """The growth as lines of Markdown: the seconds by count, and the last beside the first."""
    rows: dict[str, dict[int, float]] = {}
    for case, best in seconds.items():
        if match := _NAME.fullmatch(case):
            row = rows.setdefault(f"{match['command']}, {match['what']}", {})
            row[int(match["count"].replace(",", ""))] = best
    if not rows:
        return []
    lines = [f"| case | {' | '.join(f'{count:,}' for count in COUNTS)} | growth |", "|---" * (len(COUNTS) + 2) + "|"]
    for title, row in rows.items():
        cells = [f"{row[count]:.2f} s" if count in row else "–" for count in COUNTS]
        first, last = min(row), max(row)
        growth = f"{row[last] / row[first]:.1f} x for {last // first:,} x" if last > first else "–"
        lines.append(f"| {title} | {' | '.join(cells)} | {growth} |")
    return lines


def _group(what: str) -> Group:
    names = [name(VALIDATE, count, what) for count in COUNTS]
    names += [name(PREVIEW, count, what) for count in PREVIEWED[what]]
    return Group(names, partial(opened, what=what))


GROUPS = tuple(_group(what) for what in PREVIEWED)
