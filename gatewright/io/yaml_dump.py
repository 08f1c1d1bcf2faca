"""Write plain data as YAML for people: the innermost mappings and lists on one line, in flow style."""

from __future__ import annotations

import re
from typing import Any

import yaml

_PLAIN_URL = re.compile(r"\w[\w.+-]*:[^\s,\[\]{}#]+")
_LINE_WIDTH = 160


def dump_yaml(data: Any) -> str:
    """`data` as YAML. Its strings read as strings under YAML 1.1 and 1.2."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, default_flow_style=None, sort_keys=False, width=_LINE_WIDTH, allow_unicode=True
    )
    return text


class _Dumper(yaml.SafeDumper):
    def analyze_scalar(self, scalar: str) -> Any:
        """PyYAML quotes all strings with a colon in flow style; a URL needs no quotes."""
        analysis = super().analyze_scalar(scalar)
        if analysis.allow_block_plain and _PLAIN_URL.fullmatch(scalar):
            analysis.allow_flow_plain = True
        return analysis


# numbers of YAML 1.2 that PyYAML, which knows YAML 1.1, takes for strings: 1e3, 0o17
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"0o[0-7]+\Z"), ["0"])
