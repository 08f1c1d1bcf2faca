"""Any content gives an environment or diagnostics with locations; valid environments emit valid files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from shipped_stacks import SHIPPED
from trees import changed_tree, paths_in

from gatewright.cli.diagnostics import diagnostic_lines, diagnostics_json, github_lines
from gatewright.clients import CAPABILITIES, emit
from gatewright.clients.common.client_file import check
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load
from gatewright.operations.explain import explain
from gatewright.operations.show import show
from gatewright.project import Project

ROOT = Project.find(Path(__file__).parent)
STACKS = {name: (ROOT.stacks / name).read_text(encoding="utf-8") for name in SHIPPED}
CASES = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("cases/*/*/prod.yaml"))]
VARIABLES = {"PROD_CLOUDFLARE_ACCOUNT_ID": "fa4eacc0" * 4}


def loaded(files: dict[str, str | bytes]) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            (Path(folder) / name).write_bytes(data)
        return load(Files(Path(folder), "stacks"), "prod", CAPABILITIES, VARIABLES)


def check_result(result: Loaded) -> None:
    """It is an environment or has errors, and every command can show it."""
    lines = diagnostic_lines(result.diagnostics)
    assert all(line.isprintable() for line in lines)
    assert len(github_lines(result.diagnostics)) == len(lines)
    diagnostics_json([("prod", result.diagnostics)])
    if result.root is not None:
        for path in ("gateway.cache.ttl", "gateway", "clients"):
            explain(result, path)
    if result.environment is None:
        assert any(diagnostic.severity == "error" for diagnostic in result.diagnostics)
        return
    assert check(emit(result.environment)) == []
    assert show(result.environment, ())
    assert gateway_body(result.environment.gateway)["id"] == result.environment.gateway_name


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["groq/gpt-oss-20b", "dynamic/fast", "own:a/b", "5m", "5 USD/day", "1e999", "9" * 5000, "a\n", "<<"]
    ),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from(["try", "split", "if", "then", "env", "ttl"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@examples(30)
@given(data=st.data())
def test_values_deleted_and_replaced(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["catalog.yaml", "base.yaml", "prod.yaml"]))
    tree = yaml.safe_load(STACKS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        paths = [path for path in paths_in(tree) if path]
        if not paths:
            break
        tree = changed_tree(tree, data.draw(st.sampled_from(paths)), data.draw(TREES), delete=data.draw(st.booleans()))
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    check_result(loaded({**STACKS, name: text}))


@examples(30)
@given(data=st.data())
def test_bytes_mangled(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["catalog.yaml", "base.yaml", "prod.yaml"]))
    content = STACKS[name].encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    check_result(loaded({**STACKS, name: content[:start] + data.draw(st.binary(max_size=12)) + content[end:]}))


@examples(20)
@given(st.sampled_from(CASES), st.sampled_from(CASES), st.data())
def test_cases_cut_together(first: str, second: str, data: st.DataObject) -> None:
    text = first[: data.draw(st.integers(0, len(first)))] + second[data.draw(st.integers(0, len(second))) :]
    check_result(loaded({**STACKS, "prod.yaml": text}))


@examples(15)
@given(TREES)
def test_any_tree(tree: Any) -> None:
    check_result(loaded({**STACKS, "prod.yaml": yaml.safe_dump(tree, allow_unicode=True)}))


MODELS = ["groq/gpt-oss-20b", "workers-ai/gpt-oss-20b", "workers-ai/gpt-oss-120b", "mistral/codestral"]
ANYWHERE = [*MODELS, "nvidia/glm-5.3-flash", "openrouter/gemma-4-31b", "dynamic/fast"]
OTHERS = ["anthropic/claude-sonnet-5-5", "openai/gpt-6-luna"]
models = st.lists(st.sampled_from(MODELS), min_size=1, max_size=3, unique=True)
steps = st.recursive(
    st.one_of(
        st.sampled_from(MODELS),
        models,
        st.fixed_dictionaries(
            {"try": models},
            optional={"retries": st.integers(0, 5), "timeout": st.sampled_from(["100ms", "60s", "10m"])},
        ),
    ),
    lambda step: st.one_of(
        st.fixed_dictionaries({"if": st.just({"metadata.plan": {"eq": "paid"}}), "then": step, "else": step}),
        st.builds(
            lambda share, one, rest: {"split": [{f"{share}%": one}, {"else": rest}]}, st.integers(1, 99), step, step
        ),
        st.fixed_dictionaries(
            {
                "limit": st.sampled_from(["5 USD/day", "10 requests/minute"]),
                "by": st.just("metadata.team"),
                "then": step,
            },
            optional={"over": step},
        ),
    ),
    max_leaves=5,
)
names = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?", fullmatch=True)
shared = {
    "via": st.sampled_from(["gateway", "provider"]) | st.just({"groq": "provider", "mistral": "direct"}),
    "variable": st.sampled_from(["TOKEN", "CLOUDFLARE_AI_GATEWAY_TOKEN"]),
    "provider": names,
}
environments = st.fixed_dictionaries(
    {
        "extends": st.just("catalog.yaml"),
        "account": st.just({"env": "PROD_CLOUDFLARE_ACCOUNT_ID"}) | st.just("fa4eacc0" * 4),
        "routes": st.dictionaries(names, steps, max_size=2).map(lambda routes: {"fast": MODELS[:2], **routes}),
        "roles": st.just({"strong": {"primary": "nvidia/glm-5.3-flash", "fallbacks": ["dynamic/fast"]}}),
        "tokens": st.just({"agents": {}}),
        "clients": st.fixed_dictionaries(
            {},
            optional={
                "openclaw": st.fixed_dictionaries(
                    {},
                    optional={
                        **shared,
                        "role": st.just("strong"),
                        "primary": st.sampled_from(ANYWHERE),
                        "models": st.lists(st.sampled_from([*ANYWHERE, *OTHERS]), min_size=1, max_size=4),
                    },
                ),
                "pi": st.fixed_dictionaries({"primary": st.sampled_from(ANYWHERE)}, optional=shared),
            },
        ),
    },
    optional={
        "gateway": st.fixed_dictionaries(
            {},
            optional={
                "name": names,
                "cache": st.sampled_from([False, {"ttl": "5m"}, {"ttl": "30d", "invalidateOnUpdate": False}]),
                "rateLimit": st.sampled_from([False, {"limit": "1 request/second"}]),
                "retry": st.sampled_from([{"attempts": 5, "delay": "60s", "backoff": "linear"}, {"attempts": 1}]),
                "logs": st.fixed_dictionaries(
                    {}, optional={"max": st.integers(10_000, 10_000_000), "collect": st.booleans()}
                ),
            },
        ),
        "protect": st.booleans(),
    },
)


@examples(25)
@given(environments)
def test_valid_ones_load_and_emit_valid_files(tree: dict[str, Any]) -> None:
    result = loaded({"catalog.yaml": STACKS["catalog.yaml"], "prod.yaml": yaml.safe_dump(tree, sort_keys=False)})
    assert [diagnostic.sentence() for diagnostic in result.diagnostics if diagnostic.severity == "error"] == []
    check_result(result)
