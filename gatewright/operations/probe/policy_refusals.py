"""Why the gateway's policies refuse a probe request: by which policy, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.command_line import command
from gatewright.environment.policy_verdicts import calls, declared_policies, request_verdict
from gatewright.facts.gateway_policies import PolicyRequest, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.references import ModelName, RouteName
    from gatewright.environment.resolved import Environment
    from gatewright.facts.gateway_policies import Verdict
    from gatewright.operations.probe.probe_senders import ProbeSender


def is_refused(environment: Environment, name: ModelName | RouteName, sender: ProbeSender | None) -> bool:
    """Whether the declared policies refuse all requests of a sender to a model or a route."""
    return _verdict(environment, name, sender).allowed is False


def explain_refusal(
    environment: Environment, name: ModelName | RouteName, sender: ProbeSender | None
) -> tuple[str, str]:
    """Why a request was refused, by the declared policies, and what to do: `policy no-opus denies it to codex`."""
    verdict, whom = _verdict(environment, name, sender), _whom(sender)
    up, drift = command(f"up {environment.name}"), f"Compare them: {command(f'drift {environment.name}')}"
    if not environment.gateway.policies:
        return f"{environment.name} declares no policies, and policies at Cloudflare refuse it", drift
    if verdict.allowed:
        text = f"the file's policies allow it to {whom}, so those at Cloudflare differ; a change takes up to 15 minutes"
        return text, drift
    if not verdict.policies:
        return f"no policy allows it to {whom}", f"Allow it in gateway.policies, then: {up}"
    fix = f"Change {', '.join(f'gateway.policies.{policy}' for policy in verdict.policies)}, then: {up}"
    one = len(verdict.policies) == 1
    names = f"{'policy' if one else 'policies'} {', '.join(verdict.policies)}"
    if verdict.allowed is None:
        return f"{names} {'decides' if one else 'decide'} by the request's country, and {whom} is refused", fix
    return f"{names} {'denies' if one else 'deny'} it to {whom}", fix


def describe_budgets(
    environment: Environment, name: ModelName | RouteName, sender: ProbeSender | None, content: Any
) -> str:
    """`policy per-user (20 USD/day) for codex`: the budgets that a request counts for, or the one whose limit the body
    of the response, `content`, names."""
    policies, metadata, router = (
        declared_policies(environment),
        _metadata(sender),
        sender.auto_router if sender else None,
    )
    evaluations = (
        evaluate(policies, PolicyRequest(provider, model, metadata))
        for provider, model in calls(environment, name, router)
    )
    amounts = {bucket.policy: bucket.amount for evaluation in evaluations for bucket in evaluation.buckets}
    error = content.get("error") if isinstance(content, dict) else None
    limit = error.get("limit") if isinstance(error, dict) else None
    names = [policy for policy, amount in amounts.items() if amount == limit] or [*amounts]
    if not names:
        return "the gateway's policies"
    limits = (f"{policy} ({environment.gateway.policies[policy].limit})" for policy in names)
    return f"policy {' or '.join(limits)} for {_whom(sender)}"


def _verdict(environment: Environment, name: ModelName | RouteName, sender: ProbeSender | None) -> Verdict:
    return request_verdict(environment, name, _metadata(sender), sender.auto_router if sender else None)


def _metadata(sender: ProbeSender | None) -> Mapping[str, Any]:
    return sender.metadata if sender else {}


def _whom(sender: ProbeSender | None) -> str:
    return sender.name if sender else "a request without metadata"
