"""logs: the entries of a gateway's log that a selection matches, once or as they come."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from gatewright.cloudflare.gateway_logs import IN_WORKERS_OBSERVABILITY, GatewayLogs, LogFilter
from gatewright.command_line import command
from gatewright.environment.references import RouteName, parse_name
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.permissions import AI_GATEWAY_METADATA_READ, AI_GATEWAY_READ
from gatewright.frozen import frozen
from gatewright.operations.usage.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.resolved import Environment

OVERLAP = 60.0
"""Seconds that each poll reads again: an entry is listed after its request has ended, later than quicker ones."""
_OUTCOMES = {"o": True, "2": True, "f": False, "4": False, "5": False}  # by the first character of a status


@frozen
class LogSelection:
    """Which entries: `models` are names or patterns (`groq/*`), `statuses` are 429, 4xx, ok or failed, any of each
    matches; `since` in seconds since 1970."""

    since: float
    models: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()

    def has_status(self, entry: LogEntry) -> bool:
        """Whether the entry's status matches."""
        words = {str(entry.status), f"{entry.status // 100}xx", "ok" if entry.is_success else "failed"}
        return not self.statuses or not words.isdisjoint(self.statuses)

    @property
    def outcome(self) -> bool | None:
        """True or False where only requests that succeeded, or failed, can match."""
        outcomes = {_OUTCOMES.get(status[0]) for status in self.statuses}
        return outcomes.pop() if len(outcomes) == 1 else None


@frozen
class LogLine:
    """One entry: `model` as the environment names it, the `routes` and the `token` it may belong to, and with payloads
    its bodies.

    A body is JSON or text, None where it was not collected.
    """

    entry: LogEntry
    model: str
    routes: tuple[str, ...]
    token: str
    request: Any = field(default=None, repr=False)
    response: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class LogReader:
    """Reads the log of one environment's gateway. All methods raise RefusedError and CloudflareError in words."""

    environment: Environment
    client: Client
    account: str
    selection: LogSelection
    with_payloads: bool = False

    def last(self, limit: int) -> list[LogLine]:
        """The newest `limit` lines, the oldest first."""
        with explain_log_errors(self.environment, self.account):
            entries = self._logs.read(self.selection.since, filters=self._filters, newest_first=True)
            return [*islice(self._lines(entries), limit)][::-1]

    def follow(self, limit: int, sleep: Callable[[], None]) -> Iterator[LogLine | CloudflareError]:
        """The newest `limit` lines, then the new ones as they come, without end; `sleep` waits between two calls.

        Positions are times of the log itself, since this machine's clock may differ. Yields the error where Cloudflare
        does not answer for a while.
        """
        with explain_log_errors(self.environment, self.account):
            newest = next(iter(self._logs.read(newest_first=True, limit=1)), None)
            position = newest.time if newest else None
            seen = {entry.id: entry.time for entry in self._read_after(position)} if newest else {}
        for line in self.last(limit):
            seen[line.entry.id] = line.entry.time
            yield line
        while True:
            sleep()
            try:
                for entry in self._new_entries(position, seen):
                    position = max(position or 0, entry.time)
                    yield from self._lines([entry])
            except CloudflareError as error:
                if not error.is_ambiguous:
                    raise
                yield error
            for identifier in [name for name, time in seen.items() if time < (position or 0) - 2 * OVERLAP]:
                del seen[identifier]

    def collects_logs(self) -> bool:
        """Whether the gateway collects logs: as Cloudflare says, or as declared where the token may not ask."""
        path = f"/accounts/{self.account}/ai-gateway/gateways/{self.environment.gateway_name}"
        try:
            return bool(self.client.get(path)["result"].get("collect_logs", True))
        except RefusedError:
            return self.environment.gateway.logs.collect

    def _new_entries(self, position: float | None, seen: dict[str, float]) -> Iterator[LogEntry]:
        with explain_log_errors(self.environment, self.account):
            entries = [entry for entry in self._read_after(position) if entry.id not in seen]
        seen |= {entry.id: entry.time for entry in entries}
        yield from sorted(entries, key=lambda entry: entry.time)

    def _read_after(self, position: float | None) -> Iterator[LogEntry]:
        since = None if position is None else position - OVERLAP
        return self._logs.read(since, filters=self._filters)

    @cached_property
    def _logs(self) -> GatewayLogs:
        return GatewayLogs(self.client, self.account, self.environment.gateway_name)

    @cached_property
    def _filters(self) -> list[LogFilter]:
        """What Cloudflare can select; the rest is selected here."""
        outcome = self.selection.outcome
        filters = [] if outcome is None else [LogFilter("success", "eq", (outcome,))]
        providers = {model.partition("/")[0] for model in self.selection.models}
        if providers and providers <= self.environment.providers.keys():
            slugs = [self.environment.slug(provider) for provider in sorted(providers)]
            filters.append(LogFilter("provider", "eq", tuple(slugs)))
        return filters

    def _is_selected(self, entry: LogEntry) -> bool:
        selection = self.selection
        names = (self._names.model_text(entry.provider, entry.model), entry.model, f"{entry.provider}/{entry.model}")
        return (
            selection.has_status(entry)
            and (not selection.routes or not set(selection.routes).isdisjoint(self._names.routes([entry])))
            and (not selection.models or any(_matches(name, selection.models) for name in names))
        )

    def _lines(self, entries: Iterable[LogEntry]) -> Iterator[LogLine]:
        """The lines of the selected entries. A request names its route, which the log only lets infer."""
        for entry in filter(self._is_selected, entries):
            line = LogLine(
                entry,
                self._names.model_text(entry.provider, entry.model),
                self._names.routes([entry]),
                self._names.token(entry),
            )
            if self.with_payloads:
                request, response = self._payload(entry, "request"), self._payload(entry, "response")
                line = replace(line, request=request, response=response, routes=_route_of(request, line.routes))
            if not self.selection.routes or not set(self.selection.routes).isdisjoint(line.routes):
                yield line

    def _payload(self, entry: LogEntry, part: Literal["request", "response"]) -> Any:
        with explain_log_errors(self.environment, self.account, for_payload=True):
            return self._logs.payload(entry.id, part)

    @cached_property
    def _names(self) -> Names:
        return Names(self.environment)


@contextmanager
def explain_log_errors(environment: Environment, account: str, *, for_payload: bool = False) -> Iterator[None]:
    """Name the permission that the token lacks, and the gateway that does not exist."""
    variable = "the local token" if environment.local else f"${environment.deploy_variable}"
    try:
        yield
    except RefusedError as error:
        full, entries_only = AI_GATEWAY_READ.name, AI_GATEWAY_METADATA_READ.name
        needed = full if for_payload else f"{full} or {entries_only}"
        note = f" ({entries_only} lists entries only)" if for_payload else ""
        raise RefusedError(
            f"{variable} lacks {needed} on account {account}{note}: {error.message}",
            f"Add it, or check that the token is valid: {ACCOUNT_TOKENS}; "
            f"{command(f'permissions {environment.name} --for logs')} lists what it needs",
        ) from None
    except CloudflareError as error:
        if error.status != 404:
            raise
        raise GatewrightError(
            f"account {account} has no logs of gateway {environment.gateway_name}: {error.message}",
            f"Either the gateway is not deployed ({command(f'up {environment.name}')}), or the account was created "
            f"on or after 2026-09-24: {IN_WORKERS_OBSERVABILITY}",
        ) from None


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _route_of(request: object, inferred: tuple[str, ...]) -> tuple[str, ...]:
    """The route that a request names; the inferred ones without the request."""
    model = request.get("model") if isinstance(request, dict) else None
    if not isinstance(model, str):
        return inferred
    name = parse_name(model)
    return (name.route,) if isinstance(name, RouteName) else ()
