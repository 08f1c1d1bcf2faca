"""Loads from files: JSON lines, or CSV with a heading.

A line has a `time`, one of `route`, `role`, `model` and `target`, and may have `tokens_in`, `tokens_out`, `prompt`,
`event_id` and metadata (`metadata`, or columns `metadata.KEY`). A line that cannot be read is left out and named.
"""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.simulation.load import RecordedLoad, draw_paces
from gatewright.operations.simulation.requests import Request, without_collections

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path
    from typing import TextIO

    Row = Mapping[str, Any]

SHOWN = 5
"""How many broken lines are named."""
MAX_TOKENS = 1_000_000_000
_PREFIX = "metadata."


class _BrokenLineError(Exception):
    """A line cannot be read; the message says why."""


@frozen
class FileLoad:
    """The load of a file, and notes about lines that were left out."""

    load: RecordedLoad
    notes: tuple[str, ...] = ()


def read_load(path: Path, is_target: Callable[[str], bool], seed: int) -> FileLoad:
    """Read a file. `is_target`: whether an environment has that role, route or model.

    Raises:
        UsageError: no line of it can be read.
        OSError: the file cannot be read.
    """
    requests: list[Request] = []
    broken: list[str] = []
    targets = _Targets(is_target)
    paces = draw_paces(random.Random(f"{seed}/file"))  # noqa: S311  not a secret
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file, without_collections():
        is_json = file.read(1) == "{"
        file.seek(0)
        for number, row in _json_rows(file) if is_json else _csv_rows(file):
            try:
                requests.append(_request(row, targets, next(paces)))
            except _BrokenLineError as error:
                broken.append(f"{path}:{number}: {error}" if len(broken) < SHOWN else "")
    if not requests:
        raise UsageError(f"{path}: no line can be read", broken[0] if broken else "The file is empty")
    requests.sort(key=attrgetter("time"))
    start = int(requests[0].time)
    seconds = int(requests[-1].time) - start + 1
    return FileLoad(RecordedLoad(requests, start, seconds, targets.known()), tuple(_notes(broken)))


def _notes(broken: list[str]) -> Iterator[str]:
    yield from broken[:SHOWN]
    if broken:
        yield f"{plural(len(broken), 'line')} left out"


def _json_rows(file: TextIO) -> Iterator[tuple[int, Row | str]]:
    for number, line in enumerate(file, 1):
        if line.isspace():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "not JSON"
            continue
        yield number, row if isinstance(row, dict) else "expected an object"


def _csv_rows(file: TextIO) -> Iterator[tuple[int, Row | str]]:
    reader = csv.reader(file)
    heading: list[str] = []
    columns: list[str] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, str(error)
            continue
        if not heading:
            heading = [cell.strip() for cell in cells]
            columns = [name for name in heading if name.startswith(_PREFIX)]
        elif len(cells) == len(heading):
            row: dict[str, Any] = dict(zip(heading, cells, strict=True))
            if columns:
                row["metadata"] = {name.removeprefix(_PREFIX): row[name] for name in columns if row[name]}
            yield reader.line_num, row
        elif cells:
            yield reader.line_num, f"expected {plural(len(heading), 'cell')}, found {len(cells)}"


class _Targets:
    """The targets of a file, each of which is checked once."""

    def __init__(self, is_target: Callable[[str], bool]) -> None:
        self._is_target = is_target
        self._results: dict[str, bool] = {}

    def require(self, name: str) -> str:
        if name not in self._results:
            self._results[name] = self._is_target(name)
        if not self._results[name]:
            raise _BrokenLineError(f"unknown target {name[:80]}")
        return name

    def known(self) -> Collection[str]:
        return [name for name, exists in self._results.items() if exists]


def _request(row: Row | str, targets: _Targets, pace: float) -> Request:
    if isinstance(row, str):
        raise _BrokenLineError(row)
    return Request(
        _time(row.get("time")),
        targets.require(_target(row)),
        _tokens(row, "tokens_in"),
        _tokens(row, "tokens_out"),
        pace,
        row.get("prompt") or None,
        _metadata(row),
        str(row.get("event_id") or "") or None,
    )


def _time(value: object) -> float:
    """A timestamp, in UTC where it has no offset, or seconds since 1970."""
    if value is None:
        raise _BrokenLineError("time is missing")
    try:
        if isinstance(value, str) and "-" in value:
            time = datetime.fromisoformat(value)
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
        seconds = float(value) if isinstance(value, str | int | float) else -1
    except (ValueError, OverflowError):
        seconds = -1
    if not 0 <= seconds < 1e11:
        raise _BrokenLineError(f"time: expected a timestamp or seconds since 1970, found {str(value)[:40]}")
    return seconds


def _target(row: Row) -> str:
    if route := row.get("route"):
        return f"dynamic/{str(route).removeprefix('dynamic/')}"
    name = row.get("role") or row.get("model") or row.get("target")
    if not name:
        raise _BrokenLineError("expected route, role, model or target")
    return str(name)


def _tokens(row: Row, name: str) -> int:
    value = row.get(name)
    if value in (None, ""):
        return 0
    try:
        tokens = int(value)
    except (ValueError, TypeError, OverflowError):
        tokens = -1
    if not 0 <= tokens <= MAX_TOKENS:
        raise _BrokenLineError(f"{name}: expected a number of tokens, found {str(value)[:40]}")
    return tokens


def _metadata(row: Row) -> Mapping[str, Any] | None:
    metadata = row.get("metadata")
    return metadata if metadata and isinstance(metadata, dict) else None
