"""What the command line says about a load and about failures, as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gatewright.clock import parse_timestamp
from gatewright.diagnostics import did_you_mean
from gatewright.environment.quantities import parse_duration
from gatewright.errors import UsageError
from gatewright.operations.simulation.faults import KINDS, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"


def parse_seconds(option: str, text: str) -> float:
    """Seconds of `24h`. Raises UsageError."""
    duration = parse_duration(text)
    if duration is None or not duration.milliseconds:
        raise UsageError(f"{option}: expected a duration, found {text}", "For example 500ms, 24h or 7d")
    return duration.milliseconds / 1_000


def parse_share(option: str, text: str) -> float:
    """0.2 for `20%`. Raises UsageError."""
    match = re.fullmatch(rf"({_NUMBER})%", text)
    if match is None or not 0 < float(match[1]) <= 100:
        raise UsageError(f"{option}: expected a share above 0% and up to 100%, found {text}", "For example 20%")
    return float(match[1]) / 100


def parse_tokens(text: str) -> tuple[float, float]:
    """Tokens in and out of `5000/500`. Raises UsageError."""
    match = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", text)
    if match is None:
        raise UsageError(f"--tokens: expected IN/OUT, found {text}", "For example 5000/500")
    return float(match[1]), float(match[2])


def parse_weights(names: Sequence[str]) -> dict[str, float]:
    """The share of each `NAME[=SHARE]`; default 1. Raises UsageError."""
    weights = {}
    for text in names:
        name, equals, weight = text.rpartition("=")
        if not equals:
            weights[text] = 1.0
        elif re.fullmatch(_NUMBER, weight) and float(weight):
            weights[name] = float(weight)
        else:
            raise UsageError(f"--on {text}: expected a share above 0 after =", f"For example --on {name}=2")
    return weights


def parse_pairs(option: str, texts: Sequence[str], example: str) -> dict[str, str]:
    """The values of `NAME=VALUE` by name. Raises UsageError."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{option} {text}: expected NAME=VALUE", f"For example {option} {example}")
        pairs[name] = value
    return pairs


def parse_concurrent(texts: Sequence[str]) -> dict[str, int]:
    """How many calls of each provider run at the same time, from `groq=4`. Raises UsageError."""
    pairs = parse_pairs("--concurrent", texts, "groq=4")
    for provider, amount in pairs.items():
        if not re.fullmatch(r"[1-9]\d{0,5}", amount):
            message = f"--concurrent {provider}: expected a number from 1 to 999,999, found {amount}"
            raise UsageError(message, "For example groq=4")
    return {provider: int(amount) for provider, amount in pairs.items()}


def parse_latencies(texts: Sequence[str]) -> dict[str, float]:
    """The seconds to the first token of each model, from `groq/gpt-oss-20b=300ms`. Raises UsageError."""
    pairs = parse_pairs("--latency", texts, "groq/gpt-oss-20b=300ms")
    return {model: parse_seconds(f"--latency {model}", text) for model, text in pairs.items()}


def parse_metadata(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The values of each key, from `plan=paid,free`. Raises UsageError."""
    return {key: tuple(text.split(",")) for key, text in parse_pairs("--metadata", texts, "plan=paid,free").items()}


def parse_fault(text: str, start: int) -> Fault:
    """A failure, from `groq/*,kind=exhausted,from=2h`. `start` is that of the simulation. Raises UsageError."""
    name, *settings = text.split(",")
    provider, slash, model = name.partition("/")
    if not provider or "=" in name or (slash and not model):
        raise UsageError(f"--fault {text}: expected a model first", "For example --fault 'groq/*,status=503,share=20%'")
    values: dict[str, Any] = {"provider": provider, "model": model or "*"}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in _SETTINGS:
            raise UsageError(f"--fault {text}: unknown setting {key}", did_you_mean(key, _SETTINGS) or _VALID)
        field, read = _SETTINGS[key]
        values[field] = read(f"--fault {name}, {key}", value, start)
    fault = Fault(**values)
    if not fault.reason and not fault.delay_ms:
        raise UsageError(f"--fault {text}: the calls would not fail", "Add kind=, status=, reset or delay=")
    return fault


def _time(option: str, text: str, start: int) -> float:
    return parse_timestamp(text, option) if re.match(r"\d{4}-", text) else start + parse_seconds(option, text)


def _whole(option: str, text: str, _: int) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise UsageError(f"{option}: expected a number above 0, found {text}")
    return int(text)


def _status(option: str, text: str, _: int) -> int:
    if not re.fullmatch(r"[45]\d\d", text):
        raise UsageError(f"{option}: expected an HTTP status of an error, found {text}", "For example 429 or 503")
    return int(text)


def _kind(option: str, text: str, _: int) -> str:
    if text not in KINDS:
        raise UsageError(f"{option}: unknown kind {text}", did_you_mean(text, KINDS) or f"Valid: {', '.join(KINDS)}")
    return text


_SETTINGS: dict[str, tuple[str, Callable[[str, str, int], Any]]] = {
    "kind": ("kind", _kind),
    "status": ("status", _status),
    "reset": ("reset", lambda *_: True),
    "delay": ("delay_ms", lambda option, text, _: parse_seconds(option, text) * 1_000),
    "share": ("share", lambda option, text, _: parse_share(option, text)),
    "nth": ("nth", _whole),
    "times": ("times", _whole),
    "from": ("start", _time),
    "to": ("end", _time),
}
"""The settings of a failure, as those of the local Cloudflare's faults, with share, from and to."""
_VALID = f"Valid: {', '.join(_SETTINGS)}"
