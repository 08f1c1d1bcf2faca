"""What the engine changed, in the product's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.operations.pulumi import Step


def described(environment: Environment, changes: list[Step]) -> list[str]:
    """What was changed, a line each; routes together on one, and files."""
    signs = {"create": "+", "delete": "-", "update": "~"}
    lines: list[str] = []
    routes: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    for step in changes:
        kind = step.type.rpartition(":")[2]
        sign = signs.get(step.operation, "±")
        if kind == "AiGateway":
            lines.append(f"{sign} gateway {step.name}".ljust(30) + _gateway_facts(environment))
        elif kind == "AccountToken":
            token = environment.tokens.get(step.name)
            allowed = f"may: {', '.join(token.allow or ())}" if token else ""
            lines.append(f"{sign} token {step.name}".ljust(30) + allowed)
        elif kind == "CustomProvider":
            provider = environment.providers.get(step.name)
            lines.append(
                f"{sign} custom provider {step.name}".ljust(30) + (provider.base_url or "" if provider else "")
            )
        elif kind in ("CustomDomain", "DnsRecord"):
            lines.append(f"{sign} {'domain' if kind == 'CustomDomain' else 'CNAME'} {step.name}")
        elif kind == "DynamicRoute":
            routes.append((sign, step.name))
        elif kind == "ConfigFile":
            files.append((sign, step.name))
    for sign in dict.fromkeys(sign for sign, _ in routes):
        names = [name for each, name in routes if each == sign]
        note = "     new version, no gap" if sign == "~" else ""
        lines.append(f"{sign} {len(names)} route{'' if len(names) == 1 else 's'}".ljust(30) + " ".join(names) + note)
    for sign in dict.fromkeys(sign for sign, _ in files):
        names = [f"out/{environment.name}/{name}" for each, name in files if each == sign]
        lines.append(f"{sign} {len(names)} file{'' if len(names) == 1 else 's'}".ljust(30) + "  ".join(names))
    return lines


def _gateway_facts(environment: Environment) -> str:
    gateway = environment.gateway
    facts = [
        f"cache {gateway.cache.ttl}" if gateway.cache else "cache off",
        str(gateway.rate_limit.limit) if gateway.rate_limit else "no rate limit",
        "authenticated" if gateway.authenticated else "open to anyone who knows its URL",
    ]
    return " · ".join(facts)
