"""Shapes of single values: flags, texts, numbers, words, durations, quantities, networks."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import nearest
from gatewright.environment.quantities import DURATION_PATTERN, parse_duration, parse_quantity, quantity_pattern
from gatewright.environment.references import CONTROL_CHARACTER
from gatewright.environment.shapes.base import wrong_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema

YAML_1_1_FLAGS = {"yes": True, "on": True, "y": True, "no": False, "off": False, "n": False}


@dataclass(frozen=True, slots=True)
class BoolShape:
    """true or false."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> bool | None:
        if isinstance(node.value, bool):
            return node.value
        if node.text.lower() in YAML_1_1_FLAGS:
            meant = "true" if YAML_1_1_FLAGS[node.text.lower()] else "false"
            diagnostics.error(node.location, path, "wrong-kind", f"{node.text} is a text in YAML 1.2", f"Write {meant}")
        else:
            wrong_kind(node, path, diagnostics, "true or false")
        return None

    def schema(self) -> JsonSchema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text, optionally of a pattern that `what` puts in words. `one_line`: without control characters, since it goes
    into programs' files, and from there into requests and onto screens."""

    what: str = "a text"
    pattern: str | None = None
    longest: int | None = None
    one_line: bool = False

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        # a plain 2024 or 1.5 where a text is meant is what was written, as in a model's name
        text = node.text if isinstance(node.value, int | float) and not isinstance(node.value, bool) else node.value
        if not isinstance(text, str) or not text:
            wrong_kind(node, path, diagnostics, self.what) if text != "" else diagnostics.error(
                node.location, path, "empty", f"is empty; expected {self.what}"
            )
            return None
        if self.longest is not None and len(text) > self.longest:
            diagnostics.error(
                node.location, path, "too-long", f"has {len(text)} characters; at most {self.longest} are allowed"
            )
            return None
        if self.one_line and (found := re.search(CONTROL_CHARACTER, text)):
            diagnostics.error(
                node.location, path, "control-character", f"holds a control character, U+{ord(found[0]):04X}"
            )
            return None
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            diagnostics.error(node.location, path, "bad-form", f"is not {self.what}")
            return None
        return text

    def schema(self) -> JsonSchema:
        can_be_number = self.pattern is None or any(re.fullmatch(self.pattern, each) for each in ("7", "1.5"))
        schema: JsonSchema = {"type": ["string", "number"] if can_be_number else "string", "minLength": 1}
        no_control = rf"^(?![\s\S]*{CONTROL_CHARACTER})" if self.one_line else ""
        if pattern := no_control + (self.pattern or "").removeprefix("^" if no_control else ""):
            schema["pattern"] = pattern
        if self.longest:
            schema["maxLength"] = self.longest
        return schema


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `least` to `most`, both allowed; whole unless `fractions`."""

    least: float | None = None
    most: float | None = None
    fractions: bool = False
    above: float | None = None  # exclusive

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> float | int | None:
        value = node.value
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (isinstance(value, float) and not (self.fractions and math.isfinite(value)))
        ):
            wrong_kind(node, path, diagnostics, "a number that is not infinite" if self.fractions else "a whole number")
            return None
        low = self.least if self.least is not None else self.above
        too_small = (self.least is not None and value < self.least) or (self.above is not None and value <= self.above)
        if too_small or (self.most is not None and value > self.most):
            lower = f"{'from' if self.above is None else 'above'} {low:,}" if low is not None else ""
            upper = f"to {self.most:,}" if self.most is not None else ""
            diagnostics.error(
                node.location,
                path,
                "out-of-range",
                f"{node.text} is out of range; valid: {' '.join(filter(None, (lower, upper)))}",
            )
            return None
        return value

    def schema(self) -> JsonSchema:
        bounds = {"minimum": self.least, "maximum": self.most, "exclusiveMinimum": self.above}
        return {
            "type": "number" if self.fractions else "integer",
            **{name: bound for name, bound in bounds.items() if bound is not None},
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; read as the word's value."""

    values: Mapping[str, Any]

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        if isinstance(node.value, str) and node.value in self.values:
            return self.values[node.value]
        near = nearest(node.text, self.values)
        hint = f"Did you mean {near}?" if near else None
        diagnostics.error(node.location, path, "unknown-value", f"is none of {', '.join(self.values)}", hint)
        return None

    def schema(self) -> JsonSchema:
        return {"enum": list(self.values)}


def words(*names: str) -> Choice:
    """A choice whose words are sent as they stand."""
    return Choice({name: name for name in names})


@dataclass(frozen=True, slots=True)
class DurationShape:
    """A duration, between two others; `why` completes `is longer than …`. Whole seconds, where `seconds` is set."""

    shortest: str | None = None
    longest: str | None = None
    why: str = ""
    seconds: bool = False

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        duration = parse_duration(node.value) if isinstance(node.value, str) else None
        if duration is None:
            diagnostics.error(
                node.location,
                path,
                "bad-duration",
                "is not a duration",
                "Write a whole number and ms, s, m, h or d: 500ms, 5m, 30d",
            )
            return None
        for limit, word in ((self.shortest, "shorter"), (self.longest, "longer")):
            bound = parse_duration(limit) if limit else None
            if bound and (
                duration.milliseconds < bound.milliseconds
                if word == "shorter"
                else duration.milliseconds > bound.milliseconds
            ):
                diagnostics.error(
                    node.location,
                    path,
                    "out-of-range",
                    f"{duration} is {word} than {self.why or limit}",
                    None if not self.why else f"The limit is {limit}",
                )
                return None
        if self.seconds and duration.milliseconds % 1000:
            diagnostics.error(node.location, path, "out-of-range", f"{duration} is not a whole number of seconds")
            return None
        return duration

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": DURATION_PATTERN, "examples": [self.longest or "30d"]}


@dataclass(frozen=True, slots=True)
class QuantityShape:
    """A quantity per period in one of `units`."""

    units: tuple[str, ...]
    example: str

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        quantity = parse_quantity(node.value) if isinstance(node.value, str) else None
        if quantity is None or quantity.unit not in self.units:
            units = " or ".join(self.units)
            diagnostics.error(
                node.location,
                path,
                "bad-quantity",
                f"is not an amount of {units} per period",
                f"Write it like `{self.example}`",
            )
            return None
        if quantity.amount <= 0:
            diagnostics.error(node.location, path, "out-of-range", f"{quantity} is nothing; the amount must be above 0")
            return None
        return quantity

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": quantity_pattern(self.units), "examples": [self.example]}


@dataclass(frozen=True, slots=True)
class Network:
    """An IP address or a range of them, in CIDR form."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        import ipaddress  # only who restricts a token pays for it

        try:
            return str(ipaddress.ip_network(node.text)) if isinstance(node.value, str) else _raise(node.kind)
        except ValueError as error:
            diagnostics.error(
                node.location,
                path,
                "bad-address",
                f"is not an IP address or range: {error}",
                "Write it like 203.0.113.0/24",
            )
            return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^[0-9a-fA-F:.]+(/[0-9]{1,3})?$", "examples": ["203.0.113.0/24"]}


def _raise(kind: str) -> str:
    raise ValueError(f"it is {kind}")
