"""A file that gatewright owns: one value at the path ()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen
from gatewright.io.text_edits import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import KeyPath


@frozen
class WholeText:
    """A text that is one value. An empty text is no value."""

    text: str

    @property
    def data(self) -> Any:
        return self.text or None

    def raw(self, path: KeyPath) -> str | None:  # noqa: ARG002  the path is ()
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

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:  # noqa: ARG002  references only
        return self.text
