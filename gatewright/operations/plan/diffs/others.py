"""Differences of custom providers, domains, their CNAMEs and the secrets store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.operations.plan.diffs.values import Difference, by_name, differing, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Properties = Mapping[str, Any]


def provider_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """The differences between two property maps of a CustomProvider."""
    return [_provider_difference(name, before, after) for name in differing(before, after, reported)]


def _provider_difference(name: str, before: Properties, after: Properties) -> Difference:
    (difference,) = by_name([name], before, after)
    match name:
        case "baseUrl":
            reason = "prompts and the key are sent to another address"
            return Difference(difference.text, Risk.POWER, reason, path="baseUrl")
        case "enable":
            enabled = replace(difference, text=difference.text.replace("enable", "enabled", 1))
            return enabled if after.get(name) else replace(enabled, risk=Risk.DELETED, reason=MODELS_UNAVAILABLE)
    return difference


MODELS_UNAVAILABLE = "its models become unavailable"


def provider_summary(properties: Properties) -> list[Difference]:
    """The base URL of a new custom provider."""
    return [Difference(str(properties.get("baseUrl", "")))]


def plain_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """Differences by property name, without values that follow from another resource."""
    names = differing(before, after, reported)
    return by_name([name for name in names if not is_unknown(after.get(name))], before, after)


def record_summary(properties: Properties) -> list[Difference]:
    """The target of a new DNS record."""
    content = properties.get("content")
    return [] if is_unknown(content) else [Difference(f"CNAME {content}")]


def store_summary(_: Properties) -> list[Difference]:
    """The lifetime of the account's store."""
    return [Difference("belongs to the account; kept when this environment is removed")]
