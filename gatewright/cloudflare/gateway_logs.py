"""The log of a gateway: one entry for each attempt at a provider, read page by page.

Source: developers.cloudflare.com/api, AI Gateway logs; answers observed in autumn 2026. Accounts created on or after
2026-09-24 have no such log: their entries are in Workers Observability.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from gatewright.clock import format_milliseconds
from gatewright.errors import CloudflareError
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.client import Client

    Json = dict[str, Any]

PAGE_SIZE = 50
"""The API refuses 100 with the code 7001 (observed on 2026-09-23)."""
IN_WORKERS_OBSERVABILITY = (
    "its logs are in Workers Observability, and Cloudflare documents neither the dataset nor the fields of a gateway's "
    "entries there, so gatewright does not read them"
)
"""Of accounts created on or after 2026-09-24. `POST …/workers/observability/telemetry/query` is documented, in
resources/workers/observability/telemetry.ts of Cloudflare's SDK 7.3.0, but for Workers only."""
_MILLISECOND = 0.001


@frozen
class LogFilter:
    """A filter on entries; any of `values` matches, with neq none.

    `key`: created_at, provider, model, success, cached, cost, tokens_in, tokens_out, duration, user_agent, event_id,
    metadata.key, metadata.value or another key of the API. `operator`: eq, neq, contains, lt, gt.
    """

    key: str
    operator: Literal["eq", "neq", "contains", "lt", "gt"]
    values: tuple[str | float | bool, ...]

    def body(self) -> Json:
        """The filter as the API takes it."""
        return {"key": self.key, "operator": self.operator, "value": list(self.values)}


@frozen
class LogEntry:
    """One entry. Attempts of one request share `event_id`; `step` counts the models that a route tried before.

    `time` is in seconds since 1970, `duration` in milliseconds, `cost` in USD. A field that an entry lacks is empty or
    0. `answer` is the whole entry as the API shows it; it has no prompts.
    """

    id: str
    time: float
    provider: str
    model: str
    path: str
    status: int
    is_success: bool
    is_cached: bool
    duration: float
    tokens_in: int
    tokens_out: int
    cost: float
    step: int
    event_id: str
    user_agent: str
    metadata: Mapping[str, str | float | bool]
    answer: Json = field(repr=False, compare=False)


@frozen
class GatewayLogs:
    """The log of one gateway. All methods raise RefusedError, and CloudflareError: its status is 404 where the gateway
    does not exist."""

    client: Client
    account: str
    gateway: str

    def read(
        self,
        since: float | None = None,
        until: float | None = None,
        filters: Sequence[LogFilter] = (),
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[LogEntry]:
        """The entries with since <= time < until (seconds since 1970), each once, the oldest first by default.

        One call brings 50 entries. With the oldest first, entries that arrive during the reading do not move the pages.
        """
        query = self._query(since, until, filters, "desc" if newest_first else "asc")
        seen: set[str] = set()
        page = 1
        while limit is None or len(seen) < limit:
            answers = self.client.get(self._path, query | {"page": page})["result"]
            for answer in answers:
                if answer["id"] in seen:
                    continue
                seen.add(answer["id"])
                yield log_entry(answer)
                if len(seen) == limit:
                    return
            if len(answers) < PAGE_SIZE:
                return
            page += 1

    def sample(self, since: float, until: float, pages: int) -> tuple[int, list[LogEntry]]:
        """How many entries the time has, and those of at most `pages` pages, evenly spread, by as many calls."""
        query = self._query(since, until, (), "asc")
        answer = self.client.get(self._path, query | {"page": 1})
        total = int(answer["result_info"]["total_count"])
        last = -(-total // PAGE_SIZE)
        numbers = range(2, last + 1) if last <= pages else (1 + index * last // pages for index in range(1, pages))
        answers = [*answer["result"]]
        for number in numbers:
            answers += self.client.get(self._path, query | {"page": number})["result"]
        entries = {entry.id: entry for entry in map(log_entry, answers)}
        return max(total, len(entries)), [*entries.values()]

    def payload(self, entry: str, part: Literal["request", "response"]) -> Any:
        """The body of the request or of the response: its JSON, or text; None where it was not collected."""
        try:
            text = self.client.get_text(f"{self._path}/{entry}/{part}")
        except CloudflareError as error:
            if error.status != 404:
                raise
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text

    @property
    def _path(self) -> str:
        return f"/accounts/{self.account}/ai-gateway/gateways/{self.gateway}/logs"

    def _query(
        self, since: float | None, until: float | None, filters: Sequence[LogFilter], direction: str
    ) -> dict[str, str | int]:
        bounds = []
        if since is not None:
            bounds.append(LogFilter("created_at", "gt", (format_milliseconds(since - _MILLISECOND),)))
        if until is not None:
            bounds.append(LogFilter("created_at", "lt", (format_milliseconds(until),)))
        query: dict[str, str | int] = {
            "per_page": PAGE_SIZE,
            "order_by": "created_at",
            "order_by_direction": direction,
        }
        if bounds or filters:
            query["filters"] = json.dumps([entry.body() for entry in (*bounds, *filters)])
        return query


def log_entry(answer: Json) -> LogEntry:
    """The entry of an answer. Raises CloudflareError for one without a time."""
    return LogEntry(
        id=str(answer["id"]),
        time=_parse(answer),
        provider=str(answer.get("provider") or ""),
        model=str(answer.get("model") or ""),
        path=str(answer.get("path") or ""),
        status=int(answer.get("status_code") or 0),
        is_success=bool(answer.get("success")),
        is_cached=bool(answer.get("cached")),
        duration=float(answer.get("duration") or 0),
        tokens_in=int(answer.get("tokens_in") or 0),
        tokens_out=int(answer.get("tokens_out") or 0),
        cost=float(answer.get("cost") or 0),
        step=int(answer.get("step") or 0),
        event_id=str(answer.get("event_id") or ""),
        user_agent=str(answer.get("user_agent") or ""),
        metadata=_metadata(answer.get("metadata")),
        answer=answer,
    )


def requests_of(entries: Iterable[LogEntry]) -> Iterable[list[LogEntry]]:
    """The entries of each request, which has one for each attempt. An entry without an event is a request by itself."""
    requests: defaultdict[str, list[LogEntry]] = defaultdict(list)
    for entry in entries:
        requests[entry.event_id or entry.id].append(entry)
    return requests.values()


def _parse(answer: Json) -> float:
    try:
        return datetime.fromisoformat(answer["created_at"]).timestamp()
    except (KeyError, TypeError, ValueError) as error:
        raise CloudflareError(f"the log entry {answer['id']} has no time: {answer.get('created_at')}") from error


def _metadata(value: object) -> Mapping[str, str | float | bool]:
    """The metadata, which is an object or its JSON; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    if not isinstance(value, dict):
        return {}
    return {str(key): entry for key, entry in value.items() if isinstance(entry, str | int | float)}
