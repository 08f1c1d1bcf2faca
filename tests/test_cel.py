"""CEL expressions over plain data, and what is wrong with them."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.cel import Cel, CelError, CelProblem, chains

DATA = {"gateway": {"ttl": 300, "cache": None, "tags": ["a", "b"], "rate": 1.5, "on": True}, "now": 1_000_000}
CEL = Cel(("gateway", "now"))
MANY = "[" + ",".join(["1"] * 1_000) + "]"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("gateway.ttl <= minutes(5)", True),
        ("hours(1) == 3600 && days(2) == 172800", True),
        ("gateway.cache == null", True),
        ("has(gateway.missing) || gateway.tags.exists(tag, tag in ['b'])", True),
        ("gateway.tags.all(tag, tag.startsWith('a'))", False),
        ("gateway.rate * 2.0", 3.0),
        ("gateway.tags.filter(tag, tag != 'a')", ["b"]),
        ("now + days(1)", 1_086_400),
        ("gateway.on ? 'yes' : 'no'", "yes"),
    ],
)
def test_values(text: str, value: object) -> None:
    assert CEL.compile(text).evaluate(CEL.bind(DATA)) == value


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("gatway.ttl > 1", [CelProblem("unknown name gatway", "Did you mean gateway?", 1, 1)]),
        (
            "true &&\n foo > 1 && bar",
            [
                CelProblem("unknown name foo", "Valid: gateway, now", 2, 2),
                CelProblem("unknown name bar", "Valid: gateway, now", 2, 13),
            ],
        ),
        ("gateway.ttl <=", [CelProblem("the expression ends too early", None, 1, 15)]),
        ("gateway.ttl) > 1", [CelProblem(") is not expected here", None, 1, 12)]),
        ("'a'.startsWith(1)", [CelProblem("startsWith does not apply to (string, int)", None, 1, 15)]),
        ("1 && true", [CelProblem("&& does not apply to (int, bool)", None, 1, 3)]),
        ("(" * 2_000 + "1" + ")" * 2_000, [CelProblem("is nested deeper than 32 levels")]),
        ("1" + " + 1" * 20_000, [CelProblem("is nested deeper than 32 levels")]),
        ("'\ud800' == ''", [CelProblem("contains half a surrogate pair")]),
        ("{1.5: 2}", [CelProblem("Unsupported map key type: DOUBLE")]),
        ("x" * 200_000, [CelProblem("is longer than 100,000 characters")]),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_problems_of_an_expression(text: str, problems: list[CelProblem]) -> None:
    with pytest.raises(CelError) as error:
        CEL.compile(text)
    assert [*error.value.problems] == problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gateway.missing == 1", "there is no key missing"),
        ("gateway.cache.ttl == 1", "a value before a dot is null, or has no keys"),
        ("gateway.ttl + 'a' == 'b'", "+ does not apply to (int64, string)"),
        ("gateway.ttl.matches('a')", "matches does not apply to (int64, string)"),
        ("gateway.ttl ? 1 : 2", "the condition before ? is not true or false"),
        ("gateway.ttl / 0 == 1", "divide by zero"),
        ("days(9223372036854775807) > 1", "int too big to convert"),
        (f"{MANY}.all(a, {MANY}.all(b, a + b > 0))", "takes more than 10,000 steps"),
    ],
    ids=lambda value: value[:20],
)
def test_problems_of_the_data(text: str, message: str) -> None:
    expression = CEL.compile(text)
    with pytest.raises(CelError, match=r"\w") as error:
        expression.evaluate(CEL.bind(DATA))
    assert str(error.value) == message


def test_a_regular_expression_takes_linear_time() -> None:
    assert CEL.compile(f"'{'a' * 5_000}!'.matches('^(a+)+$')").evaluate(CEL.bind(DATA)) is False


PARTS = st.sampled_from(
    [
        "gateway",
        ".ttl",
        "['ttl']",
        "(",
        ")",
        "[",
        "]",
        "1",
        "'a'",
        " + ",
        " && ",
        "?",
        ":",
        "{",
        ",",
        ".all(x, x",
        "days(",
    ]
)


@given(st.lists(PARTS | st.text(max_size=3), max_size=8).map("".join))
def test_any_text_has_a_value_or_problems(text: str) -> None:
    with contextlib.suppress(CelError):
        CEL.compile(text).evaluate(CEL.bind(DATA))
    assert all(chain.names for chain in chains(text))


def test_chains_of_names() -> None:
    found = chains("gateway.cache.ttl <= hours(1) && !token.allow.exists(name, name.endsWith('a.b'))")
    assert [chain.names for chain in found] == [("gateway", "cache", "ttl"), ("token", "allow"), ("name",), ("name",)]
    assert found[0].offsets == (0, 8, 14)


def test_the_library_is_imported_for_expressions_only() -> None:
    code = "import sys, gatewright.cel, gatewright.workspace; sys.exit(any(name in sys.modules for name in {names}))"
    code = code.format(names=("cel_expr_python", "gatewright.policy"))
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
