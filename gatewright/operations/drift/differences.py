"""What the engine's refresh found to differ from the state: changed, deleted, edited, or not on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.environment.risks import Risk
from gatewright.facts.resource_types import CONFIG_FILE
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.operations.drift import remedies
from gatewright.operations.drift.affected_clients import concerned, program_of
from gatewright.operations.drift.kinds import WATCHED, called, declared_name, path_of
from gatewright.operations.drift.model import Class, Finding
from gatewright.operations.plan.diffs.files import lines_changed
from gatewright.operations.plan.diffs.routes import NO_GAP
from gatewright.operations.plan.diffs.values import differing
from gatewright.operations.plan.kinds import differences
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.diagnostics import Location
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.diffs.values import Difference
    from gatewright.operations.stack.pulumi import Step

    Properties = Mapping[str, Any]

_MODIFIED = ("modifiedAt", "modifiedOn", "modified")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Reads the steps of a refresh. `declared` are the files as the environment has them now, by their paths: what a
    `render` has put there since the last up was not edited by hand. `now`: seconds since 1970."""

    environment: Environment
    loaded: Loaded
    declared: Mapping[str, str]
    now: int

    def findings(self, steps: Iterable[Step]) -> list[Finding]:
        """All that differs, in the order of the steps."""
        return [found for step in steps if step.type in WATCHED for found in self._of(step)]

    def _of(self, step: Step) -> Iterator[Finding]:
        if step.operation == "delete":
            if not self._has_ended(step):
                yield self._found(Class.DELETED, step, "gone at Cloudflare")
        elif step.type == CONFIG_FILE:
            yield from self._file(step)
        else:
            for path, found in self._differences(step).items():
                risk = min((each.risk for each in found if each.risk), default=None)
                words = ", ".join(each.words for each in found if each.words)
                yield self._found(Class.CHANGED, step, words, path, risk)

    def _differences(self, step: Step) -> dict[str, list[Difference]]:
        """In words, by the setting that they are about."""
        before, after = _watched(step, step.before), _watched(step, step.after)
        names = [name for name in differing(before, after) if not _comes_of_itself(name, before, after)]
        told = step.differing if step.operation != "same" else ()  # what is secret only the plugin sees
        same = {name: value for name, value in before.items() if name not in names}
        after = same | {name: after[name] for name in names if name in after}
        found: dict[str, list[Difference]] = {}
        for each in differences(step.type, before, after, model_names(self.environment), told):
            if each.words != NO_GAP:
                found.setdefault(each.path, []).append(each)
        return found

    def _file(self, step: Step) -> Iterator[Finding]:
        held, there = step.before, step.after
        if there.get("onDisk") is False:
            yield self._found(Class.NOT_HERE, step, "not on this machine")
        elif there.get("content") != held.get("content"):
            if there.get("content") != self.declared.get(step.name):
                count = lines_changed(str(held.get("content")), str(there.get("content")))
                words = f"edited by hand, {count} line{'' if count == 1 else 's'}"
                yield self._found(Class.EDITED, step, words)
        elif there.get("mode") != held.get("mode"):
            yield self._found(Class.EDITED, step, f"mode {held.get('mode')} → {there.get('mode')}")

    def _found(self, class_: Class, step: Step, words: str, below: str = "", risk: Risk | None = None) -> Finding:
        path, kind = path_of(self.environment, step, below), called(step)
        return Finding(
            class_,
            kind,
            f"out/{self.environment.name}/{step.name}" if step.type == CONFIG_FILE else step.name,
            words,
            ".".join(path),
            self._mend(class_),
            self._place(step, path),
            concerned(self.environment, kind, declared_name(self.environment, step)),
            _since(step),
            risk=Risk.DELETED if class_ is Class.DELETED else risk,
        )

    def _mend(self, class_: Class) -> str:
        stack = self.environment.name
        if class_ is Class.NOT_HERE:
            return remedies.rendered(stack)
        return remedies.up(stack) if class_ is Class.EDITED else remedies.refreshed(stack)

    def _place(self, step: Step, path: tuple[str, ...]) -> Location | None:
        root = self.loaded.root
        keys = ("clients", program_of(step.name)) if step.type == CONFIG_FILE else path
        return root.location_at(*keys) if root and keys[0] in root.entries else None

    def _has_ended(self, step: Step) -> bool:
        """Whether it is a token whose time had come."""
        ends = step.before.get("expiresOn") if step.type == ACCOUNT_TOKEN.token else None
        return isinstance(ends, str) and clock.parse_timestamp(ends) <= self.now


def _watched(step: Step, properties: Properties) -> dict[str, Any]:
    """What counts of it; nothing where the plugin has found no difference."""
    names = WATCHED[step.type].properties if step.operation != "same" else ()
    return {name: properties[name] for name in names if name in properties}


def _comes_of_itself(name: str, before: Properties, after: Properties) -> bool:
    """A domain whose CNAME is seen becomes active."""
    return name == "status" and before.get(name) != "active" and after.get(name) == "active"


def _since(step: Step) -> str | None:
    for name in _MODIFIED:
        moment = step.after.get(name)
        if isinstance(moment, str) and moment != step.before.get(name):
            return moment
    return None
