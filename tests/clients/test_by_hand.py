"""What to enter in the programs that are set up by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.clients.by_hand import BY_HAND, settings_by_hand
from gatewright.errors import UsageError

from .environments import FAKE_ACCOUNT, written

URL = f"https://gateway.ai.cloudflare.com/v1/{FAKE_ACCOUNT}/agents"
PROVIDERS = f"""\
account: "{FAKE_ACCOUNT}"
providers:
  groq: {{key: {{stored: true}}, models: {{m: {{}}}}}}
  anthropic: {{key: {{stored: true}}, models: {{claude: {{}}}}}}
routes: {{fast: [groq/m]}}
"""
TOKEN = "tokens: {agents: {}}\n"
GATEWAY = "gateway: {name: agents}\n"
DOMAIN = "gateway: {name: agents, domains: {ai.example.com: {}}, endpoint: domain}\n"
ACCESS = "gateway: {name: agents, domains: {ai.example.com: {}}, endpoint: domain, access: true}\n"
MODELS = "dynamic/fast, groq/m, anthropic/claude"


def settings(folder: Path, lines: str, program: str, providers: str = PROVIDERS) -> list[tuple[str, str]]:
    """The values with their places, after checking the names."""
    shown = settings_by_hand(written(folder, providers + lines), program)
    assert [setting.name for setting in shown] == ["base URL", "models", "token"]
    return [(setting.value, setting.place) for setting in shown]


def test_no_program_is_also_a_client() -> None:
    assert not BY_HAND.keys() & CLIENTS.keys()


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("cursor", [f"{URL}/compat", MODELS, "gatewright token case agents"]),
        ("cline", [f"{URL}/compat", MODELS, "gatewright token case agents"]),
        ("xcode", [f"{URL}/compat", MODELS, "gatewright token case agents --header"]),
        ("claude-desktop", [f"{URL}/anthropic", "claude", "gatewright token case agents"]),
    ],
)
def test_three_lines(program: str, values: list[str], tmp_path: Path) -> None:
    assert [value for value, _ in settings(tmp_path, GATEWAY + TOKEN, program)] == values


@pytest.mark.parametrize("program", BY_HAND)
def test_the_custom_domain(program: str, tmp_path: Path) -> None:
    assert settings(tmp_path, DOMAIN + TOKEN, program)[0][0].startswith("https://ai.example.com/")


def test_each_token_is_a_choice(tmp_path: Path) -> None:
    value, _ = settings(tmp_path, GATEWAY + "tokens: {agents: {}, ci: {}}\n", "cursor")[2]
    assert value == "gatewright token case agents or gatewright token case ci"


def test_an_open_gateway_requires_no_token(tmp_path: Path) -> None:
    without_routes = PROVIDERS.partition("routes:")[0]
    value, _ = settings(tmp_path, "gateway: {name: agents, authenticated: false}\n", "cursor", without_routes)[2]
    assert value == "any text: the gateway requires none"


def test_a_token_with_addresses_does_not_suit_a_vendors_servers(tmp_path: Path) -> None:
    lines = GATEWAY + "tokens: {agents: {from: [203.0.113.0/24]}}\n"
    assert "a token with `from` is refused" in settings(tmp_path, lines, "cursor")[2][1]
    assert "`from`" not in settings(tmp_path, lines, "xcode")[2][1]


class TestAccess:
    """Cloudflare Access in front of the domain."""

    def test_cursor_cannot_pass_it(self, tmp_path: Path) -> None:
        assert settings(tmp_path, ACCESS + TOKEN, "cursor")[0][0] == f"{URL}/compat"

    def test_xcode_sends_the_service_token_alone(self, tmp_path: Path) -> None:
        (url, _), _, (value, place) = settings(tmp_path, ACCESS + TOKEN, "xcode")
        assert url == "https://ai.example.com/compat"
        assert value == (
            '{"cf-access-client-id": "$CF_ACCESS_CLIENT_ID", "cf-access-client-secret": "$CF_ACCESS_CLIENT_SECRET"}'
        )
        assert place.endswith(" Authorization")

    def test_claude_desktop_sends_it_beside_the_token(self, tmp_path: Path) -> None:
        value, place = settings(tmp_path, ACCESS + TOKEN, "claude-desktop")[2]
        assert value == "gatewright token case agents"
        assert "CF-Access-Client-Id: $CF_ACCESS_CLIENT_ID and CF-Access-Client-Secret: $CF_" in place


def test_a_program_without_a_model_says_what_it_needs(tmp_path: Path) -> None:
    lines = GATEWAY + TOKEN
    environment = written(tmp_path, PROVIDERS.replace("  anthropic", "  mistral") + lines)
    with pytest.raises(UsageError, match="Claude Desktop reaches no model or route of case") as caught:
        settings_by_hand(environment, "claude-desktop")
    assert caught.value.hint == "Enable a provider with Anthropic's API"
