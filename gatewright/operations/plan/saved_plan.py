"""A plan in a file, and whether a later one is the same: what was shown is what is done, or nothing is.

Not Pulumi's own update plans, which are checked while the run goes on, print the secrets that differ in clear, and
count what the calendar brings as a difference. Each change has a digest here, over what is said of it, over the inputs
of its resources before and after, and over the values of its secrets; keyed, so that it tells nothing of them. The key
is random, and sealed by the stack's own secrets provider: who cannot open the stack cannot try values. What only the
calendar brings is no part of it: a token that has become due meanwhile is made, and said.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.environment.references import FromConfig, FromVariable
from gatewright.errors import ChangedPlanError, GatewrightError, UsageError
from gatewright.facts import resource_types
from gatewright.operations.plan import kinds
from gatewright.operations.plan.document import VERSION, document, plan_json
from gatewright.operations.plan.masking import gateway_references
from gatewright.operations.plan.model import Action, Cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.operations.plan.build import PlannedChange
    from gatewright.operations.plan.dry_run import DryRun
    from gatewright.operations.plan.grouping import Subject
    from gatewright.operations.stack.pulumi import Pulumi

KEY = "planKey"
ENCRYPTION = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""What a stack's file says of how its secrets are encrypted."""


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a file says: the environment, what each change was in words, its digest, and the sealed key."""

    environment: str
    changes: Mapping[str, tuple[str, str]]
    """By what it is of ("gateway agents-prod"): words, digest."""
    sealed: str


def save(look: DryRun, path: Path) -> None:
    """Writes the document of a plan, with its fingerprint, to `path`; the engine must still be there.

    Raises EngineError where the stack can seal no key, GatewrightError where the file cannot be written.
    """
    key = secrets.token_hex(32)
    fingerprint = {"key": _seal(look.pulumi, key), "digests": _digests(look, key)}
    content = document([plan_json(look.plan) | {"fingerprint": fingerprint}])
    written = path.with_name(f".{path.name}.new")
    try:
        written.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.replace(path)
    except OSError as error:
        raise GatewrightError(f"the plan cannot be kept in {path}: {error.strerror or error}") from None


def kept(look: DryRun) -> SavedPlan:
    """The same as `read_saved` of what `save` writes, for a run of this very command."""
    key = secrets.token_hex(32)
    words = {_called(each): _said(each) for each in plan_json(look.plan)["changes"]}
    changes = {called: (words.get(called, ""), digest) for called, digest in _digests(look, key).items()}
    return SavedPlan(look.plan.environment, changes, _seal(look.pulumi, key))


def read_saved(path: Path) -> SavedPlan:
    """The plan in the file. Raises UsageError for a file that has none."""
    try:
        (entry,) = (content := json.loads(path.read_text(encoding="utf-8")))["environments"]
        if content["version"] != VERSION:
            raise UsageError(f"{path} is of another version of gatewright", "Make it again: gatewright preview --save")
        fingerprint = entry["fingerprint"]
        words = {_called(each): _said(each) for each in entry["changes"]}
        changes = {called: (words.get(called, ""), digest) for called, digest in fingerprint["digests"].items()}
        return SavedPlan(entry["name"], changes, str(fingerprint["key"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} holds no saved plan", "gatewright preview ENV --save FILE makes one") from error


def require_same(look: DryRun, before: SavedPlan) -> None:
    """Raises ChangedPlanError, which says what differs, where the run would not do what was saved."""
    if before.environment != look.plan.environment:
        raise UsageError(
            f"the saved plan is of {before.environment}, not of {look.plan.environment}",
            f"gatewright up {before.environment} --plan …",
        )
    if lines := what_differs(look, before):
        listed = "".join(f"\n  {line}" for line in lines)
        raise ChangedPlanError(
            f"{before.environment} would not be changed as it was planned, so nothing was done:{listed}",
            f"Look at it again: gatewright preview {before.environment} --save FILE",
        )


def what_differs(look: DryRun, before: SavedPlan) -> list[str]:
    """A line for each change that is another one now than when the plan was saved; none where it is the same plan."""
    now = _digests(look, _unseal(look.pulumi, before.sealed))
    words = {_called(each): _said(each) for each in plan_json(look.plan)["changes"]}
    lines = []
    for called in sorted({*before.changes, *now}):
        was, digest = before.changes.get(called, ("", ""))
        if called not in now:
            lines.append(f"{called}: was to be done ({was}), and is not any more")
        elif not digest:
            lines.append(f"{called}: is new ({words[called]})")
        elif digest != now[called]:
            lines.append(f"{called}: {_other(was, words[called])}")
    return lines


def _other(was: str, now: str) -> str:
    return f"was {was}; is {now}" if was != now else f"{now}: a value of it is another one"


def _digests(look: DryRun, key: str) -> dict[str, str]:
    """By what it is of: the digest of each change that is not the calendar's alone, or of this machine alone."""
    values = _Values(look)
    found = {}
    for each in look.planned_changes:
        if each.change.cause is Cause.FILES:
            content = json.dumps(_content(each, values), sort_keys=True).encode()
            found[f"{each.change.kind} {each.change.name}"] = hmac.new(
                bytes.fromhex(key), content, hashlib.sha256
            ).hexdigest()
    return found


def _content(planned_changes: PlannedChange, values: _Values) -> dict[str, Any]:
    """All that a change is. Of a file the words are left out: they compare with the disk of one machine."""
    change = planned_changes.change
    return {
        "action": change.action.value,
        "words": [] if change.kind == kinds.kind_of(resource_types.CONFIG_FILE).name else change.words,
        "risks": change.risks,
        "resources": [
            [each.type, each.name, each.action, each.old, each.new, each.protected]
            for each in planned_changes.subject.resources
            if each.action or each.protected[0] != each.protected[1]
        ],
        "secrets": values.of(planned_changes.subject),
    }


class _Values:
    """The values of the secrets that a change sends, as the run would find them."""

    def __init__(self, look: DryRun) -> None:
        self._environment = look.seen.environment
        self._pulumi = look.pulumi
        self._config: dict[str, str] | None = None

    def of(self, subject: Subject) -> dict[str, str | None]:
        """By reference; None for one that is not set."""
        return {str(each): self._value(each) for each in self._references(subject)}

    def _references(self, subject: Subject) -> Iterator[FromVariable | FromConfig]:
        made = {
            each.type for each in subject.resources if each.action in (Action.CREATE, Action.REPLACE, Action.UPDATE)
        }
        if kinds.SECRET in made and not self._environment.local:  # whose keys are fake
            key = self._environment.providers[subject.name].key
            if isinstance(key, FromVariable | FromConfig):
                yield key
        if kinds.GATEWAY in made:
            yield from gateway_references(self._environment)

    def _value(self, reference: FromVariable | FromConfig) -> str | None:
        if isinstance(reference, FromVariable):
            return os.environ.get(reference.name)
        if self._config is None:
            self._config = self._pulumi.config()
        return self._config.get(reference.name)


def _seal(pulumi: Pulumi, key: str) -> str:
    """`key`, encrypted as the stack's own secrets are, with what says how."""
    own = pulumi.config_file or pulumi.project.stacks / f"Pulumi.{pulumi.stack}.yaml"
    written = yaml.safe_load(own.read_text(encoding="utf-8")) if own.is_file() else None
    kept = {name: written[name] for name in ENCRYPTION if written and name in written}
    with _file(yaml.safe_dump(kept)) as file:
        pulumi.ask("config", "set", "--secret", KEY, "--stack", pulumi.stack, "--config-file", str(file), told=key)
        return file.read_text(encoding="utf-8")


def _unseal(pulumi: Pulumi, sealed: str) -> str:
    """Raises EngineError where the stack is encrypted in another way by now."""
    with _file(sealed) as file:
        return pulumi.ask("config", "get", KEY, "--stack", pulumi.stack, "--config-file", str(file)).strip()


@contextmanager
def _file(text: str) -> Iterator[Path]:
    with TemporaryDirectory(prefix="gatewright-") as folder:
        file = Path(folder) / "sealed.yaml"
        file.write_text(text, encoding="utf-8")
        yield file


def _called(change: Mapping[str, Any]) -> str:
    return f"{change['kind']} {change['name']}"


def _said(change: Mapping[str, Any]) -> str:
    return ", ".join(change["words"]) or {"create": "created", "delete": "deleted"}.get(change["action"], "changed")
