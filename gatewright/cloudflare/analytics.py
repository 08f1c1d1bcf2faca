"""GraphQL analytics: sums of a gateway's requests by hour and model, and the neurons of Workers AI.

One call answers for up to 10,000 groups, whatever the number of requests. The figures lag by 2 to 6 minutes. Sources:
developers.cloudflare.com/analytics/graphql-api; fields and limits as measured in September 2026.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.clock import DAY, HOUR, format_timestamp, parse_timestamp
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.permissions import ACCOUNT_ANALYTICS_READ
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.client import Client

    Json = dict[str, Any]

MAX_GROUPS = 10_000
MAX_AGE = 62 * DAY
"""Seconds: how far back AI Gateway's figures reach. Those of Workers AI reach back 32 days."""
MAX_SPAN = 30 * DAY
"""Seconds in one query; Cloudflare allows 32 days."""
LAG = 600
"""Seconds until the figures are complete; 139 to 365 were measured."""
_SUMS = "cachedRequests erroredRequests cachedTokensIn cachedTokensOut uncachedTokensIn uncachedTokensOut cost"  # of 30
_REFUSALS = ("authz", "authn")


@frozen
class RequestSums:
    """The requests to one model in one hour. `hour` is its start in seconds since 1970, `cost` in USD."""

    hour: int
    provider: str
    model: str
    requests: int
    cached: int
    errors: int
    tokens_in: int
    tokens_out: int
    cost: float


@frozen
class InferenceSums:
    """The use of one model of Workers AI in one hour, by the whole account."""

    hour: int
    model: str
    requests: int
    neurons: float


@frozen
class Analytics:
    """The analytics of one account. All methods raise RefusedError, which names the permission, and CloudflareError."""

    client: Client
    account: str

    def requests(self, gateway: str, since: int, until: int) -> list[RequestSums]:
        """The gateway's sums for since <= time < until (seconds since 1970, whole hours), ordered by hour."""
        return [
            _request_sums(group)
            for group in self._groups(
                "aiGatewayRequestsAdaptiveGroups",
                f"count sum {{ {_SUMS} }} dimensions {{ datetimeHour provider model }}",
                {"gateway": gateway},
                since,
                until,
            )
        ]

    def neurons(self, since: int, until: int) -> list[InferenceSums]:
        """The neurons that the account used, through any gateway or none."""
        return [
            InferenceSums(
                _hour(group), _text(group, "modelId"), int(group["count"]), float(group["sum"]["totalNeurons"])
            )
            for group in self._groups(
                "aiInferenceAdaptiveGroups",
                "count sum { totalNeurons } dimensions { datetimeHour modelId }",
                {},
                since,
                until,
            )
        ]

    def _groups(self, dataset: str, fields: str, filters: dict[str, str], since: int, until: int) -> Iterator[Json]:
        """The groups of a time; a span that is too wide, or has too many groups, is asked in parts."""
        if since >= until:
            return
        groups = self._query(dataset, fields, filters, since, until) if until - since <= MAX_SPAN else None
        if groups is not None and (len(groups) < MAX_GROUPS or until - since <= HOUR):
            yield from groups
            return
        middle = since + (until - since) // 2 // HOUR * HOUR
        yield from self._groups(dataset, fields, filters, since, middle)
        yield from self._groups(dataset, fields, filters, middle, until)

    def _query(self, dataset: str, fields: str, filters: dict[str, str], since: int, until: int) -> list[Json]:
        bounds = {**filters, "datetime_geq": format_timestamp(since), "datetime_lt": format_timestamp(until)}
        condition = ", ".join(f"{name}: {json.dumps(value)}" for name, value in bounds.items())
        arguments = f"filter: {{{condition}}}, limit: {MAX_GROUPS}, orderBy: [datetimeHour_ASC]"
        groups = f"groups: {dataset}({arguments}) {{ {fields} }}"
        query = f"{{ viewer {{ accounts(filter: {{accountTag: {json.dumps(self.account)}}}) {{ {groups} }} }} }}"
        answer = self.client.post("/graphql", {"query": query})
        if errors := answer.get("errors"):
            raise self._error(errors)
        accounts = answer["data"]["viewer"]["accounts"]
        return [group for account in accounts for group in account["groups"]]

    def _error(self, errors: list[Json]) -> CloudflareError | RefusedError:
        text = "; ".join(str(error.get("message")) for error in errors)
        if any((error.get("extensions") or {}).get("code") in _REFUSALS for error in errors):
            return RefusedError(
                f"the token lacks {ACCOUNT_ANALYTICS_READ.name} on account {self.account} ({text})",
                f"Add it: {ACCOUNT_TOKENS}",
            )
        return CloudflareError(f"Cloudflare's analytics refuse the query: {text}", status=400)


def _request_sums(group: Json) -> RequestSums:
    sums = group["sum"]
    return RequestSums(
        hour=_hour(group),
        provider=_text(group, "provider"),
        model=_text(group, "model"),
        requests=int(group["count"]),
        cached=int(sums["cachedRequests"]),
        errors=int(sums["erroredRequests"]),
        tokens_in=int(sums["cachedTokensIn"] + sums["uncachedTokensIn"]),
        tokens_out=int(sums["cachedTokensOut"] + sums["uncachedTokensOut"]),
        cost=float(sums["cost"]),
    )


def _hour(group: Json) -> int:
    return parse_timestamp(_text(group, "datetimeHour"), "datetimeHour")


def _text(group: Json, dimension: str) -> str:
    return str(group["dimensions"].get(dimension) or "")
