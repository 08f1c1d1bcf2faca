"""What belongs into which file: the targets of one client of one environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.io.text_edits.dotenv_text import DotenvText
from gatewright.io.text_edits.json_text import JsonText
from gatewright.io.text_edits.whole_text import WholeText
from gatewright.io.text_edits.yaml_text import YamlText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatewright.io.text_edits import EditableText, KeyPath

ANY = "*"


def ends_well(exit_code: int, said: str) -> bool:  # noqa: ARG001  a program may say by its words that it takes a file
    """The usual sign that a program takes its files."""
    return exit_code == 0


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written: json (JSONC and JSON5 too), yaml, env, or whole: a file that is all ours. A YAML file has
    one list in which we put items, at `list_at`, told apart by what their key `identity` holds."""

    kind: str
    list_at: KeyPath = ()
    identity: str = ""

    def read(self, text: str) -> EditableText:
        """Raises MalformedTextError where `text` is no such file."""
        match self.kind:
            case "json":
                return JsonText.of(text)
            case "yaml":
                return YamlText.of(text, self.list_at, self.identity)
            case "env":
                return DotenvText(text)
        return WholeText(text)


JSON, ENV, WHOLE = Format("json"), Format("env"), Format("whole")


@dataclass(frozen=True, slots=True)
class DesiredContent:
    """What shall stand in a file, by path: `entries` are ours alone, a `choice` belongs to the environment that was
    installed last, a `default` is set only where nothing is; those in `alone` only where nothing of the user's stands
    beside them."""

    entries: Mapping[KeyPath, Any] = field(default_factory=dict)
    choices: Mapping[KeyPath, Any] = field(default_factory=dict)
    defaults: Mapping[KeyPath, Any] = field(default_factory=dict)
    alone: frozenset[KeyPath] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """One file; `name` is what a validator's copy of it is called. A new one with `private` is for its owner alone; one
    that is `fixed` belongs beside others, so that --to cannot name it."""

    path: Path
    format: Format
    wanted: DesiredContent
    name: str = ""
    private: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Validator:
    """The program's own check, run on copies: {folder} in `arguments` and `variables` is the folder that holds them.

    `refusal` finds in what was printed why they are refused, None where the program says no such thing; `takes` tells
    from the exit code and the same whether it has read them. Where neither holds, it could not be asked.
    """

    program: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    refusal: Callable[[str], str | None]
    takes: Callable[[int, str], bool] = ends_well


@dataclass(frozen=True, slots=True)
class Installation:
    """All that one client of an environment needs: its files, and in words how they come to be used."""

    targets: tuple[Target, ...]
    reload: str
    usage: tuple[str, ...] = ()
    runs_in: str = "the shell that starts it"
    validator: Validator | None = None
    shares_variables: bool = True
    """Whether all environments in the client are used by one process, so that each needs a variable of its own."""


def sorted_out(
    content: Mapping[str, Any], entries: Sequence[KeyPath] = (), choices: Sequence[KeyPath] = ()
) -> DesiredContent:
    """`content` by paths: what matches one of `entries`, in which ANY is any key, one of `choices`, and the rest, which
    are defaults."""
    found: dict[str, dict[KeyPath, Any]] = {"entries": {}, "choices": {}, "defaults": {}}
    for path, value in _leaves(content, (*entries, *choices)):
        kind = "entries" if _matches(path, entries) else "choices" if _matches(path, choices) else "defaults"
        found[kind][path] = value
    return DesiredContent(found["entries"], found["choices"], found["defaults"])


def _leaves(content: Mapping[str, Any], known: Sequence[KeyPath], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in content.items():
        here = (*path, key)
        if _matches(here, known) or not isinstance(value, dict):
            yield here, value
        else:
            yield from _leaves(value, known, here)


def _matches(path: KeyPath, patterns: Sequence[KeyPath]) -> bool:
    return any(
        len(path) == len(pattern) and all(part in (ANY, key) for part, key in zip(pattern, path, strict=True))
        for pattern in patterns
    )
