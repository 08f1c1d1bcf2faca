"""What the engine changed, in the product's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.generations import token_of

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.operations.pulumi import Step

_KEYS = {
    "+": "stored at Cloudflare",
    "~": "new value, no gap",
    "±": "stored anew, with another limit",
    "-": "its secret goes too",
}

_ORDER = ("AiGateway", "CustomDomain", "DnsRecord", "AccountToken", "CustomProvider", "SecretsStore")
"""What is named first, whatever was done first."""


def described(environment: Environment, changes: list[Step]) -> list[str]:
    """What was changed, a line each; routes together on one, and files."""
    signs = {"create": "+", "delete": "-", "update": "~"}
    lines: list[str] = []
    routes: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    keys: dict[str, str] = {}
    for step in sorted(changes, key=_order):
        kind = _kind(step)
        sign = signs.get(step.operation, "±")
        if kind == "AiGateway":
            lines.append(f"{sign} gateway {step.name}".ljust(30) + _gateway_facts(environment))
        elif kind == "AccountToken":
            lines.append(_token(environment, sign, step))
        elif kind == "CustomProvider":
            provider = environment.providers.get(step.name)
            lines.append(
                f"{sign} custom provider {step.name}".ljust(30) + (provider.base_url or "" if provider else "")
            )
        elif kind in ("CustomDomain", "DnsRecord"):
            lines.append(f"{sign} {'domain' if kind == 'CustomDomain' else 'CNAME'} {step.name}")
        elif kind == "SecretsStore":
            lines.append(f"{sign} secrets store".ljust(30) + "of the account; it stays when this environment goes")
        elif kind == "ProviderConfig":
            keys[step.name] = sign if keys.get(step.name, sign) == sign else "±"
        elif kind == "SecretsStoreSecret" and sign == "~":
            keys.setdefault(step.name, sign)
        elif kind == "DynamicRoute" and sign == "~" and "displacedVersionId" in step.before:
            back = "back to the file's version: another one was deployed at Cloudflare"
            lines.append(f"~ route {step.name}".ljust(30) + back)
        elif kind == "DynamicRoute":
            routes.append((sign, step.name))
        elif kind == "ConfigFile":
            files.append((sign, step.name))
    for sign in dict.fromkeys(keys.values()):
        names = [name for name, each in keys.items() if each == sign]
        lines.append(f"{sign} {len(names)} key{'' if len(names) == 1 else 's'}".ljust(30) + _with(names, _KEYS[sign]))
    for sign in dict.fromkeys(sign for sign, _ in routes):
        names = [name for each, name in routes if each == sign]
        note = "new version, no gap" if sign == "~" else ""
        lines.append(f"{sign} {len(names)} route{'' if len(names) == 1 else 's'}".ljust(30) + _with(names, note))
    for sign in dict.fromkeys(sign for sign, _ in files):
        names = [f"out/{environment.name}/{name}" for each, name in files if each == sign]
        lines.append(f"{sign} {len(names)} file{'' if len(names) == 1 else 's'}".ljust(30) + "  ".join(names))
    return lines


def _kind(step: Step) -> str:
    return step.type.rpartition(":")[2]


def _order(step: Step) -> int:
    kind = _kind(step)
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def to_install_again(changes: list[Step]) -> list[str]:
    """The clients whose files are others now: what is installed of them is old."""
    changed = [step.name for step in changes if step.type.endswith(":ConfigFile") and step.operation != "create"]
    return sorted({name.partition("/")[0].partition(".")[0] for name in changed})


def _with(names: list[str], note: str) -> str:
    return " ".join(names) + (f"     {note}" if note else "")


def _token(environment: Environment, sign: str, step: Step) -> str:
    """One generation, or the only token of its name; what goes is called by its full name."""
    token = environment.tokens.get(name := token_of(step.name, environment.tokens))
    if token is None or sign == "-":
        return f"{sign} token {step.name}"
    ends = step.inputs.get("expiresOn")
    until = f" · until {ends.removesuffix('T00:00:00Z')}" if isinstance(ends, str) else ""
    return f"{sign} token {name}".ljust(30) + f"may: {', '.join(token.allow or ())}{until}"


def _gateway_facts(environment: Environment) -> str:
    gateway = environment.gateway
    facts = [
        f"cache {gateway.cache.ttl}" if gateway.cache else "cache off",
        str(gateway.rate_limit.limit) if gateway.rate_limit else "no rate limit",
        "authenticated" if gateway.authenticated else "open to anyone who knows its URL",
    ]
    return " · ".join(facts)
