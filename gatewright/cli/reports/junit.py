"""The results of verify as JUnit's XML, as CI systems read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from gatewright.cli.reports.verify import NOT_PROBED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.probe.verify import Verification


def to_junit(outcomes: Sequence[Outcome[Verification]]) -> str:
    """A suite for each environment, with a test case for each model and route."""
    root = ET.Element("testsuites")
    for outcome in outcomes:
        if outcome.value:
            _suite(root, outcome.value)
        else:
            _failed_suite(root, outcome)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _suite(root: ET.Element, verification: Verification) -> None:
    name, skipped = verification.environment, len(verification.skipped)
    counts = {"tests": len(verification.results) + skipped, "failures": len(verification.failed), "skipped": skipped}
    suite = _add_suite(root, name, verification.seconds, **counts)
    for result in verification.results:
        case = _add_case(suite, name, result.label, result.first.seconds)
        if failure := result.failure:
            element = ET.SubElement(case, "failure", {"type": failure.code, "message": failure.cause})
            element.text = f"{failure.cause}\n→ {failure.fix}"
        if result.notes:
            ET.SubElement(case, "system-out").text = "\n".join(result.notes)
    for model in verification.skipped:
        ET.SubElement(_add_case(suite, name, model, 0), "skipped", {"message": NOT_PROBED})


def _failed_suite(root: ET.Element, outcome: Outcome[Verification]) -> None:
    """An environment that could not be examined."""
    error = outcome.error
    message = error.message if error else "interrupted before it started"
    details = f"{message}\n→ {error.hint}" if error and error.hint else message
    suite = _add_suite(root, outcome.name, outcome.seconds, tests=1, errors=1)
    case = _add_case(suite, outcome.name, outcome.name, outcome.seconds)
    ET.SubElement(case, "error", {"message": message.partition("\n")[0]}).text = details


def _add_suite(root: ET.Element, environment: str, seconds: float, **counts: int) -> ET.Element:
    numbers = {name: str(counts.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    attributes = {"name": f"gatewright verify {environment}", **numbers, "time": f"{seconds:.3f}"}
    return ET.SubElement(root, "testsuite", attributes)


def _add_case(suite: ET.Element, environment: str, name: str, seconds: float) -> ET.Element:
    attributes = {"classname": f"gatewright.{environment}", "name": name, "time": f"{seconds:.3f}"}
    return ET.SubElement(suite, "testcase", attributes)
