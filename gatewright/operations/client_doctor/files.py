"""The client's files: whether they are as installed, and whether the program accepts them."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.engine.doctor import Finding
from gatewright.errors import FileRefusedError
from gatewright.install import FileState, InstalledClient, InstalledFile, Machine
from gatewright.install.copies import Copy
from gatewright.install.user_files import read_target
from gatewright.install.validators import run_validator


def check_files(installed: InstalledClient, machine: Machine, install: str) -> Iterator[Finding]:
    """A finding for each file, and the program's verdict if all are current; `install` is the command that installs
    them again."""
    for file in installed.files:
        yield _check_file(file, install)
    if installed.is_current:
        yield _check_accepted(installed, machine, install)


def _check_file(file: InstalledFile, install: str) -> Finding:
    details = "; ".join(detail for detail in file.details if detail)
    if file.state is FileState.CURRENT:
        return Finding("file", f"{file.shown}: as installed{f' ({details})' if details else ''}")
    return Finding("file", f"{file.shown}: {file.state}{f': {details}' if details else ''}", install)


def _check_accepted(installed: InstalledClient, machine: Machine, install: str) -> Finding:
    """The emitted settings were checked against the schema; the program checks the user's whole file."""
    installation = installed.installation
    try:
        files = {
            target.name: (target.path, read_target(target.path, machine.shown(target.path), machine.shown).data)
            for target in installation.targets
            if target.name
        }
    except FileRefusedError as error:
        return Finding("accepted", error.message, error.hint or install)
    copies = {name: Copy(data, path) for name, (path, data) in files.items() if data is not None}
    verdict = run_validator(installation.validator, copies, machine, machine.state / "scratch")
    if verdict is None:
        return Finding("accepted", "the installed settings match the schema; the program has no check")
    if verdict.not_run:
        return Finding(
            "accepted", f"the installed settings match the schema; not checked by {verdict.program}: {verdict.not_run}"
        )
    if verdict.refusal:
        return Finding("accepted", f"{verdict.program} refuses it: {verdict.refusal}", f"Fix that, or {install}")
    return Finding("accepted", f"the installed settings match the schema, and {verdict.program} accepts the whole file")
