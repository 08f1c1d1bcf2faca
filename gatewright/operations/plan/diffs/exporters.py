"""Differences of a gateway's OpenTelemetry exporters: addresses and names of headers, never their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.frozen import frozen
from gatewright.operations.plan.diffs.values import ARROW, SECRET, Difference, is_masked, is_secret, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.environment.model.gateway import Otel

    Properties = Mapping[str, Any]

PROPERTY, KEY = "otels", "otel"
"""The plugin's property, and its key in the file."""
OFF = "off"
AUTHORIZATION = "Authorization"


@frozen
class Exporter:
    """Where traces are sent, and the names of the headers that go with them."""

    url: str
    headers: tuple[str, ...] = ()
    content_type: str = "json"

    def __str__(self) -> str:
        """`https://x.example/v1 with headers Authorization, team`."""
        noun = "header" if len(self.headers) == 1 else "headers"
        names = f" with {noun} {', '.join(self.headers)}" if self.headers else ""
        encoding = "" if self.content_type == "json" else f", {self.content_type}"
        return f"{shown(self.url)}{names}{encoding}"


def with_exporters(properties: Properties, exporters: Sequence[Properties] | None) -> Properties:
    """`properties` with these exporters in place of those that the engine has masked; None: they are not known."""
    if exporters is None or not is_masked(properties.get(PROPERTY)):
        return properties
    return {**properties, PROPERTY: list(exporters)}


def without_values(exporters: Sequence[Properties]) -> list[Properties]:
    """Exporters of the API with their secrets replaced."""
    return [
        {
            **exporter,
            "headers": dict.fromkeys(exporter.get("headers") or (), SECRET),
            **({"authorization": SECRET} if exporter.get("authorization") else {}),
        }
        for exporter in exporters
    ]


def declared_exporters(declared: Sequence[Otel]) -> list[Properties]:
    """The exporters of a file in the form of the plugin's property, without their secrets."""
    return [
        {
            "url": exporter.url,
            "headers": dict.fromkeys(exporter.headers, SECRET),
            "contentType": exporter.content_type,
            **({"authorization": SECRET} if exporter.authorization else {}),
        }
        for exporter in declared
    ]


def exporter_summary(properties: Properties) -> Iterator[Difference]:
    """The exporters of a new gateway."""
    for exporter in _exporters(properties.get(PROPERTY)) or ():
        yield _added(exporter, f"{KEY} {exporter}")


def exporter_differences(before: Any, after: Any) -> Iterator[Difference]:
    """The differences between two values of the property, of which the engine may have masked one or both."""
    old, new = _exporters(before), _exporters(after)
    if not after:
        texts = "; ".join(map(str, old)) if old else "on"
        yield Difference(f"{KEY} {texts} {ARROW} {OFF}", Risk.QUIET, "traces are no longer exported", KEY)
    elif new is None:
        text = f"{KEY} changes, its values are secret" if before else f"{KEY} {OFF} {ARROW} on"
        risk, reason = (None, "") if before else (Risk.POWER, "traces are exported")
        yield Difference(text, risk, reason, KEY)
    elif not before:
        yield from (_added(exporter, f"{KEY} {OFF} {ARROW} {exporter}") for exporter in new)
    elif old is None:
        texts = "; ".join(map(str, new))
        yield Difference(f"{KEY} changes to {texts}; its values before are secret", path=KEY)
    else:
        differences = [*_listed(old, new)]
        yield from differences or [Difference(f"{KEY} changes, its values are secret", path=KEY)]


def _listed(old: Sequence[Exporter], new: Sequence[Exporter]) -> Iterator[Difference]:
    before, after = ({exporter.url: exporter for exporter in side} for side in (old, new))
    for url, exporter in after.items():
        if url not in before:
            yield _added(exporter, f"{KEY}: added {exporter}")
        elif before[url] != exporter:
            yield Difference(f"{KEY}: {before[url]} {ARROW} {exporter}", path=KEY)
    for url, exporter in before.items():
        if url not in after:
            reason = f"traces are no longer sent to {shown(url)}"
            yield Difference(f"{KEY}: removed {exporter}", Risk.QUIET, reason, KEY)


def _added(exporter: Exporter, text: str) -> Difference:
    return Difference(text, Risk.POWER, f"traces are sent to {shown(exporter.url)}", KEY)


def _exporters(value: Any) -> tuple[Exporter, ...] | None:
    """The exporters of a property; None where the engine has masked it."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) and "url" in item for item in value):
        return None
    return tuple(map(_exporter, value))


def _exporter(item: Properties) -> Exporter:
    headers = item.get("headers")
    names = sorted(headers) if isinstance(headers, dict) and not is_secret(headers) else []
    first = [AUTHORIZATION] if item.get("authorization") else []
    return Exporter(str(item["url"]), (*first, *names), str(item.get("contentType") or "json"))
