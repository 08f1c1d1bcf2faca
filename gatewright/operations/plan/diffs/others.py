"""What changes of the rest: custom providers, host names, their CNAMEs, the account's store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.operations.plan.diffs.values import Difference, by_name, differing, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Properties = Mapping[str, Any]

_ELSEWHERE = "its prompts and its key go to another address"
_OFF = "its models cannot be called"


def provider_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of CustomProvider's properties."""
    return [_of_provider(name, old, new) for name in differing(old, new, told)]


def _of_provider(name: str, old: Properties, new: Properties) -> Difference:
    (said,) = by_name([name], old, new)
    match name:
        case "baseUrl":
            return Difference(said.words, Risk.POWER, _ELSEWHERE, path="baseUrl")
        case "enable":
            words = said.words.replace("enable", "enabled", 1)
            return Difference(words) if new.get(name) else Difference(words, Risk.DELETED, _OFF)
    return said


def provider_summary(new: Properties) -> list[Difference]:
    """Where a new custom provider is reached."""
    return [Difference(str(new.get("baseUrl", "")))]


def plain_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs of anything, each property by its own name; what follows from another resource is no news."""
    return by_name([name for name in differing(old, new, told) if not is_unknown(new.get(name))], old, new)


def record_summary(new: Properties) -> list[Difference]:
    """What a new DNS record says."""
    content = new.get("content")
    return [] if is_unknown(content) else [Difference(f"CNAME {content}")]


def store_summary(_: Properties) -> list[Difference]:
    """What becomes of the account's store."""
    return [Difference("of the account; it stays when this environment goes")]
