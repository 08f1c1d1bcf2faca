"""CEL, the Common Expression Language: expressions over plain data, with the problems of an expression as values.

The library is Google's own runtime, cel-expr-python (docs/decisions/0029). It bounds every expression by itself:
100,000 characters, 32 levels of nesting, 10,000 steps of a loop, and regular expressions in linear time.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SECONDS = {"minutes": 60, "hours": 3_600, "days": 86_400}
_PROBLEM = re.compile(r"\bERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
_STATUS = re.compile(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$")
_TEXT = re.compile(r"""[rbRB]?("{3}.*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.DOTALL)
_NAME = r"[A-Za-z_]\w*"
_CHAIN = re.compile(rf"(?<![\w.\])]){_NAME}(?:\s*\.\s*{_NAME}(?!\w|\s*\())*(?!\w|\s*\()")


@frozen
class CelProblem:
    """What is wrong with an expression, at a line and a column from 1; 0 for the expression as a whole."""

    message: str
    hint: str | None = None
    line: int = 0
    column: int = 0


class CelError(Exception):
    """An expression that cannot be compiled, or a value of it that cannot be computed."""

    def __init__(self, *problems: CelProblem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@frozen
class Chain:
    """Names joined by dots, as `gateway.cache.ttl`, with the column of each from 0 in the expression."""

    names: tuple[str, ...]
    offsets: tuple[int, ...]


def chains(text: str) -> list[Chain]:
    """The chains of names in an expression. Names of functions, and names in quoted texts, do not count."""
    blanked = _TEXT.sub(lambda match: '"' + " " * (len(match[0]) - 2) + '"', text)
    found = []
    for match in _CHAIN.finditer(blanked):
        names = [*re.finditer(_NAME, match[0])]
        found.append(Chain(tuple(name[0] for name in names), tuple(match.start() + name.start() for name in names)))
    return found


@dataclass(frozen=True)
class Cel:
    """Compiles expressions that use `variables`, which hold plain data of any kind.

    Durations are whole seconds, and times seconds since 1970. Besides CEL's standard functions, expressions can use
    `minutes(n)`, `hours(n)` and `days(n)`, which are seconds.
    """

    variables: tuple[str, ...]

    @cached_property
    def _library(self) -> Any:
        from cel_expr_python import cel  # type: ignore[import-untyped]  # 14 MB of machine code, and needed for projects with expressions only

        functions = [
            cel.FunctionDecl(
                name, [cel.Overload(name, cel.Type.INT, [cel.Type.INT], impl=partial(operator.mul, seconds))]
            )
            for name, seconds in _SECONDS.items()
        ]
        return cel.NewEnv(variables=dict.fromkeys(self.variables, cel.Type.DYN), functions=functions)

    def compile(self, text: str) -> Expression:
        """Compile an expression.

        Raises:
            CelError: with every problem that the library finds.
        """
        if not text.isascii() and text.encode(errors="ignore").decode() != text:
            raise CelError(CelProblem("contains half a surrogate pair"))
        try:
            compiled = self._library.compile(text)
            returns = compiled.return_type().name()
        except RuntimeError as error:  # the only error of the library
            raise CelError(*_problems(str(error), text, self.variables)) from None
        return Expression(text, compiled, returns)

    def bind(self, values: Mapping[str, object]) -> Any:
        """The values of the variables, for `Expression.evaluate`: converted once for many expressions."""
        return self._library.Activation(dict(values))


@frozen
class Expression:
    """A compiled expression; `returns`: its type by CEL's name, DYN where only the data tell."""

    text: str
    compiled: Any
    returns: str

    def evaluate(self, values: Any) -> object:
        """The value of the expression for the result of `Cel.bind`.

        Raises:
            CelError: the data lack a key, have another type, or the expression takes too many steps.
        """
        try:
            result = self.compiled.eval(values)
            value = result.plain_value()
        except RuntimeError as error:
            raise CelError(CelProblem(_plain(str(error)))) from None
        if result.type().name() == "ERROR":
            raise CelError(CelProblem(_plain(str(result.value()))))
        return value


def _problems(output: str, text: str, variables: Iterable[str]) -> list[CelProblem]:
    """The problems in what the compiler printed."""
    found = []
    for line, column, message in _PROBLEM.findall(output):
        if int(line) < 1:
            found.append(CelProblem(_plain(message)))
            continue
        unknown = re.match(r"undeclared reference to '([^']*)'", message)
        if unknown is None:
            found.append(CelProblem(_plain(message), None, int(line), int(column)))
            continue
        name = unknown[1].partition(".")[0]
        start = _start_of(name, text, int(line), int(column))
        found.append(CelProblem(f"unknown name {name}", did_you_mean(name, variables), int(line), start))
    return list(dict.fromkeys(found)) or [CelProblem(_plain(output))]


def _start_of(name: str, text: str, line: int, column: int) -> int:
    """The column of `name`, which the compiler gives as that of the last dot behind it."""
    start = text.split("\n")[line - 1].rfind(name, 0, column - 1 + len(name))
    return start + 1 if start >= 0 else column


def _plain(message: str) -> str:
    """A message of the library in plain words."""
    message = message.strip()
    while (shorter := _STATUS.sub("", message)) != message:
        message = shorter
    rules = (
        (r"Key not found in map : \"?([^\"]*)\"?", r"there is no key \1"),
        (r".*<jump_condition>.*", "the condition before ? is not true or false"),
        (r".*: \((.*?)\)\.(\w+)\((.*)\)$", r"\2 does not apply to (\1, \3)"),
        (r"Non-CEL value type.*", "the data hold a value that CEL does not have"),
        (r"[Nn]o matching overloads? found ?: ?_?([^\s(]*?)_?\((.*)\)", r"\1 does not apply to (\2)"),
        (r"found no matching overload for '_?([^']*?)_?' applied to '\((.*)\)'", r"\1 does not apply to (\2)"),
        (r"Syntax error: mismatched input '<EOF>'.*", "the expression ends too early"),
        (r"Syntax error: (?:mismatched|extraneous) input '(.*?)'.*", r"\1 is not expected here"),
        (r"Syntax error: token recognition error at: '(.*?)'?$", r"\1 is not part of CEL"),
        (r"Syntax error: (.*?) expecting .*", r"syntax error: \1"),
        (r"Applying SELECT to non-message type", "a value before a dot is null, or has no keys"),
        (r"Iteration budget exceeded", "takes more than 10,000 steps"),
        (r".*(?:recursion limit exceeded|max recursion depth).*", "is nested deeper than 32 levels"),
        (r"expression size exceeds codepoint limit.*", "is longer than 100,000 characters"),
    )
    for pattern, plain in rules:
        if re.search(pattern, message, re.DOTALL):
            return re.sub(pattern, plain, message, count=1, flags=re.DOTALL)
    return message
