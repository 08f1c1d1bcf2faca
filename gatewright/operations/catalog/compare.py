"""Decide from several sources what has changed about the declared models.

A fact counts if it rests on two sources that agree. One source alone, or sources that disagree, give a note.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from gatewright.environment.references import ModelName
from gatewright.frozen import frozen
from gatewright.operations.catalog.facts import Price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatewright.operations.catalog.declared import DeclaredCatalog, DeclaredModel
    from gatewright.operations.catalog.facts import ModelFacts, ModelKey, Table

T = TypeVar("T")
_AGREEING = 2  # sources that must agree
_MAX_NEW = 20  # new models that are listed


class Kind(StrEnum):
    """What has changed. `NEW`, `UNCONFIRMED` and `DISAGREEMENT` are for information only."""

    RETIRED = "retired"
    RETIRING = "retiring"
    ID = "id"
    PRICE = "price"
    CONTEXT = "context"
    NEW = "new"
    UNCONFIRMED = "unconfirmed"
    DISAGREEMENT = "disagreement"

    @property
    def counts(self) -> bool:
        """Whether it is a change of the declared models."""
        return self not in (Kind.NEW, Kind.UNCONFIRMED, Kind.DISAGREEMENT)


@frozen
class Evidence:
    """What one source states, and its date; `weight` as of ModelFacts."""

    source: str
    date: str
    statement: str
    url: str | None = None
    weight: int = 1
    is_shipped: bool = False


@frozen
class Finding:
    """A change of one model. `before` and `after` are values as a catalog file has them; `date` of the retirement."""

    kind: Kind
    name: str
    id: str
    message: str
    evidence: tuple[Evidence, ...]
    declared: DeclaredModel | None = None
    before: str | int | Price | None = None
    after: str | int | Price | None = None
    date: str | None = None
    successor: ModelName | None = None


@frozen
class Comparison:
    """Compares the declared models with `tables`, as of `today` (2026-12-01)."""

    catalog: DeclaredCatalog
    tables: Sequence[Table]
    shipped: Mapping[ModelName, str]  # the ids of the shipped catalog's models
    today: str

    def findings(self) -> list[Finding]:
        """All findings: the changes of each model in the order of the files, then new models."""
        found = [finding for model in self.catalog.models.values() for finding in self._model(model)]
        order = list(Kind)
        found.sort(key=lambda finding: order.index(finding.kind))
        return [*found, *self._new()]

    def _model(self, declared: DeclaredModel) -> Iterator[Finding]:
        if declared.model.retired:
            return
        retirement = self._retirement(declared)
        if retirement is not None:
            yield retirement
            if retirement.kind is Kind.RETIRED:
                return
        if (renamed := self._id(declared)) is not None:
            yield renamed
            return
        yield from self._value(declared, Kind.CONTEXT, lambda facts: facts.context, declared.model.context)
        cost = declared.model.cost
        if cost.input or cost.output:  # without a price the model is used on a free plan
            yield from self._value(declared, Kind.PRICE, lambda facts: facts.price, Price(cost.input, cost.output))

    def _retirement(self, declared: DeclaredModel) -> Finding | None:
        dated = self._statements(declared.key, lambda facts: facts.retirement)
        past = [
            *(self._evidence(table, facts, f"retired on {date}") for table, facts, date in dated if date <= self.today),
            *self._undated(declared.key),
        ]
        future = [(self._evidence(table, facts, f"retires on {date}"), date) for table, facts, date in dated]
        future = [(evidence, date) for evidence, date in future if date > self.today]
        alive = self._alive(declared.key)
        absent = self._absent(declared.key)
        if past:
            past += absent if not alive else []
            dates = [date for _, _, date in dated if date <= self.today]
            date = min(dates or [evidence.date for evidence in past])  # without a date, when it was noticed
            if declared.model.retires and declared.model.retires <= self.today:
                return None
            return self._dated(declared, Kind.RETIRED, past, [*alive, *(evidence for evidence, _ in future)], date)
        if not future and len(absent) >= _AGREEING and not any(declared.key in table.models for table in self.tables):
            return self._finding(declared, Kind.UNCONFIRMED, "in no source that lists its provider", tuple(absent))
        if not future:
            return None
        by_date = _by_value([(evidence, date) for evidence, date in future])
        date, agreeing = max(by_date.items(), key=lambda item: _weight(item[1]))
        if declared.model.retires in by_date:
            return None
        others = [evidence for other, group in by_date.items() if other != date for evidence in group]
        return self._dated(declared, Kind.RETIRING, agreeing, others, date)

    def _dated(
        self, declared: DeclaredModel, kind: Kind, agreeing: list[Evidence], against: list[Evidence], date: str
    ) -> Finding:
        words = f"retired on {date}" if kind is Kind.RETIRED else f"retires on {date}"
        successor = self._successor(declared)
        evidence = (*agreeing, *against)
        if _weight(agreeing) >= _AGREEING and not against:
            return self._finding(declared, kind, words, evidence, date=date, successor=successor, after=date)
        doubt = Kind.DISAGREEMENT if against else Kind.UNCONFIRMED
        return self._finding(declared, doubt, f"{words}?", evidence, date=date, successor=successor)

    def _undated(self, key: ModelKey) -> Iterator[Evidence]:
        """The sources that call the model retired without a date, and the provider's own list without it."""
        for table in self.tables:
            facts = table.models.get(key)
            if facts is not None and facts.is_retired and facts.retirement is None:
                yield self._evidence(table, facts, "no longer served")
            elif facts is None and key[0] in table.served_by:
                yield Evidence(table.name, table.date, "not in the provider's list", table.url)

    def _absent(self, key: ModelKey) -> list[Evidence]:
        """The tables of others that list the provider without the model; none if one of them has the model served."""
        others = [table for table in self.tables if not table.is_shipped and key[0] not in table.served_by]
        facts = [table.models.get(key) for table in others]
        if any(each is not None and not each.is_retired and each.retirement is None for each in facts):
            return []
        return [
            Evidence(table.name, table.date, "not listed", table.url)
            for table in others
            if key not in table.models and any(provider == key[0] for provider, _ in table.models)
        ]

    def _alive(self, key: ModelKey) -> list[Evidence]:
        """The provider's own lists that have the model, without a retirement."""
        return [
            Evidence(table.name, table.date, "in the provider's list", table.url)
            for table in self.tables
            if key[0] in table.served_by
            and (facts := table.models.get(key)) is not None
            and not facts.is_retired
            and facts.retirement is None
        ]

    def _id(self, declared: DeclaredModel) -> Finding | None:
        """The shipped catalog calls a model of this name by another id, and no source knows the declared one."""
        id = self.shipped.get(declared.name)
        if id is None or id == declared.id or any(declared.key in table.models for table in self.tables):
            return None
        known = [
            self._evidence(table, facts, f"knows {id}")
            for table in self.tables
            if (facts := table.models.get((declared.name.provider, id))) is not None
        ]
        if _weight(known) < _AGREEING:
            return None
        message = f"id {declared.id} is in no source; the model is now {id}"
        return self._finding(declared, Kind.ID, message, tuple(known), before=declared.id, after=id)

    def _value(
        self,
        declared: DeclaredModel,
        kind: Kind,
        value_of: Callable[[ModelFacts], int | Price | None],
        before: int | Price | None,
    ) -> Iterator[Finding]:
        stated: list[tuple[Table, ModelFacts, int | Price]] = self._statements(declared.key, value_of)
        stating = [(self._evidence(table, facts, str(value)), value) for table, facts, value in stated]
        by_value: dict[int | Price, list[Evidence]] = _by_value(stating)
        if before is None or before in by_value or not by_value:
            return
        after, agreeing = max(by_value.items(), key=lambda item: _weight(item[1]))
        evidence = tuple(entry for group in by_value.values() for entry in group)
        message = f"{kind} {_shown(before)} -> {_shown(after)}"
        if len(by_value) == 1 and _weight(agreeing) >= _AGREEING:
            yield self._finding(declared, kind, message, evidence, before=before, after=after)
        else:
            doubt = Kind.DISAGREEMENT if len(by_value) > 1 else Kind.UNCONFIRMED
            yield self._finding(declared, doubt, f"{message}?", evidence)

    def _statements(
        self, key: ModelKey, value_of: Callable[[ModelFacts], T | None]
    ) -> list[tuple[Table, ModelFacts, T]]:
        rows = ((table, table.models.get(key)) for table in self.tables)
        return [
            (table, facts, value)
            for table, facts in rows
            if facts is not None and (value := value_of(facts)) is not None
        ]

    def _successor(self, declared: DeclaredModel) -> ModelName | None:
        """The successor that a source names, if it is declared or in the shipped catalog, and no source retires it."""
        for _, _, key in self._statements(declared.key, lambda facts: facts.successor):
            retired = any(
                facts.is_retired or (facts.retirement or "9") <= self.today
                for table in self.tables
                if (facts := table.models.get(key)) is not None
            )
            names = [model.name for model in self.catalog.models.values() if model.key == key]
            names += [name for name, id in self.shipped.items() if (name.provider, id) == key]
            if names and not retired:
                return names[0]
        return None

    def _new(self) -> list[Finding]:
        """Models without a price of the declared providers that two sources know and the project does not."""
        declared = {model.key for model in self.catalog.models.values()}
        evidence: dict[ModelKey, list[Evidence]] = defaultdict(list)
        gone = set()
        for table in self.tables:
            for key, facts in table.models.items():
                if facts.retirement or facts.is_retired:
                    gone.add(key)
                elif key[0] in self.catalog.providers and facts.price == Price(0, 0):
                    evidence[key].append(self._evidence(table, facts, "free"))
        keys = sorted(key for key, known in evidence.items() if _weight(known) >= _AGREEING)
        return [
            Finding(Kind.NEW, f"{slug}/{id}", id, "a free model that is not declared", tuple(evidence[slug, id]))
            for slug, id in keys
            if (slug, id) not in declared | gone
        ][:_MAX_NEW]

    def _evidence(self, table: Table, facts: ModelFacts, statement: str) -> Evidence:
        return Evidence(table.name, table.date, statement, table.url, facts.weight, table.is_shipped)

    def _finding(
        self,
        declared: DeclaredModel,
        kind: Kind,
        message: str,
        evidence: tuple[Evidence, ...],
        *,
        before: str | int | Price | None = None,
        after: str | int | Price | None = None,
        date: str | None = None,
        successor: ModelName | None = None,
    ) -> Finding:
        name, id = str(declared.name), declared.id
        return Finding(kind, name, id, message, evidence, declared, before, after, date, successor)


def _by_value(statements: Sequence[tuple[Evidence, T]]) -> dict[T, list[Evidence]]:
    groups: dict[T, list[Evidence]] = defaultdict(list)
    for evidence, value in statements:
        groups[value].append(evidence)
    return dict(groups)


def _weight(evidence: Sequence[Evidence]) -> int:
    return sum(entry.weight for entry in evidence)


def _shown(value: int | Price) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
