"""rotate: an early rotation, written into the environment's file, so that the next run elsewhere does not undo it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.diagnostics import did_you_mean
from gatewright.environment.load import load
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.io.yaml_edit import YamlEdit
from gatewright.workspace import files_of, require, select

if TYPE_CHECKING:
    from gatewright.environment.load import Loaded
    from gatewright.environment.model.environment_file import Rotate
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class EarlyRotation:
    """What is to be written, and what follows from it."""

    edit: YamlEdit
    rotate: Rotate


def early_rotation(project: Project, name: str, token: str) -> EarlyRotation:
    """Raises the epoch of `token` in the file of environment `name`; nothing is written yet.

    Raises UsageError for a token that is not there or does not rotate, InvalidEnvironmentError for a file that is not
    valid, or would not be, and FileRefusedError for one that may not be written.
    """
    (loaded,) = select(project, [name])
    rotate = _rotation(loaded, token)
    path = project.stacks / f"{name}.yaml"
    edit = YamlEdit.open(path, project.shown(path))
    wanted = replace(rotate, epoch=rotate.epoch + 1)
    keys = ("tokens", token, "rotate")
    written = loaded.root.at(*keys) if loaded.root else None
    if written is not None and written.location.file == edit.shown:
        edit.set((*keys, "epoch"), wanted.epoch)
    else:  # it is whole: what the extended file says of it must be repeated
        plain = written.plain() if written else None
        edit.set(keys, {**(plain if isinstance(plain, dict) else {}), "epoch": wanted.epoch})
    _check(project, loaded, edit, token, wanted)
    return EarlyRotation(edit, wanted)


def _rotation(loaded: Loaded, token: str) -> Rotate:
    tokens = require(loaded).tokens
    if token not in tokens:
        hint = did_you_mean(token, tokens) or "It has no token at all"
        raise UsageError(f"{loaded.name} has no token {token}", hint)
    rotate = tokens[token].rotate
    if not rotate:
        raise UsageError(
            f"token {token} of {loaded.name} does not rotate",
            f"Give it a rotation: tokens: {{{token}: {{rotate: {{every: 30d, overlap: 7d}}}}}}",
        )
    return rotate


def _check(project: Project, before: Loaded, edit: YamlEdit, token: str, wanted: Rotate) -> None:
    """That the edited file says what is wanted, and of all other tokens what it said before."""
    files = files_of(project)
    files.put(f"{before.name}.yaml", edit.after)
    after = require(load(files, before.name, CAPABILITIES, os.environ)).tokens
    tokens = require(before).tokens
    if after != {**tokens, token: replace(tokens[token], rotate=wanted)}:
        raise InvalidEnvironmentError(
            f"{edit.shown} shares the rotation of {token} with something else, by an anchor",
            hint=f"Write it out, with epoch: {wanted.epoch}",
        )
