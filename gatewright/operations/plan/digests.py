"""Digests of a plan's changes: HMACs, whose random key is encrypted by the stack's own secrets provider.

A digest covers the description of a change, the inputs of its resources before and after, and the values of its
secrets. Without the key, and so without access to the stack, nobody can test guesses of those values.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.environment.references import FromConfig, FromVariable
from gatewright.facts.resource_names import resource_name
from gatewright.facts.resource_types import CONFIG_FILE
from gatewright.operations.plan import kinds
from gatewright.operations.plan.masking import gateway_references
from gatewright.operations.plan.model import Action, Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.plan.build import PlannedChange
    from gatewright.operations.plan.dry_run import DryRun
    from gatewright.operations.plan.grouping import ResourceGroup
    from gatewright.operations.stack.pulumi import Pulumi

KEY = "planKey"
ENCRYPTION = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""The keys of a stack's file that say how its secrets are encrypted."""


def digests(dry_run: DryRun, key: str) -> dict[str, str]:
    """The digest of each change, by its name; without changes that only the calendar or this machine brings."""
    values = _SecretValues(dry_run)
    result = {}
    for planned in dry_run.planned_changes:
        if planned.change.cause is Cause.FILES:
            content = json.dumps(_content(planned, values), sort_keys=True).encode()
            digest = hmac.new(bytes.fromhex(key), content, hashlib.sha256).hexdigest()
            result[f"{planned.change.kind} {planned.change.name}"] = digest
    return result


def _content(planned: PlannedChange, values: _SecretValues) -> dict[str, Any]:
    """Everything that makes up a change; a file's words are left out, since they depend on the files of one machine."""
    change = planned.change
    return {
        "action": change.action.value,
        "words": [] if change.kind == resource_name(CONFIG_FILE) else change.differences,
        "risks": change.risks,
        "resources": [
            [resource.type, resource.name, resource.action, resource.before, resource.after, resource.protected]
            for resource in planned.group.resources
            if resource.action or resource.protected[0] != resource.protected[1]
        ],
        "secrets": values.of(planned.group),
    }


class _SecretValues:
    """The values of the secrets that a change sends, as the run would find them."""

    def __init__(self, dry_run: DryRun) -> None:
        self._environment = dry_run.context.environment
        self._pulumi = dry_run.pulumi
        self._config: dict[str, str] | None = None

    def of(self, group: ResourceGroup) -> dict[str, str | None]:
        """The values by reference; None for one that is not set."""
        return {str(reference): self._value(reference) for reference in self._references(group)}

    def _references(self, group: ResourceGroup) -> Iterator[FromVariable | FromConfig]:
        sent = {
            resource.type
            for resource in group.resources
            if resource.action in (Action.CREATE, Action.REPLACE, Action.UPDATE)
        }
        if kinds.SECRET in sent and not self._environment.local:  # whose keys are fake
            key = self._environment.providers[group.name].key
            if isinstance(key, FromVariable | FromConfig):
                yield key
        if kinds.GATEWAY in sent:
            yield from gateway_references(self._environment)

    def _value(self, reference: FromVariable | FromConfig) -> str | None:
        if isinstance(reference, FromVariable):
            return os.environ.get(reference.name)
        if self._config is None:
            self._config = self._pulumi.config()
        return self._config.get(reference.name)


def seal(pulumi: Pulumi, key: str) -> str:
    """`key`, encrypted like the stack's own secrets, together with the settings of that encryption."""
    own = pulumi.config_file or pulumi.project.stacks / f"Pulumi.{pulumi.stack}.yaml"
    settings = yaml.safe_load(own.read_text(encoding="utf-8")) if own.is_file() else None
    encryption = {name: settings[name] for name in ENCRYPTION if settings and name in settings}
    with _temporary_file(yaml.safe_dump(encryption)) as file:
        pulumi.capture("config", "set", "--secret", KEY, "--stack", pulumi.stack, "--config-file", str(file), stdin=key)
        return file.read_text(encoding="utf-8")


def unseal(pulumi: Pulumi, sealed: str) -> str:
    """Decrypt a key. Raises EngineError where the stack is encrypted differently now."""
    with _temporary_file(sealed) as file:
        return pulumi.capture("config", "get", KEY, "--stack", pulumi.stack, "--config-file", str(file)).strip()


@contextmanager
def _temporary_file(text: str) -> Iterator[Path]:
    with TemporaryDirectory(prefix="gatewright-") as folder:
        file = Path(folder) / "sealed.yaml"
        file.write_text(text, encoding="utf-8")
        yield file
