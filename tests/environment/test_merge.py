"""Merging: by key or as a whole, removing with null, and the replaced values."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.diagnostics import Diagnostics
from gatewright.environment.files import FILE_SHAPE
from gatewright.environment.merge import overlay
from gatewright.environment.nodes import Node
from gatewright.environment.reader import read_text


def merge(base: str, top: str) -> tuple[Node, Diagnostics]:
    diagnostics = Diagnostics()
    below, above = read_text(base, "base.yaml", diagnostics), read_text(top, "top.yaml", diagnostics)
    assert below is not None
    assert above is not None
    return overlay(below, above, FILE_SHAPE, "", diagnostics), diagnostics


@pytest.mark.parametrize(
    ("base", "top", "merged"),
    [
        # by key
        ("gateway: {authenticated: true}", "gateway: {name: a}", {"gateway": {"authenticated": True, "name": "a"}}),
        ("gateway: {logs: {max: 1}}", "gateway: {logs: {push: true}}", {"gateway": {"logs": {"max": 1, "push": True}}}),
        (
            "providers: {a: {models: {x: {context: 1}}}}",
            "providers: {a: {models: {x: {output: 2}, y: {}}}}",
            {"providers": {"a": {"models": {"x": {"context": 1, "output": 2}, "y": {}}}}},
        ),
        (
            "clients: {pi: {role: a}}",
            "clients: {pi: {token: b}, openclaw: {}}",
            {"clients": {"pi": {"role": "a", "token": "b"}, "openclaw": {}}},
        ),
        ("tokens: {a: {allow: [x]}}", "tokens: {a: {expires: y}}", {"tokens": {"a": {"allow": ["x"], "expires": "y"}}}),
        (
            "clients: {pi: {via: {a: rest}}}",
            "clients: {pi: {via: {b: direct}}}",
            {"clients": {"pi": {"via": {"a": "rest", "b": "direct"}}}},
        ),
        # as a whole
        (
            "routes: {a: [x/y], b: [x/y]}",
            "routes: {a: {try: [z/w]}}",
            {"routes": {"a": {"try": ["z/w"]}, "b": ["x/y"]}},
        ),
        (
            "roles: {a: {primary: x/y, fallbacks: [z/w]}}",
            "roles: {a: {primary: v/w}}",
            {"roles": {"a": {"primary": "v/w"}}},
        ),
        (
            "providers: {a: {key: {env: A}}}",
            "providers: {a: {key: {config: b}}}",
            {"providers": {"a": {"key": {"config": "b"}}}},
        ),
        ("account: {env: A}", "account: {env: B}", {"account": {"env": "B"}}),
        (
            "gateway: {cache: {ttl: 1h, invalidateOnUpdate: false}}",
            "gateway: {cache: {ttl: 5m}}",
            {"gateway": {"cache": {"ttl": "5m"}}},
        ),
        (
            "gateway: {rateLimit: {limit: a, technique: fixed}}",
            "gateway: {rateLimit: {limit: b}}",
            {"gateway": {"rateLimit": {"limit": "b"}}},
        ),
        (
            "gateway: {retry: {attempts: 1, delay: 1s}}",
            "gateway: {retry: {attempts: 2}}",
            {"gateway": {"retry": {"attempts": 2}}},
        ),
        (
            "tokens: {a: {rotate: {every: 1d, overlap: 2h}}}",
            "tokens: {a: {rotate: {every: 2d}}}",
            {"tokens": {"a": {"rotate": {"every": "2d"}}}},
        ),
        ("clients: {pi: {via: {a: rest}}}", "clients: {pi: {via: rest}}", {"clients": {"pi": {"via": "rest"}}}),
        # lists replace
        ("use: [a, b]", "use: [c]", {"use": ["c"]}),
        # null removes
        ("routes: {a: [x/y], b: [x/y]}", "routes: {a: null}", {"routes": {"b": ["x/y"]}}),
        ("gateway: {cache: {ttl: 1h}}", "gateway: {cache: ~}", {"gateway": {}}),
        ("use: [a]", "use:", {}),
        # an unknown key is kept, and reported later
        ("gatewai: {a: 1}", "gatewai: {b: 1}", {"gatewai": {"b": 1}}),
    ],
)
def test_merged(base: str, top: str, merged: dict[str, Any]) -> None:
    node, diagnostics = merge(base, top)
    assert node.plain() == merged
    assert diagnostics.diagnostics == ()


def test_null_with_nothing_to_remove() -> None:
    _, diagnostics = merge("gateway: {name: a}", "gateway: {cache: null}\nroles: null\n")
    assert [(diagnostic.code, diagnostic.path) for diagnostic in diagnostics.diagnostics] == [
        ("nothing-there", "gateway.cache"),
        ("nothing-there", "roles"),
    ]


def test_all_replaced_values_are_kept() -> None:
    middle, _ = merge("gateway: {cache: false}", "gateway: {cache: {ttl: 1h}}")
    diagnostics = Diagnostics()
    top = read_text("gateway: {cache: {ttl: 5m}}", "last.yaml", diagnostics)
    assert top is not None
    node = overlay(middle, top, FILE_SHAPE, "", diagnostics).at("gateway", "cache")
    values = []
    while node is not None:
        values.append((node.location.file, node.plain()))
        node = node.instead_of
    assert values == [("last.yaml", {"ttl": "5m"}), ("top.yaml", {"ttl": "1h"}), ("base.yaml", False)]


def test_neither_side_is_changed() -> None:
    diagnostics = Diagnostics()
    base, top = (read_text(f"gateway: {{{key}: a}}", "f", diagnostics) for key in ("name", "dlp"))
    assert base is not None
    assert top is not None
    overlay(base, top, FILE_SHAPE, "", diagnostics)
    assert base.plain() == {"gateway": {"name": "a"}}
    assert top.plain() == {"gateway": {"dlp": "a"}}
