"""A file that is ours as a whole, by the one path ()."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.io.text_edits import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import KeyPath


@dataclass(frozen=True, slots=True)
class WholeText:
    """A text that is one value; an empty one is none."""

    text: str

    @property
    def data(self) -> Any:
        return self.text or None

    def raw(self, path: KeyPath) -> str | None:  # noqa: ARG002  there is but one
        return self.text

    def get(self, path: KeyPath) -> Any:  # noqa: ARG002
        return self.text or MISSING

    def put(self, path: KeyPath, value: Any) -> str:  # noqa: ARG002
        return str(value)

    def put_raw(self, path: KeyPath, raw: str) -> str:  # noqa: ARG002
        return raw

    def drop(self, path: KeyPath) -> str:  # noqa: ARG002
        return ""

    def is_empty(self, path: KeyPath) -> bool:  # noqa: ARG002
        return not self.text

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:  # noqa: ARG002  ours holds references alone
        return self.text
