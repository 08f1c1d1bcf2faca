"""Where a client's settings belong on a machine, as data: target files, their content, and the program's own check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.clients.common.machine import Machine
from gatewright.command_line import command
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.formats import parse
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import WHOLE, Format

ANY = "*"
"""Any key, in a pattern of `DesiredContent.of`."""
EACH_START = "nothing: the program reads it at each start"


@frozen
class InstallRequest:
    """One client of an environment on a machine, with its emitted files; `to` is the path that the user names."""

    environment: Environment
    client: Client
    machine: Machine
    files: Sequence[ClientFile]
    to: Path | None = None

    def content(self, name: str) -> Any:
        """The content of the emitted file with that name."""
        file = next(file for file in self.files if file.name == name)
        return parse(file.path, file.text)

    @property
    def label(self) -> str:
        """The client's `provider`: it distinguishes files that gatewright owns from those of other environments."""
        return self.client.provider

    def required_path(self, example: str) -> Path:
        """The path that the user names. Raises UsageError if there is none."""
        if self.to is None:
            title, name = self.client.capabilities.title, self.client.program
            hint = command(f"install {self.environment.name} {name} --to {example}")
            raise UsageError(f"{title} has no default location, so --to is required", hint)
        return self.to

    def folder(self, variable: str, default: Path) -> Path:
        """The folder of a client with several files. Raises UsageError if the user names one path for all of them."""
        if self.to is not None:
            hint = f"Set {variable} to their folder instead"
            raise UsageError(f"{self.client.capabilities.title} reads several files, which --to cannot name", hint)
        return self.machine.place(variable, default)


@frozen
class DesiredContent:
    """The desired content of a file, by path.

    gatewright owns `entries`. `choices` belong to the environment that was installed last; those in `default_models`
    decide which model the program starts with. `defaults` are set only where the file has no value; those in
    `only_alone` only if the user has nothing beside them. `additions` are added to a list, and `omissions` removed from
    one, if the file has that list.
    """

    entries: Mapping[KeyPath, Any] = field(default_factory=dict)
    choices: Mapping[KeyPath, Any] = field(default_factory=dict)
    defaults: Mapping[KeyPath, Any] = field(default_factory=dict)
    only_alone: frozenset[KeyPath] = frozenset()
    default_models: frozenset[KeyPath] = frozenset()
    additions: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict)
    omissions: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, content: Mapping[str, Any], entries: Sequence[KeyPath] = (), choices: Sequence[KeyPath] = ()
    ) -> DesiredContent:
        """`content` by path: values that match a pattern of `entries` or `choices`, and the rest as defaults."""
        as_entries: dict[KeyPath, Any] = {}
        as_choices: dict[KeyPath, Any] = {}
        as_defaults: dict[KeyPath, Any] = {}
        for path, value in _leaves(content, (*entries, *choices)):
            kind = as_entries if _matches(path, entries) else as_choices if _matches(path, choices) else as_defaults
            kind[path] = value
        return cls(as_entries, as_choices, as_defaults)


@frozen
class Target:
    """One file to install.

    `name`: the name of a validator's copy; empty if the validator does not read it. `private`: a new file is readable
    by its owner only. `fixed`: the file belongs beside others, so --to cannot name it.
    """

    path: Path
    format: Format
    content: DesiredContent
    name: str = ""
    private: bool = False
    fixed: bool = False

    @classmethod
    def whole(cls, path: Path, text: str, name: str = "", *, fixed: bool = False) -> Target:
        """A file that gatewright owns."""
        return cls(path, WHOLE, DesiredContent({(): text}), name, fixed=fixed)


def exits_with_zero(exit_code: int, output: str) -> bool:  # noqa: ARG001  the signature of Validator.accepts
    """The usual sign that a program accepts its files."""
    return exit_code == 0


def refers_to_nothing(text: str) -> Sequence[str]:  # noqa: ARG001  the signature of Validator.references
    """For a program whose files name no others."""
    return ()


@frozen
class Validator:
    """The program's own check, run on copies. In `arguments` and `variables`, {folder} is the folder of the copies.

    `refusal` extracts the reason for a refusal from the output, None if there is none; `accepts` tells from exit code
    and output whether the program read the files. If neither applies, the program could not run. `references` names the
    other files that a text refers to, as it writes their paths. `repair` is the command that updates an older file.
    """

    program: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    refusal: Callable[[str], str | None]
    accepts: Callable[[int, str], bool] = exits_with_zero
    references: Callable[[str], Sequence[str]] = refers_to_nothing
    repair: str = ""


@frozen
class Installation:
    """The target files of one client of an environment, and how the program takes them into use, as text.

    `shares_variables`: one process uses all environments of the client, so each needs a variable of its own. `ask`: the
    program's arguments that send {prompt} to an installed model, print the answer and end; empty if it has none.
    `ask_variables`: set for that one request. `sourced`: a file of variables that the shell reads before the program
    starts. `prompts`: the arguments by agent, "" for none, that use the agent's model and fallbacks where the program
    has no other settings; without "", those of `ask`.
    """

    targets: tuple[Target, ...]
    reload: str = EACH_START
    usage: tuple[str, ...] = ()
    runs_in: str = "the shell that starts it"
    validator: Validator | None = None
    shares_variables: bool = True
    ask: tuple[str, ...] = ()
    ask_variables: Mapping[str, str] = field(default_factory=dict)
    sourced: Path | None = None
    prompts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def all_prompts(self) -> dict[str, tuple[str, ...]]:
        """`prompts` with those of `ask`."""
        prompts = {"": self.ask, **self.prompts}
        return {agent: arguments for agent, arguments in prompts.items() if arguments}


def after_sourcing(file: Path | None, command: Sequence[str]) -> list[str]:
    """`command`, run by a shell that reads `file` first; unchanged without one."""
    return list(command) if file is None else ["sh", "-c", '. "$0" && exec "$@"', str(file), *command]


def asked_model(request: InstallRequest) -> str | None:
    """The client's name of an installed model to ask: its primary, otherwise the first one; None if it has none."""
    endpoints = find_endpoints(request.environment, request.client)
    primary = request.client.primary
    if primary is not None and not isinstance(primary, OwnName):
        return endpoints.reference(primary)
    return next(iter(endpoints.references.values()), None)


def _leaves(
    content: Mapping[str, Any], patterns: Sequence[KeyPath], path: KeyPath = ()
) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in content.items():
        below = (*path, key)
        if _matches(below, patterns) or not isinstance(value, dict):
            yield below, value
        else:
            yield from _leaves(value, patterns, below)


def _matches(path: KeyPath, patterns: Sequence[KeyPath]) -> bool:
    return any(
        len(path) == len(pattern) and all(part in (ANY, key) for part, key in zip(pattern, path, strict=True))
        for pattern in patterns
    )
