"""import-client: add what a client's own file declares to an environment file that exists."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.clients.common.own_config import Skipped
from gatewright.clock import today
from gatewright.command_line import command
from gatewright.diagnostics import Diagnostics, did_you_mean
from gatewright.environment.files import FILE_SHAPE, SHIPPED
from gatewright.environment.load import is_stack_name
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.io.yaml_edit import YamlEdit
from gatewright.operations.base_yaml import TOKENS
from gatewright.operations.importing.environment_draft import ImportDraft
from gatewright.operations.importing.new_project import require_providers
from gatewright.operations.importing.own_file import read_own_file
from gatewright.workspace import files_of, new_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatewright.environment.nodes import Node
    from gatewright.project import Project

_CHOICE = ("role", "primary", "fallbacks")


@frozen
class ImportedClient:
    """The edit of the environment's file, and what it was made from. `conflicts` are settings that exist already."""

    edit: YamlEdit
    draft: ImportDraft
    conflicts: tuple[Skipped, ...]

    @property
    def is_changed(self) -> bool:
        return self.edit.before != self.edit.after


def plan_import(project: Project, name: str, path: Path) -> ImportedClient:
    """Add what the client's file at `path` declares to stacks/<name>.yaml; the edit is returned, not written.

    Raises:
        UsageError: there is no such file, or as `read_own_file`.
        GatewrightError: the client's file is malformed.
        InvalidEnvironmentError: the environment file is invalid, or would be.
        FileRefusedError: the environment file cannot be edited.
    """
    target = project.stacks / f"{name}.yaml"
    if not is_stack_name(name) or not target.is_file():
        existing = [file.stem for file in project.stacks.glob("*.yaml") if not file.name.startswith("Pulumi.")]
        hint = did_you_mean(name, existing) or f"Create it: {command('new NAME')}"
        raise UsageError(f"{project.shown(project.stacks)}/{name}.yaml does not exist", hint)
    files = files_of(project)
    diagnostics = Diagnostics()
    root = files.merged_file(target.name, diagnostics)
    file = FILE_SHAPE.read(root, "", diagnostics) if root is not None else None
    if root is None or file is None or diagnostics.failed:
        raise InvalidEnvironmentError(f"{project.shown(target)} is invalid", diagnostics.diagnostics)
    providers = root.at("providers")
    removed = dict((providers.removed if providers else None) or {})
    draft = ImportDraft.of(read_own_file(path), file.providers, today(os.environ), removed)
    require_providers(draft)
    additions = _Additions(YamlEdit.open(target, project.shown(target)), root)
    additions.add(draft)
    edit = additions.edit
    if edit.after != edit.before and (errors := new_errors(project, {target.name: edit.after})):
        raise InvalidEnvironmentError(f"{edit.shown} would be invalid; nothing was changed", errors)
    return ImportedClient(edit, draft, tuple(additions.conflicts))


@dataclass(slots=True)
class _Additions:
    """Adds what the merged file `root` lacks to its own file; what it has otherwise is a conflict."""

    edit: YamlEdit
    root: Node
    conflicts: list[Skipped] = field(default_factory=list)

    def add(self, draft: ImportDraft) -> None:
        self._add_providers(draft)
        self._add_new(("roles",), draft.roles)
        token = self._add_token()
        client = draft.file.client
        if self.root.at("clients", client) is None:
            self._add_new(("clients",), {client: {**draft.client, **token}})
        else:
            self._extend_client(client, draft.client)

    def _add_providers(self, draft: ImportDraft) -> None:
        new: dict[str, Any] = {}
        for name in draft.use:
            settings = draft.providers[name]
            if self.root.at("providers", name) is None:
                new[name] = settings
                continue
            self._add_new(("providers", name, "models"), settings.get("models", {}))
            self._add_new(("providers", name), {key: value for key, value in settings.items() if key != "models"})
        self._add_new(("providers",), new)
        use = self.root.at("use")
        if use is None or not isinstance(use.value, list):
            return
        enabled = [str(item.value) for item in use.value]
        if missing := [name for name in draft.use if name not in enabled]:
            if use.location.file == self.edit.shown:
                self.edit.append(("use",), missing)
            else:
                self.edit.add((), {"use": [*enabled, *missing]})

    def _add_token(self) -> dict[str, str]:
        """Declare a token where there is none; the client's `token` where it must choose one."""
        tokens = self.root.at("tokens")
        names = list(tokens.entries) if tokens else []
        if not names:
            self._add_new((), yaml.safe_load(TOKENS))
        return {"token": names[0]} if len(names) > 1 else {}

    def _extend_client(self, client: str, settings: Mapping[str, Any]) -> None:
        """Add settings to a client that is declared. Its choice of models is one setting."""
        existing = self.root.at("clients", client)
        chosen = [key for key in _CHOICE if existing and existing.at(key)]
        new = {key: value for key, value in settings.items() if key not in _CHOICE or key in chosen or not chosen}
        for key in settings.keys() - new.keys():
            location = self.root.location_at("clients", client, chosen[0])
            self._conflict(location, f"clients.{client}.{key}", f"the client has {chosen[0]} already")
        self._add_new(("clients", client), new)

    def _add_new(self, keys: tuple[str, ...], members: Mapping[str, Any]) -> None:
        """Add the members that do not exist; report those that exist with another value, or that null removes."""
        new = {}
        for name, value in members.items():
            existing, path = self.root.at(*keys, name), ".".join((*keys, name))
            if removed := self.root.removed_at(*keys, name):
                self._conflict(removed, path, "null removes it")
            elif existing is None or (existing.plain() != value and existing.location.file in SHIPPED):
                new[name] = value  # a file overrides the shipped catalog
            elif existing.plain() != value:
                self._conflict(self.root.location_at(*keys, name), path, "it exists with another value")
        if new:
            self.edit.add(keys, new)

    def _conflict(self, location: Any, path: str, reason: str) -> None:
        self.conflicts.append(Skipped(location, path, reason))
