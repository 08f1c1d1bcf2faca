"""The results of verify as a report."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from gatewright.cli.batch import count_outcomes, json_entries
from gatewright.cli.reports.history import NO_HISTORIES
from gatewright.cli.reports.model import BROKEN, CLEAN, FAILED, INFO, PASSED, Document, Report, Row
from gatewright.io.figures import NONE, seconds, usd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.cli.reports.history import Histories
    from gatewright.operations.batch import Outcome
    from gatewright.operations.probe.probe_senders import ProbeSender
    from gatewright.operations.probe.responses import Answer
    from gatewright.operations.probe.verify import Drill, ProbeResult, Verification

    Json = dict[str, Any]

COLUMNS = ("called", "answered by", "steps", "cache", "latency", "tokens", "cost")
NOT_PROBED = "the gateway has no chat endpoint for it"


def verify_document(outcomes: Sequence[Outcome[Verification]], histories: Histories = NO_HISTORIES) -> Document:
    """The report of `verify`; the JSON of a single environment is that environment's."""

    def to_json(verification: Verification) -> Json:
        return verification_json(verification) | histories.json(verification.environment)

    def to_report(verification: Verification) -> Report:
        report = verify_report(verification)
        return replace(report, notes=(*report.notes, *histories.lines(verification.environment)))

    passed = sum(bool(outcome.value and not outcome.value.failed) for outcome in outcomes)
    noun = "environment passed" if len(outcomes) == 1 else "environments passed"
    environments = json_entries(outcomes, to_json)
    single = outcomes[0].value if len(outcomes) == 1 else None
    json = to_json(single) if single else {"environments": environments}
    reports = [outcome.map(to_report) for outcome in outcomes]
    return Document("verify", count_outcomes(outcomes, passed, noun), reports, json)


def verify_report(verification: Verification) -> Report:
    """The report of one environment: a table."""
    skipped = [f"{name} was not probed: {NOT_PROBED}" for name in verification.skipped]
    return Report(
        verification.environment,
        _headline(verification),
        BROKEN if verification.failed else CLEAN,
        rows=tuple(map(_row, verification.results)),
        notes=tuple(skipped),
        columns=COLUMNS,
    )


def _headline(verification: Verification) -> str:
    """`2 of 3 answered`, how many answered, but not as declared, and how many were not drilled."""
    probed = [result for result in verification.results if result.is_probed]
    answered = sum(result.first.failure is None for result in probed)
    unexpected = len(verification.failed) - (len(probed) - answered)
    left = len(verification.results) - len(probed)
    parts = [f"{answered} of {len(probed)} answered"]
    parts += [f"{unexpected} of them not as declared"] if unexpected else []
    return ", ".join([*parts, *([f"{left} not drilled"] if left else [])])


def _row(result: ProbeResult) -> Row:
    failure = result.failure
    return Row(
        FAILED if failure else PASSED if result.is_probed else INFO,
        "",
        result.label,
        details=(*([failure.cause] if failure else []), *result.notes),
        fix=failure.fix if failure else "",
        cells=_cells(result),
    )


def _cells(result: ProbeResult) -> tuple[str, ...]:
    """The columns; a dash for an unknown fact, empty without an answer."""
    first = result.first
    if first.failure or not result.is_probed:
        return (result.label, NONE, *[""] * (len(COLUMNS) - 2))
    caches = [answer.cache or NONE for answer in (first, result.second) if answer]
    cost = None if first.cost is None else usd(first.cost)
    facts = (first.model, first.steps, ", ".join(caches), seconds(first.seconds), first.tokens, cost)
    return (result.label, *(NONE if fact is None else str(fact) for fact in facts))


def verification_json(verification: Verification) -> Json:
    """One environment as JSON."""
    return {
        "environment": verification.environment,
        "ok": not verification.failed,
        "took_seconds": round(verification.seconds, 3),
        "results": [_result_json(result) for result in verification.results],
        "left_out": list(verification.skipped),
    }


def _result_json(result: ProbeResult) -> Json:
    answers = (("second", result.second), ("fallback", result.fallback))
    return {
        "called": result.label,
        "ok": result.failure is None,
        **_answer_json(result.first),
        **{name: _answer_json(answer) for name, answer in answers if answer},
        **({"drill": _drill_json(result.drill)} if result.drill else {}),
        **({"as": _sender_json(result.sender)} if result.sender else {}),
        "notes": list(result.notes),
    }


def _drill_json(drill: Drill) -> Json:
    return {name: value for name, value in asdict(drill).items() if name != "client" or value}


def _sender_json(sender: ProbeSender) -> Json:
    client, _, role = sender.name.partition("/")
    metadata, unset = dict(sender.metadata), dict(sender.unset)
    return {"client": client, "role": role or None, "metadata": metadata, "not_set": unset}


def _answer_json(answer: Answer) -> Json:
    failure = answer.failure
    return {
        "status": answer.status,
        "answered_by": answer.model,
        "steps": answer.steps,
        "cache": answer.cache,
        "latency_ms": round(answer.seconds * 1000),
        "tokens": answer.tokens,
        "cost_usd": answer.cost,
        "failure": failure and {"code": failure.code, "cause": failure.cause, "mend": failure.fix},
    }
