"""What counts as a change: two sources that agree, and none that contradicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gatewright.operations.catalog.compare import Comparison, Finding, Kind
from gatewright.operations.catalog.declared import read_declared
from gatewright.operations.catalog.facts import ModelFacts, Price, Table

from .project import write_project

TODAY = "2026-11-28"
OWN = ("groq", "own")


def table(name: str, facts: ModelFacts | None, *, served: bool = False, **models: ModelFacts) -> Table:
    known = {("groq", "other"): ModelFacts(), **{("groq", id): each for id, each in models.items()}}
    if facts is not None:
        known[OWN] = facts
    return Table(name, "2026-11-20", known, frozenset({"groq"} if served else ()))


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    catalog = read_declared(write_project(tmp_path, monkeypatch), ())

    def findings(*tables: Table) -> list[Finding]:
        every = Comparison(catalog, tables, {}, TODAY).findings()
        return [finding for finding in every if finding.id == "own" or finding.declared is None]

    return findings


@pytest.mark.parametrize(
    ("tables", "kind", "message"),
    [
        (
            [table("a", ModelFacts(retirement="2026-08-16")), table("b", ModelFacts(retirement="2026-08-17"))],
            Kind.RETIRED,
            "retired on 2026-08-16",
        ),
        ([table("a", ModelFacts(is_retired=True)), table("b", None)], Kind.RETIRED, "retired on 2026-11-20"),
        ([table("a", ModelFacts(is_retired=True)), table("b", None, served=True)], Kind.RETIRED, "retired on 2026"),
        ([table("a", ModelFacts(retirement="2026-08-16", weight=2))], Kind.RETIRED, "retired on 2026-08-16"),
        ([table("a", ModelFacts(retirement="2026-08-16"))], Kind.UNCONFIRMED, "retired on 2026-08-16?"),
        (
            [table("a", ModelFacts(retirement="2026-08-16", weight=2)), table("b", ModelFacts(), served=True)],
            Kind.DISAGREEMENT,
            "retired on 2026-08-16?",
        ),
        (
            [
                table("a", ModelFacts(retirement="2026-08-16", weight=2)),
                table("b", ModelFacts(retirement="2027-01-01")),
            ],
            Kind.DISAGREEMENT,
            "retired on 2026-08-16?",
        ),
        (
            [table("a", ModelFacts(retirement="2026-12-24")), table("b", ModelFacts(retirement="2026-12-24"))],
            Kind.RETIRING,
            "retires on 2026-12-24",
        ),
        (
            [table("a", ModelFacts(retirement="2026-12-24")), table("b", ModelFacts(retirement="2026-12-25"))],
            Kind.DISAGREEMENT,
            "retires on 2026-12-24?",
        ),
        ([table("a", None), table("b", None)], Kind.UNCONFIRMED, "in no source that lists its provider"),
        (
            [table("a", ModelFacts(context=8192)), table("b", ModelFacts(context=8192))],
            Kind.CONTEXT,
            "context 4,096 -> 8,192",
        ),
        ([table("a", ModelFacts(context=8192))], Kind.UNCONFIRMED, "context 4,096 -> 8,192?"),
        (
            [table("a", ModelFacts(context=8192)), table("b", ModelFacts(context=9000))],
            Kind.DISAGREEMENT,
            "context 4,096 -> 8,192?",
        ),
        (
            [table("a", ModelFacts(price=Price(1, 2))), table("b", ModelFacts(price=Price(1, 2)))],
            Kind.PRICE,
            "price 1/3 USD -> 1/2 USD",
        ),
        (
            [table("a", ModelFacts(), free=ModelFacts(price=Price(0, 0)))] * 2,
            Kind.NEW,
            "a free model that is not declared",
        ),
    ],
)
def test_findings(compare: Any, tables: list[Table], kind: Kind, message: str) -> None:
    (finding,) = compare(*tables)
    assert (finding.kind, finding.message[: len(message)]) == (kind, message)
    assert finding.evidence


@pytest.mark.parametrize(
    "tables",
    [
        [table("a", ModelFacts(context=4096, price=Price(1, 3))), table("b", ModelFacts(context=9000))],
        [table("a", ModelFacts()), table("b", ModelFacts(), served=True)],
        [table("a", ModelFacts()), table("b", None)],
        [table("a", ModelFacts(), free=ModelFacts(price=Price(0, 0)))],
        [
            table("a", ModelFacts(), free=ModelFacts(price=Price(0, 0), weight=2)),
            table("b", ModelFacts(), free=ModelFacts(retirement="2026-12-01")),
        ],
        [],
    ],
    ids=["one-confirms", "served", "one-does-not-list-it", "one-new", "new-but-retiring", "no-source"],
)
def test_no_finding(compare: Any, tables: list[Table]) -> None:
    assert compare(*tables) == []
