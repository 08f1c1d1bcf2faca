"""Any valid environment gives valid files, the same each time; a mangled one gives located messages, cheaply."""

from __future__ import annotations

import re
import resource
import sys
import time
from typing import Any

import pytest
import yaml
from examples import examples
from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from planted_secrets import fake_token, find_secret
from trees import changed_tree, paths_in, value_at

from gatewright.cli.diagnostics import diagnostic_lines
from gatewright.clients import CAPABILITIES, emit
from gatewright.clients.common.client_file import check
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.environment.load import Loaded
from gatewright.environment.schema import environment_schema
from gatewright.io.formats import parse
from gatewright.operations.show import show

from .valid_environments import errors, load_files, text, without_unsupported
from .whole_environments import environments

VALIDATOR = Draft202012Validator(environment_schema(CAPABILITIES))
SECRET = fake_token("in-a-mangled-file")
CPU_SECONDS = 5.0
"""The promise is 1 s; other tests of the same process and machine have their share."""
MEMORY = 200 << 20


def everything(result: Loaded) -> list[Any]:
    """What is derived from an environment without an engine."""
    assert result.environment is not None
    files = emit(result.environment)
    assert check(files) == []
    assert len({file.path for file in files}) == len(files)
    assert all(parse(file.path, file.text) == file.content for file in files)
    body = gateway_body(result.environment.gateway)
    assert body["id"] == result.environment.gateway_name
    return [show(result.environment, ()), body, files, diagnostic_lines(result.diagnostics)]


@examples(8, many=2000, derandomize=True)
@given(environments(), st.data())
def test_any_valid_environment_gives_valid_files(drawn: dict[str, Any], data: st.DataObject) -> None:
    tree, result = without_unsupported(drawn)
    event(f"{len(tree['clients'])} of {len(drawn['clients'])} clients")
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text(tree)))] == []
    first = everything(result)
    assert everything(load_files({"prod.yaml": text(tree)})) == first
    shared = data.draw(st.sets(st.sampled_from(sorted(tree.keys() - {"account", "local"}))))
    base = {key: value for key, value in tree.items() if key in shared}
    own = {key: value for key, value in tree.items() if key not in shared}
    split = load_files({"prod.yaml": text({"extends": "base.yaml", **own}), "base.yaml": text(base)})
    assert everything(split)[1:3] == first[1:3]


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, -1, 10**30, 10**400, 1e308, float("inf"), float("nan"), "9" * 5000, "", " ", "x" * 100_000),
        *(
            "\u202e",
            "\u0000",
            "\ud800",
            "\ufeff",
            "a\u0301",
            "١٢",
            "🏳️\u200d🌈",
            "<<",
            "&a",
            "*a",
            "!!binary x",
            "{{",
            "${X}",
        ),
        *([], {}, [[]], {"": None}, {"a": {"a": {"a": {}}}}, [None] * 1000, SECRET),
    ]
)


MARKS = st.sampled_from(["\t", ":", "- ", "'", '"', "[", "}", "#", "\u00a0", "\u2028", "\x1b", "&a ", "*a", "|", "\r"])
KEYS = st.sampled_from(["", "Key", "a b", "\u202e", "models", "key", "x" * 5000])


def mangled_text(content: str, data: st.DataObject) -> str:
    """The text with one mistake: a line cut, deleted, repeated, indented, or with an odd character."""
    lines = content.split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    column = data.draw(st.integers(0, len(line)))
    inserted = line[:column] + data.draw(MARKS) + line[column:]
    mistakes = [[line[:column]], [], [line, line], [f" {line}"], [line.strip()], [f"\t{line}"], [inserted]]
    lines[at : at + 1] = data.draw(st.sampled_from(mistakes))
    return "\n".join(lines)


def mangled_tree(tree: Any, data: st.DataObject) -> Any:
    """The tree with a value deleted, of another type, or under another key."""
    path = data.draw(st.sampled_from([path for path in paths_in(tree) if path]))
    if not data.draw(st.booleans()) or not isinstance(path[-1], str):
        return changed_tree(tree, path, data.draw(ODD), delete=data.draw(st.booleans()))
    renamed: dict[str, Any] = value_at(tree, path[:-1])
    return changed_tree(tree, path[:-1], {**renamed, data.draw(KEYS): data.draw(ODD)}, delete=False)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in bytes elsewhere")
@examples(20, many=3000, derandomize=True)
@given(environments(), st.data())
def test_a_mangled_environment_gives_located_messages(tree: dict[str, Any], data: st.DataObject) -> None:
    tree["clients"]["pi"] = {"variable": SECRET, "session": SECRET}
    tree["account"], tree["gateway"]["stripe"] = SECRET, {"authorization": SECRET, "usageEvents": ["{}"]}
    tree["providers"]["groq"] = {"key": SECRET}
    for _ in range(data.draw(st.integers(0, 2))):
        tree = mangled_tree(tree, data)
    content = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    for _ in range(data.draw(st.integers(0, 2))):
        content = mangled_text(content, data)
    cpu, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = load_files({"prod.yaml": content})
    lines = diagnostic_lines(result.diagnostics)
    assert time.process_time() - cpu < CPU_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) << 10 < MEMORY
    assert result.environment is None
    assert errors(result)
    assert all(line.isprintable() for line in lines)
    located = [line for line in lines if not line.startswith(" ")]
    assert all(re.match(r"stacks/prod\.yaml:\d+:\d+ ", line) for line in located), lines
    assert find_secret("\n".join(lines).encode(), SECRET) == []
