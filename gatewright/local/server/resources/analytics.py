"""GraphQL analytics of AI Gateway and Workers AI: POST /graphql.

Observed at Cloudflare: an error comes with the status 200, `data: null` and `errors`; sums are plain numbers, the cost
in USD; a field that does not exist fails the whole query. Guesses: the texts of the errors; a neuron costs 0.000011 USD
at the one price that all models have here. Only requests in the gateways' logs are counted, and without delay.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gatewright.facts.permissions import ACCOUNT_ANALYTICS_READ, Scope
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import BareResult, Json, Result
from gatewright.local.server.core.graphql_query import Field, parse
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources.billing import PRICE

MAX_GROUPS = 10_000
USD_PER_NEURON = 0.011 / 1000
_TIMES = {"date": 10, "datetime": 19, "datetimeMinute": 16, "datetimeHour": 13}
"""Dimensions of time, with how much of 2026-11-28T12:00:00Z they keep."""
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "neq": operator.ne,
    "geq": operator.ge,
    "leq": operator.le,
    "gt": operator.gt,
    "lt": operator.lt,
    "in": lambda value, values: value in values,
}


@frozen
class _Dataset:
    """The rows that a dataset counts: the dimensions of a log entry, and what is summed. None is not counted."""

    dimensions: Callable[[Json], Json | None]
    sums: Callable[[Json], Json]


class _QueryError(Exception):
    """The message of an error, and its code."""

    def __init__(self, message: str, code: str = "validation") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def query(call: Call) -> Result:
    """Answer a GraphQL query on `viewer.accounts`: aiGatewayRequestsAdaptiveGroups and aiInferenceAdaptiveGroups."""
    try:
        return BareResult({"data": _data(call), "errors": None})
    except _QueryError as error:
        item = {"message": error.message, "path": None, "extensions": {"code": error.code}}
        return BareResult({"data": None, "errors": [item]})


def _data(call: Call) -> Json:
    variables = call.fields.get("variables")
    try:
        fields = parse(str(call.fields.get("query", "")), variables if isinstance(variables, dict) else {})
    except ValueError as error:
        raise _QueryError(f"syntax error: {error}", "parse") from None
    return {
        viewer.key: {accounts.key: [_account(call, accounts)] for accounts in _inner(viewer, "viewer", "accounts")}
        for viewer in fields
    }


def _inner(field: Field, name: str, inner: str) -> tuple[Field, ...]:
    """The fields within a field of that name, which all have the name `inner`."""
    if field.name != name:
        raise _QueryError(f'unknown field "{field.name}"')
    for each in field.fields:
        if each.name != inner:
            raise _QueryError(f'unknown field "{each.name}"')
    return field.fields


def _account(call: Call, field: Field) -> Json:
    account = _argument(field, "filter", dict).get("accountTag")
    if not call.principal.may((ACCOUNT_ANALYTICS_READ,), f"{Scope.ACCOUNT}.{account}"):
        raise _QueryError("not authorized for that account", "authz")
    return {inner.key: _groups(call.store, str(account), inner) for inner in field.fields}


def _argument(field: Field, name: str, kind: type[Any]) -> Any:
    value = field.arguments.get(name)
    if not isinstance(value, kind):
        raise _QueryError(f'argument "{name}" of "{field.name}" is missing or invalid')
    return value


def _groups(store: Store, account: str, field: Field) -> list[Json]:
    dataset = _DATASETS.get(field.name)
    if dataset is None:
        raise _QueryError(f'unknown field "{field.name}"')
    limit = _argument(field, "limit", int)
    if not 0 < limit <= MAX_GROUPS:
        raise _QueryError(f"limit must be from 1 to {MAX_GROUPS}")
    accepts = _condition(_argument(field, "filter", dict))
    names = [inner.name for part in field.fields if part.name == "dimensions" for inner in part.fields]
    groups: dict[tuple[Any, ...], tuple[Json, Json]] = {}
    for entry in _entries(store, account):
        dimensions = dataset.dimensions(entry)
        if dimensions is None:
            continue
        dimensions |= _times(dimensions["datetime"])
        if not accepts(dimensions):
            continue
        key = tuple(_known(dimensions, name) for name in names)
        _, sums = groups.setdefault(key, (dimensions, {"count": 0}))
        sums["count"] += 1
        for name, value in dataset.sums(entry).items():
            sums[name] = sums.get(name, 0) + value
    ordered = sorted(groups, key=lambda key: tuple(map(str, key)))[:limit]
    return [_shown(field.fields, *groups[key]) for key in ordered]


def _entries(store: Store, account: str) -> Iterator[Json]:
    for row in store.all("SELECT gateway, entry FROM inference_log WHERE account = ? ORDER BY number", account):
        yield {**json.loads(row["entry"]), "gateway": row["gateway"]}


def _condition(filters: Json) -> Callable[[Json], bool]:
    tests = []
    for key, value in filters.items():
        name, _, suffix = key.partition("_")
        if suffix not in _OPERATORS:
            raise _QueryError(f'unknown filter "{key}"')
        tests.append((name, _OPERATORS[suffix], _comparable(name, value)))
    return lambda row: all(compare(_known(row, name), value) for name, compare, value in tests)


def _comparable(name: str, value: Any) -> Any:
    if name not in _TIMES or name == "date":
        return value
    try:
        return clock.in_milliseconds(clock.parse(str(value)))
    except ValueError:
        raise _QueryError(f"{value} is not a time") from None


def _known(dimensions: Json, name: str) -> Any:
    if name not in dimensions:
        raise _QueryError(f'unknown field "{name}"')
    return dimensions[name]


def _times(created_at: str) -> Json:
    """All dimensions of time, in the form of filters."""
    ends = {10: "", 13: ":00:00.000Z", 16: ":00.000Z", 19: created_at[19:]}
    return {name: created_at[:length] + ends[length] for name, length in _TIMES.items()}


def _shown(fields: Iterable[Field], dimensions: Json, sums: Json) -> Json:
    result: Json = {}
    for field in fields:
        match field.name:
            case "count":
                result[field.key] = sums["count"]
            case "sum":
                result[field.key] = {inner.key: _known(sums, inner.name) for inner in field.fields}
            case "dimensions":
                result[field.key] = {
                    inner.key: _shown_time(inner.name, _known(dimensions, inner.name)) for inner in field.fields
                }
            case _:
                raise _QueryError(f'unknown field "{field.name}"')
    return result


def _shown_time(name: str, value: Any) -> Any:
    return f"{value[:19]}Z" if name in _TIMES and name != "date" else value


def _request_dimensions(entry: Json) -> Json:
    return {
        "datetime": entry["created_at"],
        "gateway": entry["gateway"],
        "provider": entry["provider"],
        "model": entry["model"],
        "cached": int(entry["cached"]),
        "error": int(not entry["success"]),
        "statusCode": entry["status_code"],
        "durationMs": entry["duration"],
        "userAgent": entry["user_agent"] or "",
        "metadataRaw": json.dumps(entry["metadata"] or {}),
    }


def _request_sums(entry: Json) -> Json:
    tokens = {"TokensIn": entry["tokens_in"] or 0, "TokensOut": entry["tokens_out"] or 0}
    kind, other = ("cached", "uncached") if entry["cached"] else ("uncached", "cached")
    return {
        "cachedRequests": int(entry["cached"]),
        "erroredRequests": int(not entry["success"]),
        "cost": entry["cost"] or 0,
        **{f"{kind}{name}": count for name, count in tokens.items()},
        **{f"{other}{name}": 0 for name in tokens},
    }


def _inference_dimensions(entry: Json) -> Json | None:
    if entry["provider"] != WORKERS_AI or entry["cached"]:
        return None
    return {"datetime": entry["created_at"], "modelId": entry["model"], "errorCode": 0 if entry["success"] else 1}


def _inference_sums(entry: Json) -> Json:
    tokens_in, tokens_out = entry["tokens_in"] or 0, entry["tokens_out"] or 0
    return {
        "totalNeurons": (tokens_in + tokens_out) * PRICE / USD_PER_NEURON,
        "totalInputTokens": tokens_in,
        "totalOutputTokens": tokens_out,
    }


_DATASETS = {
    "aiGatewayRequestsAdaptiveGroups": _Dataset(_request_dimensions, _request_sums),
    "aiInferenceAdaptiveGroups": _Dataset(_inference_dimensions, _inference_sums),
}

ENDPOINTS = (Endpoint("POST", "/graphql", (), query),)
