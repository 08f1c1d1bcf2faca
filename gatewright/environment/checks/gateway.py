"""The gateway on the merged whole: settings that only make sense together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.gateway_guards import CATEGORIES
from gatewright.environment.references import Unified
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node


def check_gateway(file: EnvironmentFile, name: str, used: Sequence[str], root: Node, diagnostics: Diagnostics) -> None:
    """Reports what Cloudflare would refuse, or would silently take for something else. `used`: the providers in use."""
    _check_name(name, root, diagnostics)
    _check_limits(file, root, diagnostics)
    _check_logs(file, root, diagnostics)
    _check_billing(file, used, root, diagnostics)
    _check_guardrails(file, root, diagnostics)
    _check_dlp(file, root, diagnostics)
    _check_spend_limits(file, root, diagnostics)
    if file.routes and not file.gateway.authenticated:
        diagnostics.error(
            root.location_at("gateway", "authenticated"),
            "gateway.authenticated",
            "open-gateway",
            "routes run with the keys stored at Cloudflare: on a gateway without authentication anyone who knows its "
            "URL could spend them",
            "Set it to true, or remove the routes: routes: null",
        )


def _check_name(name: str, root: Node, diagnostics: Diagnostics) -> None:
    if len(name) > 64:
        diagnostics.error(
            root.location_at("gateway"),
            "gateway.name",
            "too-long",
            f"{name} has {len(name)} characters; at most 64 are allowed",
            "Name it: gateway.name",
        )


def _check_limits(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    limit = file.gateway.rate_limit
    if limit and limit.limit.amount % 1:
        diagnostics.error(
            root.location_at("gateway", "rateLimit"),
            "gateway.rateLimit.limit",
            "out-of-range",
            "must be a whole number of requests",
        )


def _check_logs(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    logs = file.gateway.logs
    if logs.push_public_key and not logs.push:
        diagnostics.error(
            root.location_at("gateway", "logs"),
            "gateway.logs.pushPublicKey",
            "not-together",
            "has no use while gateway.logs.push is false",
        )
    for missing, there in (("collect: true", logs.collect), ("pushPublicKey", logs.push_public_key)):
        if logs.push and not there:
            diagnostics.note(
                root.location_at("gateway", "logs", "push"),
                "gateway.logs.push",
                "no-effect",
                f"exports nothing without {missing}",
            )


def _check_billing(file: EnvironmentFile, used: Sequence[str], root: Node, diagnostics: Diagnostics) -> None:
    gateway = file.gateway
    unified = [name for name in used if (provider := file.providers.get(name)) and isinstance(provider.key, Unified)]
    if gateway.byok_only and unified:
        diagnostics.error(
            root.location_at("gateway", "byokOnly"),
            "gateway.byokOnly",
            "not-together",
            f"refuses Unified Billing, which is the key of {', '.join(unified)}",
            "Give a key, leave the provider out of `use`, or set byokOnly to false",
        )
    if gateway.zero_data_retention and not unified and gateway.workers_ai_billing != "unified":
        diagnostics.note(
            root.location_at("gateway", "zeroDataRetention"),
            "gateway.zeroDataRetention",
            "no-effect",
            "covers Unified Billing only, and no provider in use is billed by it",
        )


def _check_guardrails(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    guardrails = file.gateway.guardrails
    for side, actions in (("prompt", guardrails.prompt), ("response", guardrails.response)) if guardrails else ():
        for category, code in CATEGORIES.items():
            if category in actions and code in actions:
                diagnostics.error(
                    root.location_at("gateway", "guardrails", side),
                    f"gateway.guardrails.{side}",
                    "duplicate-id",
                    f"names one category twice: {category} is {code}",
                )


def _check_dlp(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    dlp = file.gateway.dlp
    if dlp is None:
        return
    location, path = root.location_at("gateway", "dlp"), "gateway.dlp"
    if bool(dlp.policies) == bool(dlp.action or dlp.profiles):
        diagnostics.error(location, path, "not-together", "needs either policies, or action and profiles")
    elif not dlp.policies and not (dlp.action and dlp.profiles):
        diagnostics.error(location, path, "missing-key", "its simple form needs both action and profiles")
    for twice in _twice(policy.id for policy in dlp.policies):
        diagnostics.error(
            root.location_at("gateway", "dlp", "policies"),
            "gateway.dlp.policies",
            "duplicate-id",
            f"has two policies with the id {twice}",
        )


def _check_spend_limits(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    rules = file.gateway.spend_limits
    location, path = root.location_at("gateway", "spendLimits"), "gateway.spendLimits"
    for twice in _twice(rule.id for rule in rules):
        diagnostics.error(location, path, "duplicate-id", f"has two rules with the id {twice}")
    custom = {f"{CUSTOM_PREFIX}{name}" for name, provider in file.providers.items() if provider.base_url is not None}
    for rule in rules:
        for provider in rule.providers:
            if provider not in SLUGS and provider not in custom:
                message = f"rule {rule.id} counts requests to {provider}, which Cloudflare calls no provider"
                diagnostics.error(
                    location, path, "unknown-provider", message, did_you_mean(provider, [*SLUGS, *custom])
                )


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({each for each in listed if listed.count(each) > 1})
