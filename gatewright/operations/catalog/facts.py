"""What a source knows of models, and which of its values are plausible."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from gatewright.environment.model.catalog import MAX_TOKENS, MAX_YEARS_AHEAD
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_PRICE = 10_000.0  # USD per million tokens
_FIRST_DATE = "2020-01-01"
_ID = re.compile(r"[!-~]{1,200}")
_DIGITS = re.compile(r"\d{1,12}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

ModelKey = tuple[str, str]
"""The provider's slug, and the model's id there."""


class SourceError(Exception):
    """A source cannot be used: it is unreachable, or has another form. The message says why."""


@frozen
class Price:
    """In USD per million tokens."""

    input: float
    output: float

    def __str__(self) -> str:
        return f"{self.input:g}/{self.output:g} USD"


@frozen
class ModelFacts:
    """What one source states of a model; None where it states nothing.

    `retirement` is a date, past or future. `is_retired`: the source says so without a date. `successor`: the provider's
    slug and the id of the model to use instead. `weight`: how many sources the statement rests on.
    """

    context: int | None = None
    output: int | None = None
    price: Price | None = None
    retirement: str | None = None
    is_retired: bool = False
    successor: ModelKey | None = None
    weight: int = 1


@dataclass(slots=True)
class Table:
    """One source, by name and version, and its date.

    `served_by`: the providers whose own list this is; a model that is missing there is not served. `ignored`: values
    that cannot be true. `is_shipped`: it is the catalog of gatewright.
    """

    name: str
    date: str
    models: dict[ModelKey, ModelFacts] = field(default_factory=dict)
    served_by: frozenset[str] = frozenset()
    ignored: list[str] = field(default_factory=list)
    url: str | None = None
    is_shipped: bool = False


@dataclass(slots=True)
class TableReader:
    """Adds models to a table, without the values that cannot be true."""

    table: Table
    today: str

    def add(
        self,
        provider: str,
        model: Any,
        *,
        context: Any = None,
        output: Any = None,
        price: tuple[Any, Any] | None = None,
        retirement: Any = None,
        is_retired: bool = False,
        successor: Any = None,
    ) -> None:
        """Add a model; values of a wrong type or size are ignored and noted."""
        if not isinstance(model, str) or not _ID.fullmatch(model):
            self.table.ignored.append(f"{provider}: a model id that is not an id")
            return
        name = f"{provider}/{model}"
        self.table.models[provider, model] = ModelFacts(
            context=self._tokens(name, "context", context),
            output=self._tokens(name, "output", output),
            price=self._price(name, price),
            retirement=self.date(name, retirement),
            is_retired=is_retired,
            successor=(provider, successor) if isinstance(successor, str) and _ID.fullmatch(successor) else None,
        )

    def date(self, name: str, value: Any) -> str | None:
        """The day of a date or timestamp; None for none, and for one that cannot be true."""
        if value in (None, ""):
            return None
        text = value[:10] if isinstance(value, str) else ""
        if _DATE.fullmatch(text) and _is_day(text) and _FIRST_DATE <= text <= latest_date(self.today):
            return text
        self._ignore(name, "date", value)
        return None

    def _tokens(self, name: str, kind: str, value: Any) -> int | None:
        if value is None:
            return None
        number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
        if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= MAX_TOKENS:
            return number
        self._ignore(name, kind, value)
        return None

    def _price(self, name: str, price: tuple[Any, Any] | None) -> Price | None:
        if price is None or None in price:
            return None
        amounts = [value for value in price if isinstance(value, int | float) and not isinstance(value, bool)]
        if len(amounts) == 2 and all(0 <= amount <= _MAX_PRICE for amount in amounts):
            return Price(round(amounts[0], 6), round(amounts[1], 6))
        self._ignore(name, "price", price)
        return None

    def _ignore(self, name: str, kind: str, value: Any) -> None:
        self.table.ignored.append(f"{name}: {kind} {str(value)[:40]}")


def latest_date(today: str) -> str:
    """The last date of a retirement that is believed."""
    return (date.fromisoformat(today) + timedelta(days=365 * MAX_YEARS_AHEAD)).isoformat()


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def require_mapping(value: Any, what: str) -> Mapping[str, Any]:
    """`value` as a mapping. Raises SourceError."""
    if not isinstance(value, dict):
        raise SourceError(f"{what} has another form than expected: it is not an object")
    return value


def require_list(value: Any, what: str) -> list[Any]:
    """`value` as a list. Raises SourceError."""
    if not isinstance(value, list):
        raise SourceError(f"{what} has another form than expected: it is not a list")
    return value
