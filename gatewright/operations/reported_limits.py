"""What providers said of their limits when `verify` asked them last: .gatewright/history/<environment>/limits.json.

Only their owner can read the file. It holds names and figures, no secret and no message.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.io.private import private_folder, replace_private
from gatewright.io.untrusted import parse_json, read_regular_file
from gatewright.operations.history import history_folder
from gatewright.operations.probe.limit_headers import ReportedLimit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.operations.probe.verify import ProbeResult
    from gatewright.project import Project

_FILE = "limits.json"
_VERSION = 1


@frozen
class KeptLimit:
    """A limit as the provider of `model` (groq/gpt-oss-20b) reported it at `time`, in seconds since 1970."""

    model: str
    time: int
    limit: ReportedLimit


def keep_limits(project: Project, environment: str, results: Iterable[ProbeResult], time: int) -> None:
    """Keep what the answers report, in place of what is known of the same models. Raises OSError."""
    reported = {
        answer.limited_model: answer.limits
        for result in results
        for answer in (result.first, result.second)
        if answer and answer.limited_model and answer.limits
    }
    if not reported:
        return
    kept = [limit for limit in read_limits(project, environment) if limit.model not in reported]
    kept += [KeptLimit(model, time, limit) for model, limits in reported.items() for limit in limits]
    limits = [
        {
            "model": each.model,
            "time": each.time,
            "unit": each.limit.unit,
            "remaining": each.limit.remaining,
            "limit": each.limit.limit,
        }
        for each in sorted(kept, key=lambda each: (each.model, each.limit.unit))
    ]
    folder = private_folder(history_folder(project, environment))
    replace_private(folder / _FILE, json.dumps({"version": _VERSION, "limits": limits}, indent=1).encode())


def read_limits(project: Project, environment: str) -> tuple[KeptLimit, ...]:
    """The kept limits, sorted by model; none where the file is missing or damaged."""
    try:
        document = parse_json(read_regular_file(history_folder(project, environment) / _FILE))
        if document["version"] != _VERSION:
            return ()
        return tuple(
            KeptLimit(str(each["model"]), int(each["time"]), _limit(each["unit"], each["remaining"], each["limit"]))
            for each in document["limits"]
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ()


def _limit(unit: object, remaining: float, limit: float | None) -> ReportedLimit:
    return ReportedLimit(str(unit), float(remaining), None if limit is None else float(limit))
