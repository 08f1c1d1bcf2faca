"""policies.yaml read, merged over what it extends, and its expressions compiled; all problems have their locations."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.cel import Cel, CelError, CelProblem, chains
from gatewright.diagnostics import Diagnostics, Location, did_you_mean
from gatewright.environment.merge import overlay
from gatewright.environment.reader import read_file
from gatewright.environment.shapes.sections import Section
from gatewright.frozen import frozen
from gatewright.policy.model import EXTENDS, SHIPPED_NAME, PoliciesFile, PolicyException, Rule
from gatewright.policy.names import EVERYWHERE, known_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.cel import Expression
    from gatewright.diagnostics import Diagnostic
    from gatewright.environment.nodes import Node
    from gatewright.policy.names import Names

POLICIES_SHAPE = Section(PoliciesFile)
SHIPPED = Path(__file__).parent / "starter.yaml"
"""The rules that gatewright ships, `gatewright:policies` in `extends`."""


@frozen
class CompiledRule:
    """A rule with its compiled expressions and its place in the file."""

    name: str
    rule: Rule
    require: Expression
    when: Expression | None
    location: Location  # of its name
    require_location: Location


@frozen
class LocatedException:
    """An exception and its place in the file."""

    exception: PolicyException
    path: str
    location: Location
    until_location: Location


@frozen
class Policies:
    """The rules of a project that can be evaluated; `diagnostics` are the problems of the file itself."""

    rules: tuple[CompiledRule, ...]
    exceptions: tuple[LocatedException, ...]
    diagnostics: tuple[Diagnostic, ...]


@cache
def environment_of(subject: str) -> Cel:
    """The variables of a rule about `subject`."""
    return Cel(tuple(dict.fromkeys((*EVERYWHERE, subject))))


def read_policies(path: Path, shown: str) -> Policies:
    """Read the file at `path`, which messages call `shown`."""
    diagnostics = Diagnostics()
    reader = _Reader(path.parent, diagnostics, {})
    root = reader.merged(path, shown, ())
    file = POLICIES_SHAPE.read(root, "", diagnostics) if root is not None else None
    if root is None or file is None:
        return Policies((), (), diagnostics.diagnostics)
    compiler = _Compiler(diagnostics, known_names(), reader.lines)
    rules = [compiler.compile(name, rule, root) for name, rule in file.rules.items()]
    exceptions = tuple(_located(root, file, diagnostics))
    return Policies(tuple(rule for rule in rules if rule), exceptions, diagnostics.diagnostics)


@frozen
class _Reader:
    project: Path
    diagnostics: Diagnostics
    lines: dict[str, list[str]]  # of each file that was read

    def merged(self, path: Path, shown: str, extending: tuple[Path, ...]) -> Node | None:
        """The file merged over those that it extends."""
        node = read_file(path, shown, self.diagnostics)
        if node is None:
            return None
        self.lines[shown] = path.read_text(encoding="utf-8-sig").split("\n")
        base: Node | None = None
        for parent in _parents(node):
            name = EXTENDS.read(parent, "extends", Diagnostics())  # the file's model reports a wrong form
            source = _find(parent, name, self.project, self.diagnostics) if name else None
            if source is None:
                continue
            if source in (*extending, path):
                message = f"{name} extends this file, directly or through others"
                self.diagnostics.error(parent.location, "extends", "extends-cycle", message)
                continue
            merged = self.merged(source, str(name), (*extending, path))
            if merged is not None:
                base = merged if base is None else overlay(base, merged, POLICIES_SHAPE, "", self.diagnostics)
        return node if base is None else overlay(base, node, POLICIES_SHAPE, "", self.diagnostics)


def _parents(node: Node) -> list[Node]:
    extends = node.at("extends")
    if extends is None or extends.value is None:
        return []
    return extends.value if isinstance(extends.value, list) else [extends]


def _find(parent: Node, name: str, project: Path, diagnostics: Diagnostics) -> Path | None:
    """The file that an entry of `extends` names."""
    package, colon, file = name.rpartition(":")
    if name == SHIPPED_NAME:
        return SHIPPED
    folder = _package_folder(package) if colon else project
    if folder is None:
        message = f"Python package {package} is not installed"
        diagnostics.error(parent.location, "extends", "unknown-package", message, "Install it where gatewright runs")
        return None
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        diagnostics.error(parent.location, "extends", "outside-file", f"{name} leads out of {folder.name}")
        return None
    if not path.is_file():
        hint = did_you_mean(name, [SHIPPED_NAME, *(other.name for other in folder.glob("*.y*ml"))])
        diagnostics.error(parent.location, "extends", "unknown-file", f"{name} does not exist", hint)
        return None
    return path


def _package_folder(package: str) -> Path | None:
    """The folder of a Python package. None of its code runs."""
    top, *below = package.split(".")
    spec = importlib.util.find_spec(top)
    folders = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(folders))).joinpath(*below) if folders else None
    return folder if folder is not None and folder.is_dir() else None


def _located(root: Node, file: PoliciesFile, diagnostics: Diagnostics) -> list[LocatedException]:
    """The exceptions with their places; one whose rule does not exist or is advisory is reported."""
    node = root.at("exceptions")
    nodes = node.value if node is not None and isinstance(node.value, list) else []
    if len(nodes) != len(file.exceptions):  # some are invalid, which is reported already
        return []
    found = []
    for index, (item, exception) in enumerate(zip(nodes, file.exceptions, strict=True)):
        path = f"exceptions[{index}]"
        place = (item.at("rule") or item).location
        rule = file.rules.get(exception.rule)
        if rule is None:
            hint = did_you_mean(exception.rule, file.rules)
            diagnostics.error(place, f"{path}.rule", "unknown-rule", f"rule {exception.rule} does not exist", hint)
        elif rule.level == "advisory":
            message = f"rule {exception.rule} is advisory, which needs no exception"
            diagnostics.error(place, f"{path}.rule", "needless-exception", message, "Remove the exception")
        else:
            found.append(LocatedException(exception, path, item.location, (item.at("until") or item).location))
    return found


@frozen
class _Compiler:
    diagnostics: Diagnostics
    names: Mapping[str, Names | None]
    lines: Mapping[str, Sequence[str]]  # of each file

    def compile(self, name: str, rule: Rule, root: Node) -> CompiledRule | None:
        """The rule; None, with diagnostics, if an expression of it cannot be used."""
        node = root.at("rules", name)
        if node is None:
            return None
        compiled = {}
        for key, text in (("require", rule.require), ("when", rule.when)):
            expression = node.at(key)
            if expression is not None and text is not None:
                compiled[key] = self._expression(rule, text, expression, f"rules.{name}.{key}")
        require, when = compiled["require"], compiled.get("when")
        if require is None or ("when" in compiled and when is None):
            return None
        location = root.location_at("rules", name)
        return CompiledRule(name, rule, require, when, location, node.location_at("require"))

    def _expression(self, rule: Rule, text: str, node: Node, path: str) -> Expression | None:
        variables = environment_of(rule.for_)
        problems = _unknown_keys(text, {name: self.names[name] for name in variables.variables})
        expression = None
        try:
            expression = variables.compile(text)
        except CelError as error:
            problems += error.problems
        if expression is not None and expression.returns not in ("BOOL", "DYN"):
            problems.append(CelProblem(f"is {expression.returns.lower()}, expected true or false"))
        self._report(node, path, *problems)
        return None if problems else expression

    def _report(self, node: Node, path: str, *problems: CelProblem) -> None:
        for problem in problems:
            location = location_in(node, problem, self.lines.get(node.location.file, ()))
            self.diagnostics.error(location, path, "bad-expression", problem.message, problem.hint)


def location_in(node: Node, problem: CelProblem, lines: Sequence[str]) -> Location:
    """The location of a problem in the file with these lines: in a text, or in a block that starts with |."""
    place = node.location
    start = lines[place.line - 1][place.column - 1 :] if place.line <= len(lines) else ""
    if problem.line < 1 or start.startswith(">"):
        return place
    if start.startswith("|"):
        line = place.line + problem.line
        indent = len(lines[place.line]) - len(lines[place.line].lstrip()) if place.line < len(lines) else 0
        return Location(place.file, line, indent + problem.column)
    if problem.line > 1:
        return place
    return Location(place.file, place.line, place.column + problem.column - 1 + start.startswith(('"', "'")))


def _unknown_keys(text: str, names: Mapping[str, Names | None]) -> list[CelProblem]:
    """The keys of known variables that do not exist."""
    problems = []
    for chain in chains(text):
        known: Names | None = names
        for name, offset in zip(chain.names, chain.offsets, strict=True):
            if not known:
                break
            if name not in known:
                if known is not names:  # a variable of all(x, …), or a name that the compiler reports
                    before = text[:offset]
                    line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
                    problems.append(CelProblem(f"unknown key {name}", did_you_mean(name, known), line, column))
                break
            known = known[name]
    return problems
