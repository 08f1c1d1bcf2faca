"""Texts and answers without secrets, ids and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gatewright.redaction.secret_mask import SecretMask
from live.names import COMMON_PREFIX

_TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
_SHAPES = {
    "<ts>": re.compile(_TIMESTAMP),
    "<uuid>": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "<hex32>": re.compile(r"[0-9a-f]{32}"),
}
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # mail
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){3,7}\b"  # IP
    r"|\b(?:sk|gsk|cf|xox|ghp|eyJ)[\w.-]{16,}|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}\b"  # keys, opaque ids
)
_OPAQUE = re.compile(rf"{_ADDRESS.pattern}|[0-9a-f]{{32}}|{_SHAPES['<uuid>'].pattern}|{COMMON_PREFIX}\w+")


_FIRST_TIMESTAMP = 1_000_000_000  # seconds since 1970; smaller numbers are kept
_SECRET_FIELDS = ("value", "token", "secret", "client_secret", "api_key")


class Scrubber:
    """Replaces the run's token, account and captured values, and what looks like a secret, an id or an address."""

    def __init__(self, token: str, variables: Mapping[str, str], case: str = "") -> None:
        """`case` is a text whose ids are kept."""
        self._case = case
        self._mask = SecretMask([token, *variables.values()])
        self._variables = {value: f"{{{name}}}" for name, value in variables.items() if len(value) >= 8}

    def text(self, text: str) -> str:
        """A text of the report."""
        for value, name in self._variables.items():
            text = text.replace(value, name)
        return _OPAQUE.sub("<any>", self._mask.text(text))

    def answer(self, value: Any) -> Any:
        """A body as the expectation of a case: matchers in place of what differs from run to run."""
        if isinstance(value, dict):
            return {self.text(name): self._field(name, item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.answer(item) for item in value]
        if isinstance(value, int) and value >= _FIRST_TIMESTAMP:
            return "<int>"
        if not isinstance(value, str):
            return value
        if value in self._variables:
            return self._variables[value]
        shape = next((name for name, pattern in _SHAPES.items() if pattern.fullmatch(value)), None)
        text = self.text(value)
        return shape or (text if "<any>" not in text and "[secret]" not in text else "<any>")

    def _field(self, name: str, value: Any) -> Any:
        """The value of a field: `<any>` for a secret, and for an id that is not in the case."""
        if not isinstance(value, str) or value in self._variables:
            return self.answer(value)
        is_id = name == "id" or name.endswith("_id")
        answer = self.answer(value)
        is_unknown_id = is_id and answer == value and f'"{value}"' not in self._case
        return "<any>" if name in _SECRET_FIELDS or is_unknown_id else answer
