"""Gateway policies: which requests Cloudflare allows, blocks, or checks against budgets.

Source: Cloudflare's documentation of policies (beta), October 2026; the official client and its OpenAPI lack them.
Guesses: a model's id is the bare id, or that behind the provider's slug or author; a condition that cannot be computed
references a missing field; `except` inverts what the resource covers.
"""

from __future__ import annotations

import json
import re
from dataclasses import field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from gatewright.cel import Cel, CelError, CelProblem, chains
from gatewright.facts.model_patterns import model_pattern
from gatewright.facts.slugs import REST_AUTHORS
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.cel import Expression

    Policy = Mapping[str, Any]
    """A policy as the API has it: name, actor, resource, condition, action."""

ALL, ALWAYS, EVERYONE = "*", "true", "company:all"
"""The resource, the condition and the actor of a policy that applies to all requests."""
NO_LIMIT, BLOCK, LIMIT, CHECK_LIMITS = "no-limit", "block", "limit", "check_limits"
PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000}
"""The periods of a budget, and the seconds by which an environment file names them."""
METADATA = "metadata"
FIELDS = ("cf", METADATA)
"""The roots of what conditions and actors read."""
PARTS = ("actor", "resource", "condition", "action")
"""What a policy consists of, besides its name."""

_CEL = Cel(FIELDS)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"(?:cf|metadata)(?:\.\w+)+", re.ASCII)


@frozen
class PolicyRequest:
    """A request as policies see it. `unknown`: the fields that only the request itself decides, as metadata.user."""

    provider: str
    model: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    cf: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    @property
    def identity(self) -> dict[str, Any]:
        """What conditions and actors read."""
        return {"cf": dict(self.cf), "metadata": dict(self.metadata)}


@frozen
class Bucket:
    """A budget: `amount` USD per calendar period (UTC), shared by the requests of one actor to one resource."""

    key: str
    period: str
    amount: float
    policy: str


@frozen
class Evaluation:
    """The decision on a request; `policy`: the one that blocks it, None where none allows it."""

    decision: str
    policy: str | None = None
    buckets: tuple[Bucket, ...] = ()


@frozen
class Verdict:
    """Whether a request is allowed, whatever was spent; None where a field that is not known decides. `policies`: those
    that block it, or that may do so or allow it."""

    allowed: bool | None
    policies: tuple[str, ...] = ()


def problems(policy: Policy) -> Iterator[CelProblem]:
    """What is wrong with the condition and the actor of a policy."""
    try:
        returns = _compiled(policy["condition"]).returns
    except CelError as error:
        yield from error.problems
    else:
        if returns not in ("BOOL", "DYN"):
            yield CelProblem(f"returns {returns.lower()}, expected true or false")
    for path in _PLACEHOLDER.findall(policy["actor"]):
        if not _PATH.fullmatch(path):
            yield CelProblem(f"{{{path}}} in the actor is not a field like {{metadata.team}}")


def evaluate(policies: Sequence[Policy], request: PolicyRequest) -> Evaluation:
    """The decision on a request. Without policies everything is allowed.

    Where a field that is not known decides, an allow is taken to apply, and a block is not.
    """
    if not policies:
        return Evaluation(NO_LIMIT)
    outcomes = [(policy, applies(policy, request)) for policy in policies]
    matching = [policy for policy, outcome in outcomes if (outcome is None and not _blocks(policy)) or outcome]
    for policy in matching:
        if _blocks(policy):
            return Evaluation(BLOCK, policy["name"])
    if not matching:
        return Evaluation(BLOCK)
    buckets = tuple(_buckets(matching, request))
    return Evaluation(CHECK_LIMITS if buckets else NO_LIMIT, None, buckets)


def verdict(policies: Sequence[Policy], request: PolicyRequest) -> Verdict:
    """Whether policies allow a request of which some fields may be unknown."""
    if not policies:
        return Verdict(allowed=True)
    outcomes = {policy["name"]: (_blocks(policy), applies(policy, request)) for policy in policies}
    blocking = tuple(name for name, outcome in outcomes.items() if outcome == (True, True))
    if blocking:
        return Verdict(allowed=False, policies=blocking)
    undecided = tuple(name for name, (_, outcome) in outcomes.items() if outcome is None)
    may_block = any(outcome == (True, None) for outcome in outcomes.values())
    if (False, True) in outcomes.values() and not may_block:
        return Verdict(allowed=True)
    return Verdict(allowed=None if undecided else False, policies=undecided)


def applies(policy: Policy, request: PolicyRequest) -> bool | None:
    """Whether a policy matches a request; None where a field that is not known decides."""
    is_block = _blocks(policy)
    if _covers(policy["resource"], request) is bool(is_block and policy["action"].get("except")):
        return False
    if any(_is_unknown(name, request.unknown) for name in fields_read(policy)):
        return None
    try:
        holds = _compiled(policy["condition"]).evaluate(_CEL.bind(request.identity))
    except CelError:
        return is_block
    if not isinstance(holds, bool) or _resolved(policy["actor"], request) is None:
        return is_block
    return holds


def fields_read(policy: Policy) -> set[str]:
    """The fields that a policy reads: metadata.team, cf.country."""
    names = {".".join(chain.names) for chain in chains(policy["condition"])}
    return names | set(_PLACEHOLDER.findall(policy["actor"]))


def metadata_read(policies: Iterable[Policy]) -> tuple[str, ...] | None:
    """The entries of metadata that policies read; None where one reads metadata as a whole."""
    paths = {path for policy in policies for path in fields_read(policy)}
    if METADATA in paths:
        return None
    return tuple(sorted({path.split(".")[1] for path in paths if path.startswith(f"{METADATA}.")}))


def period_start(period: str, now: float) -> int:
    """When the calendar period of `now` began, in seconds since 1970: weeks on Monday, all in UTC."""
    moment = datetime.fromtimestamp(now, UTC).replace(minute=0, second=0, microsecond=0)
    if period != "hourly":
        moment = moment.replace(hour=0)
    if period == "weekly":
        moment -= timedelta(days=moment.weekday())
    if period == "monthly":
        moment = moment.replace(day=1)
    return int(moment.timestamp())


def period_end(period: str, now: float) -> int:
    """When the calendar period of `now` ends, which is when the next one begins."""
    start = period_start(period, now)
    return period_start(period, start + 32 * 86_400) if period == "monthly" else start + PERIODS[period]


def _buckets(matching: Sequence[Policy], request: PolicyRequest) -> Iterator[Bucket]:
    """The budgets that are checked: none where one of a bucket's policies has no limit, the highest per period."""
    grouped: dict[str, list[Policy]] = {}
    for policy in matching:
        key = json.dumps([_resolved(policy["actor"], request), policy["resource"]], sort_keys=True)
        grouped.setdefault(key, []).append(policy)
    for key, members in grouped.items():
        if any(policy["action"]["type"] == NO_LIMIT for policy in members):
            continue
        for period in PERIODS:
            limits = [policy for policy in members if policy["action"]["period"] == period]
            if limits:
                highest = max(limits, key=lambda policy: float(policy["action"]["amount"]))
                yield Bucket(f"{key}/{period}", period, float(highest["action"]["amount"]), highest["name"])


def _blocks(policy: Policy) -> bool:
    return bool(policy["action"]["type"] == BLOCK)


def _covers(resource: str | Mapping[str, Any], request: PolicyRequest) -> bool:
    if isinstance(resource, str):
        return resource == ALL
    providers = {request.provider, REST_AUTHORS.get(request.provider, request.provider)}
    models = {request.model, *(f"{provider}/{request.model}" for provider in providers)}
    return (
        "model" not in resource
        or any(model_pattern(text).fullmatch(model) for text in _texts(resource["model"]) for model in models)
    ) and ("provider" not in resource or not providers.isdisjoint(_texts(resource["provider"])))


def _texts(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _is_unknown(name: str, unknown: frozenset[str]) -> bool:
    """Whether a field is, is inside of, or holds one that is not known."""
    return any(f"{name}.".startswith(f"{other}.") or f"{other}.".startswith(f"{name}.") for other in unknown)


def _resolved(actor: str, request: PolicyRequest) -> str | None:
    """The actor with the request's values; None where a field is missing."""
    values = [_value(path, request.identity) for path in _PLACEHOLDER.findall(actor)]
    if None in values:
        return None
    texts = iter(values)
    return _PLACEHOLDER.sub(lambda _: _text(next(texts)), actor)


def _value(path: str, values: Any) -> Any:
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _compiled(condition: str) -> Expression:
    return _CEL.compile(condition)
