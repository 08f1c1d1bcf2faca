"""The formats of emitted files, by file name: data as text, and back."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,${}-]*")
_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(?:\"(.*)\"|(.*))")
_EXPORT = re.compile(r'export ([A-Z][A-Z0-9_]*)="((?:[^"\\]|\\.)*)"\n', re.DOTALL)
_SHELL = re.compile(r'[\\"`]|\$(?!\{[A-Z][A-Z0-9_]*\})')
"""What a shell would interpret between double quotes, but for references like ${NAME}."""
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}


def serialize(path: str, content: Any) -> str:
    """`content` as the text of the file at `path`, with its keys in order and a newline at the end."""
    match _kind(path):
        case "yaml":
            import yaml

            return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000)
        case "toml":
            import tomlkit

            return tomlkit.dumps(content)
        case "env":
            return "".join(f"{name}={_quoted(value)}\n" for name, value in content.items())
        case "sh":
            return "".join(f'export {name}="{_SHELL.sub(_escape, value)}"\n' for name, value in content.items())
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def parse(path: str, text: str) -> Any:
    """The content of a text that `serialize` wrote."""
    match _kind(path):
        case "yaml":
            import yaml

            return yaml.safe_load(text)
        case "toml":
            import tomllib

            return tomllib.loads(text)
        case "env":
            return dict(_assignment(line) for line in text.splitlines())
        case "sh":
            return {name: re.sub(r"\\(.)", r"\1", value) for name, value in _EXPORT.findall(text)}
        case "js":  # the data in the code around it
            return json.JSONDecoder().raw_decode(text, text.index("= {\n") + 2)[0]
    return json.loads(text)


def _kind(path: str) -> str:
    name = PurePosixPath(path).name
    if name == ".env":
        return "env"
    suffix = PurePosixPath(name).suffix
    return "yaml" if suffix in (".yaml", ".yml") else suffix.removeprefix(".")


def _escape(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return '"' + "".join(_ESCAPED.get(character, character) for character in value) + '"'


def _assignment(line: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"{line.partition('=')[0]} is not NAME=value")
    name, quoted, plain = match.groups()
    if quoted is None:
        return name, plain
    return name, re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], quoted)
