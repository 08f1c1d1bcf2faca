"""Digests of a plan's changes: HMACs, whose random key is encrypted by the stack's own secrets provider.

A digest covers the description of a change, the inputs of its resources before and after, and the values of its
secrets. Without the key, and so without access to the stack, nobody can test guesses of those values.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.command_line import command
from gatewright.environment.references import FromConfig, FromVariable
from gatewright.errors import UsageError
from gatewright.facts.resource_names import resource_name
from gatewright.facts.resource_types import CONFIG_FILE
from gatewright.frozen import frozen
from gatewright.operations.plan import kinds
from gatewright.operations.plan.masking import gateway_references
from gatewright.operations.plan.model import Action, Cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.operations.plan.build import PlannedChange
    from gatewright.operations.plan.dry_run import DryRun
    from gatewright.operations.plan.grouping import ResourceGroup
    from gatewright.operations.stack.pulumi import Pulumi

KEY = "planKey"
_NAMESPACE = "gatewright"
ENCRYPTION = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""The keys of a stack's file that say how its secrets are encrypted."""
_CREATED_SETTINGS = ("encryptedkey", "encryptionsalt")
"""Those of them that the engine creates. Only the secrets provider can create valid ones."""


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


@frozen
class SealedKey:
    """The key of the digests, encrypted by the stack's secrets provider.

    `settings` are those that the provider created for the stack. They are used only while the stack has no file of its
    own, since nobody can create valid ones without the provider.
    """

    secure: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def to_text(self) -> str:
        """The key in the form of a stack's file."""
        return yaml.safe_dump({**self.settings, "config": {f"{_NAMESPACE}:{KEY}": {"secure": self.secure}}})

    @staticmethod
    def from_text(text: object) -> SealedKey:
        """The inverse of `to_text`. Raises ValueError for anything else, such as a key in clear text."""
        match _parse(text):
            case {"config": dict() as config, **settings} if len(config) == 1:
                match next(iter(config.values())):
                    case {"secure": str() as secure, **others} if secure and not others:
                        own = settings.keys() & {*_CREATED_SETTINGS}
                        known = {str(name): value for name in own if isinstance(value := settings[name], str)}
                        if known.keys() == own:
                            return SealedKey(secure, known)
        raise ValueError("the key of the digests is not an encrypted value")


def _parse(text: object) -> object:
    try:
        return yaml.safe_load(text) if isinstance(text, str) else None
    except (yaml.YAMLError, RecursionError):
        return None


def seal(pulumi: Pulumi, key: str) -> SealedKey:
    """Encrypt `key` with the stack's own secrets provider."""
    own = _encryption(pulumi.config_file or _stack_file(pulumi))
    with _temporary_file(own) as file:
        arguments = ("config", "set", "--secret", KEY, "--stack", pulumi.stack, "--config-file", str(file))
        pulumi.capture(*arguments, stdin=_purpose(pulumi) + key)
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
    (value,) = written["config"].values()
    return SealedKey(value["secure"], {name: written[name] for name in _CREATED_SETTINGS if name in written})


def unseal(pulumi: Pulumi, sealed: SealedKey) -> str:
    """Decrypt a key with the stack's own secrets provider, as its own file configures it.

    Raises EngineError where the provider cannot decrypt it, UsageError where the value is not the key of a plan of this
    stack.
    """
    encryption = _encryption(_stack_file(pulumi))
    if not encryption.keys() & {*_CREATED_SETTINGS} and not pulumi.session.backend_encrypts:
        is_passphrase = encryption.get("secretsprovider", "passphrase") in {"passphrase", "default"}
        name = "encryptionsalt" if is_passphrase else "encryptedkey"
        encryption |= {name: sealed.settings[name]} if name in sealed.settings else {}
    content = {**encryption, "config": {f"{pulumi.project_name}:{KEY}": {"secure": sealed.secure}}}
    with _temporary_file(content) as file:
        text = pulumi.capture("config", "get", KEY, "--stack", pulumi.stack, "--config-file", str(file)).strip()
    key = text.removeprefix(_purpose(pulumi))
    if key == text or not re.fullmatch(r"[0-9a-f]{64}", key):
        raise UsageError(
            f"the key in the saved plan was not sealed for a plan of {pulumi.stack}",
            f"Save the plan again: {command(f'preview {pulumi.stack} --save FILE')}",
        )
    return key


def _purpose(pulumi: Pulumi) -> str:
    """The prefix of the encrypted text: another secret of the stack, whose value may be known, is not accepted."""
    return f"key of a saved plan of {pulumi.stack}: "


def _stack_file(pulumi: Pulumi) -> Path:
    return pulumi.project.stacks / f"Pulumi.{pulumi.stack}.yaml"


def _encryption(file: Path) -> dict[str, str]:
    """The encryption settings in a stack's file; none without a file."""
    settings = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else None
    return {name: settings[name] for name in ENCRYPTION if name in settings} if isinstance(settings, dict) else {}


@contextmanager
def _temporary_file(content: Mapping[str, object]) -> Iterator[Path]:
    with TemporaryDirectory(prefix="gatewright-") as folder:
        file = Path(folder) / "sealed.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        yield file
