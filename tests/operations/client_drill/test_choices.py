"""What each client asks first, and who has to answer when that fails."""

from __future__ import annotations

import pytest
from clients.environments import written

from gatewright.environment.resolved import Environment
from gatewright.operations.client_drill.choices import choices_of, failing_model_of, unreached

TEXT = """\
local: true
providers:
  workers-ai: {models: {a: {id: "@cf/a"}, b: {id: "@cf/b"}}}
  groq: {key: {env: FAKE_GROQ_KEY}, direct: "https://groq.example/v1", models: {g: {id: g-large}}}
  anthropic: {key: {env: FAKE_ANTHROPIC_KEY}, models: {c: {}, d: {}}}
routes:
  fast: [groq/g, workers-ai/a]
  alone: [workers-ai/b]
roles:
  coder: {primary: groq/g, fallbacks: [dynamic/fast]}
  small: {primary: groq/g, fallbacks: [workers-ai/a]}
tokens: {agents: {}}
clients:
  openclaw: {primary: groq/g, fallbacks: ["own:x/y", workers-ai/b], agents: [coder, small]}
  pi: {primary: dynamic/fast}
  llm: {primary: dynamic/alone}
  opencode: {primary: groq/g, via: {groq: direct}}
  claude-code: {primary: anthropic/c, fallbacks: [anthropic/d]}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return written(tmp_path_factory.mktemp("choices"), TEXT, "here")


@pytest.mark.parametrize(
    ("label", "usual", "failing", "expected"),
    [
        ("openclaw", "groq/g", "groq/g", {"workers-ai/b"}),  # a name of the user's own is not in the drill's home
        ("openclaw coder", "groq/g", "groq/g", set()),  # the route decides
        ("openclaw small", "groq/g", "groq/g", {"workers-ai/a"}),
        ("pi", "groq/g", "groq/g", {"workers-ai/a", "workers-ai/@cf/a"}),
        ("pi", "workers-ai/a", None, set()),  # the last model of the route answers already
        ("llm", "workers-ai/b", None, set()),
        ("claude-code", "anthropic/c", "anthropic/c", {"anthropic/d"}),
    ],
)
def test_the_model_that_fails_and_the_next_one(
    environment: Environment, label: str, usual: str, failing: str | None, expected: set[str]
) -> None:
    choices = {choice.label: choice for client in environment.clients.values() for choice in choices_of(client)}
    result = failing_model_of(environment, choices[label], usual)
    assert (result.name if result else None) == failing
    assert (set(result.expected) if result else set()) == expected


def test_a_model_past_the_gateway_cannot_be_made_to_fail(environment: Environment) -> None:
    client = environment.clients["opencode"]
    (choice,) = choices_of(client)
    assert unreached(client, choice) == "groq/g is called without the gateway"
    pi = environment.clients["pi"]
    assert unreached(pi, next(choices_of(pi))) is None
