"""`gatewright:index:ConfigFile`: one emitted file, out/<environment>/<path> in the project of the running program.

The state holds no absolute path, so a checkout in another folder has the same state. Differences are found on the disk:
after an edit by hand the engine's copies of the inputs still agree with each other.
"""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

import hashlib
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from gatewright.errors import FileRefusedError
from gatewright.io.output_folder import PRIVATE, PUBLIC, OutputFolder
from gatewright.io.printable import plural
from gatewright.plugin.resource import CheckFailure, Diff, DiffKind, PropertyDiff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN, Secret
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.output_folder import FileOnDisk
    from gatewright.plugin.values import Object, Value

INPUTS: Final = ("environment", "path", "content", "mode")
MODES: Final = {"0644": PUBLIC, "0600": PRIVATE}
_MODE_NAMES: Final = {mode: name for name, mode in MODES.items()}
_REPLACING: Final = ("environment", "path")


class ConfigFile(Resource):
    """Inputs: `environment`, `path`, `content`, `mode` ("0644" or "0600"). Outputs: these, `sha256` of the content, and
    `onDisk`: whether the file existed at the last read. The id is `<environment>/<path>`.

    `inform(urn, message)` shows a message with the resource.
    """

    def __init__(self, info: Callable[[str, str], None]) -> None:
        self._inform = info
        self._declared: dict[str, str] = {}

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        inputs: Object = {"mode": "0644", **{name: value for name, value in news.items() if value is not None}}
        failures = [CheckFailure("", reason) for name in (*INPUTS, *inputs) if (reason := _invalid(name, inputs))]
        if failures:
            return {}, list(dict.fromkeys(failures))
        try:
            folder = _folder(str(inputs["environment"]))
            folder.check(str(inputs["path"]), str(inputs["content"]), known=_known_content(olds, _id(inputs)))
        except FileRefusedError as error:
            return inputs, [CheckFailure("", f"{error.message}: {error.hint}")]
        first = self._declared.setdefault(_id(inputs), urn)
        if first != urn:
            shown = folder.shown(str(inputs["path"]))
            return inputs, [CheckFailure("", f"{shown} is declared twice, by {_name(first)} and by {_name(urn)}")]
        return inputs, []

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        if any(old_inputs.get(name) != news[name] for name in _REPLACING):
            # the old file is deleted first: on a disk that ignores case both may be one file
            return Diff(compare(old_inputs, news, replace=_REPLACING).changes, delete_before_replace=True)
        file, desired = _read(resource_id), _outputs(news)
        actual = {**outputs, "onDisk": False} if file is None else _outputs_of_file(resource_id, file)
        if file and not file.equals_any(_known_content(outputs, resource_id), str(news["content"])):
            # the engine shows the content of the state and the new one, which may be equal
            self._inform(urn, f"{_shown(resource_id)} was edited by hand: {_lines(file.text, str(news['content']))}")
        changed = [name for name, value in desired.items() if value != actual.get(name) or value != outputs.get(name)]
        properties = ["content" if name == "sha256" else name for name in changed]
        return Diff({name: PropertyDiff(DiffKind.UPDATE, input_diff=name in INPUTS) for name in properties})

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if not preview:
            _write(inputs, known=None)
        return "" if preview else _id(inputs), _outputs(inputs)

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        file = _read(resource_id)
        if file is None:
            return ReadResult(resource_id, inputs, {**outputs, "onDisk": False}) if inputs else None
        actual = _outputs_of_file(resource_id, file)
        return ReadResult(resource_id, {name: actual[name] for name in INPUTS}, actual)

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        if not preview:
            _write(news, known=_known_content(old_inputs, resource_id))
        return _outputs(news)

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        if resource_id not in self._declared:  # otherwise it is the file of a replacement, or of a renamed resource
            environment, _, path = resource_id.partition("/")
            _folder(environment).remove(path, known=_known_content(outputs, resource_id))


def _invalid(name: str, inputs: Object) -> str | None:
    value = inputs.get(name)
    if name not in INPUTS:
        return f"there is no input {name}; the inputs are {', '.join(INPUTS)}"
    if value is None:
        return f"{name} is required"
    if isinstance(value, Secret):
        return f"{name} is secret, but an emitted file is plain text: write a reference to a variable"
    if value is UNKNOWN:
        return f"{name} must be known before anything is created: do not use an output of another resource"
    if not isinstance(value, str):
        return f"{name} must be a string"
    if name == "mode" and value not in MODES:
        return f"mode must be one of {', '.join(MODES)}"
    if name == "environment" and "/" in value:
        return "environment must be a single name"
    return None


def _folder(environment: str) -> OutputFolder:
    project = Project.of_program()
    return OutputFolder(project.root, (*project.out.relative_to(project.root).parts, environment))


def _read(resource_id: str) -> FileOnDisk | None:
    environment, _, path = resource_id.partition("/")
    return _folder(environment).read(path)


def _write(inputs: Object, known: str | None) -> None:
    folder = _folder(str(inputs["environment"]))
    folder.write(str(inputs["path"]), str(inputs["content"]), MODES[str(inputs["mode"])], known=known)


def _id(inputs: Object) -> str:
    return f"{inputs['environment']}/{inputs['path']}"


def _known_content(state: Object, resource_id: str) -> str | None:
    """The content of the file of that id as far as `state` knows."""
    content = state.get("content")
    return content if isinstance(content, str) and _id(state) == resource_id else None


def _outputs(inputs: Object) -> Object:
    digest = hashlib.sha256(str(inputs["content"]).encode()).hexdigest()
    return {**inputs, "sha256": digest, "onDisk": True}


def _outputs_of_file(resource_id: str, file: FileOnDisk) -> dict[str, Value]:
    environment, _, path = resource_id.partition("/")
    digest = hashlib.sha256(file.data).hexdigest()
    inputs = {"environment": environment, "path": path, "content": file.text, "mode": _MODE_NAMES[file.mode]}
    return {**inputs, "sha256": digest, "onDisk": True}


def _shown(resource_id: str) -> str:
    environment, _, path = resource_id.partition("/")
    return _folder(environment).shown(path)


def _lines(actual: str, desired: str) -> str:
    matcher = SequenceMatcher(None, actual.splitlines(keepends=True), desired.splitlines(keepends=True), autojunk=False)
    count = sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")
    return f"{plural(count, 'line')} differ{'s' if count == 1 else ''}"


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
