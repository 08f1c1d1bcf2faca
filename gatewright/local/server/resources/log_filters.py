"""The filters and the order of a log query, as SQL over the table inference_log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.resources.gateways import invalid

_FIELDS = (
    "created_at", "request_content_type", "response_content_type", "request_type", "success", "cached", "provider",
    "model", "model_type", "cost", "tokens_in", "tokens_out", "duration", "feedback", "event_id", "authentication",
    "wholesale", "compatibilityMode", "dlp_action", "user_agent",
)  # fmt: skip
_SQL = {
    "id": "id",
    **{name: f"json_extract(entry, '$.{name}')" for name in _FIELDS},
    "tokens": "json_extract(entry, '$.tokens_in') + json_extract(entry, '$.tokens_out')",
    "metadata.key": "key",
    "metadata.value": "iif(type IN ('true', 'false'), type, CAST(atom AS TEXT))",
}
_OPERATORS = {"eq": "IS", "neq": "IS NOT", "lt": "<", "gt": ">"}
_CONTAINS = "contains"
_TEXTS = ("provider", "model", "model_type", "request_content_type", "response_content_type")
_VALUES = ("cached", "success", "feedback")
_RANGES = {
    "cost": "cost",
    "duration": "duration",
    "tokens_in": "tokens_in",
    "tokens_out": "tokens_out",
    "total_tokens": "tokens",
}


@frozen
class Clause:
    """A piece of SQL and the values of its placeholders."""

    sql: str
    values: tuple[object, ...] = ()


def condition(query: Mapping[str, str]) -> Clause:
    """The condition of a query on a row. Raises ApiError 7001."""
    clauses = [*_parameters(query), *(_filter(each, index) for index, each in enumerate(_filters(query)))]
    return Clause(
        " AND ".join(clause.sql for clause in clauses) or "TRUE",
        tuple(value for clause in clauses for value in clause.values),
    )


def order_by(query: Mapping[str, str]) -> str:
    """The order of a query; the newest first by default. Raises ApiError 7001."""
    by, direction = query.get("order_by", "created_at"), _direction(query)
    if by not in _FIELDS:
        raise _unknown("order_by", _FIELDS)
    return f"number {direction}" if by == "created_at" else f"{_SQL[by]} {direction}, number {direction}"


def _direction(query: Mapping[str, str]) -> str:
    direction = query.get("direction", query.get("order_by_direction", "desc"))
    if direction not in ("asc", "desc"):
        raise _unknown("direction", ("asc", "desc"))
    return direction


def _parameters(query: Mapping[str, str]) -> Iterator[Clause]:
    """The parameters that have their own name in the query."""
    for name in (*_TEXTS, *_VALUES):
        if name in query:
            yield Clause(f"{_SQL[name]} IS ?", (query[name] if name in _TEXTS else _plain(query[name]),))
    for name, field in _RANGES.items():
        for prefix, operator in (("min", ">="), ("max", "<=")):
            if f"{prefix}_{name}" in query:
                yield Clause(f"{_SQL[field]} {operator} ?", (_plain(query[f"{prefix}_{name}"]),))
    for name, operator in (("start_date", ">="), ("end_date", "<=")):
        if name in query:
            yield Clause(f"{_SQL['created_at']} {operator} ?", (_time(query[name], name),))
    if query.get("search"):
        yield Clause("instr(json_extract(entry, '$.metadata'), ?)", (query["search"],))


def _filters(query: Mapping[str, str]) -> list[Json]:
    try:
        filters = parse_json(query.get("filters", "[]").encode())
    except ValueError:
        raise _refused("Expected array, received string", "filters") from None
    if not isinstance(filters, list) or not all(isinstance(each, dict) for each in filters):
        raise _refused("Expected array of objects", "filters")
    return filters


def _filter(filter: Json, index: int) -> Clause:
    """One {key, operator, value: [...]}: any of the values matches; with neq, none."""
    key, operator, values = filter.get("key"), filter.get("operator"), filter.get("value")
    path = f"filters.{index}"
    if key not in _SQL:
        raise _unknown(f"{path}.key", _SQL)
    if operator != _CONTAINS and operator not in _OPERATORS:
        raise _unknown(f"{path}.operator", [*_OPERATORS, _CONTAINS])
    if not isinstance(values, list) or not values:
        raise _refused("Required", f"{path}.value")
    if key == "created_at":
        values = [_time(value, f"{path}.value") for value in values]
    compared = f"instr({_SQL[key]}, ?)" if operator == _CONTAINS else f"{_SQL[key]} {_OPERATORS[operator]} ?"
    sql = "(" + (" AND " if operator == "neq" else " OR ").join([compared] * len(values)) + ")"
    if key.startswith("metadata."):
        sql = f"EXISTS (SELECT 1 FROM json_each(entry, '$.metadata') WHERE {sql})"  # noqa: S608  # pieces from _SQL
        values = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return Clause(sql, tuple(_scalar(value, f"{path}.value") for value in values))


def _plain(text: str) -> object:
    """true, 5 or 0.1 as in JSON; other text unchanged."""
    try:
        return _scalar(parse_json(text.encode()), "filters")
    except ValueError:
        return text


def _scalar(value: Any, path: str) -> object:
    """A value that SQLite can compare; an integer that it cannot hold becomes a float."""
    if isinstance(value, list | dict):
        raise _refused("Invalid input", path)
    return float(value) if isinstance(value, int) and abs(value) >= 1 << 63 else value


def _time(value: object, path: str) -> str:
    try:
        return clock.in_milliseconds(clock.parse(str(value)))
    except ValueError:
        raise _refused("Invalid date", path) from None


def _unknown(path: str, names: Iterable[str]) -> ApiError:
    return _refused(f"Invalid enum value. Expected {' | '.join(repr(name) for name in names)}", path)


def _refused(message: str, path: str) -> ApiError:
    return invalid([{"message": message, "path": ["query", *path.split(".")]}])
