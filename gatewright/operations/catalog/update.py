"""catalog update: the changes that two sources agree on, as edits of the project's own files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from gatewright.environment.checks.retirements import last_warned_day, retirements_of
from gatewright.environment.model.environment_file import CATALOG_NAME
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.io.yaml_edit import YamlEdit
from gatewright.operations.catalog.compare import Kind
from gatewright.operations.catalog.declared import own_files
from gatewright.operations.catalog.facts import Price
from gatewright.operations.catalog.references import Reference, find_references, replace_references
from gatewright.workspace import files_of, new_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.environment.model.catalog import Model, Source
    from gatewright.environment.references import ModelName
    from gatewright.operations.catalog.check import CatalogCheck
    from gatewright.operations.catalog.compare import Evidence, Finding
    from gatewright.operations.catalog.declared import DeclaredModel
    from gatewright.project import Project


@frozen
class CatalogUpdate:
    """The edits, not written yet; the references that they replace; and those that are left to the user."""

    edits: tuple[YamlEdit, ...]
    replaced: tuple[Reference, ...]
    left: tuple[Reference, ...]


def plan_update(project: Project, check: CatalogCheck) -> CatalogUpdate:
    """Decide the edits for the changes in `check`; writes nothing.

    Raises:
        UsageError: no file of the project extends the shipped catalog, whose facts have changed.
        InvalidEnvironmentError: an environment would become invalid.
        FileRefusedError: a file cannot be edited.
    """
    files, edits = files_of(project), _Edits(project)
    references = find_references(files, own_files(project), _due_successors(check))
    for file in dict.fromkeys(reference.file for reference in references):
        edit = edits.open(file)
        edit.after = replace_references(edit.after, [each for each in references if each.file == file])
    for finding in check.changes:
        if finding.declared is not None:
            _apply(edits, finding, finding.declared, check)
    for declared in {finding.name: finding.declared for finding in check.changes if finding.declared}.values():
        edits.of(declared).set((*_keys(declared), "sources"), _sources(declared, check))
    changed = tuple(edit for edit in edits.opened.values() if edit.after != edit.before)
    if errors := new_errors(project, {edit.path.name: edit.after for edit in changed}):
        message = f"the update would make {project.shown(project.stacks)} invalid; nothing was written"
        raise InvalidEnvironmentError(message, errors)
    replaced = tuple(reference for reference in references if not reference.is_duplicate)
    return CatalogUpdate(changed, replaced, tuple(each for each in references if each.is_duplicate))


class _Edits:
    """The files of the project that are edited, each opened once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = own_files(project)
        self.opened: dict[str, YamlEdit] = {}

    def open(self, file: str) -> YamlEdit:
        """The edit of a file in stacks/."""
        if file not in self.opened:
            path = self._project.stacks / file
            self.opened[file] = YamlEdit.open(path, self._project.shown(path))
        return self.opened[file]

    def of(self, declared: DeclaredModel) -> YamlEdit:
        """The edit of the file that holds the model, or of the one that extends the shipped catalog."""
        shown = {self._project.shown(self._project.stacks / name): name for name in self._names}
        if declared.location.file in shown:
            return self.open(shown[declared.location.file])
        files = files_of(self._project)
        for name in self._names:
            node = files.own_node(name.removesuffix(".yaml"))
            extends = node.at("extends") if node else None
            parents = extends.plain() if extends else None
            if parents == CATALOG_NAME or (isinstance(parents, list) and CATALOG_NAME in parents):
                return self.open(name)
        raise UsageError(
            f"{declared.name} is in {declared.location.file}, which no file of this project extends",
            f"Let a file in stacks/ extend {CATALOG_NAME}",
        )


def _apply(edits: _Edits, finding: Finding, declared: DeclaredModel, check: CatalogCheck) -> None:
    edit, keys = edits.of(declared), _keys(declared)
    match finding.kind:
        case Kind.RETIRED | Kind.RETIRING:
            key = "retired" if finding.kind is Kind.RETIRED else "retires"
            edit.set((*keys, key), date.fromisoformat(finding.date or check.today))
            if finding.successor is not None:
                _add_successor(edit, finding.successor, check)
                edit.set((*keys, "use"), str(finding.successor))
        case Kind.PRICE:
            price, cost = finding.after, declared.node.at("cost")
            old = cost.plain() if cost else None
            if isinstance(price, Price):
                edit.set((*keys, "cost"), {**(old if isinstance(old, dict) else {}), **asdict(price)})
        case Kind.ID | Kind.CONTEXT:
            edit.set((*keys, finding.kind.value), finding.after)


def _keys(declared: DeclaredModel) -> tuple[str, ...]:
    return ("providers", declared.name.provider, "models", declared.name.model)


def _add_successor(edit: YamlEdit, name: ModelName, check: CatalogCheck) -> None:
    """Declare the successor as the shipped catalog does, unless the project has it."""
    provider = check.shipped.get(name.provider)
    if name in check.declared or provider is None or name.model not in provider.models:
        return
    edit.set(("providers", name.provider, "models", name.model), _entry(provider.models[name.model]))


def _entry(model: Model) -> dict[str, Any]:
    """The model as a file declares it; defaults are left out."""
    cost = {"input": model.cost.input, "output": model.cost.output}
    values = {
        "id": model.id,
        "name": model.name,
        "plan": model.plan,
        "reasoning": model.reasoning or None,
        "tools": model.tools,
        "input": [*model.input] if model.input != ("text",) else None,
        "context": model.context,
        "output": model.output,
        "cost": cost if any(cost.values()) else None,
        "sources": [_source(source) for source in model.sources] or None,
        "unverified": model.unverified or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _sources(declared: DeclaredModel, check: CatalogCheck) -> list[dict[str, Any]]:
    """The sources that the model has, then those of its changes, each with its date."""
    known = [_source(source) for source in declared.model.sources]
    evidence = [entry for finding in check.changes if finding.declared is declared for entry in finding.evidence]
    stated = [source for entry in evidence for source in _evidence_sources(entry, declared, check)]
    return [source for index, source in enumerate([*known, *stated]) if source not in [*known, *stated][:index]]


def _evidence_sources(evidence: Evidence, declared: DeclaredModel, check: CatalogCheck) -> Iterable[dict[str, Any]]:
    """The shipped catalog names the sources of its own; the others are one each."""
    provider = check.shipped.get(declared.name.provider)
    models = provider.models.items() if provider and evidence.is_shipped else ()
    sources = [source for name, model in models if (model.id or name) == declared.id for source in model.sources]
    if sources:
        return [_source(source) for source in sources]
    where = {"url": evidence.url} if evidence.url else {"name": evidence.source}
    return [{**where, "date": date.fromisoformat(evidence.date)}]


def _source(source: Source) -> dict[str, Any]:
    where = {key: value for key, value in (("url", source.url), ("name", source.name)) if value is not None}
    return {**where, "date": date.fromisoformat(source.date)}


def _due_successors(check: CatalogCheck) -> dict[ModelName, ModelName]:
    """The successors of the models that routes and roles should stop using, as the files or the changes name them."""
    last = last_warned_day(check.today)
    retirements = retirements_of({name: declared.model for name, declared in check.declared.items()}, check.today)
    due = {name: each.successor for name, each in retirements.items() if each.successor and each.date <= last}
    return due | {
        finding.declared.name: finding.successor
        for finding in check.changes
        if finding.declared and finding.successor and finding.date is not None and finding.date <= last
    }
