"""Findings from the engine's refresh: resources that are changed, deleted, edited, or not on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.environment.risks import Risk
from gatewright.facts.resource_names import resource_name
from gatewright.facts.resource_types import CONFIG_FILE
from gatewright.frozen import frozen
from gatewright.operations.drift import remedies
from gatewright.operations.drift.affected_clients import affected_clients
from gatewright.operations.drift.model import Finding, FindingClass
from gatewright.operations.plan.diffs.files import NOT_HERE, edited_by_hand
from gatewright.operations.plan.diffs.routes import NO_GAP
from gatewright.operations.plan.diffs.values import changed, differing
from gatewright.operations.plan.kinds import TOKEN, declared_name, declared_path, differences, kind_of, location_of
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.diffs.values import Difference
    from gatewright.operations.stack.pulumi import Step

    Properties = Mapping[str, Any]

DISPLACED = "displacedVersionId"
"""An output of a route while another version than the stack's is deployed."""
_MODIFIED = ("modifiedAt", "modifiedOn", "modified")


@frozen
class RefreshReader:
    """Reads the steps of a refresh of one environment.

    `declared` are the client files of the current environment by path: a file that `render` has written since the last
    up was not edited by hand. `now` in seconds since 1970.
    """

    environment: Environment
    root: Node | None
    declared: Mapping[str, str]
    now: int

    def findings(self, steps: Iterable[Step]) -> list[Finding]:
        """All findings, in the order of the steps."""
        return [finding for step in steps if kind_of(step.type).watched for finding in self._findings(step)]

    def _findings(self, step: Step) -> Iterator[Finding]:
        if step.operation == "delete":
            if not self._has_expired(step):
                yield self._finding(FindingClass.DELETED, step, "deleted at Cloudflare", risk=Risk.DELETED)
        elif step.type == CONFIG_FILE:
            yield from self._file_findings(step)
        elif DISPLACED in step.before and step.name in self.environment.routes:
            yield from self._displaced_route(step)
        else:
            for setting, group in self._by_setting(step).items():
                risk = min((difference.risk for difference in group if difference.risk), default=None)
                text = ", ".join(difference.text for difference in group if difference.text)
                yield self._finding(FindingClass.CHANGED, step, text, setting, risk)

    def _displaced_route(self, step: Step) -> Iterator[Finding]:
        """A route of which the state knows that another version is deployed, by a rollback: file against Cloudflare."""
        declared = graph_of(route_elements(self.environment, step.name))
        deployed = step.after.get("elements") or step.before.get("elements") or {}
        names = model_names(self.environment)
        found = differences(step.type, {"elements": declared}, {"elements": deployed}, names)
        if texts := [difference.text for difference in found if difference.text not in ("", NO_GAP)]:
            risk = min((difference.risk for difference in found if difference.risk), default=None)
            text = f"not the file's version runs: {', '.join(texts)}"
            finding = self._finding(FindingClass.CHANGED, step, text, risk=risk)
            yield replace(finding, fix=remedies.up(self.environment.name))

    def _by_setting(self, step: Step) -> dict[str, list[Difference]]:
        """The differences by the setting that they are about."""
        before, after = _watched_properties(step, step.before), _watched_properties(step, step.after)
        names = {name for name in differing(before, after) if not _is_activation(name, before, after)}
        reported = step.differing if step.operation != "same" else ()
        after = {name: value for name, value in before.items() if name not in names} | {
            name: value for name, value in after.items() if name in names
        }
        by_setting: dict[str, list[Difference]] = {}
        for difference in differences(step.type, before, after, model_names(self.environment), reported):
            if difference.text != NO_GAP:
                by_setting.setdefault(difference.path, []).append(difference)
        return by_setting

    def _file_findings(self, step: Step) -> Iterator[Finding]:
        before, after = step.before, step.after
        if after.get("onDisk") is False:
            yield self._finding(FindingClass.NOT_HERE, step, NOT_HERE)
        elif after.get("content") != before.get("content"):
            if after.get("content") != self.declared.get(step.name):
                text = edited_by_hand(str(before.get("content")), str(after.get("content")))
                yield self._finding(FindingClass.EDITED, step, text)
        elif after.get("mode") != before.get("mode"):
            difference = changed("mode", str(before.get("mode")), str(after.get("mode")))
            yield self._finding(FindingClass.EDITED, step, difference.text)

    def _finding(
        self, class_: FindingClass, step: Step, text: str, setting: str = "", risk: Risk | None = None
    ) -> Finding:
        is_file, kind = step.type == CONFIG_FILE, resource_name(step.type)
        keys = (*declared_path(self.environment, step.type, step.name), *filter(None, setting.split(".")))
        user = step.name if is_file else declared_name(self.environment, step.type, step.name)
        return Finding(
            class_,
            kind,
            f"out/{self.environment.name}/{step.name}" if is_file else step.name,
            text,
            f"files.{step.name}" if is_file else ".".join(keys),
            _fix(class_, self.environment.name),
            location_of(self.root, keys),
            affected_clients(self.environment, kind, user),
            _modified(step),
            risk=risk,
        )

    def _has_expired(self, step: Step) -> bool:
        expires = step.before.get("expiresOn") if step.type == TOKEN else None
        return isinstance(expires, str) and clock.parse_timestamp(expires) <= self.now


def _fix(class_: FindingClass, stack: str) -> str:
    match class_:
        case FindingClass.NOT_HERE:
            return remedies.render(stack)
        case FindingClass.EDITED:
            return remedies.up(stack)
    return remedies.refresh(stack)


def _watched_properties(step: Step, properties: Properties) -> dict[str, Any]:
    """The properties that count; none where the plugin reports no difference."""
    names = kind_of(step.type).watched if step.operation != "same" else ()
    return {name: properties[name] for name in names if name in properties}


def _is_activation(name: str, before: Properties, after: Properties) -> bool:
    """Whether a domain has become active because Cloudflare has found its CNAME."""
    return name == "status" and before.get(name) != "active" and after.get(name) == "active"


def _modified(step: Step) -> str | None:
    for name in _MODIFIED:
        time = step.after.get(name)
        if isinstance(time, str) and time != step.before.get(name):
            return time
    return None
