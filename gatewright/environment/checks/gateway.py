"""Settings of the gateway that only work in certain combinations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.gateway_guards import CATEGORIES
from gatewright.environment.names import provider_hint
from gatewright.environment.references import Unified
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node

_MAX_NAME = 64


def check_gateway(
    file: EnvironmentFile, name: str, enabled: Sequence[str], root: Node, diagnostics: Diagnostics
) -> None:
    """Report what Cloudflare would refuse or misunderstand. `enabled`: the enabled providers."""
    _check_name(name, root, diagnostics)
    _check_rate_limit(file, root, diagnostics)
    _check_logs(file, root, diagnostics)
    _check_billing(file, enabled, root, diagnostics)
    _check_guardrails(file, root, diagnostics)
    _check_dlp(file, root, diagnostics)
    _check_spend_limits(file, root, diagnostics)
    if file.routes and not file.gateway.authenticated:
        diagnostics.error(
            root.location_at("gateway", "authenticated"),
            "gateway.authenticated",
            "open-gateway",
            "routes use the keys stored at Cloudflare: without authentication anyone who knows the gateway's URL could "
            "spend them",
            "Set it to true, or remove the routes: routes: null",
        )


def _check_name(name: str, root: Node, diagnostics: Diagnostics) -> None:
    if len(name) > _MAX_NAME:
        message = f"{name} has {len(name)} characters, at most {_MAX_NAME} are allowed"
        diagnostics.error(root.location_at("gateway"), "gateway.name", "too-long", message, "Set gateway.name")


def _check_rate_limit(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    limit = file.gateway.rate_limit
    if limit and limit.limit.amount % 1:
        location = root.location_at("gateway", "rateLimit")
        message = "expected a whole number of requests"
        diagnostics.error(location, "gateway.rateLimit.limit", "out-of-range", message)


def _check_logs(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    logs = file.gateway.logs
    if logs.push_public_key and not logs.push:
        location = root.location_at("gateway", "logs")
        message = "has no effect while gateway.logs.push is false"
        diagnostics.error(location, "gateway.logs.pushPublicKey", "not-together", message)
    for missing, is_set in (("collect: true", logs.collect), ("pushPublicKey", logs.push_public_key)):
        if logs.push and not is_set:
            location = root.location_at("gateway", "logs", "push")
            diagnostics.note(location, "gateway.logs.push", "no-effect", f"exports nothing without {missing}")


def _check_billing(file: EnvironmentFile, enabled: Sequence[str], root: Node, diagnostics: Diagnostics) -> None:
    gateway = file.gateway
    unified = [name for name in enabled if (provider := file.providers.get(name)) and isinstance(provider.key, Unified)]
    if gateway.byok_only and unified:
        diagnostics.error(
            root.location_at("gateway", "byokOnly"),
            "gateway.byokOnly",
            "not-together",
            f"excludes Unified Billing, and {', '.join(unified)} uses key: unified",
            'Set a key, remove the provider from "use", or set byokOnly to false',
        )
    if gateway.zero_data_retention and not unified and gateway.workers_ai_billing != "unified":
        location = root.location_at("gateway", "zeroDataRetention")
        message = "applies to Unified Billing only, which no enabled provider uses"
        diagnostics.note(location, "gateway.zeroDataRetention", "no-effect", message)


def _check_guardrails(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    guardrails = file.gateway.guardrails
    for side, actions in (("prompt", guardrails.prompt), ("response", guardrails.response)) if guardrails else ():
        location = root.location_at("gateway", "guardrails", side)
        for category, code in CATEGORIES.items():
            if category in actions and code in actions:
                message = f"lists a category twice: {category} and {code} are the same"
                diagnostics.error(location, f"gateway.guardrails.{side}", "duplicate-id", message)


def _check_dlp(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    dlp = file.gateway.dlp
    if dlp is None:
        return
    location, path = root.location_at("gateway", "dlp"), "gateway.dlp"
    if bool(dlp.policies) == bool(dlp.action or dlp.profiles):
        diagnostics.error(location, path, "not-together", "expected either policies, or action and profiles")
    elif not dlp.policies and not (dlp.action and dlp.profiles):
        diagnostics.error(location, path, "missing-key", "action and profiles are required together")
    for id_ in _repeated(policy.id for policy in dlp.policies):
        location = root.location_at("gateway", "dlp", "policies")
        message = f"has two policies with the id {id_}"
        diagnostics.error(location, "gateway.dlp.policies", "duplicate-id", message)


def _check_spend_limits(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    rules = file.gateway.spend_limits
    location, path = root.location_at("gateway", "spendLimits"), "gateway.spendLimits"
    for id_ in _repeated(rule.id for rule in rules):
        diagnostics.error(location, path, "duplicate-id", f"has two rules with the id {id_}")
    custom = {f"{CUSTOM_PREFIX}{name}" for name, provider in file.providers.items() if provider.base_url is not None}
    for rule in rules:
        for provider in rule.providers:
            if provider not in SLUGS and provider not in custom:
                message = f"rule {rule.id} counts requests to {provider}, which is not a provider at Cloudflare"
                hint = provider_hint(provider, [*SLUGS, *custom])
                diagnostics.error(location, path, "unknown-provider", message, hint)


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
