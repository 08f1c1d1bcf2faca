"""The policies of a gateway: settings that do not fit together, and callers that they would lock out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.gateway_policies import ALLOW
from gatewright.environment.names import provider_hint
from gatewright.environment.policy_verdicts import policy_verdicts
from gatewright.facts.gateway_policies import problems
from gatewright.facts.slugs import CUSTOM_PREFIX, REST_AUTHORS, SLUGS
from gatewright.io.printable import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.model.gateway_policies import GatewayPolicy
    from gatewright.environment.nodes import Node
    from gatewright.environment.policy_verdicts import CallerVerdicts
    from gatewright.environment.resolved import Environment

_PATH = ("gateway", "policies")
_ALLOW_ALL = "gateway: {policies: {everyone: {effect: allow}}}"
_MAX_NAMES = 3  # in one message


def check_policies(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    """Report settings of a policy that exclude each other, and what Cloudflare refuses."""
    custom = {f"{CUSTOM_PREFIX}{name}" for name, provider in file.providers.items() if provider.base_url is not None}
    known = {*SLUGS, *REST_AUTHORS.values(), *custom}
    for name, policy in file.gateway.policies.items():
        for key, code, message, hint in _problems(policy, known):
            location = root.location_at(*_PATH, name, key)
            diagnostics.error(location, f"gateway.policies.{name}.{key}", code, message, hint)


def _problems(policy: GatewayPolicy, known: set[str]) -> Iterator[tuple[str, str, str, str | None]]:
    """Key, code, message and hint."""
    if policy.effect == ALLOW and policy.except_:
        yield "except", "not-together", "belongs to a deny", "Set effect: deny; what it excepts needs an allow as well"
    if policy.except_ and not policy.models and not policy.providers:
        yield "except", "not-together", "refuses everything but models or providers, and none is listed", None
    if policy.effect != ALLOW and policy.limit:
        yield "limit", "not-together", "belongs to an allow", "Set effect: allow, or remove the limit"
    elif policy.limit and policy.period is None:
        message = f"{policy.limit}: Cloudflare counts per calendar hour, day, week or month"
        yield "limit", "bad-quantity", message, "For example 5 USD/day"
    for problem in problems({"name": "", **policy.body}):
        key = "actor" if problem.message.startswith("{") else "when"
        yield key, "bad-condition", problem.message, problem.hint
    for provider in policy.providers:
        if provider not in known:
            message = f"{provider} is not a provider at Cloudflare"
            yield "providers", "unknown-provider", message, provider_hint(provider, known)


def check_verdicts(environment: Environment, root: Node, diagnostics: Diagnostics) -> None:
    """Report callers that the policies lock out, and note requests that they refuse or may refuse."""
    if not environment.gateway.policies:
        return
    location, path = root.location_at(*_PATH), ".".join(_PATH)
    for verdicts in policy_verdicts(environment):
        refused = verdicts.with_result(allowed=False)
        reason = verdicts.reason(refused)
        if verdicts.is_locked_out:
            message = f"{verdicts.caller.name} is locked out: all its requests are refused ({reason})"
            report = diagnostics.error if verdicts.caller.is_client else diagnostics.warning
            report(location, path, "locked-out", message, f"Allow its requests: {_ALLOW_ALL}")
        elif verdicts.caller.primary in refused:
            message = f"refuses {verdicts.caller.name} its primary {verdicts.caller.primary} ({reason})"
            diagnostics.warning(location, path, "policy-refuses", message)
        elif refused:
            message = f"refuses {listed(refused, _MAX_NAMES)} to {verdicts.caller.name} ({reason})"
            diagnostics.note(location, path, "policy-refuses", message)
        _note_undecided(verdicts, root, diagnostics)
    if environment.gateway.cache:
        message = "answers from the cache pass all policies, also those that deny"
        diagnostics.note(root.location_at("gateway", "cache"), "gateway.cache", "policies-and-cache", message)


def _note_undecided(verdicts: CallerVerdicts, root: Node, diagnostics: Diagnostics) -> None:
    if undecided := verdicts.with_result(allowed=None):
        reason = verdicts.reason(undecided)
        message = (
            f"may refuse {listed(undecided, _MAX_NAMES)} to {verdicts.caller.name}, the request decides ({reason})"
        )
        diagnostics.note(root.location_at(*_PATH), ".".join(_PATH), "policy-undecided", message)
