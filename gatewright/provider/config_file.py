"""`gatewright:index:ConfigFile`: one emitted file, out/<environment>/<path> in the project of the running program.

The state knows no absolute path, so a checkout elsewhere has the same one. What differs is found by looking at the
disk: the engine's copies of the inputs agree with each other after an edit by hand, too.
"""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

import hashlib
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from gatewright.errors import FileRefusedError
from gatewright.io.output_folder import PRIVATE, PUBLIC, OutputFolder
from gatewright.plugin.resource import Change, Diff, Failure, Found, Kind, Resource, compare
from gatewright.plugin.values import UNKNOWN, Secret
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.output_folder import FileOnDisk
    from gatewright.plugin.values import Object, Value

INPUTS: Final = ("environment", "path", "content", "mode")
MODES: Final = {"0644": PUBLIC, "0600": PRIVATE}
_SPELLED: Final = {mode: spelled for spelled, mode in MODES.items()}
_MOVES: Final = ("environment", "path")


class ConfigFile(Resource):
    """Inputs: `environment`, `path`, `content`, `mode` ("0644" or "0600"). Outputs: these, `sha256` of the content, and
    `onDisk`, whether the file was there when last looked. The id is `<environment>/<path>`."""

    def __init__(self, inform: Callable[[str, str], None]) -> None:
        self._inform = inform
        self._declared: dict[str, str] = {}

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        inputs: Object = {"mode": "0644", **{name: value for name, value in news.items() if value is not None}}
        failures = [Failure("", reason) for name in (*INPUTS, *inputs) if (reason := _unusable(name, inputs))]
        if failures:
            return {}, list(dict.fromkeys(failures))
        try:
            folder = _folder(str(inputs["environment"]))
            folder.check(str(inputs["path"]), str(inputs["content"]), known=_known(olds, _id(inputs)))
        except FileRefusedError as error:
            return inputs, [Failure("", f"{error.message}: {error.hint}")]
        first = self._declared.setdefault(_id(inputs), urn)
        if first != urn:
            shown = folder.shown(str(inputs["path"]))
            return inputs, [Failure("", f"{shown} is declared twice, by {_name(first)} and by {_name(urn)}")]
        return inputs, []

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        if any(old_inputs.get(name) != news[name] for name in _MOVES):
            # the old file goes first: where the disk ignores case, both may be one
            return Diff(compare(old_inputs, news, replace=_MOVES).changes, delete_before_replace=True)
        found, wanted = _look(resource_id), _state(news)
        held = {**outputs, "onDisk": False} if found is None else _held(resource_id, found)
        if found and not found.equals_any(_known(outputs, resource_id), str(news["content"])):
            # the engine shows the state's content and the new one, which may be the same
            self._inform(urn, f"{_shown(resource_id)} was edited by hand: {_lines(found.text, str(news['content']))}")
        changed = [name for name in wanted if wanted[name] != held.get(name) or wanted[name] != outputs.get(name)]
        shown = ["content" if name == "sha256" else name for name in changed]
        return Diff({name: Change(Kind.UPDATE, input_diff=name in INPUTS) for name in shown})

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if not preview:
            _write(inputs, known=None)
        return "" if preview else _id(inputs), _state(inputs)

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        found = _look(resource_id)
        if found is None:
            return Found(resource_id, inputs, {**outputs, "onDisk": False}) if inputs else None
        held = _held(resource_id, found)
        return Found(resource_id, {name: held[name] for name in INPUTS}, held)

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        if not preview:
            _write(news, known=_known(old_inputs, resource_id))
        return _state(news)

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        if resource_id not in self._declared:  # else it is the file of what replaces this, or has it under a new name
            environment, _, path = resource_id.partition("/")
            _folder(environment).remove(path, known=_known(outputs, resource_id))


def _unusable(name: str, inputs: Object) -> str | None:
    value = inputs.get(name)
    if name not in INPUTS:
        return f"there is no input {name}; the inputs are {', '.join(INPUTS)}"
    if value is None:
        return f"{name} is required"
    if isinstance(value, Secret):
        return f"{name} is secret, but an emitted file stands on the disk in clear: put a reference to a variable there"
    if value is UNKNOWN:
        return f"{name} must be known before anything is created: do not take it from what another resource puts out"
    if not isinstance(value, str):
        return f"{name} must be a string"
    if name == "mode" and value not in MODES:
        return f"mode must be one of {', '.join(MODES)}"
    if name == "environment" and "/" in value:
        return "environment must be a single name"
    return None


def _folder(environment: str) -> OutputFolder:
    project = Project.find()
    return OutputFolder(project.root, (*project.out.relative_to(project.root).parts, environment))


def _look(resource_id: str) -> FileOnDisk | None:
    environment, _, path = resource_id.partition("/")
    return _folder(environment).read(path)


def _write(inputs: Object, known: str | None) -> None:
    folder = _folder(str(inputs["environment"]))
    folder.write(str(inputs["path"]), str(inputs["content"]), MODES[str(inputs["mode"])], known=known)


def _id(inputs: Object) -> str:
    return f"{inputs['environment']}/{inputs['path']}"


def _known(state: Object, resource_id: str) -> str | None:
    """What the file of that id held as far as `state` knows."""
    content = state.get("content")
    return content if isinstance(content, str) and _id(state) == resource_id else None


def _state(inputs: Object) -> Object:
    digest = hashlib.sha256(str(inputs["content"]).encode()).hexdigest()
    return {**inputs, "sha256": digest, "onDisk": True}


def _held(resource_id: str, found: FileOnDisk) -> dict[str, Value]:
    environment, _, path = resource_id.partition("/")
    digest = hashlib.sha256(found.data).hexdigest()
    held = {"environment": environment, "path": path, "content": found.text, "mode": _SPELLED[found.mode]}
    return {**held, "sha256": digest, "onDisk": True}


def _shown(resource_id: str) -> str:
    environment, _, path = resource_id.partition("/")
    return _folder(environment).shown(path)


def _lines(held: str, wanted: str) -> str:
    matcher = SequenceMatcher(None, held.splitlines(keepends=True), wanted.splitlines(keepends=True), autojunk=False)
    count = sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")
    return f"{count} line{'' if count == 1 else 's'} differ{'s' if count == 1 else ''}"


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
