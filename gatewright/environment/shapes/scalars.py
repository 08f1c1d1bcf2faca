"""Shapes of single values: booleans, strings, numbers, words, durations, quantities, networks."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import nearest
from gatewright.environment.quantities import DURATION_PATTERN, parse_duration, parse_quantity, quantity_pattern
from gatewright.environment.references import CONTROL_CHARACTER
from gatewright.environment.shapes.base import report_wrong_kind
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.quantities import Duration, Quantity
    from gatewright.environment.shapes.base import JsonSchema

YAML_1_1_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


@frozen
class BoolShape:
    """true or false."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> bool | None:
        if isinstance(node.value, bool):
            return node.value
        if meant := YAML_1_1_BOOLEANS.get(node.text.lower()):
            message = f"{node.text} is a string in YAML 1.2, expected true or false"
            diagnostics.error(node.location, path, "wrong-kind", message, f"Write {meant}")
        else:
            report_wrong_kind(node, path, diagnostics, "true or false")
        return None

    def schema(self) -> JsonSchema:
        return {"type": "boolean"}


@frozen
class Text:
    """A string that matches `pattern`, which `expected` describes.

    `one_line`: without control characters, for values that reach other programs' files, requests and screens.
    """

    expected: str = "a string"
    pattern: str | None = None
    longest: int | None = None
    one_line: bool = False

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        # an unquoted 2024 or 1.5 is text where a string is expected, for example in a model's name
        text = node.text if isinstance(node.value, int | float) and not isinstance(node.value, bool) else node.value
        if not isinstance(text, str):
            report_wrong_kind(node, path, diagnostics, self.expected)
            return None
        error = self._error(text)
        if error is not None:
            diagnostics.error(node.location, path, *error)
        return text if error is None else None

    def _error(self, text: str) -> tuple[str, str] | None:
        """Code and message."""
        if not text:
            return "empty", f"expected {self.expected}, found an empty string"
        if self.longest is not None and len(text) > self.longest:
            return "too-long", f"has {len(text)} characters, at most {self.longest} are allowed"
        if self.one_line and (match := re.search(CONTROL_CHARACTER, text)):
            return "control-character", f"contains the control character U+{ord(match[0]):04X}"
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            return "bad-form", f"expected {self.expected}"
        return None

    def schema(self) -> JsonSchema:
        can_be_number = self.pattern is None or any(re.fullmatch(self.pattern, number) for number in ("7", "1.5"))
        schema: JsonSchema = {"type": ["string", "number"] if can_be_number else "string", "minLength": 1}
        no_control = rf"^(?![\s\S]*{CONTROL_CHARACTER})" if self.one_line else ""
        if pattern := no_control + (self.pattern or "").removeprefix("^" if no_control else ""):
            schema["pattern"] = pattern
        if self.longest:
            schema["maxLength"] = self.longest
        return schema


@frozen
class Number:
    """A number from `least` to `most`, both inclusive; a whole number unless `fractions`."""

    least: float | None = None
    most: float | None = None
    fractions: bool = False

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> float | int | None:
        value = node.value
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (isinstance(value, float) and not self.fractions)
        ):
            report_wrong_kind(node, path, diagnostics, "a number" if self.fractions else "a whole number")
            return None
        if not math.isfinite(value):
            diagnostics.error(node.location, path, "wrong-kind", "expected a finite number")
            return None
        is_too_small = self.least is not None and value < self.least
        is_too_large = self.most is not None and value > self.most
        if is_too_small or is_too_large:
            message = f"{node.text} is out of range, expected {self._range}"
            diagnostics.error(node.location, path, "out-of-range", message)
            return None
        return value

    @property
    def _range(self) -> str:
        if self.least is None:
            return f"at most {self.most:,}"
        return f"at least {self.least:,}" if self.most is None else f"{self.least:,} to {self.most:,}"

    def schema(self) -> JsonSchema:
        bounds = {"minimum": self.least, "maximum": self.most}
        return {
            "type": "number" if self.fractions else "integer",
            **{name: bound for name, bound in bounds.items() if bound is not None},
        }


@frozen
class Choice:
    """One of a few words; read as the word's value."""

    values: Mapping[str, Any]

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        if isinstance(node.value, str) and node.value in self.values:
            return self.values[node.value]
        near = nearest(node.text, self.values)
        hint = f"Did you mean {near}?" if near else None
        message = f"expected one of {', '.join(self.values)}"
        diagnostics.error(node.location, path, "unknown-value", message, hint)
        return None

    def schema(self) -> JsonSchema:
        return {"enum": list(self.values)}


def words(*names: str) -> Choice:
    """A choice of words that are read unchanged."""
    return Choice({name: name for name in names})


@frozen
class DurationShape:
    """A duration from `shortest` to `longest`.

    `why` completes the message `… is longer than …`. `seconds`: whole seconds only.
    """

    shortest: str | None = None
    longest: str | None = None
    why: str = ""
    seconds: bool = False

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Duration | None:
        duration = parse_duration(node.value) if isinstance(node.value, str) else None
        if duration is None:
            hint = "Write a whole number and a unit (ms, s, m, h, d), for example 500ms, 5m or 30d"
            diagnostics.error(node.location, path, "bad-duration", "expected a duration", hint)
            return None
        error = self._range_error(duration)
        if error is not None:
            diagnostics.error(node.location, path, "out-of-range", *error)
        return duration if error is None else None

    def _range_error(self, duration: Duration) -> tuple[str, str | None] | None:
        """Message and hint."""
        shortest, longest = parse_duration(self.shortest or ""), parse_duration(self.longest or "")
        if shortest and duration.milliseconds < shortest.milliseconds:
            return f"{duration} is shorter than the minimum of {shortest}", None
        if longest and duration.milliseconds > longest.milliseconds:
            if self.why:
                return f"{duration} is longer than {self.why}", f"The maximum is {longest}"
            return f"{duration} is longer than the maximum of {longest}", None
        if self.seconds and duration.milliseconds % 1000:
            return f"{duration} is not a whole number of seconds", None
        return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": DURATION_PATTERN, "examples": [self.longest or "30d"]}


@frozen
class QuantityShape:
    """A quantity per period in one of `units`."""

    units: tuple[str, ...]
    example: str

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Quantity | None:
        quantity = parse_quantity(node.value) if isinstance(node.value, str) else None
        if quantity is None or quantity.unit not in self.units:
            message = f"expected {' or '.join(self.units)} per period, for example {self.example}"
            diagnostics.error(node.location, path, "bad-quantity", message)
            return None
        if quantity.amount <= 0:
            diagnostics.error(node.location, path, "out-of-range", f"{quantity} is too small, expected more than 0")
            return None
        return quantity

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": quantity_pattern(self.units), "examples": [self.example]}


@frozen
class Network:
    """An IP address or a range of addresses in CIDR form."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        import ipaddress  # slow to import, and most environments restrict no token

        if not isinstance(node.value, str):
            reason = f"found {node.kind}"
        else:
            try:
                return str(ipaddress.ip_network(node.value))
            except ValueError as error:
                reason = str(error)
        message = f"expected an IP address or range, for example 203.0.113.0/24 ({reason})"
        diagnostics.error(node.location, path, "bad-address", message)
        return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^[0-9a-fA-F:.]+(/[0-9]{1,3})?$", "examples": ["203.0.113.0/24"]}
