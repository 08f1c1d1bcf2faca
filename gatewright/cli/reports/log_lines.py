"""Entries of a gateway's log as lines of text and as JSON, without secrets and control characters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.cli.batch import PIPE_WIDTH
from gatewright.cli.columns import row_paragraph
from gatewright.clock import format_milliseconds
from gatewright.frozen import frozen
from gatewright.io.figures import seconds, usd
from gatewright.io.printable import make_printable, make_single_line
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatewright.operations.logs import LogLine

    Json = dict[str, Any]

_COLUMNS = (20, 6, 40, 18, 11, 10, 9, 6, 10)
HEADINGS = ("time (UTC)", "status", "model", "route", "tokens", "cost", "duration", "cache", "token", "metadata")
NOT_COLLECTED = "(not collected)"


@frozen
class LogFormat:
    """Formats lines; `mask` replaces the secrets that are known. What looks like a key is masked too.

    width: that of the terminal; where columns do not fit, an entry is a paragraph.
    """

    mask: Callable[[str], str]
    with_payloads: bool = False
    width: int = PIPE_WIDTH

    def heading(self) -> Iterator[str]:
        """The names of the columns, unless entries are paragraphs."""
        if self._has_columns:
            yield _columns(HEADINGS)

    def text(self, line: LogLine) -> Iterator[str]:
        """The entry, and below it the payloads."""
        cells = [self._clean(cell) for cell in _cells(line)]
        if self._has_columns:
            yield _columns(cells)
        else:
            yield from row_paragraph(HEADINGS, cells, self.width)
        if self.with_payloads:
            for name, body in (("request", line.request), ("response", line.response)):
                for part in f"{name}: {self._payload(body)}".splitlines():
                    yield f"    {part}"

    def json(self, line: LogLine) -> str:
        """The line as one JSON object on one line."""
        content = _content(line)
        if self.with_payloads:
            content |= {"request": line.request, "response": line.response}
        return json.dumps(self._masked(content), ensure_ascii=True)

    @property
    def _has_columns(self) -> bool:
        return self.width >= len(_columns(HEADINGS))

    def _payload(self, body: Any) -> str:
        if body is None:
            return NOT_COLLECTED
        body = self._masked(body)
        return make_printable(body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False))

    def _clean(self, text: str) -> str:
        return make_single_line(masked(self.mask(text)))

    def _masked(self, value: Any) -> Any:
        match value:
            case str():
                return masked(self.mask(value))
            case dict():
                return {self._masked(str(key)): self._masked(entry) for key, entry in value.items()}
            case list():
                return [self._masked(entry) for entry in value]
        return value


def _columns(cells: Sequence[str]) -> str:
    *fixed, last = cells
    return f"{'  '.join(f'{cell:<{width}}' for cell, width in zip(fixed, _COLUMNS, strict=True))}  {last}".rstrip()


def _cells(line: LogLine) -> tuple[str, ...]:
    entry = line.entry
    step = f" step {entry.step + 1}" if entry.step else ""
    return (
        format_milliseconds(entry.time)[:19].replace("T", " "),
        str(entry.status or "–"),
        line.model,
        f"{' or '.join(line.routes)}{step}",
        f"{entry.tokens_in}+{entry.tokens_out}",
        usd(entry.cost),
        seconds(entry.duration / 1000),
        "HIT" if entry.is_cached else "",
        line.token,
        " ".join(f"{key}={value}" for key, value in entry.metadata.items()),
    )


def _content(line: LogLine) -> Json:
    entry = line.entry
    return {
        "time": format_milliseconds(entry.time),
        "id": entry.id,
        "status": entry.status,
        "ok": entry.is_success,
        "model": line.model,
        "routes": list(line.routes),
        "token": line.token,
        "step": entry.step,
        "tokens_in": entry.tokens_in,
        "tokens_out": entry.tokens_out,
        "cost_usd": entry.cost,
        "duration_ms": entry.duration,
        "cached": entry.is_cached,
        "metadata": dict(entry.metadata),
        "path": entry.path,
        "event_id": entry.event_id,
        "user_agent": entry.user_agent,
    }
