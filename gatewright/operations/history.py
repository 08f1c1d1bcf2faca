"""The kept results of `verify --history` and `drift --history`: one JSON line for each run of an environment.

The files are .gatewright/history/<environment>/verify.jsonl and drift.jsonl. They hold names, codes and figures, and of
drift also the masked differences, but no messages of providers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gatewright import clock
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.append import append_line
from gatewright.io.printable import plural
from gatewright.io.untrusted import parse_json, read_regular_file
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatewright.operations.drift.model import Drift
    from gatewright.operations.probe.verify import Verification
    from gatewright.project import Project

    Json = dict[str, Any]

_FOLDER = "history"
_VERIFY, _DRIFT = "verify.jsonl", "drift.jsonl"


@frozen
class ProbeRecord:
    """The result of one model or route: `name` as `verify` prints it (mistral/codestral, dynamic/fast).

    `answered`: the request was answered. `ok`: also all that --deep expects. `failure` is a code of the guide on
    verify, None if `ok`; `not-asked` means that no request was sent. `answered_by` is the model that answered.
    """

    name: str
    ok: bool
    answered: bool
    failure: str | None
    ms: int
    answered_by: str | None

    @property
    def provider(self) -> str:
        """The provider's slug; `dynamic` for a route."""
        return self.name.partition("/")[0]

    @property
    def was_sent(self) -> bool:
        """Whether a request was sent."""
        return self.failure != "not-asked"


@frozen
class VerifyRun:
    """One run of `verify`; `time` in seconds since 1970."""

    time: int
    environment: str
    results: tuple[ProbeRecord, ...]


@frozen
class FindingRecord:
    """One finding of `drift`. `class_` is a value of `FindingClass`; `counts`: it is drift that no rule ignores."""

    class_: str
    kind: str
    name: str
    path: str
    difference: str
    counts: bool


@frozen
class DriftRun:
    """One run of `drift`; `time` in seconds since 1970."""

    time: int
    environment: str
    is_deployed: bool
    findings: tuple[FindingRecord, ...]

    @property
    def drifted(self) -> tuple[FindingRecord, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.counts)


Run = TypeVar("Run")


@frozen
class History(Generic[Run]):
    """The kept runs of one environment, the oldest first; `notes` name lines that were skipped because they are
    broken."""

    runs: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()

    def followed_by(self, run: Run) -> History[Run]:
        """The same with one more run."""
        return replace(self, runs=(*self.runs, run))


def record_verification(verification: Verification, time: int) -> VerifyRun:
    """The run as it is kept."""
    results = tuple(
        ProbeRecord(
            name=result.label,
            ok=result.failure is None,
            answered=result.first.failure is None,
            failure=result.failure.code if result.failure else None,
            ms=round(result.first.seconds * 1000),
            answered_by=result.first.model,
        )
        for result in verification.results
    )
    return VerifyRun(time, verification.environment, results)


def record_drift(drift: Drift, time: int) -> DriftRun:
    """The run as it is kept."""
    findings = tuple(
        FindingRecord(
            class_=str(finding.class_),
            kind=finding.kind,
            name=finding.name,
            path=finding.path,
            difference=masked(finding.difference),
            counts=finding.counts,
        )
        for finding in drift.findings
    )
    return DriftRun(time, drift.environment, drift.is_deployed, findings)


def keep_run(project: Project, run: VerifyRun | DriftRun) -> None:
    """Append the run to its environment's history. Raises OSError."""
    name = _VERIFY if isinstance(run, VerifyRun) else _DRIFT
    content = asdict(run, dict_factory=_json_object) | {"time": clock.format_timestamp(run.time)}
    line = json.dumps(content, ensure_ascii=False)
    append_line(project.root, (project.work.name, _FOLDER, run.environment), name, line)


def read_verify_history(project: Project, environment: str) -> History[VerifyRun]:
    """The kept runs of `verify`; none where there is no file. Raises OSError."""
    return _read(project, environment, _VERIFY, _verify_run)


def read_drift_history(project: Project, environment: str) -> History[DriftRun]:
    """The kept runs of `drift`; none where there is no file. Raises OSError."""
    return _read(project, environment, _DRIFT, _drift_run)


def history_folder(project: Project, environment: str) -> Path:
    """The folder of an environment's kept results."""
    return project.work / _FOLDER / environment


def _json_object(fields: list[tuple[str, object]]) -> Json:
    return {name.removesuffix("_"): value for name, value in fields}


def _read(project: Project, environment: str, name: str, parse: Callable[[Json], Run]) -> History[Run]:
    path = history_folder(project, environment) / name
    runs, broken = [], []
    for number, line in enumerate(_lines(path), start=1):
        try:
            runs.append(parse(parse_json(line)))
        except (ValueError, TypeError, KeyError, UsageError):
            broken.append(str(number))
    if not broken:
        return History(tuple(runs))
    words = f"{plural(len(broken), 'broken line')} skipped in {project.shown(path)}: {', '.join(broken)}"
    return History(tuple(runs), (words,))


def _lines(path: Path) -> list[bytes]:
    try:
        return read_regular_file(path).splitlines()
    except FileNotFoundError:
        return []


def _verify_run(run: Json) -> VerifyRun:
    results = tuple(
        ProbeRecord(
            name=_typed(result["name"], str),
            ok=_typed(result["ok"], bool),
            answered=_typed(result["answered"], bool),
            failure=_optional_text(result["failure"]),
            ms=_typed(result["ms"], int),
            answered_by=_optional_text(result["answered_by"]),
        )
        for result in run["results"]
    )
    return VerifyRun(clock.parse_timestamp(run["time"]), _typed(run["environment"], str), results)


def _drift_run(run: Json) -> DriftRun:
    findings = tuple(
        FindingRecord(
            class_=_typed(finding["class"], str),
            kind=_typed(finding["kind"], str),
            name=_typed(finding["name"], str),
            path=_typed(finding["path"], str),
            difference=_typed(finding["difference"], str),
            counts=_typed(finding["counts"], bool),
        )
        for finding in run["findings"]
    )
    time, is_deployed = clock.parse_timestamp(run["time"]), _typed(run["is_deployed"], bool)
    return DriftRun(time, _typed(run["environment"], str), is_deployed, findings)


T = TypeVar("T")


def _typed(value: object, kind: type[T]) -> T:
    """The value. Raises TypeError if it has another type."""
    if type(value) is not kind:
        raise TypeError
    return value


def _optional_text(value: object) -> str | None:
    return None if value is None else _typed(value, str)
